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

// Box is the ac-3 box (§F.3) with its dac3 (§F.4).
func (a *AC3) Box() ([]byte, error) {
	if a.Fscod > 2 || a.Bsid > 31 || a.Bsmod > 7 || a.Acmod > 7 || a.BitRateCode > 31 {
		return nil, fmt.Errorf("AC-3 with fscod %d, bsid %d, bsmod %d, acmod %d, bit rate code %d: %w",
			a.Fscod, a.Bsid, a.Bsmod, a.Acmod, a.BitRateCode, ErrEntry)
	}
	v := uint32(a.Fscod)<<22 | uint32(a.Bsid)<<17 | uint32(a.Bsmod)<<14 | uint32(a.Acmod)<<11 | bit(a.LFE)<<10 | uint32(a.BitRateCode)<<5
	return soundBox("ac-3", a, "dac3", []byte{byte(v >> 16), byte(v >> 8), byte(v)})
}

func bit(b bool) uint32 {
	if b {
		return 1
	}
	return 0
}
