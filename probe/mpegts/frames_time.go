package mpegts

// timeline gives times to pictures that came without: those behind the first of
// a PES packet, and those of a PES packet without a PTS.
//
// DTS goes on by one frame duration. PTS follows from the picture order count
// where the stream has one in its slice headers (H.264: pic_order_cnt_type 0): the
// ticks of one count are measured on pictures that do have times.
type timeline struct {
	running bool
	last    pesTime // of the picture before, in decoding order
	maxPTS  int64

	frame int64 // measured frame duration; 0: none yet

	poc      bool // lastPOC belongs to the picture before
	lastPOC  uint32
	num, den int64 // measured: num ticks per den counts; den 0: none yet
}

// defaultFrame is the frame duration where nothing at all tells it.
const defaultFrame = Timescale / 25

// frameDuration is the duration of a frame: measured, by the VUI, or assumed.
func (f *frames) frameDuration() int64 {
	if f.times.frame > 0 {
		return f.times.frame
	}
	if n := f.h.syntax.duration(); n > 0 {
		return n
	}
	return defaultFrame
}

// backdate gives times to the pictures before the first that has some, and time
// runs.
func (f *frames) backdate() {
	for i, p := range f.queue {
		if !p.time.timed {
			continue
		}
		for k, q := range f.queue[:i] {
			back := int64(i-k) * f.frameDuration()
			q.time = pesTime{p.time.pts - back, p.time.dts - back, true}
			f.h.d.stats.Untimed++
		}
		break
	}
	f.times.running = true
}

// time gives the times of the next picture in decoding order.
func (f *frames) time(p *picture) pesTime {
	t := &f.times
	if !p.time.timed {
		p.time = f.derive(p)
		f.h.d.stats.Untimed++
	} else {
		t.measure(p)
	}
	t.poc, t.lastPOC = p.head.ok && p.head.pocBits > 0, p.head.poc
	t.maxPTS = max(t.maxPTS, p.time.pts)
	if !t.last.timed {
		t.maxPTS = p.time.pts
	}
	t.last = p.time
	return p.time
}

// measure learns from two pictures with times, one behind the other.
func (t *timeline) measure(p *picture) {
	if !t.last.timed {
		return
	}
	if n := p.time.dts - t.last.dts; n > 0 && n <= Timescale {
		t.frame = n
	}
	if diff, ok := t.pocStep(p); ok && diff != 0 {
		if n := p.time.pts - t.last.pts; n != 0 && n > 0 == (diff > 0) && max(n, -n) <= 10*Timescale {
			t.num, t.den = n, diff
		}
	}
}

// pocStep is the difference in picture order count to the picture before.
func (t *timeline) pocStep(p *picture) (int64, bool) {
	h := &p.head
	if !t.poc || h.restart || !h.ok || h.pocBits == 0 {
		return 0, false
	}
	size := int64(1) << h.pocBits
	d := (int64(h.poc) - int64(t.lastPOC)) & (size - 1)
	if d >= size/2 {
		d -= size
	}
	return d, true
}

// derive reckons the times of a picture from those of the picture before.
func (f *frames) derive(p *picture) pesTime {
	t := &f.times
	frame := f.frameDuration()
	r := pesTime{dts: t.last.dts + frame, timed: true}
	switch diff, ok := t.pocStep(p); {
	case ok && t.den != 0:
		r.pts = t.last.pts + roundDiv(diff*t.num, t.den)
	case ok:
		r.pts = t.last.pts + roundDiv(diff*frame, p.head.pocStep)
	case p.head.restart && t.poc:
		r.pts = max(t.maxPTS+frame, r.dts)
	default:
		r.pts = r.dts + t.last.pts - t.last.dts
	}
	return r
}

// roundDiv is n/d rounded to the nearest integer, halves away from zero.
func roundDiv(n, d int64) int64 {
	if d < 0 {
		n, d = -n, -d
	}
	if n < 0 {
		return -((-2*n + d) / (2 * d))
	}
	return (2*n + d) / (2 * d)
}
