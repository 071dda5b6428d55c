package mp4

import (
	"fmt"
	"math"

	gomp4 "github.com/abema/go-mp4"
)

// soundBox is the sample entry of a type of sound (version 0, ISO/IEC 14496-12
// §12.2.3) that holds one further box. A rate above 65,535 Hz, which the field
// cannot hold, is left 0: the configuration of the codec tells it.
func soundBox(typ string, s Sound, configType string, config []byte) ([]byte, error) {
	rate, channels := s.Layout()
	if rate <= 0 || channels < 0 || channels > math.MaxUint16 {
		return nil, fmt.Errorf("%s with %d Hz and %d channels: %w", typ, rate, channels, ErrEntry)
	}
	// The fixed part does not depend on the type.
	entry := &gomp4.AudioSampleEntry{
		SampleEntry:  gomp4.SampleEntry{AnyTypeBox: gomp4.AnyTypeBox{Type: gomp4.BoxTypeMp4a()}, DataReferenceIndex: 1},
		ChannelCount: uint16(channels), SampleSize: 16,
	}
	if rate <= math.MaxUint16 {
		entry.SampleRate = uint32(rate) << 16
	}
	fixed, err := fields(entry)
	if err != nil {
		return nil, err
	}
	return appendBox(nil, typ, fixed, appendBox(nil, configType, config)), nil
}
