package mpegts

const (
	maxPESHeader = 9 + 255
	// parseEvery bounds how much payload waits for the end of its PES packet.
	parseEvery = 1 << 20
	// maxUnit bounds what is held of one stream: access units above it are dropped.
	maxUnit = 64 << 20
)

// pesData takes the payload of a packet; start: a PES packet begins with it.
func (d *Demuxer) pesData(s *stream, b []byte, start bool) error {
	if start {
		if err := d.endPES(s); err != nil {
			return err
		}
		s.heading, s.headLen, s.begun = true, 0, d.at
	}
	if s.heading {
		rest, done := d.pesHeader(s, b)
		if !done {
			return nil
		}
		b = rest
	}
	if !s.open {
		if !start && s.guess == nil {
			d.stats.Headless++
		}
		return nil
	}
	if s.video {
		s.es.packets = append(s.es.packets, packetOf{off: s.es.end(), from: d.at})
	}
	s.es.append(b)
	if s.want > 0 {
		if s.want -= len(b); s.want <= 0 {
			s.want = 0 // bytes beyond a length that is too small are kept
			return d.parseStream(s)
		}
	}
	if s.es.end()-s.parsed >= parseEvery {
		return d.parseStream(s)
	}
	return nil
}

// endPES ends the open PES packet: its payload is parsed, what runs over stays.
func (d *Demuxer) endPES(s *stream) error {
	if s.heading {
		d.stats.BadPES++
		s.heading = false
	}
	if s.es.end() == s.parsed {
		return nil
	}
	return d.parseStream(s)
}

func (d *Demuxer) parseStream(s *stream) error {
	s.parsed = s.es.end()
	return s.parser.parse()
}

// pesHeader gathers the header of a PES packet (§2.4.3.6), which may be split
// over packets, and returns the payload behind it.
func (d *Demuxer) pesHeader(s *stream, b []byte) (rest []byte, done bool) {
	for {
		need := headerSize(s.header[:s.headLen])
		if need == 0 {
			s.heading, s.open = false, false
			if s.guess != nil {
				s.guess.resign()
			} else {
				d.stats.BadPES++
			}
			return nil, true
		}
		if s.headLen >= need {
			break
		}
		n := copy(s.header[s.headLen:need], b)
		s.headLen += n
		b = b[n:]
		if n == 0 {
			return nil, false
		}
	}
	s.heading = false
	d.openPES(s)
	return b, true
}

// headerSize is how many bytes of header there are at least, given those that
// are known; 0: this is no PES header of audio or video.
func headerSize(h []byte) int {
	if len(h) >= 3 && (h[0] != 0 || h[1] != 0 || h[2] != 1) {
		return 0
	}
	if len(h) < 9 {
		return 9
	}
	switch h[3] {
	case 0xbc, 0xbe, 0xbf, 0xf0, 0xf1, 0xf2, 0xf8, 0xff: // no optional header: no media
		return 0
	}
	if h[6]&0xc0 != 0x80 {
		return 0
	}
	return 9 + int(h[8])
}

// openPES reads the complete header of s and leaves a mark.
func (d *Demuxer) openPES(s *stream) {
	h := s.header[:s.headLen]
	s.open, s.want = true, -1
	if n := int(h[4])<<8 | int(h[5]); n > 0 {
		s.want = max(0, n-(s.headLen-6))
	}
	m := mark{off: s.es.end(), from: s.begun}
	flags, opt := h[7]>>6, h[9:]
	if flags&2 != 0 && len(opt) >= 5 {
		m.pts = timestamp(opt)
		m.dts = m.pts
		if flags == 3 && len(opt) >= 10 {
			m.dts = timestamp(opt[5:])
		}
		m.pts, m.dts = d.clock.unwrap(m.pts, m.dts)
		m.timed = true
	}
	if n := len(s.es.marks); n > 0 && s.es.marks[n-1].off == m.off {
		if !m.timed {
			return // an empty PES packet before it had a time
		}
		s.es.marks[n-1] = m
		return
	}
	s.es.marks = append(s.es.marks, m)
}

// timestamp reads the 33 bits of a PTS or DTS.
func timestamp(b []byte) int64 {
	return int64(b[0]>>1&7)<<30 | int64(b[1])<<22 | int64(b[2]>>1)<<15 | int64(b[3])<<7 | int64(b[4]>>1)
}
