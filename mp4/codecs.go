package mp4

import (
	"fmt"
	"slices"
	"strings"
)

// Fixed parts of sample entries (ISO/IEC 14496-12 §12.1.3, §12.2.3), with the
// header of the box.
const (
	visualEntry = 86
	audioEntry  = 36
)

// children yields the boxes in p, as far as they are whole.
func children(p []byte) func(yield func(typ string, box []byte) bool) {
	return func(yield func(string, []byte) bool) {
		for len(p) >= 8 {
			n := int64(be.Uint32(p))
			if n < 8 || n > int64(len(p)) || !yield(string(p[4:8]), p[:n]) {
				return
			}
			p = p[n:]
		}
	}
}

// child is the content of the first box of a type behind the fixed part of a
// sample entry, or nil.
func child(entry []byte, fixed int, typ string) []byte {
	if len(entry) < fixed {
		return nil
	}
	for t, box := range children(entry[fixed:]) {
		if t == typ {
			return box[8:]
		}
	}
	return nil
}

// display is the size at which pictures are shown, in 16.16 fixed point: that
// of the entry, with its width stretched by the sample aspect ratio.
func display(entry []byte) (width, height uint32) {
	if len(entry) < visualEntry {
		return 0, 0
	}
	w, h := uint64(be.Uint16(entry[32:])), uint32(be.Uint16(entry[34:]))
	w <<= 16
	if pasp := child(entry, visualEntry, "pasp"); len(pasp) >= 8 {
		if num, den := uint64(be.Uint32(pasp)), uint64(be.Uint32(pasp[4:])); num > 0 && den > 0 {
			w = min(w*num/den, 0xffff<<16) // 32 bits times 32 bits
		}
	}
	return uint32(w), h << 16
}

// codecsOf reads the RFC 6381 value from a sample entry box: the bare type of
// the box where no more can be told.
func codecsOf(entry []byte) string {
	typ := string(entry[4:8])
	switch typ {
	case "avc1":
		if avcc := child(entry, visualEntry, "avcC"); len(avcc) >= 4 {
			return fmt.Sprintf("%s.%02x%02x%02x", typ, avcc[1], avcc[2], avcc[3])
		}
	case "hvc1":
		if hvcc := child(entry, visualEntry, "hvcC"); len(hvcc) >= 13 {
			return hevcCodecs(typ, hvcc[1:13])
		}
	case "av01":
		return av1Codecs(child(entry, visualEntry, "av1C"), colourOf(child(entry, visualEntry, "colr")))
	case "vp09":
		return vp9Codecs(child(entry, visualEntry, "vpcC"))
	case "mp4a":
		return typ + esdsCodecs(child(entry, audioEntry, "esds"))
	case "Opus":
		return "opus"
	}
	return typ
}

// joinCodecs gives the distinct values of sample entries, in their order.
func joinCodecs(entries [][]byte) string {
	var all []string
	for _, e := range entries {
		if c := codecsOf(e); !slices.Contains(all, c) {
			all = append(all, c)
		}
	}
	return strings.Join(all, ",")
}
