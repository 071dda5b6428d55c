package mpegts

// Memory is what demuxers use one after the other: who measures the heads of many
// segments would else fill new buffers for each of them. It is used by one demuxer at
// a time; the zero value is ready.
type Memory struct {
	bufs    [][]byte
	packets []packets
}

// largestKept bounds what a buffer holds that is used again.
const largestKept = 1 << 20

// mostKept bounds how many buffers are kept: of as many streams as programs have.
const mostKept = 8

// lend gives a stream buffers that were used before, if there are any.
func (m *Memory) lend(e *es) {
	if m == nil {
		return
	}
	if n := len(m.bufs); n > 0 {
		e.buf, m.bufs = m.bufs[n-1][:0], m.bufs[:n-1]
	}
	if n := len(m.packets); n > 0 {
		e.packets, m.packets = m.packets[n-1][:0], m.packets[:n-1]
	}
}

// Release gives the buffers back to Options.Memory. The demuxer is not used after
// that, nor any sample that it has handed out.
func (d *Demuxer) Release() {
	m := d.opt.Memory
	if m == nil {
		return
	}
	for _, s := range d.pids.streams {
		if s == nil {
			continue
		}
		if c := cap(s.es.buf); c > 0 && c <= largestKept && len(m.bufs) < mostKept {
			m.bufs = append(m.bufs, s.es.buf)
		}
		if c := cap(s.es.packets); c > 0 && c <= largestKept/packetSize && len(m.packets) < mostKept {
			m.packets = append(m.packets, s.es.packets)
		}
		s.es = es{}
	}
	d.opt.Memory, d.err = nil, errReleased
}
