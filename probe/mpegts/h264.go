package mpegts

import (
	"bytes"

	"recfin/probe/avc"
)

var startCode = []byte{0, 0, 1}

// avcParser finds the pictures of an H.264 byte stream (ITU-T H.264 Annex B). This
// file cuts it into NAL units and those into coded pictures; what samples they
// make is the business of frames.
type avcParser struct {
	d *Demuxer
	s *stream

	scan    int64 // where to look for the next start code
	nal     int64 // first byte of the open NAL unit; -1: none
	start   int64 // where its start code begins
	written int64 // end of the last NAL unit that was kept: bytes behind it are free

	cur       *picture // the open picture
	prefix    []nalRef // prefix NAL units that wait for the slice they belong to
	before    pesTime  // of the picture before
	beforeEnd int64    // where the picture before ends

	frames frames
}

// pesTime are the timestamps that a picture has taken.
type pesTime struct {
	pts, dts int64
	timed    bool
}

// nalRef is a NAL unit in the stream.
type nalRef struct {
	lo, hi int64
	room   bool // the four bytes before lo are a start code that is free to be overwritten
}

// picture is a coded frame or field.
type picture struct {
	nals     []nalRef
	slice    nalRef // its first slice; hi 0: none yet
	time     pesTime
	idr      bool
	ref      bool // nal_ref_idc is not 0
	whole    bool // the first slice has first_mb_in_slice 0
	intra    bool // all slices are I or SI
	recovery bool
	sps, pps bool
	taken    bool // its parameter sets were stored
	head     avc.SliceHead
}

func newH264(d *Demuxer, s *stream) parser {
	h := &avcParser{d: d, s: s, nal: -1}
	h.frames.h = h
	return h
}

func (h *avcParser) gap() { h.d.stats.Damaged++ }

// parse cuts what has come into NAL units.
func (h *avcParser) parse() error {
	es := &h.s.es
	for {
		i := bytes.Index(es.from(h.scan), startCode)
		if i < 0 {
			break
		}
		at := h.scan + int64(i)
		if h.nal >= 0 {
			if err := h.end(at); err != nil {
				return err
			}
		}
		h.start, h.nal, h.scan = at, at+3, at+3
	}
	h.scan = max(h.scan, es.end()-2)
	if h.nal < 0 {
		es.markAt(h.scan)
		es.discard(h.scan - 1)
		return nil
	}
	if len(h.prefix) == 0 {
		es.markAt(h.start)
	}
	es.discard(h.oldest())
	if es.end()-es.base > maxUnit {
		h.giveUp()
	}
	return nil
}

// oldest is the first offset that is still needed.
func (h *avcParser) oldest() int64 {
	keep := h.start - 1
	for _, p := range [...]*picture{h.frames.first(), h.cur} {
		if p != nil && len(p.nals) > 0 {
			keep = min(keep, p.nals[0].lo-4)
		}
	}
	if len(h.prefix) > 0 {
		keep = min(keep, h.prefix[0].lo-4)
	}
	return keep
}

// giveUp drops what is held: it has outgrown its bound.
func (h *avcParser) giveUp() {
	h.d.stats.Truncated++
	h.frames.drop()
	h.cur, h.prefix, h.nal = nil, h.prefix[:0], -1
	h.s.es.reset()
	h.scan = h.s.es.end()
}

// flush hands out what is open; cut: the last picture is not complete.
func (h *avcParser) flush(cut bool) error {
	if err := h.parse(); err != nil {
		return err
	}
	if h.nal >= 0 {
		if err := h.end(h.s.es.end()); err != nil {
			return err
		}
	}
	if cut && !h.d.opt.Partial && h.cur != nil && h.cur.slice.hi > 0 {
		h.d.stats.Truncated++
		h.cur = nil
	}
	if err := h.close(); err != nil {
		return err
	}
	if err := h.frames.flush(); err != nil {
		return err
	}
	h.cur, h.prefix, h.nal = nil, h.prefix[:0], -1
	h.scan, h.before = h.s.es.end(), pesTime{}
	return nil
}

// end takes the open NAL unit, which ends before offset hi.
func (h *avcParser) end(hi int64) error {
	es := &h.s.es
	lo := h.nal
	b := bytes.TrimRight(es.at(lo, hi), "\x00") // trailing_zero_8bits, or the zero_byte of the next
	if len(b) == 0 {
		return nil
	}
	ref := nalRef{lo: lo, hi: lo + int64(len(b))}
	if at := h.start - 1; at >= max(es.base, h.written) && es.from(at)[0] == 0 {
		ref.room = true
	}
	h.written = ref.hi
	return h.take(ref, b)
}

// take decides to which picture a NAL unit belongs (§7.4.1.2.3).
func (h *avcParser) take(ref nalRef, b []byte) error {
	switch t := b[0] & 31; t {
	case avc.NALFiller:
		return nil
	case avc.NALDelimiter:
		if err := h.closeIfFull(); err != nil {
			return err
		}
		h.open()
		return nil
	case avc.NALEndOfSeq, avc.NALEndOfStrm:
		return h.closeIfFull()
	case avc.NALPrefix:
		if len(h.prefix) < maxNALs {
			h.prefix = append(h.prefix, ref)
		}
		return nil
	case avc.NALSlice, avc.NALPartitionA, avc.NALIDR:
		return h.takeSlice(ref, b)
	case avc.NALSEI, avc.NALSPS, avc.NALPPS, 13, 15, 16, 17, 18:
		if err := h.closeIfFull(); err != nil {
			return err
		}
		p := h.open()
		switch t {
		case avc.NALSEI:
			p.recovery = p.recovery || avc.HasRecoveryPoint(b)
		case avc.NALSPS:
			p.sps = true
		case avc.NALPPS:
			p.pps = true
		}
		h.keep(p, ref)
		return nil
	}
	h.keep(h.open(), ref)
	return nil
}

// maxNALs bounds the NAL units of a picture; a real one has at most some
// thousands.
const maxNALs = 1 << 16

// keep appends a NAL unit to p, behind the prefix NAL units that wait for it.
func (h *avcParser) keep(p *picture, ref nalRef) {
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

// takeSlice takes a slice: with first_mb_in_slice 0 a picture begins.
func (h *avcParser) takeSlice(ref nalRef, b []byte) error {
	first, intra := avc.SliceStart(b)
	if first {
		if err := h.closeIfFull(); err != nil {
			return err
		}
	}
	p := h.open()
	h.keep(p, ref)
	if p.slice.hi == 0 {
		p.slice, p.whole, p.intra = ref, first, true
		p.idr, p.ref = b[0]&31 == avc.NALIDR, b[0]&0x60 != 0
	}
	p.intra = p.intra && intra
	return nil
}

// open is the open picture, a new one if need be: it takes the timestamps of
// the PES packet in which it begins.
func (h *avcParser) open() *picture {
	if h.cur != nil {
		return h.cur
	}
	start := h.start
	if len(h.prefix) > 0 {
		start = h.prefix[0].lo - 3
	}
	h.cur = h.frames.get()
	m := h.s.es.markAt(start)
	if m == nil || !m.timed || m.used {
		return h.cur
	}
	m.used = true
	t := pesTime{m.pts, m.dts, true}
	if h.beforeEnd > m.off && h.before == t {
		return h.cur // the PES packet goes on with the picture before and repeats its times
	}
	h.cur.time = t
	return h.cur
}

func (h *avcParser) closeIfFull() error {
	if h.cur == nil || h.cur.slice.hi == 0 {
		return nil
	}
	return h.close()
}

// close hands the open picture on.
func (h *avcParser) close() error {
	p := h.cur
	h.cur = nil
	if p == nil {
		return nil
	}
	if p.slice.hi == 0 {
		h.frames.put(p)
		return nil
	}
	if p.time.timed {
		h.before = p.time
	}
	h.beforeEnd = p.nals[len(p.nals)-1].hi
	return h.frames.push(p)
}
