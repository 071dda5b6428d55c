package players

import (
	"math"
	"path"
	"testing"

	"recfin/internal/chrome"
	"recfin/internal/hlscases"
	"recfin/internal/timecode"
)

// alone are excuses of a rendition with gaps that has no other beside it.
var alone = []excuse{
	{"fragGap", 0, "it says that it found one"},
	{"bufferSeekOverHole", 0, "and leaps over it"},
}

// judgeGaps plays the media playlist of a rendition with gaps by itself: what is
// there comes at its time, and the gap is passed over.
func judgeGaps(t *testing.T, s *chrome.Stream, truth hlscases.Session, r hlscases.Rendition) []string {
	t.Helper()
	truth.Renditions = []hlscases.Rendition{r}
	v := &verdict{truth: truth, explained: append(alone, always...)}
	v.goes(t, s, func(t *testing.T, s *chrome.Stream, rate float64) { v.alone(t, s, r, rate) })
	return v.first()
}

// alone plays a rendition with gaps.
func (v *verdict) alone(t *testing.T, s *chrome.Stream, r hlscases.Rendition, rate float64) {
	t.Helper()
	p := s.Play(t, rate, false)
	if !v.facts(t, "alone", p.Streamed) {
		return
	}
	if want := v.truth.Duration.Seconds(); !p.Ended || math.Abs(p.Duration-want) > picture {
		v.say("alone: it ended (%v) at %.3f of %.3f s, %.3f s were made", p.Ended, p.At, p.Duration, want)
	}
	behind := 0
	for _, shown := range p.Pictures {
		if wrong := v.picture(shown.Time, 2, shown); wrong != "" {
			v.say("alone: %s", wrong)
		}
		code, _ := timecode.Read(bytesOf(shown.Cells))
		for _, g := range r.Gaps {
			switch {
			case code.Number >= g.First+g.Pictures:
				behind++
			case code.Number >= g.First:
				v.say("alone: at %.3f s picture %d, which it does not have", shown.Time, code.Number)
			}
		}
	}
	if behind < 3 {
		v.lacks("alone: %d pictures behind the gap were seen", behind)
	}
}

// mediaOf is the key of the media playlist of a rendition.
func mediaOf(f *Files, door string, r hlscases.Rendition) string {
	for _, key := range f.playlists(path.Dir(door)) {
		if path.Base(key) == r.Name+".m3u8" {
			return key
		}
	}
	return ""
}
