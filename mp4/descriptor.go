package mp4

import "fmt"

// Descriptor tags and values (ISO/IEC 14496-1 §7.2.2, §7.2.6).
const (
	tagES            = 3
	tagDecoderConfig = 4
	tagDecoderInfo   = 5
	tagSLConfig      = 6
	objectMPEG4Audio = 0x40
	streamAudio      = 5
	slPredefinedMP4  = 2
)

// descriptor is a tag, a length of up to four groups of seven bits, and content.
func descriptor(tag byte, parts ...[]byte) []byte {
	n := 0
	for _, p := range parts {
		n += len(p)
	}
	d := []byte{tag, byte(n>>21) | 0x80, byte(n>>14) | 0x80, byte(n>>7) | 0x80, byte(n & 0x7f)}
	for _, p := range parts {
		d = append(d, p...)
	}
	return d
}

// esds is the content of an esds box for sound of an object type (ISO/IEC
// 14496-1 table 5); info, which may be nil, is what the decoder needs to know.
// Buffer size and bit rates are not told.
func esds(object byte, info []byte) []byte {
	config := make([]byte, 13)
	config[0] = object
	config[1] = streamAudio<<2 | 1 // the last bit is reserved and set
	if info != nil {
		config = append(config, descriptor(tagDecoderInfo, info)...)
	}
	return append(make([]byte, 4), descriptor(tagES, make([]byte, 3),
		descriptor(tagDecoderConfig, config),
		descriptor(tagSLConfig, []byte{slPredefinedMP4}))...)
}

// esdsCodecs is the RFC 6381 value (§3.3) behind "mp4a" that the content of an
// esds box gives, with its dot, or empty.
func esdsCodecs(esds []byte) string {
	if len(esds) < 4 {
		return ""
	}
	es := content(esds[4:], tagES)
	if len(es) < 3 || es[2]&0xe0 != 0 { // optional fields: not ours
		return ""
	}
	config := content(es[3:], tagDecoderConfig)
	switch {
	case len(config) < 13:
		return ""
	case config[0] != objectMPEG4Audio:
		return fmt.Sprintf(".%02X", config[0])
	}
	asc := content(config[13:], tagDecoderInfo)
	if len(asc) < 2 {
		return ""
	}
	object := int(asc[0] >> 3)
	if object == 31 {
		object = 32 + int(asc[0]&7)<<3 + int(asc[1]>>5)
	}
	if object == 0 {
		return ""
	}
	return fmt.Sprintf(".40.%d", object)
}

// content is the content of the descriptor that p begins with, if it has the
// tag and is whole, or nil.
func content(p []byte, tag byte) []byte {
	if len(p) == 0 || p[0] != tag {
		return nil
	}
	n := 0
	for i := 1; i < min(5, len(p)); i++ {
		n = n<<7 | int(p[i]&0x7f)
		if p[i]&0x80 == 0 {
			if p = p[i+1:]; n > len(p) {
				return nil
			}
			return p[:n]
		}
	}
	return nil
}
