package fmp4

import (
	"recfin/mp4"
	"recfin/probe/sound"
)

// readOpus reads the content of dOps ("Encapsulation of Opus in ISO Base Media
// File Format" §4.3.2); nil: it is none.
func readOpus(b []byte) *mp4.Opus {
	f := fields{p: b}
	version := f.u8()
	o := &mp4.Opus{Channels: int(f.u8()), PreSkip: int(f.u16()), InputRate: int(f.u32()), Gain: int16(f.u16())}
	mapping := f.p
	if family := f.u8(); f.short || version != 0 {
		return nil
	} else if family != 0 {
		o.Mapping = mapping[:min(len(mapping), 3+o.Channels)]
	}
	return o
}

// opusDuration is how long a packet lasts, in ticks of a timescale: as its
// frames say, because a container may round, or count a gap to the next packet;
// less where the container cuts the end.
func opusDuration(packet []byte, told int64, scale uint32) int64 {
	n := int64(sound.OpusDuration(packet))
	if n == 0 {
		return told
	}
	own := (n*int64(scale) + sound.OpusRate/2) / sound.OpusRate
	if tolerance := int64(scale) / 500; told > 0 && told < own-tolerance {
		return told
	}
	return max(own, 1)
}
