package mpegts

// guess looks at a stream of private data that the map does not explain: it may
// be sound all the same. Where three frames of a codec follow each other from the
// beginning of a PES packet on, a finder takes over; where DTS begins, the stream
// is one that cannot be demuxed; otherwise it is data.
type guess struct {
	d       *Demuxer
	s       *stream
	packets int64 // that count as data if it is none
	tried   int64 // what begins before this offset is no sound
}

// maxGuess is how many bytes are looked at.
const maxGuess = 64 << 10

func newGuess(d *Demuxer, s *stream) parser { return &guess{d: d, s: s} }

// packet counts a packet. It reports whether the packet is to be looked at.
func (g *guess) packet(p []byte) bool {
	g.packets++
	if p[3]&0xc0 != 0 {
		g.resign()
	}
	return g.s.guess != nil
}

func (g *guess) gap() {}

func (g *guess) parse() error { return g.look(false) }

func (g *guess) flush(bool) error { return g.look(true) }

func (g *guess) look(last bool) error {
	es := &g.s.es
	open := es.end()-es.base < maxGuess
	for _, m := range es.marks {
		if m.off >= es.end() || g.s.guess == nil {
			break
		}
		if m.off < g.tried {
			continue
		}
		b := es.from(m.off)
		if isDTS(b) {
			g.mute("DTS")
			return nil
		}
		for _, c := range codings {
			switch c.chain(b, 3, last) {
			case yes:
				return g.take(c, last)
			case maybe:
				if open {
					return nil
				}
			}
		}
		g.tried = m.off + 1
	}
	if last || !open {
		g.resign()
	}
	return nil
}

// take makes a finder the parser of the stream.
func (g *guess) take(c *coding, last bool) error {
	f := newFinder(c)(g.d, g.s)
	g.s.parser, g.s.name, g.s.guess = f, c.name, nil
	if last {
		return f.flush(false)
	}
	return f.parse()
}

// resign makes data of a stream of which nothing is known.
func (g *guess) resign() {
	if g.s.guess == nil {
		return
	}
	g.s.data, g.s.guess = true, nil
	g.s.es.reset()
	g.d.stats.DataPackets += g.packets
	g.d.note(g.s)
}

// mute makes a stream of a codec that cannot be demuxed.
func (g *guess) mute(name string) {
	g.s.muted, g.s.name, g.s.guess = true, name, nil
	g.s.es.reset()
	g.d.noteUnsupported(g.s)
}

// isDTS reports whether b begins with a sync word of DTS (ETSI TS 102 114 §5.3.1,
// §7.2): of the core, of 16 or 14 bits in either order of bytes, or of an
// extension substream.
func isDTS(b []byte) bool {
	if len(b) < 4 {
		return false
	}
	switch uint32(b[0])<<24 | uint32(b[1])<<16 | uint32(b[2])<<8 | uint32(b[3]) {
	case 0x7ffe8001, 0xfe7f0180, 0x1fffe800, 0xff1f00e8, 0x64582025:
		return true
	}
	return false
}
