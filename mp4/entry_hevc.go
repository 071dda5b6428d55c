package mp4

import "fmt"

// HEVC is the sample entry of H.265 ("hvc1", ISO/IEC 14496-15 §8.4).
type HEVC struct {
	VPS, SPS, PPS [][]byte // NAL units without start code, in the order of first appearance; at least one of each
	Width, Height int      // luma samples after the conformance window
	ParWidth      int      // sample aspect ratio; 0:0 and 1:1 write no pasp
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

// Codecs is the value for the CODECS attribute (ISO/IEC 14496-15 annex E.3).
func (h *HEVC) Codecs() string { return "hvc1" }

// Dimensions are luma samples after the conformance window.
func (h *HEVC) Dimensions() (width, height int) { return h.Width, h.Height }

// Box is ErrCodec for now.
func (h *HEVC) Box() ([]byte, error) { return nil, fmt.Errorf("hevc: %w", ErrCodec) }
