package mpegts

// guess looks at a stream of private data that nothing in the map explains: it
// may be sound all the same. Where three frames of a codec follow each other from
// the beginning of a PES packet on, a finder takes over; otherwise the stream is
// data.
type guess struct {
	d       *Demuxer
	s       *stream
	packets int64 // that count as data if it is none
	tried   int64 // what begins before this offset is no sound
}

// maxGuess is how many bytes are looked at.
const maxGuess = 64 << 10

func newGuess(d *Demuxer, s *stream) parser { return &guess{d: d, s: s} }

func (g *guess) gap() {}

func (g *guess) parse() error { return g.look(false) }

func (g *guess) flush(bool) error { return g.look(true) }

func (g *guess) look(last bool) error {
	es := &g.s.es
	open := es.end()-es.base < maxGuess
	for _, m := range es.marks {
		if m.off >= es.end() {
			break
		}
		if m.off < g.tried {
			continue
		}
		for _, c := range codings {
			switch c.chain(es.from(m.off), 3, last) {
			case yes:
				f := newFinder(c)(g.d, g.s)
				g.s.parser, g.s.name, g.s.guess = f, c.name, nil
				if last {
					return f.flush(false)
				}
				return f.parse()
			case maybe:
				if open {
					return nil
				}
			}
		}
		g.tried = m.off + 1
	}
	if last || !open {
		g.s.resign()
	}
	return nil
}
