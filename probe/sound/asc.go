package sound

import (
	"errors"
	"fmt"

	"recfin/mp4"
)

// Errors of reading a configuration. ErrConfig: it is cut, or reserved values
// stand in it. ErrForeign: it may be right, but what it describes cannot be told
// or joined.
var (
	ErrConfig  = errors.New("audio configuration cannot be read")
	ErrForeign = errors.New("kind of MPEG-4 audio is not supported")
)

// maxASC is more than any AudioSpecificConfig has, in bytes.
const maxASC = 4096

// ReadASC reads an AudioSpecificConfig (ISO/IEC 14496-3 §1.6.2.1) that was sent
// as such. Bytes behind it, where SBR may be told in a way that old decoders
// pass over, stay part of it.
func ReadASC(b []byte) (*mp4.AAC, error) {
	if len(b) > maxASC {
		return nil, fmt.Errorf("AudioSpecificConfig of %d bytes: %w", len(b), ErrConfig)
	}
	e, _, err := readASC(b, 0)
	if err != nil {
		return nil, err
	}
	e.Config = append([]byte{}, b...)
	return e, nil
}

// sampleRates are those of samplingFrequencyIndex (table 1.18).
var sampleRates = [...]int{96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350}

// ChannelsOf are those of a channelConfiguration (table 1.19); 0: a program
// config element tells, or the value is reserved.
func ChannelsOf(config int) int {
	switch {
	case config >= 1 && config <= 6:
		return config
	case config == 7, config == 12, config == 14:
		return 8
	case config == 11:
		return 7
	}
	return 0
}

// Audio object types (table 1.17).
const (
	objectMain   = 1
	objectLTP    = 4
	objectSBR    = 5
	objectERLC   = 17
	objectERLD   = 23
	objectPS     = 29
	objectERELD  = 39
	objectEscape = 31
)

// readASC reads the config that begins at a bit of b, and where it ends.
// The Config of the entry is left out.
func readASC(b []byte, at int) (e *mp4.AAC, end int, err error) {
	r := reader{p: b, pos: at}
	object := r.object()
	e = &mp4.AAC{ObjectType: object, SampleRate: r.rate()}
	config := int(r.get(4))
	if object == objectSBR || object == objectPS {
		r.rate()
		if object = r.object(); object == 22 {
			r.skip(4)
		}
	}
	e.Channels = ChannelsOf(config)
	switch {
	case r.over || e.SampleRate <= 0:
		return nil, 0, fmt.Errorf("AudioSpecificConfig of %d bytes: %w", len(b), ErrConfig)
	case object >= objectMain && object <= objectLTP, object == objectERLC, object == objectERLD:
		e.FrameSize = r.general(object, config, at, &e.Channels)
	case object == objectERELD:
		e.FrameSize = 512
		if r.flag() {
			e.FrameSize = 480
		}
	default:
		return nil, 0, fmt.Errorf("audio object type %d: %w", object, ErrForeign)
	}
	if r.over {
		return nil, 0, fmt.Errorf("AudioSpecificConfig of %d bytes: %w", len(b), ErrConfig)
	}
	if e.Channels == 0 {
		return nil, 0, fmt.Errorf("channel configuration %d: %w", config, ErrForeign)
	}
	return e, r.pos, nil
}

// object is a GetAudioObjectType().
func (r *reader) object() int {
	if t := int(r.get(5)); t != objectEscape {
		return t
	}
	return 32 + int(r.get(6))
}

// rate is a samplingFrequencyIndex and what may follow; 0: reserved.
func (r *reader) rate() int {
	switch i := int(r.get(4)); {
	case i < len(sampleRates):
		return sampleRates[i]
	case i == 15:
		return int(r.get(24))
	}
	return 0
}

// general reads a GASpecificConfig (§4.4.1) and, for error resilient objects,
// epConfig. It returns the samples of a frame. start is where the whole config
// begins.
func (r *reader) general(object, config, start int, channels *int) int {
	size := 1024
	if object == objectERLD {
		size = 512
	}
	if r.flag() {
		size -= size / 16
	}
	if r.flag() {
		r.skip(14) // coreCoderDelay
	}
	extension := r.flag()
	if config == 0 {
		p, ok := readPCE(r, start)
		if !ok {
			r.over = true
			return 0
		}
		*channels = p.Channels
	}
	if extension {
		if object == objectERLC || object == objectERLD {
			r.skip(3)
		}
		r.skip(1) // extensionFlag3
	}
	if object == objectERLC || object == objectERLD {
		if r.get(2) > 1 { // epConfig with a configuration of its own
			r.over = true
		}
	}
	return size
}
