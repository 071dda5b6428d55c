package mp4

import "fmt"

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

// Box is ErrCodec for now.
func (o *Opus) Box() ([]byte, error) { return nil, fmt.Errorf("opus: %w", ErrCodec) }
