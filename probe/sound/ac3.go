package sound

import (
	"math/bits"

	"github.com/bluenviron/mediacommon/v2/pkg/codecs/ac3"
)

// AC3Header is how many bytes of a sync frame ReadAC3 needs at least. Fields of
// an AC3Frame that stand further behind are read where the frame is there.
const AC3Header = 8

// Stream types of E-AC-3 (ETSI TS 102 366 §E.1.3.1.1). A frame of AC-3 counts as
// independent.
const (
	Independent = 0
	Dependent   = 1
	Converted   = 2 // independent, was AC-3
)

// AC3Frame is a sync frame of AC-3 (ETSI TS 102 366 §4.3, §4.4) or of E-AC-3
// (§E.1.2).
type AC3Frame struct {
	Size        int  // bytes
	Enhanced    bool // E-AC-3
	Type        int  // Independent, Dependent or Converted
	ID          int  // substreamid
	Blocks      int  // of 256 samples: 1, 2, 3 or 6
	SampleRate  int  // Hz
	Fscod       uint8
	Bsid        uint8
	Acmod       uint8
	LFE         bool
	BitRateCode uint8 // of AC-3: frmsizecod / 2
	// Locations are the channels as a chanmap has them (§E.1.3.1.8): the most
	// significant bit is left. They follow from Acmod and LFE unless a chanmap is
	// sent.
	Locations uint16

	// Of AC-3 always there; of E-AC-3 further behind.
	Bsmod uint8
	// First: the frame says that it is the first of those that make six blocks
	// (convsync).
	First bool
	// Objects is the complexity of joint object coding (ETSI TS 103 420 §8.3); 0: none.
	Objects uint8
}

// ReadAC3 reads the header of the sync frame that b begins with. AC-3 of half
// and of quarter rate (bsid 9 and 10), which an MP4 cannot tell, is refused.
func ReadAC3(b []byte) (f AC3Frame, ok bool) {
	if len(b) < AC3Header || b[0] != 0x0b || b[1] != 0x77 {
		return f, false
	}
	if b[5]>>3 > 10 {
		return readEAC3(b)
	}
	var (
		sync ac3.SyncInfo
		info ac3.BSI
	)
	if sync.Unmarshal(b) != nil || info.Unmarshal(b[5:]) != nil {
		return f, false
	}
	f = AC3Frame{
		Size: sync.FrameSize(), Blocks: 6, SampleRate: sync.SampleRate(), BitRateCode: sync.Frmsizecod / 2,
		Fscod: sync.Fscod, Bsid: info.Bsid, Bsmod: info.Bsmod, Acmod: info.Acmod, LFE: info.LfeOn,
	}
	f.Locations = locations(f.Acmod, f.LFE)
	return f, true
}

// readEAC3 reads the beginning of bsi() of E-AC-3 (§E.1.2.2).
func readEAC3(b []byte) (f AC3Frame, ok bool) {
	r := reader{p: b, pos: 16}
	f = AC3Frame{Enhanced: true, Type: int(r.get(2)), ID: int(r.get(3)), Size: 2 * (int(r.get(11)) + 1)}
	f.Fscod = uint8(r.get(2))
	code := r.get(2) // fscod2 or numblkscod
	if f.Fscod == 3 {
		if code == 3 {
			return f, false
		}
		f.SampleRate, code = [...]int{24000, 22050, 16000}[code], 3
	} else {
		f.SampleRate = [...]int{48000, 44100, 32000}[f.Fscod]
	}
	f.Blocks = [...]int{1, 2, 3, 6}[code]
	f.Acmod, f.LFE, f.Bsid = uint8(r.get(3)), r.flag(), uint8(r.get(5))
	if f.Type > Converted || f.Bsid > 16 || f.Size < AC3Header {
		return f, false
	}
	f.Locations = locations(f.Acmod, f.LFE)
	r.p = b[:min(len(b), f.Size)]
	f.readInformation(&r)
	return f, true
}

// Bits of a chanmap.
const (
	left       = 1 << 15
	centre     = 1 << 14
	right      = 1 << 13
	leftRear   = 1 << 12
	rightRear  = 1 << 11
	centreRear = 1 << 8
	lfe        = 1 << 0
	lfe2       = 1 << 1
	// pairs are the locations of two channels each: Lc/Rc, Lrs/Rrs, Lsd/Rsd,
	// Lw/Rw, Lvh/Rvh, Lts/Rts.
	pairs = 1<<10 | 1<<9 | 1<<6 | 1<<5 | 1<<4 | 1<<2
)

// locations are the channels of an acmod (table 4.3).
func locations(acmod uint8, low bool) uint16 {
	m := [8]uint16{
		left | right, centre, left | right, left | centre | right,
		left | right | centreRear, left | centre | right | centreRear,
		left | right | leftRear | rightRear, left | centre | right | leftRear | rightRear,
	}[acmod&7]
	if low {
		m |= lfe
	}
	return m
}

// channels is how many channels a map has.
func channels(m uint16) int { return bits.OnesCount16(m) + bits.OnesCount16(m&pairs) }
