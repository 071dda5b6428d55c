package mp4

import "fmt"

// AC3 is the sample entry of AC-3 ("ac-3", ETSI TS 102 366 annex F). The fields
// are those of the bit stream information (§4.4).
type AC3 struct {
	Fscod, Bsid, Bsmod, Acmod uint8
	LFE                       bool
	BitRateCode               uint8 // frmsizecod / 2
	SampleRate                int   // Hz
	Channels                  int   // with LFE
}

// Kind is Audio.
func (*AC3) Kind() Kind { return Audio }

// Codec is "ac3".
func (*AC3) Codec() string { return "ac3" }

// Codecs is "ac-3".
func (*AC3) Codecs() string { return "ac-3" }

// Layout is the sample rate in Hz and the number of channels.
func (a *AC3) Layout() (rate, channels int) { return a.SampleRate, a.Channels }

// Frame is the 1536 samples of six blocks.
func (*AC3) Frame() int { return 1536 }

// Box is ErrCodec for now.
func (a *AC3) Box() ([]byte, error) { return nil, fmt.Errorf("ac3: %w", ErrCodec) }
