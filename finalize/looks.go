package finalize

import (
	"time"

	"recfin/mp4"
	"recfin/probe"
)

// looks gathers what the segments of one rendition look like.
type looks struct {
	video, audio     []string
	width, height    int
	rateNum, rateDen int
	longest          time.Duration
}

func (l *looks) add(m *probe.Media) {
	if m == nil {
		return
	}
	for i := range m.Tracks {
		t := &m.Tracks[i]
		if t.Entry == nil || t.Frames == 0 {
			continue
		}
		if t.Kind == mp4.Audio {
			l.audio = addDistinct(l.audio, t.Entry.Codecs())
			continue
		}
		l.video = addDistinct(l.video, t.Entry.Codecs())
		if p, ok := t.Entry.(mp4.Pictures); ok {
			if w, h := p.Dimensions(); w*h > l.width*l.height {
				l.width, l.height = w, h
			}
		}
		if d := t.LastDTS - t.FirstDTS + t.LastDelta; m.Whole && t.Frames > 1 && d > 0 && t.Time(d) > l.longest {
			l.longest = t.Time(d)
			l.rateNum, l.rateDen = lowest(int64(t.Frames)*int64(t.Timescale), d)
		}
	}
}

// codecs are the distinct values, video before audio.
func (l *looks) codecs() []string { return append(append([]string(nil), l.video...), l.audio...) }

func addDistinct(list []string, s string) []string {
	for _, t := range list {
		if t == s {
			return list
		}
	}
	return append(list, s)
}

// lowest reduces a fraction.
func lowest(num, den int64) (int, int) {
	a, b := num, den
	for b != 0 {
		a, b = b, a%b
	}
	return int(num / a), int(den / a)
}
