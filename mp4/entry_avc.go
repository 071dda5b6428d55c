package mp4

import (
	"fmt"
	"math"
)

// AVC is the sample entry of H.264 ("avc1", ISO/IEC 14496-15 §5.4).
type AVC struct {
	SPS, PPS      [][]byte // NAL units without start code, in the order of first appearance; at least one of each
	Width, Height int      // luma samples after cropping
	ParWidth      int      // sample aspect ratio; 0:0 and 1:1 write no pasp
	ParHeight     int
	Colour        *Colour // nil: not told
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
func (a *AVC) Box() ([]byte, error) {
	avcc, err := a.configuration()
	if err != nil {
		return nil, err
	}
	v := visual{"AVC", a.Width, a.Height, a.ParWidth, a.ParHeight, a.Colour}
	return v.box("avc1", "avcC", avcc)
}

// NAL unit types (ITU-T H.264 table 7-1) and limits of avcC.
const (
	nalSPS = 7
	nalPPS = 8
	maxSPS = 31
	maxPPS = 255
)

// configuration is the AVCDecoderConfigurationRecord (ISO/IEC 14496-15 §5.3.3.1).
func (a *AVC) configuration() ([]byte, error) {
	if len(a.SPS) > maxSPS || len(a.PPS) > maxPPS {
		return nil, fmt.Errorf("AVC with %d SPS and %d PPS: %w", len(a.SPS), len(a.PPS), ErrEntry)
	}
	if err := checkSets(a.SPS, nalSPS, 4); err != nil {
		return nil, err
	}
	if err := checkSets(a.PPS, nalPPS, 2); err != nil {
		return nil, err
	}
	sps := a.SPS[0]
	rec := []byte{1, sps[1], sps[2], sps[3], 0xff, 0xe0 | byte(len(a.SPS))} // lengths of four bytes
	rec = appendSets(rec, a.SPS)
	rec = appendSets(append(rec, byte(len(a.PPS))), a.PPS)
	switch sps[1] {
	case 66, 77, 88:
		return rec, nil
	}
	chroma, luma, depth, err := highFields(sps)
	if err != nil {
		return nil, err
	}
	return append(rec, 0xfc|chroma, 0xf8|luma, 0xf8|depth, 0), nil
}

func checkSets(sets [][]byte, typ byte, least int) error {
	if len(sets) == 0 {
		return fmt.Errorf("AVC without parameter set of type %d: %w", typ, ErrEntry)
	}
	for _, s := range sets {
		if len(s) < least || len(s) > math.MaxUint16 || s[0]&0x1f != typ {
			return fmt.Errorf("AVC parameter set of %d bytes is none of type %d: %w", len(s), typ, ErrEntry)
		}
	}
	return nil
}

func appendSets(dst []byte, sets [][]byte) []byte {
	for _, s := range sets {
		dst = append(be.AppendUint16(dst, uint16(len(s))), s...)
	}
	return dst
}

// highFields reads chroma_format_idc and both bit depths less 8 from an SPS
// (ITU-T H.264 §7.3.2.1.1). Profiles that do not code them have 4:2:0 of 8 bits.
func highFields(sps []byte) (chroma, luma, depth byte, err error) {
	switch sps[1] {
	case 100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135:
	default:
		return 1, 0, 0, nil
	}
	r := newBits(sps[4:])
	r.golomb() // seq_parameter_set_id
	c := r.golomb()
	if c == 3 {
		r.bit() // separate_colour_plane_flag
	}
	l, d := r.golomb(), r.golomb()
	if r.bad || c > 3 || l > 6 || d > 6 {
		return 0, 0, 0, fmt.Errorf("AVC sequence parameter set cannot be read: %w", ErrEntry)
	}
	return byte(c), byte(l), byte(d), nil
}
