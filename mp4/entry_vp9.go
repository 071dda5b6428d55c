package mp4

import "fmt"

// VP9 is the sample entry of VP9 ("vp09", "VP Codec ISO Media File Format Binding").
type VP9 struct {
	Config        []byte // content of the vpcC box
	Width, Height int    // luma samples
	ParWidth      int    // sample aspect ratio; 0:0 and 1:1 write no pasp
	ParHeight     int
	Colour        *Colour // nil: not told
}

// Kind is Video.
func (*VP9) Kind() Kind { return Video }

// Codec is "vp9".
func (*VP9) Codec() string { return "vp9" }

// Codecs is the value for the CODECS attribute (RFC 6381).
func (e *VP9) Codecs() string { return "vp09" }

// Dimensions are luma samples.
func (e *VP9) Dimensions() (width, height int) { return e.Width, e.Height }

// Box is ErrCodec for now.
func (e *VP9) Box() ([]byte, error) { return nil, fmt.Errorf("vp9: %w", ErrCodec) }
