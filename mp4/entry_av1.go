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

// Codecs is the value for the CODECS attribute (RFC 6381).
func (e *AV1) Codecs() string { return "av01" }

// Dimensions are luma samples.
func (e *AV1) Dimensions() (width, height int) { return e.Width, e.Height }

// Box is ErrCodec for now.
func (e *AV1) Box() ([]byte, error) { return nil, fmt.Errorf("av1: %w", ErrCodec) }
