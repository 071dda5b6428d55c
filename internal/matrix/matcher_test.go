package matrix

import "fmt"

// clock is the way from the times of a part to those of the file, the same for
// all of its tracks.
type clock struct {
	known bool
	shift int64
}

// matcher goes along one track of the file, part by part.
type matcher struct {
	got   *stream
	at    int // next unit
	extra []string
	ready int // frames of sound since the decoder was put out of its way

	unshown    int   // pictures that are there and that a decoder does not show, see heldBack
	matched    int   // units of the last part
	begin, end int64 // of the last part
}

// part finds the units of a part, in order.
func (m *matcher) part(want *part, c *clock, first bool) error {
	m.matched = 0
	if m.ready = 0; first {
		m.ready = 1 << 40
	}
	shown := m.got.screen()
	for i, u := range want.units {
		back := *m
		if !m.find(u, want.video) {
			if i >= want.least {
				*m = back
				if m.at < len(m.got.units) && want.torn[m.got.units[m.at].coded] {
					m.at++ // kept as far as it is there
				}
				break
			}
			return fmt.Errorf("unit %d of %d is not in the file, where unit %d of %d is next", i, len(want.units), back.at, len(m.got.units))
		}
		at := m.got.units[m.at].pts
		if !c.known {
			c.known, c.shift = true, at-u.pts
		}
		tolerance := int64(twoMillis)
		if want.video {
			tolerance = oneTick
		}
		if off := at - u.pts - c.shift; off > tolerance || off < -tolerance {
			return fmt.Errorf("unit %d of %d is off by %d us", i, len(want.units), off*1000/(flick/1000))
		}
		if err := m.decoded(want, i, u, shown); err != nil {
			return fmt.Errorf("unit %d of %d: %w", i, len(want.units), err)
		}
		if m.matched++; m.matched == 1 {
			m.begin, m.end = at, at
		}
		m.begin, m.end = min(m.begin, at), max(m.end, at)
		m.at++
	}
	m.end += want.step()
	return nil
}

// find goes to the next unit that is u. Sound may have silence before it.
func (m *matcher) find(u unit, video bool) bool {
	for ; m.at < len(m.got.units); m.at++ {
		if m.got.units[m.at].coded == u.coded {
			return true
		}
		if video {
			return false
		}
		m.extra = append(m.extra, m.got.units[m.at].coded)
		m.ready = 0
	}
	return false
}

// screen is what a decoder shows of the file.
type screen struct {
	at     map[int64]frame
	hashes map[string]bool
}

func (s *stream) screen() *screen {
	all := &screen{map[int64]frame{}, map[string]bool{}}
	for _, f := range s.decoded {
		all.at[f.pts], all.hashes[f.hash] = f, true
	}
	return all
}

// picture compares what a decoder makes of the picture at hand.
func (m *matcher) picture(want *part, i int, u unit, shown *screen) error {
	was, ok := want.pictures[wrapped(u.pts)]
	is := shown.at[m.got.units[m.at].pts]
	switch {
	case !ok, is.hash == was.hash && is.size == was.size:
		return nil
	case want.vague && shown.hashes[was.hash]: // ffmpeg does not trust its times either
		return nil
	case want.hushed(i):
		if !shown.hashes[was.hash] {
			m.unshown++
		}
		return nil
	}
	return fmt.Errorf("the picture is not decoded as from the source (%d bytes, want %d)", is.size, was.size)
}

// decoded compares what a decoder makes of the unit at hand.
func (m *matcher) decoded(want *part, i int, u unit, shown *screen) error {
	if want.video {
		return m.picture(want, i, u, shown)
	}
	if m.ready++; want.opens[i] && i > 0 {
		m.ready = 1
	}
	if i >= len(want.sound) {
		if i < want.least && len(want.sound) > 0 {
			return fmt.Errorf("the sources decode to %d frames: the test is wrong", len(want.sound))
		}
		return nil
	}
	if len(m.got.decoded) != len(m.got.units) {
		return fmt.Errorf("%d frames are decoded of %d", len(m.got.decoded), len(m.got.units))
	}
	was, is := want.sound[i], m.got.decoded[m.at]
	if want.codec == "opus" && (m.at == 0 || want.opens[i]) {
		return nil // the pre-skip is cut off where a decoder begins
	}
	if is.size != was.size || m.ready > unsettled[want.codec] && is.hash != was.hash {
		return fmt.Errorf("the sound is not decoded as from the source (%d bytes, want %d)", is.size, was.size)
	}
	return nil
}

// rest counts the units that are of no source: all are one silent frame.
func (m *matcher) rest() (int, error) {
	for ; m.at < len(m.got.units); m.at++ {
		if m.got.video {
			return 0, fmt.Errorf("%d pictures too many", len(m.got.units)-m.at)
		}
		m.extra = append(m.extra, m.got.units[m.at].coded)
	}
	for _, e := range m.extra {
		if e != m.extra[0] {
			return 0, fmt.Errorf("frames of no source differ from each other, %d in all", len(m.extra))
		}
	}
	return len(m.extra), nil
}

// step is how long a unit lasts: the smallest distance of two.
func (p *part) step() int64 {
	least := int64(anyFrame)
	for i := 1; i < len(p.units); i++ {
		if d := p.units[i].pts - p.units[i-1].pts; d > 0 {
			least = min(least, d)
		}
	}
	return least
}
