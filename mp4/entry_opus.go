package mp4

import (
	"fmt"
	"math"
)

// Opus is the sample entry of Opus ("Opus", "Encapsulation of Opus in ISO Base
// Media File Format" §4.3). Its timescale is 48,000.
type Opus struct {
	Channels  int
	PreSkip   int   // samples of 48 kHz
	InputRate int   // Hz before encoding, for information; 0: not known
	Gain      int16 // output gain, Q7.8 dB
	// Mapping is what dOps has behind the gain: the channel mapping family and,
	// where that is not 0, stream count, coupled count and the mapping. Empty:
	// family 0, of one or two channels.
	Mapping []byte
}

// Kind is Audio.
func (*Opus) Kind() Kind { return Audio }

// Codec is "opus".
func (*Opus) Codec() string { return "opus" }

// Codecs is "opus".
func (*Opus) Codecs() string { return "opus" }

// Layout is 48,000 Hz and the number of channels.
func (o *Opus) Layout() (rate, channels int) { return 48000, o.Channels }

// Frame is 0: packets of 2.5 to 120 ms may follow each other.
func (*Opus) Frame() int { return 0 }

// Box is the Opus box with its dOps (§4.3.1, §4.3.2), whose version is 0 and
// whose numbers are big-endian, unlike those of an Ogg header.
func (o *Opus) Box() ([]byte, error) {
	if o.PreSkip < 0 || o.PreSkip > math.MaxUint16 || int64(o.InputRate) != int64(uint32(o.InputRate)) || o.Channels < 1 || o.Channels > 255 {
		return nil, fmt.Errorf("Opus of %d channels and %d Hz, pre-skip %d: %w", o.Channels, o.InputRate, o.PreSkip, ErrEntry)
	}
	mapping := o.Mapping
	if len(mapping) == 0 {
		mapping = []byte{0}
	}
	if !o.mapped(mapping) {
		return nil, fmt.Errorf("Opus of %d channels with the mapping % x: %w", o.Channels, mapping[:min(16, len(mapping))], ErrEntry)
	}
	dops := be.AppendUint16([]byte{0, byte(o.Channels)}, uint16(o.PreSkip))
	dops = be.AppendUint16(be.AppendUint32(dops, uint32(o.InputRate)), uint16(o.Gain))
	return soundBox("Opus", o, "dOps", append(dops, mapping...))
}

// mapped reports whether a channel mapping is one for these channels (RFC 7845
// §5.1.1): each channel is one of the decoded ones, or silent (255).
func (o *Opus) mapped(m []byte) bool {
	if m[0] == 0 {
		return len(m) == 1 && o.Channels <= 2
	}
	if len(m) != 3+o.Channels {
		return false
	}
	streams, coupled := int(m[1]), int(m[2])
	if streams == 0 || coupled > streams || streams+coupled > 255 {
		return false
	}
	for _, c := range m[3:] {
		if int(c) >= streams+coupled && c != 255 {
			return false
		}
	}
	return true
}
