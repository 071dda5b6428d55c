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

// maxDec3Extension is more than any extension of dec3 has.
const maxDec3Extension = 1024

// Box is the ec-3 box (§F.5) with its dec3 (§F.6). A data rate beyond the 13
// bits of its field is told as the largest.
func (a *EAC3) Box() ([]byte, error) {
	n := len(a.Substreams)
	if n < 1 || n > 8 || a.DataRate < 0 || len(a.Extension) > maxDec3Extension {
		return nil, fmt.Errorf("E-AC-3 with %d substreams, %d kbit/s and an extension of %d bytes: %w",
			n, a.DataRate, len(a.Extension), ErrEntry)
	}
	dec3 := be.AppendUint16(nil, uint16(min(a.DataRate, 0x1fff))<<3|uint16(n-1))
	for i, s := range a.Substreams {
		if s.Fscod > 3 || s.Bsid > 31 || s.Bsmod > 7 || s.Acmod > 7 || s.Dependent > 15 || s.ChanLoc > 0x1ff {
			return nil, fmt.Errorf("E-AC-3 substream %d is %+v: %w", i, s, ErrEntry)
		}
		// After bsid a reserved bit and asvc, which is 0 for a main service.
		v := uint32(s.Fscod)<<22 | uint32(s.Bsid)<<17 | uint32(s.Bsmod)<<12 | uint32(s.Acmod)<<9 | bit(s.LFE)<<8 | uint32(s.Dependent)<<1
		if s.Dependent == 0 {
			dec3 = append(dec3, byte(v>>16), byte(v>>8), byte(v))
			continue
		}
		v |= uint32(s.ChanLoc >> 8)
		dec3 = append(dec3, byte(v>>16), byte(v>>8), byte(v), byte(s.ChanLoc))
	}
	return soundBox("ec-3", a, "dec3", append(dec3, a.Extension...))
}
