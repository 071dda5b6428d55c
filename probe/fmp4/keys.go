package fmp4

import "recfin/probe/avc"

// av1Key reads from a temporal unit of AV1 whether decoding can start at it: its
// first frame is a key frame that is shown ("AV1 Bitstream & Decoding Process
// Specification" §5.9.2, "AV1 Codec ISO Media File Format Binding" §2.4).
func av1Key(unit []byte) (key, ok bool) {
	still := false
	for len(unit) > 0 {
		typ, body, rest, ok := av1OBU(unit)
		if !ok {
			return false, false
		}
		unit = rest
		if len(body) == 0 {
			continue
		}
		switch typ {
		case obuSequenceHeader:
			still = body[0]&0x08 != 0 // reduced_still_picture_header
		case obuFrameHeader, obuFrame:
			const showExisting, frameType, showFrame = 0x80, 0x60, 0x10
			if still {
				return true, true
			}
			return body[0]&(showExisting|frameType|showFrame) == showFrame, true
		}
	}
	return false, false
}

// Types of open bitstream units (§6.2.2).
const (
	obuSequenceHeader = 1
	obuFrameHeader    = 3
	obuFrame          = 6
)

// av1OBU cuts off the first open bitstream unit (§5.3).
func av1OBU(p []byte) (typ byte, body, rest []byte, ok bool) {
	const extension, hasSize = 0x04, 0x02
	typ, at := p[0]>>3&15, 1
	if p[0]&extension != 0 {
		at++
	}
	if p[0]&hasSize == 0 { // it goes on to the end of the sample
		return typ, p[min(at, len(p)):], nil, true
	}
	n := uint64(0)
	for i := 0; i < 8; i++ { // leb128 (§4.10.5)
		if at >= len(p) {
			return 0, nil, nil, false
		}
		c := p[at]
		at++
		n |= uint64(c&0x7f) << (7 * i)
		if c&0x80 == 0 {
			break
		}
	}
	body = p[at:]
	if n < uint64(len(body)) {
		return typ, body[:n], body[n:], true
	}
	return typ, body, nil, true // cut, as the head of a segment is
}

// vp9Key reads from a frame of VP9, or the first of a superframe, whether it is
// a key frame ("VP9 Bitstream & Decoding Process Specification" §6.2).
func vp9Key(frame []byte) (key, ok bool) {
	r := avc.NewBits(frame[:min(len(frame), 4)])
	if r.Bits(2) != 2 { // frame_marker
		return false, false
	}
	profile := r.Bit() | r.Bit()<<1
	if profile == 3 && r.Flag() {
		return false, false
	}
	existing, inter := r.Flag(), r.Flag()
	return !existing && !inter, !r.Short()
}
