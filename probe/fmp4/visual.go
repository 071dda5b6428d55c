package fmp4

import (
	"fmt"

	"recfin/mp4"
)

// Fixed part of a visual sample entry without the box header (§12.1.3).
const visualFixed = 78

// display is what stands in a visual sample entry beside the codec's own box.
type display struct {
	width, height       int
	parWidth, parHeight int // pasp; 0:0: not there
	colour              *mp4.Colour
}

// readVisual reads a VisualSampleEntry.
func (e *desc) readVisual(b box) error {
	if b.is("encv") {
		return encrypted(b)
	}
	var parts boxList
	var v display
	if len(b.body) >= visualFixed {
		parts = b.body[visualFixed:]
		v.width, v.height = int(be.Uint16(b.body[24:])), int(be.Uint16(b.body[26:]))
	}
	v.aspect(parts)
	v.colours(parts)
	switch b.typ() {
	case "avc1", "avc2", "avc3", "avc4":
		e.nal = readAVC(parts)
	case "hvc1", "hev1", "dvh1", "dvhe": // Dolby Vision of these names is H.265 for those who do not know it
		e.nal = readHEVC(parts)
	case "av01":
		if a := v.av1(parts.find("av1C").body); holds(a) {
			e.entry, e.keyed = a, av1Key
		}
	case "vp09":
		if a := v.vp9(parts.find("vpcC").body); holds(a) {
			e.entry, e.keyed = a, vp9Key
		}
	}
	switch {
	case e.nal != nil:
		e.nal.display = v
	case e.entry == nil:
		name, codecs := visualCodec(b.typ(), parts)
		e.entry = &mp4.ForeignVideo{Name: name, Type: codecs, Width: v.width, Height: v.height, Why: unread(b.typ())}
	}
	return nil
}

// aspect reads pasp (§12.1.4.1).
func (v *display) aspect(parts boxList) {
	if pasp := parts.find("pasp").body; len(pasp) >= 8 {
		w, h := be.Uint32(pasp), be.Uint32(pasp[4:])
		if max(w, h) < 1<<31 && min(w, h) > 0 {
			v.parWidth, v.parHeight = int(w), int(h)
		}
	}
}

// colours reads the first colr box (§12.1.5) of on-screen colours. That of
// QuickTime has no range. Colour profiles (ICC) are passed over.
func (v *display) colours(parts boxList) {
	for b := range parts.all {
		if !b.is("colr") || len(b.body) < 10 {
			continue
		}
		kind := string(b.body[:4])
		if kind != "nclc" && (kind != "nclx" || len(b.body) < 11) {
			continue
		}
		v.colour = &mp4.Colour{
			Primaries: be.Uint16(b.body[4:]), Transfer: be.Uint16(b.body[6:]), Matrix: be.Uint16(b.body[8:]),
			FullRange: kind == "nclx" && b.body[10]&0x80 != 0,
		}
		return
	}
}

// over puts what the container says above what the stream says.
func (v *display) over(parWidth, parHeight int, c *mp4.Colour) (int, int, *mp4.Colour) {
	if v.parWidth > 0 {
		parWidth, parHeight = v.parWidth, v.parHeight
	}
	if v.colour != nil {
		c = v.colour
	}
	return parWidth, parHeight, c
}

func (v *display) av1(config []byte) *mp4.AV1 {
	return &mp4.AV1{
		Config: config, Width: v.width, Height: v.height,
		ParWidth: v.parWidth, ParHeight: v.parHeight, Colour: v.colour,
	}
}

func (v *display) vp9(config []byte) *mp4.VP9 {
	return &mp4.VP9{
		Config: config, Width: v.width, Height: v.height,
		ParWidth: v.parWidth, ParHeight: v.parHeight, Colour: v.colour,
	}
}

// visualCodec names a codec that cannot be joined, or whose own box cannot be
// read, and gives its value for the CODECS attribute (RFC 6381).
func visualCodec(typ string, parts boxList) (name, codecs string) {
	switch typ {
	case "hvc1", "hev1", "dvh1", "dvhe":
		return "hevc", typ
	case "av01":
		return "av1", typ
	case "vp08", "vp09":
		return "vp" + typ[3:], vpCodecs(typ, parts.find("vpcC").body)
	case "avc1", "avc2", "avc3", "avc4":
		if avcc := parts.find("avcC").body; len(avcc) >= 4 {
			return "h264", fmt.Sprintf("%s.%02x%02x%02x", typ, avcc[1], avcc[2], avcc[3])
		}
		return "h264", typ
	case "mp4v":
		return "mpeg4", typ
	}
	return clean(typ), clean(typ)
}

// unread says which box of a codec that can be joined says too little; empty: it
// is another codec.
func unread(typ string) string {
	own := ""
	switch typ {
	case "avc1", "avc2", "avc3", "avc4":
		own = "avcC"
	case "hvc1", "hev1", "dvh1", "dvhe":
		own = "hvcC"
	case "av01":
		own = "av1C"
	case "vp09":
		own = "vpcC"
	case "ac-3":
		own = "dac3"
	case "ec-3":
		own = "dec3"
	case "Opus":
		own = "dOps"
	default:
		return ""
	}
	return "its " + own + " box is missing or cannot be used"
}

// vpCodecs reads vpcC ("VP Codec ISO Media File Format Binding").
func vpCodecs(typ string, b []byte) string {
	if len(b) < 7 {
		return typ
	}
	return fmt.Sprintf("%s.%02d.%02d.%02d", typ, b[4], b[5], b[6]>>4)
}
