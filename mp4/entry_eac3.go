package mp4

import "fmt"

// EAC3 is the sample entry of Enhanced AC-3 ("ec-3", ETSI TS 102 366 annex F).
// An access unit holds six blocks of all substreams.
type EAC3 struct {
	DataRate   int             // kbit/s of all substreams, as dec3 has it
	Substreams []EAC3Substream // the independent ones, in the order of substreamid; 1 to 8
	Extension  []byte          // what dec3 holds behind them (joint object coding), as it was; may be empty
	SampleRate int             // Hz
	Channels   int             // of the first program, with its dependent substreams and LFE
}

// EAC3Substream is an independent substream with what depends on it.
type EAC3Substream struct {
	Fscod, Bsid, Bsmod, Acmod uint8
	LFE                       bool
	Dependent                 uint8  // number of dependent substreams
	ChanLoc                   uint16 // 9 bits, where Dependent is not 0
}

// Kind is Audio.
func (*EAC3) Kind() Kind { return Audio }

// Codec is "eac3".
func (*EAC3) Codec() string { return "eac3" }

// Codecs is "ec-3".
func (*EAC3) Codecs() string { return "ec-3" }

// Layout is the sample rate in Hz and the number of channels.
func (a *EAC3) Layout() (rate, channels int) { return a.SampleRate, a.Channels }

// Frame is the 1536 samples of six blocks.
func (*EAC3) Frame() int { return 1536 }

// Box is ErrCodec for now.
func (a *EAC3) Box() ([]byte, error) { return nil, fmt.Errorf("eac3: %w", ErrCodec) }
