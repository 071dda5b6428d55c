package remux

import "recfin/mp4"

// silentSizes are the lengths of a frame of CELT, in samples of 48 kHz, with
// their configurations at full bandwidth (RFC 6716 §3.1).
var silentSizes = []struct {
	samples int64
	config  byte
}{{960, 31}, {480, 30}, {240, 29}, {120, 28}}

// silentOpus gives packets of silence: one frame of CELT whose first bit, the
// silence flag (RFC 6716 §4.3), is set. In a stream of several, each of its
// streams has one, all but the last delimited (RFC 6716 appendix B).
func silentOpus(o *mp4.Opus) []quiet {
	streams, coupled := 1, max(o.Channels-1, 0)
	if len(o.Mapping) >= 3 && o.Mapping[0] != 0 {
		streams, coupled = int(o.Mapping[1]), int(o.Mapping[2])
	}
	if streams < 1 || coupled > streams {
		return nil
	}
	var all []quiet
	for _, size := range silentSizes {
		var b []byte
		for i := range streams {
			toc := size.config << 3
			if i < coupled {
				toc |= 1 << 2 // stereo
			}
			if b = append(b, toc); i < streams-1 {
				b = append(b, 2)
			}
			b = append(b, 0xff, 0xfe)
		}
		all = append(all, quiet{size.samples, b})
	}
	return all
}
