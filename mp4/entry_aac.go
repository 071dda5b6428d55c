package mp4

import (
	"fmt"
	"math"

	gomp4 "github.com/abema/go-mp4"
)

// AAC is the sample entry of MPEG-4 audio ("mp4a", ISO/IEC 14496-14 §5.6).
type AAC struct {
	Config     []byte // AudioSpecificConfig (ISO/IEC 14496-3 §1.6.2.1)
	ObjectType int    // audio object type: 2 is AAC-LC
	SampleRate int    // core rate, Hz
	Channels   int
	FrameSize  int // samples an access unit: 1024 (960 where the config says so)
}

// Kind is Audio.
func (*AAC) Kind() Kind { return Audio }

// Codec is "aac".
func (*AAC) Codec() string { return "aac" }

// Codecs is "mp4a.40." and the object type (RFC 6381 §3.3).
func (a *AAC) Codecs() string { return fmt.Sprintf("mp4a.40.%d", a.ObjectType) }

// Box is the mp4a box (version 0) with its esds. A rate above 65,535 Hz, which
// the field cannot hold, is told by the AudioSpecificConfig alone.
func (a *AAC) Box() ([]byte, error) {
	switch {
	case len(a.Config) < 2 || len(a.Config) > maxASC:
		return nil, fmt.Errorf("AudioSpecificConfig of %d bytes: %w", len(a.Config), ErrEntry)
	case a.SampleRate <= 0 || a.Channels < 0 || a.Channels > math.MaxUint16:
		return nil, fmt.Errorf("AAC with %d Hz and %d channels: %w", a.SampleRate, a.Channels, ErrEntry)
	}
	entry := &gomp4.AudioSampleEntry{
		SampleEntry:  gomp4.SampleEntry{AnyTypeBox: gomp4.AnyTypeBox{Type: gomp4.BoxTypeMp4a()}, DataReferenceIndex: 1},
		ChannelCount: uint16(a.Channels), SampleSize: 16,
	}
	if a.SampleRate <= math.MaxUint16 {
		entry.SampleRate = uint32(a.SampleRate) << 16
	}
	fixed, err := fields(entry)
	if err != nil {
		return nil, err
	}
	return appendBox(nil, "mp4a", fixed, appendBox(nil, "esds", make([]byte, 4), esDescriptor(a.Config))), nil
}

// maxASC is more than any AudioSpecificConfig has.
const maxASC = 4096

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

// esDescriptor describes MPEG-4 audio; buffer size and bit rates are not told.
func esDescriptor(asc []byte) []byte {
	config := make([]byte, 13)
	config[0] = objectMPEG4Audio
	config[1] = streamAudio<<2 | 1 // the last bit is reserved and set
	return descriptor(tagES, make([]byte, 3),
		descriptor(tagDecoderConfig, config, descriptor(tagDecoderInfo, asc)),
		descriptor(tagSLConfig, []byte{slPredefinedMP4}))
}

// audioObject is the audio object type that the content of an esds box holds,
// or 0.
func audioObject(esds []byte) int {
	if len(esds) < 4 {
		return 0
	}
	es := content(esds[4:], tagES)
	if len(es) < 3 || es[2]&0xe0 != 0 { // optional fields: not ours
		return 0
	}
	config := content(es[3:], tagDecoderConfig)
	if len(config) < 13 || config[0] != objectMPEG4Audio {
		return 0
	}
	asc := content(config[13:], tagDecoderInfo)
	if len(asc) < 2 {
		return 0
	}
	if object := int(asc[0] >> 3); object != 31 {
		return object
	}
	return 32 + int(asc[0]&7)<<3 + int(asc[1]>>5)
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
