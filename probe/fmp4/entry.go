package fmp4

import (
	"fmt"
	"strings"

	"recfin/mp4"
	"recfin/probe/avc"
)

// desc is a sample entry of an stsd box (ISO/IEC 14496-12 §8.5.2).
type desc struct {
	raw   []byte
	entry mp4.SampleEntry // nil where avc is set
	avc   *avcConfig
}

// avcConfig is an AVCDecoderConfigurationRecord (ISO/IEC 14496-15 §5.3.3.1) and
// what stands beside it.
type avcConfig struct {
	lengthSize          int      // bytes of the length of a NAL unit
	sets                [][]byte // SPS and PPS; none where they come with the pictures
	parWidth, parHeight int      // pasp; 0:0: not there
	colour              *mp4.Colour
}

// Fixed parts of sample entries without the box header (§12.1.3, §12.2.3).
const (
	visualFixed = 78
	soundFixed  = 28
)

// readEntries reads the sample entries of a track.
func (d *Demuxer) readEntries(t *track, stsd box) error {
	if len(stsd.body) < 8 {
		d.stats.BadBoxes++
		return nil
	}
	list, rest := boxes(stsd.body[8:])
	if len(rest) > 0 {
		d.stats.BadBoxes++
	}
	for _, b := range list {
		e := &desc{raw: b.raw}
		var err error
		if t.kind == mp4.Video {
			err = e.readVisual(b)
		} else {
			err = e.readSound(b)
		}
		if err != nil {
			return err
		}
		t.descs = append(t.descs, e)
	}
	return nil
}

func encrypted(b box) error { return fmt.Errorf("%w: sample entry %q", ErrEncrypted, b.typ) }

// readVisual reads a VisualSampleEntry.
func (e *desc) readVisual(b box) error {
	if b.typ == "encv" {
		return encrypted(b)
	}
	var parts []box
	width, height := 0, 0
	if len(b.body) >= visualFixed {
		parts, _ = boxes(b.body[visualFixed:])
		width, height = int(be.Uint16(b.body[24:])), int(be.Uint16(b.body[26:]))
	}
	switch b.typ {
	case "avc1", "avc2", "avc3", "avc4":
		if e.avc = readAVC(parts); e.avc != nil {
			return nil
		}
	}
	name, codecs := visualCodec(b.typ, parts)
	e.entry = &mp4.ForeignVideo{Name: name, Type: codecs, Width: width, Height: height}
	return nil
}

// readAVC reads avcC, pasp and colr; nil where the parameter sets cannot be read.
func readAVC(parts []box) *avcConfig {
	f := fields{p: find(parts, "avcC").body}
	f.skip(4)
	c := &avcConfig{lengthSize: int(f.u8()&3) + 1}
	for _, mask := range []byte{31, 255} {
		for range f.u8() & mask {
			set := f.bytes(int(f.u16()))
			if len(set) > 0 {
				c.sets = append(c.sets, set)
			}
		}
	}
	if f.short {
		return nil
	}
	var sets avc.Sets
	for _, s := range c.sets {
		sets.Take(s)
	}
	if len(c.sets) > 0 && sets.Any() == nil {
		return nil
	}
	if pasp := find(parts, "pasp").body; len(pasp) >= 8 {
		w, h := be.Uint32(pasp), be.Uint32(pasp[4:])
		if max(w, h) < 1<<31 {
			c.parWidth, c.parHeight = int(w), int(h)
		}
	}
	if colr := find(parts, "colr").body; len(colr) >= 11 && string(colr[:4]) == "nclx" {
		c.colour = &mp4.Colour{
			Primaries: be.Uint16(colr[4:]), Transfer: be.Uint16(colr[6:]), Matrix: be.Uint16(colr[8:]),
			FullRange: colr[10]&0x80 != 0,
		}
	}
	return c
}

// visualCodec names a codec that cannot be joined, and gives its value for the
// CODECS attribute (RFC 6381).
func visualCodec(typ string, parts []box) (name, codecs string) {
	switch typ {
	case "hvc1", "hev1", "dvh1", "dvhe":
		return "hevc", hevcCodecs(typ, find(parts, "hvcC").body)
	case "av01":
		return "av1", av1Codecs(find(parts, "av1C").body)
	case "vp08", "vp09":
		return "vp" + typ[3:], vpCodecs(typ, find(parts, "vpcC").body)
	case "avc1", "avc2", "avc3", "avc4":
		if avcc := find(parts, "avcC").body; len(avcc) >= 4 {
			return "h264", fmt.Sprintf("%s.%02x%02x%02x", typ, avcc[1], avcc[2], avcc[3])
		}
		return "h264", typ
	case "mp4v":
		return "mpeg4", typ
	}
	return clean(typ), clean(typ)
}

// clean makes of a box type what may stand in a playlist and on a terminal.
func clean(typ string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' {
			return r
		}
		return '_'
	}, strings.TrimSpace(typ))
}

// hevcCodecs reads hvcC (ISO/IEC 14496-15 §8.3.3.1, annex E.3).
func hevcCodecs(typ string, b []byte) string {
	if len(b) < 13 {
		return typ
	}
	space := []string{"", "A", "B", "C"}[b[1]>>6]
	compatible := be.Uint32(b[2:])
	reversed := uint32(0)
	for range 32 {
		reversed = reversed<<1 | compatible&1
		compatible >>= 1
	}
	tier := "L"
	if b[1]&0x20 != 0 {
		tier = "H"
	}
	s := fmt.Sprintf("%s.%s%d.%X.%s%d", typ, space, b[1]&31, reversed, tier, b[12])
	constraints := b[6:12]
	for len(constraints) > 0 && constraints[len(constraints)-1] == 0 {
		constraints = constraints[:len(constraints)-1]
	}
	for _, c := range constraints {
		s += fmt.Sprintf(".%X", c)
	}
	return s
}

// av1Codecs reads av1C ("AV1 Codec ISO Media File Format Binding", §2.3 and §5).
func av1Codecs(b []byte) string {
	if len(b) < 3 {
		return "av01"
	}
	profile, level, tier := b[1]>>5, b[1]&31, "M"
	if b[2]&0x80 != 0 {
		tier = "H"
	}
	depth := 8
	switch high, twelve := b[2]&0x40 != 0, b[2]&0x20 != 0; {
	case high && twelve && profile == 2:
		depth = 12
	case high:
		depth = 10
	}
	return fmt.Sprintf("av01.%d.%02d%s.%02d", profile, level, tier, depth)
}

// vpCodecs reads vpcC ("VP Codec ISO Media File Format Binding").
func vpCodecs(typ string, b []byte) string {
	if len(b) < 7 {
		return typ
	}
	return fmt.Sprintf("%s.%02d.%02d.%02d", typ, b[4], b[5], b[6]>>4)
}
