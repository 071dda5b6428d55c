package mp4

import (
	"fmt"
	"math"
	"math/bits"
	"strings"
)

// HEVC is the sample entry of H.265 ("hvc1", ISO/IEC 14496-15 §8.4).
//
// The parameter sets stand in the entry, and the samples that can be accessed
// at random repeat them. The letter of §8.3.3.1.2 allows sets in samples only
// under the name "hev1", which players of Apple refuse; so the name is "hvc1",
// and array_completeness 1, which that name demands: every set that a sample
// holds is in the arrays, too. It is what ffmpeg writes with -tag:v hvc1.
type HEVC struct {
	// NAL units without start code, in the order of first appearance; at least one
	// SPS and one PPS. A stream may do without VPS, since no decoder needs one.
	VPS, SPS, PPS [][]byte
	Width, Height int // luma samples after the conformance window
	ParWidth      int // sample aspect ratio; 0:0 and 1:1 write no pasp
	ParHeight     int
	Colour        *Colour // nil: not told

	// Of the SPS in force, as hvcC repeats them.
	Profile        [12]byte // general_profile_space to general_level_idc (ITU-T H.265 §7.3.3), without emulation prevention
	Chroma         int      // chroma_format_idc
	LumaDepth      int      // bits a sample
	ChromaDepth    int      // bits a sample
	TemporalLayers int      // sps_max_sub_layers_minus1 + 1
	TemporalNested bool     // sps_temporal_id_nesting_flag
}

// Kind is Video.
func (*HEVC) Kind() Kind { return Video }

// Codec is "hevc".
func (*HEVC) Codec() string { return "hevc" }

// Codecs is "hvc1." and profile, compatibility, tier with level, and
// constraints (ISO/IEC 14496-15 annex E.3): "hvc1.1.6.L93.90".
func (h *HEVC) Codecs() string { return hevcCodecs("hvc1", h.Profile[:]) }

// Dimensions are luma samples after the conformance window.
func (h *HEVC) Dimensions() (width, height int) { return h.Width, h.Height }

// Box is the hvc1 box: hvcC with all parameter sets, pasp and colr where told.
func (h *HEVC) Box() ([]byte, error) {
	hvcc, err := h.configuration()
	if err != nil {
		return nil, err
	}
	v := visual{"HEVC", h.Width, h.Height, h.ParWidth, h.ParHeight, h.Colour}
	return v.box("hvc1", "hvcC", hvcc)
}

// NAL unit types (ITU-T H.265 table 7-1).
const (
	nalVPS265 = 32
	nalSPS265 = 33
	nalPPS265 = 34
)

// configuration is the HEVCDecoderConfigurationRecord (ISO/IEC 14496-15
// §8.3.3.1). Segmentation, parallelism and frame rate are not told.
func (h *HEVC) configuration() ([]byte, error) {
	if h.Chroma < 0 || h.Chroma > 3 || h.TemporalLayers < 0 || h.TemporalLayers > 7 ||
		min(h.LumaDepth, h.ChromaDepth) < 8 || max(h.LumaDepth, h.ChromaDepth) > 15 {
		return nil, fmt.Errorf("HEVC of chroma format %d with %d and %d bits in %d layers: %w",
			h.Chroma, h.LumaDepth, h.ChromaDepth, h.TemporalLayers, ErrEntry)
	}
	rec := append([]byte{1}, h.Profile[:]...)
	layers := byte(h.TemporalLayers)<<3 | 3 // lengths of four bytes
	if h.TemporalNested {
		layers |= 4
	}
	arrays := []struct {
		typ  byte
		sets [][]byte
	}{{nalVPS265, h.VPS}, {nalSPS265, h.SPS}, {nalPPS265, h.PPS}}
	if len(h.VPS) == 0 {
		arrays = arrays[1:]
	}
	rec = append(rec, 0xf0, 0, 0xfc, 0xfc|byte(h.Chroma), 0xf8|byte(h.LumaDepth-8), 0xf8|byte(h.ChromaDepth-8), 0, 0, layers, byte(len(arrays)))
	for _, array := range arrays {
		if len(array.sets) == 0 || len(array.sets) > math.MaxUint16 {
			return nil, fmt.Errorf("HEVC with %d parameter sets of type %d: %w", len(array.sets), array.typ, ErrEntry)
		}
		for _, s := range array.sets {
			if len(s) < 3 || len(s) > math.MaxUint16 || s[0]>>1&0x3f != array.typ {
				return nil, fmt.Errorf("HEVC parameter set of %d bytes is none of type %d: %w", len(s), array.typ, ErrEntry)
			}
		}
		rec = be.AppendUint16(append(rec, 0x80|array.typ), uint16(len(array.sets)))
		rec = appendSets(rec, array.sets)
	}
	return rec, nil
}

// hevcCodecs is the RFC 6381 value for the twelve bytes of a general profile,
// tier and level: the profile with its space, the compatibility flags from the
// last to the first in hexadecimal, tier and level, and the bytes of constraint
// flags up to the last that is not 0.
func hevcCodecs(typ string, profile []byte) string {
	var b strings.Builder
	b.WriteString(typ + ".")
	if space := profile[0] >> 6; space > 0 {
		b.WriteByte('A' + space - 1)
	}
	tier := 'L'
	if profile[0]&0x20 != 0 {
		tier = 'H'
	}
	fmt.Fprintf(&b, "%d.%X.%c%d", profile[0]&0x1f, bits.Reverse32(be.Uint32(profile[1:])), tier, profile[11])
	constraints := profile[5:11]
	for len(constraints) > 0 && constraints[len(constraints)-1] == 0 {
		constraints = constraints[:len(constraints)-1]
	}
	for _, c := range constraints {
		fmt.Fprintf(&b, ".%X", c)
	}
	return b.String()
}
