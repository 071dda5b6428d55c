package mpegts

import "bytes"

var startCode = []byte{0, 0, 1}

// annexB finds the pictures of a byte stream of H.264 or H.265 (Annex B of both).
// This file cuts it into NAL units, group.go those into coded pictures; what
// samples they make is the business of frames, and what the two codecs do
// differently that of a syntax.
type annexB struct {
	d      *Demuxer
	s      *stream
	syntax syntax
	need   setKinds // that a picture must bring to be decodable by itself

	scan    int64 // where to look for the next start code
	nal     int64 // first byte of the open NAL unit; -1: none
	start   int64 // where its start code begins
	written int64 // end of the last NAL unit that was kept: bytes behind it are free

	group
	frames frames
}

// nalRef is a NAL unit in the stream.
type nalRef struct {
	lo, hi int64
	room   bool // the four bytes before lo are a start code that is free to be overwritten
}

func newAnnexB(d *Demuxer, s *stream, syn syntax, need setKinds) parser {
	h := &annexB{d: d, s: s, syntax: syn, need: need, nal: -1}
	h.frames.h = h
	return h
}

func (h *annexB) gap() { h.d.stats.Damaged++ }

// parse cuts what has come into NAL units.
func (h *annexB) parse() error {
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
		} else if i > 1 { // a zero_byte may stand before it
			h.d.tables.cut = true
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
func (h *annexB) oldest() int64 {
	keep := h.start - 1
	for _, p := range [...]*picture{h.frames.first(), h.cur, h.ahead} {
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
func (h *annexB) giveUp() {
	h.d.stats.Truncated++
	h.frames.drop()
	h.group.clear()
	h.nal = -1
	h.s.es.reset()
	h.scan = h.s.es.end()
}

// flush hands out what is open; cut: the last picture is not complete.
func (h *annexB) flush(cut bool) error {
	if err := h.parse(); err != nil {
		return err
	}
	if h.nal >= 0 {
		if err := h.end(h.s.es.end()); err != nil {
			return err
		}
	}
	if cut && !h.d.opt.Partial && h.full() && h.ahead == nil {
		h.d.stats.Truncated++
		h.cur = nil
	}
	if err := h.close(); err != nil {
		return err
	}
	if err := h.frames.flush(); err != nil {
		return err
	}
	h.group.clear()
	h.nal = -1
	h.scan, h.before = h.s.es.end(), pesTime{}
	return nil
}

// end takes the open NAL unit, which ends before offset hi.
func (h *annexB) end(hi int64) error {
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
