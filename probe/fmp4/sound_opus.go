package fmp4

import "recfin/mp4"

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

// opusRate is the sample rate of Opus, whatever went in (RFC 7845 §4).
const opusRate = 48000

// opusDuration is how long a packet lasts, in ticks of a timescale: as its
// frames say (RFC 6716 §3.1), because a container may round, or count a gap to
// the next packet; less where the container cuts the end.
func opusDuration(packet []byte, told int64, scale uint32) int64 {
	n := opusSamples(packet)
	if n == 0 {
		return told
	}
	own := (n*int64(scale) + opusRate/2) / opusRate
	if tolerance := int64(scale) / 500; told > 0 && told < own-tolerance {
		return told
	}
	return max(own, 1)
}

// opusSamples is how many samples of 48 kHz a packet has; 0: it is none.
func opusSamples(p []byte) int64 {
	if len(p) == 0 {
		return 0
	}
	frames := int64(1)
	switch p[0] & 3 {
	case 1, 2:
		frames = 2
	case 3:
		if len(p) < 2 {
			return 0
		}
		frames = int64(p[1] & 63)
	}
	var frame int64 // samples
	switch mode := p[0] >> 3; {
	case mode < 12: // SILK: 10, 20, 40, 60 ms
		frame = []int64{480, 960, 1920, 2880}[mode&3]
	case mode < 16: // hybrid: 10, 20 ms
		frame = 480 << (mode & 1)
	default: // CELT: 2.5, 5, 10, 20 ms
		frame = 120 << (mode & 3)
	}
	if n := frames * frame; n <= 5760 { // 120 ms
		return n
	}
	return 0
}
