package mp4

import "fmt"

// VP9 is the sample entry of VP9 ("vp09", "VP Codec ISO Media File Format Binding").
type VP9 struct {
	Config        []byte // content of the vpcC box, version and flags included
	Width, Height int    // luma samples
	ParWidth      int    // sample aspect ratio; 0:0 and 1:1 write no pasp
	ParHeight     int
	Colour        *Colour // nil: not told
}

// Kind is Video.
func (*VP9) Kind() Kind { return Video }

// Codec is "vp9".
func (*VP9) Codec() string { return "vp9" }

// Codecs is "vp09." and profile, level and bit depth, and what follows them
// where it is not the default ("VP Codec ISO Media File Format Binding", codecs
// parameter string): "vp09.00.10.08".
func (e *VP9) Codecs() string { return vp9Codecs(e.Config) }

// Dimensions are luma samples.
func (e *VP9) Dimensions() (width, height int) { return e.Width, e.Height }

// vpcCBytes is the size of vpcC, which has no initialization data for VP9.
const vpcCBytes = 12

// Box is the vp09 box: vpcC, pasp and colr where told.
func (e *VP9) Box() ([]byte, error) {
	if c := e.Config; len(c) != vpcCBytes || c[0] != 1 || c[4] > 3 || c[10]|c[11] != 0 {
		return nil, fmt.Errorf("vpcC of %d bytes, % x: %w", len(c), c[:min(vpcCBytes, len(c))], ErrEntry)
	}
	v := visual{"VP9", e.Width, e.Height, e.ParWidth, e.ParHeight, e.Colour}
	return v.box("vp09", "vpcC", e.Config)
}

// vp9Codecs is the RFC 6381 value for the content of vpcC.
func vp9Codecs(c []byte) string {
	if len(c) < vpcCBytes {
		return "vp09"
	}
	short := fmt.Sprintf("vp09.%02d.%02d.%02d", c[4], c[5], c[6]>>4)
	colour := Colour{Primaries: uint16(c[7]), Transfer: uint16(c[8]), Matrix: uint16(c[9])}
	told := colour.told()
	long := fmt.Sprintf(".%02d.%02d.%02d.%02d.%02d", c[6]>>1&7, told.Primaries, told.Transfer, told.Matrix, c[6]&1)
	if long == ".01.01.01.01.00" {
		return short
	}
	return short + long
}
