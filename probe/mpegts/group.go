package mpegts

// group is the state of putting NAL units together into pictures.
type group struct {
	cur       *picture // the open picture
	ahead     *picture // what may be the beginning of the next one, while cur is open
	prefix    []nalRef // prefix NAL units that wait for the slice they belong to
	before    pesTime  // of the picture before
	beforeEnd int64    // where the picture before ends
}

// full reports whether the open picture has a slice.
func (g *group) full() bool { return g.cur != nil && g.cur.slice.hi > 0 }

// clear forgets what is open.
func (g *group) clear() { g.cur, g.ahead, g.prefix = nil, nil, g.prefix[:0] }

// remember notes the picture behind which another one may begin.
func (g *group) remember(p *picture) {
	if p.time.timed {
		g.before = p.time
	}
	g.beforeEnd = p.nals[len(p.nals)-1].hi
}

// take decides to which picture a NAL unit belongs (ITU-T H.264 §7.4.1.2.3, H.265
// §7.4.2.4.4).
func (h *annexB) take(ref nalRef, b []byte) error {
	f := h.syntax.look(b)
	switch f.role {
	case roleDrop:
		return nil
	case roleDelimiter:
		if err := h.closeIfFull(); err != nil {
			return err
		}
		h.open()
		return nil
	case roleEnd:
		return h.closeIfFull()
	case rolePrefix:
		if len(h.prefix) < maxNALs {
			h.prefix = append(h.prefix, ref)
		}
		return nil
	case roleSlice:
		return h.takeSlice(ref, f)
	case roleLeading:
		if err := h.closeIfFull(); err != nil {
			return err
		}
	case roleEarly:
		if h.full() && h.ahead == nil {
			h.remember(h.cur)
			h.ahead = h.begin()
		}
	}
	p := h.ahead
	if p == nil {
		p = h.open()
	}
	p.access, p.sets = max(p.access, f.access), p.sets|f.sets
	h.keep(p, ref)
	return nil
}

// maxNALs bounds the NAL units of a picture; a real one has at most some
// thousands.
const maxNALs = 1 << 16

// keep appends a NAL unit to p, behind the prefix NAL units that wait for it.
func (h *annexB) keep(p *picture, ref nalRef) {
	switch {
	case len(p.nals)+len(h.prefix) < maxNALs:
		p.nals = append(append(p.nals, h.prefix...), ref)
	case len(p.nals) == 0: // a picture has at least one
		p.nals = append(p.nals, ref)
		fallthrough
	default:
		h.d.stats.Truncated++
	}
	h.prefix = h.prefix[:0]
}

// takeSlice takes a slice: the first one of a picture begins it.
func (h *annexB) takeSlice(ref nalRef, f nalFacts) error {
	switch {
	case !f.first && h.ahead != nil && f.kind == h.cur.kind:
		h.rejoin()
	case f.first, h.ahead != nil:
		if err := h.closeIfFull(); err != nil {
			return err
		}
	}
	p := h.open()
	h.keep(p, ref)
	if p.slice.hi == 0 {
		p.slice, p.kind, p.whole, p.ref, p.intra = ref, f.kind, f.first, f.ref, true
		p.access = max(p.access, f.access)
	}
	p.intra = p.intra && f.intra
	return nil
}

// rejoin gives back to the open picture what was not the beginning of another.
func (h *annexB) rejoin() {
	p := h.ahead
	h.ahead = nil
	if n := maxNALs - len(h.cur.nals); n < len(p.nals) {
		h.d.stats.Truncated++
		p.nals = p.nals[:max(n, 0)]
	}
	if m := h.s.es.markAt(p.start); m != nil && p.time.timed {
		m.used = false
	}
	h.cur.nals, h.cur.sets = append(h.cur.nals, p.nals...), h.cur.sets|p.sets
	h.frames.put(p)
}

// open is the open picture, a new one if need be.
func (h *annexB) open() *picture {
	if h.cur == nil {
		h.cur = h.begin()
	}
	return h.cur
}

// begin makes a picture: it takes the timestamps of the PES packet in which it
// begins.
func (h *annexB) begin() *picture {
	p := h.frames.get()
	p.start = h.start
	if len(h.prefix) > 0 {
		p.start = h.prefix[0].lo - 3
	}
	m := h.s.es.markAt(p.start)
	if m != nil {
		p.from, p.leads = m.from, p.start-m.off <= 1 // a zero_byte may stand before it
	}
	if m == nil || !m.timed || m.used {
		return p
	}
	m.used = true
	t := pesTime{m.pts, m.dts, true}
	if h.beforeEnd > m.off && h.before == t {
		return p // the PES packet goes on with the picture before and repeats its times
	}
	p.time = t
	return p
}

func (h *annexB) closeIfFull() error {
	if !h.full() {
		return nil
	}
	return h.close()
}

// close hands the open picture on.
func (h *annexB) close() error {
	p := h.cur
	h.cur, h.ahead = h.ahead, nil
	if p == nil {
		return nil
	}
	if p.slice.hi == 0 {
		h.frames.put(p)
		return nil
	}
	h.remember(p)
	return h.frames.push(p)
}
