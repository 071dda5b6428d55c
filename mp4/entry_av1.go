package mp4

import "fmt"

// AV1 is the sample entry of AV1 ("av01", "AV1 Codec ISO Media File Format Binding", §2.2).
type AV1 struct {
	Config        []byte // content of the av1C box
	Width, Height int    // luma samples
	ParWidth      int    // sample aspect ratio; 0:0 and 1:1 write no pasp
	ParHeight     int
	Colour        *Colour // nil: not told
}

// Kind is Video.
func (*AV1) Kind() Kind { return Video }

// Codec is "av1".
func (*AV1) Codec() string { return "av1" }

// Codecs is "av01." and profile, level with tier, and bit depth, and what
// follows them where it is not the default ("AV1 Codec ISO Media File Format
// Binding" §5): "av01.0.04M.08".
func (e *AV1) Codecs() string { return av1Codecs(e.Config, e.Colour) }

// Dimensions are luma samples.
func (e *AV1) Dimensions() (width, height int) { return e.Width, e.Height }

// av1Header is marker and version of av1C ("AV1 Codec ISO Media File Format
// Binding" §2.3.3); maxAV1C is more than its sequence header and metadata take.
const (
	av1Header = 0x81
	maxAV1C   = 64 << 10
)

// Box is the av01 box: av1C, pasp and colr where told.
func (e *AV1) Box() ([]byte, error) {
	if c := e.Config; len(c) < 4 || len(c) > maxAV1C || c[0] != av1Header || c[1]>>5 > 2 {
		return nil, fmt.Errorf("av1C of %d bytes, % x: %w", len(c), c[:min(4, len(c))], ErrEntry)
	}
	v := visual{"AV1", e.Width, e.Height, e.ParWidth, e.ParHeight, e.Colour}
	return v.box("av01", "av1C", e.Config)
}

// av1Codecs is the RFC 6381 value for the content of av1C and a colour.
func av1Codecs(c []byte, colour *Colour) string {
	if len(c) < 4 {
		return "av01"
	}
	profile, flags := c[1]>>5, c[2]
	tier, depth := 'M', 8
	if flags&0x80 != 0 {
		tier = 'H'
	}
	if flags&0x40 != 0 {
		if depth = 10; profile == 2 && flags&0x20 != 0 {
			depth = 12
		}
	}
	short := fmt.Sprintf("av01.%d.%02d%c.%02d", profile, c[1]&0x1f, tier, depth)
	monochrome, subX, subY, position := flags>>4&1, flags>>3&1, flags>>2&1, flags&3
	told := colour.told()
	long := fmt.Sprintf(".%d.%d%d%d.%02d.%02d.%02d.", monochrome, subX, subY, position, told.Primaries, told.Transfer, told.Matrix)
	if told.FullRange {
		long += "1"
	} else {
		long += "0"
	}
	if long == ".0.110.01.01.01.0" {
		return short
	}
	return short + long
}

// told is the colour that a CODECS attribute names: BT.709 where nothing is
// specified (ITU-T H.273: 2 is unspecified).
func (c *Colour) told() Colour {
	if c == nil {
		return Colour{Primaries: 1, Transfer: 1, Matrix: 1}
	}
	if c.Primaries == 2 && c.Transfer == 2 && c.Matrix == 2 {
		return Colour{Primaries: 1, Transfer: 1, Matrix: 1, FullRange: c.FullRange}
	}
	return *c
}
