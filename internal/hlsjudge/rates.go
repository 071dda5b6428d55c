package hlsjudge

import (
	"math/big"
	"time"
)

// rates measures BANDWIDTH and AVERAGE-BANDWIDTH anew (§4.1, §4.3.4.2): of a
// variant with an audio group with the largest member of it. Gaps count in none.
func (j *judge) rates(m *multi) {
	soundPeak, soundAverage := map[string]int64{}, map[string]int64{}
	for _, l := range m.links {
		if l.kind == soundLink && l.media != nil {
			group := l.attrs["GROUP-ID"]
			peak, average := j.measure(l.media)
			soundPeak[group], soundAverage[group] = max(soundPeak[group], peak), max(soundAverage[group], average)
		}
	}
	for _, l := range m.links {
		if l.kind == soundLink || l.media == nil {
			continue
		}
		peak, average := j.measure(l.media)
		group := l.attrs["AUDIO"]
		j.rate(l, "BANDWIDTH", max(peak, average)+soundPeak[group])
		j.rate(l, "AVERAGE-BANDWIDTH", average+soundAverage[group])
	}
}

// rate: the value MUST be the largest, and one that is larger keeps clients from
// what they could play. EXTINF is rounded, so it may be off by a little.
func (j *judge) rate(l *link, name string, measured int64) {
	said, ok := integer(l.attrs[name])
	if !ok {
		if name == "AVERAGE-BANDWIDTH" {
			j.say(j.Door, "promise: AVERAGE-BANDWIDTH", "%s has none", l.path)
		}
		return
	}
	if apart := said - measured; apart < -4-measured/10000 || apart > 4+measured/10000 {
		j.say(j.Door, "§4.3.4.2", "%s is %d and was measured as %d for %s", name, said, measured, l.path)
	}
}

// measure returns the largest bit rate of any contiguous segments that last 0.5
// to 1.5 target durations, and that of all (§4.1), in bits a second.
func (j *judge) measure(m *media) (peak, average int64) {
	var bytes int64
	var lasts time.Duration
	for i, s := range m.segments {
		if s.gap {
			continue
		}
		bytes, lasts = bytes+j.bytes(s), lasts+s.lasts
		var part int64
		var time time.Duration
		for _, s := range m.segments[i:] {
			if s.gap {
				break
			}
			part, time = part+j.bytes(s), time+s.lasts
			if time > m.target*3/2 {
				break
			}
			if time >= m.target/2 {
				peak = max(peak, perSecond(part, time))
			}
		}
	}
	return peak, perSecond(bytes, lasts)
}

func (j *judge) bytes(s segment) int64 {
	if s.part != nil {
		return s.part.length
	}
	return j.Objects[s.object]
}

// perSecond is the rate in bits, rounded up.
func perSecond(bytes int64, in time.Duration) int64 {
	if in <= 0 {
		return 0
	}
	n := new(big.Int).Mul(big.NewInt(bytes), big.NewInt(8*int64(time.Second)))
	n.Add(n, big.NewInt(int64(in)-1)).Div(n, big.NewInt(int64(in)))
	return n.Int64()
}
