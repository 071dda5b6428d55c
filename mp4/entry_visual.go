package mp4

import (
	"fmt"
	"math"

	gomp4 "github.com/abema/go-mp4"
)

// visual is what the sample entries of all video codecs have in common.
type visual struct {
	codec               string // for errors
	width, height       int
	parWidth, parHeight int
	colour              *Colour
}

// Colour is the colour description of a video usability information (ITU-T H.273).
type Colour struct {
	Primaries, Transfer, Matrix uint16
	FullRange                   bool
}

// box is the sample entry of a type (ISO/IEC 14496-12 §12.1.3): the fixed part,
// the configuration of the codec, and pasp and colr where told.
func (v visual) box(typ, configType string, config []byte) ([]byte, error) {
	if v.width <= 0 || v.width > math.MaxUint16 || v.height <= 0 || v.height > math.MaxUint16 {
		return nil, fmt.Errorf("%s of %d×%d: %w", v.codec, v.width, v.height, ErrEntry)
	}
	// The fixed part does not depend on the type.
	fixed, err := fields(&gomp4.VisualSampleEntry{
		SampleEntry: gomp4.SampleEntry{AnyTypeBox: gomp4.AnyTypeBox{Type: gomp4.BoxTypeAvc1()}, DataReferenceIndex: 1},
		Width:       uint16(v.width), Height: uint16(v.height),
		Horizresolution: 72 << 16, Vertresolution: 72 << 16,
		FrameCount: 1, Depth: 24, PreDefined3: -1,
	})
	if err != nil {
		return nil, err
	}
	boxes := appendBox(nil, configType, config)
	if w, h := v.parWidth, v.parHeight; w != h && w > 0 && h > 0 {
		if w > math.MaxInt32 || h > math.MaxInt32 {
			return nil, fmt.Errorf("%s with sample aspect ratio %d:%d: %w", v.codec, w, h, ErrEntry)
		}
		boxes = appendBox(boxes, "pasp", be.AppendUint32(be.AppendUint32(nil, uint32(w)), uint32(h)))
	}
	if v.colour != nil {
		boxes = appendBox(boxes, "colr", v.colour.nclx())
	}
	return appendBox(nil, typ, fixed, boxes), nil
}

// nclx is the content of a colr box (ISO/IEC 14496-12 §12.1.5).
func (c *Colour) nclx() []byte {
	p := be.AppendUint16([]byte("nclx"), c.Primaries)
	p = be.AppendUint16(be.AppendUint16(p, c.Transfer), c.Matrix)
	if c.FullRange {
		return append(p, 0x80)
	}
	return append(p, 0)
}

// colourOf reads what nclx wrote, or nil.
func colourOf(colr []byte) *Colour {
	if len(colr) < 11 || string(colr[:4]) != "nclx" {
		return nil
	}
	return &Colour{
		Primaries: be.Uint16(colr[4:]), Transfer: be.Uint16(colr[6:]), Matrix: be.Uint16(colr[8:]),
		FullRange: colr[10]&0x80 != 0,
	}
}
