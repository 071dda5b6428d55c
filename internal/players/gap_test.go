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
	p := s.Play(t, fast, false)
	v.facts("alone", p.Streamed)
	if want := truth.Duration.Seconds(); !p.Ended || math.Abs(p.Duration-want) > picture {
		v.say("alone: it ended (%v) at %.3f of %.3f s, %.3f s were made", p.Ended, p.At, p.Duration, want)
	}
	behind := 0
	for _, shown := range p.Pictures {
		v.picture("alone", shown.Time, 2, shown)
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
		v.say("alone: %d pictures behind the gap were seen", behind)
	}
	return v.first()
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
