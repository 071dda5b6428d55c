package fmp4

import (
	"math/bits"

	"recfin/mp4"
	"recfin/probe/avc"
)

// dolbyRates are the sample rates by fscod (ETSI TS 102 366 §4.4.1.3).
var dolbyRates = [4]int{48000, 44100, 32000, 0}

// dolbyChannels are the full channels by acmod (§4.4.2.3).
var dolbyChannels = [8]int{2, 1, 2, 3, 3, 4, 4, 5}

// readAC3 reads the content of dac3 (ETSI TS 102 366 §F.4); nil: it is none.
func readAC3(b []byte) *mp4.AC3 {
	if len(b) < 3 {
		return nil
	}
	r := avc.NewBits(b)
	a := &mp4.AC3{
		Fscod: uint8(r.Bits(2)), Bsid: uint8(r.Bits(5)), Bsmod: uint8(r.Bits(3)), Acmod: uint8(r.Bits(3)),
		LFE: r.Flag(), BitRateCode: uint8(r.Bits(5)),
	}
	a.SampleRate, a.Channels = dolbyRates[a.Fscod], dolbyChannels[a.Acmod]
	if a.LFE {
		a.Channels++
	}
	return a
}

// readEAC3 reads the content of dec3 (§F.6); nil: it is none.
func readEAC3(b []byte) *mp4.EAC3 {
	r := avc.NewBits(b)
	a := &mp4.EAC3{DataRate: int(r.Bits(13))}
	size := 2
	for range r.Bits(3) + 1 {
		s := mp4.EAC3Substream{Fscod: uint8(r.Bits(2)), Bsid: uint8(r.Bits(5))}
		r.Bits(2) // reserved, asvc
		s.Bsmod, s.Acmod, s.LFE = uint8(r.Bits(3)), uint8(r.Bits(3)), r.Flag()
		r.Bits(3)
		s.Dependent = uint8(r.Bits(4))
		size += 3
		if s.Dependent > 0 {
			s.ChanLoc = uint16(r.Bits(9))
			size++
		} else {
			r.Bit()
		}
		a.Substreams = append(a.Substreams, s)
	}
	if r.Short() {
		return nil
	}
	a.Extension = b[size:]
	first := a.Substreams[0]
	a.SampleRate, a.Channels = dolbyRates[first.Fscod], dolbyChannels[first.Acmod]+further(first.ChanLoc)
	if first.LFE {
		a.Channels++
	}
	return a
}

// further counts the channels that dependent substreams add (§F.6.2.12): Lc/Rc,
// Lrs/Rrs, Cs, Ts, Lsd/Rsd, Lw/Rw, Lvh/Rvh, Cvh, LFE2 from the lowest bit on.
func further(places uint16) int {
	const pairs = 1<<0 | 1<<1 | 1<<4 | 1<<5 | 1<<6
	return bits.OnesCount16(places) + bits.OnesCount16(places&pairs)
}
