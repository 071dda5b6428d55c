package players

import (
	"math"
	"slices"
	"testing"

	"recfin/internal/chrome"
	"recfin/internal/hlscases"
	"recfin/internal/timecode"
)

const (
	// picture is how long each one lasts, s: nothing may be further off.
	picture = 1.0 / hlscases.Rate
	// fast is the rate at which streams are played, calm that at which they are played
	// again where only time was short.
	fast = 6
	calm = 2
)

// excuse is an error of hls.js that is no fault of the stream.
type excuse struct {
	details string
	before  float64 // when it is none any more, s; 0: never
	why     string
}

// always are excuses of every stream.
var always = []excuse{
	{"bufferStalledError", 0, "the machine is busy: one that finds a hole in the media leaps over it, and says so"},
	{"bufferSeekOverHole", 0.15, "sound that begins a frame ahead of the pictures"},
}

// judgeStream plays a session in every way. It stops at the first way in which
// something is wrong.
func judgeStream(t *testing.T, s *chrome.Stream, truth hlscases.Session, explained ...excuse) []string {
	t.Helper()
	v := &verdict{truth: truth, explained: append(explained, always...)}
	for _, way := range []func(*testing.T, *chrome.Stream, float64){v.plays, v.tracks, v.seeks, v.opens, v.switches} {
		if v.goes(t, s, way); len(v.wrong) > 0 {
			break
		}
	}
	return v.first()
}

// plays to the end: every picture is the right one for its time.
func (v *verdict) plays(t *testing.T, s *chrome.Stream, rate float64) {
	hear := slices.ContainsFunc(v.truth.Renditions, func(r hlscases.Rendition) bool { return r.Kind != hlscases.Pictures })
	p := s.Play(t, rate, hear)
	if !v.facts(t, "played", p.Streamed) {
		return
	}
	v.levels = p.Levels
	if want := v.truth.Duration.Seconds(); !p.Ended || math.Abs(p.Duration-want) > picture || math.Abs(p.At-p.Duration) > picture {
		v.say("played: it ended (%v) at %.3f of %.3f s, %.3f s were made", p.Ended, p.At, p.Duration, want)
	}
	at, seen := -1.0, map[hlscases.Run]int{}
	for _, shown := range p.Pictures {
		if shown.Time < at {
			v.say("played: a picture of %.3f s came after one of %.3f s", shown.Time, at)
		}
		at = shown.Time
		if wrong := v.picture(shown.Time, 2, shown); wrong != "" {
			v.say("played: %s", wrong)
		}
		if code, ok := timecode.Read(bytesOf(shown.Cells)); ok {
			for _, r := range v.truth.Runs {
				if code.Number >= r.First && code.Number < r.First+r.Pictures {
					seen[r]++
				}
			}
		}
	}
	for _, r := range v.truth.Runs {
		if seen[r] < 3 {
			v.lacks("played: %d pictures of those from %d on were seen", seen[r], r.First)
		}
	}
	if v.pictures() > 0 && at < v.truth.Duration.Seconds()-0.25 {
		v.lacks("played: the last picture is of %.3f s", at)
	}
	if v.pictures() > 0 {
		v.held("video", p.Streamed)
	}
	if hear {
		v.held("audio", p.Streamed)
		v.hears(p)
	}
}

// held: at the end the player holds all of it, in one stretch.
func (v *verdict) held(kind string, s chrome.Streamed) {
	held, apart := s.Buffered[kind]
	if !apart {
		held = s.Buffered["audiovideo"]
	}
	if len(held) != 1 || held[0][0] > picture || held[0][1] < v.truth.Duration.Seconds()-picture {
		v.say("played: of %s it holds %.3v s of %.3f s", kind, held, v.truth.Duration.Seconds())
	}
}

// hears: there is sound all the time. A player that plays fast on a busy machine
// leaves out some of it, but less than a segment.
func (v *verdict) hears(p chrome.StreamPlayed) {
	heard, silence := p.Sound()
	if want := v.truth.Duration.Seconds(); heard < want-1 || silence > 1 {
		v.lacks("played: %.1f of %.1f s were heard, with a silence of %.2f s", heard, want, silence)
	}
}

// tracks plays each sound of its own beside the pictures.
func (v *verdict) tracks(t *testing.T, s *chrome.Stream, rate float64) {
	var own []hlscases.Rendition
	for _, r := range v.truth.Renditions {
		if r.Kind == hlscases.Sound {
			own = append(own, r)
		}
	}
	if len(own) == len(v.truth.Renditions) || len(own) == 0 {
		return // a sound of its own is all there is, or none is
	}
	for _, r := range own {
		p := s.Hear(t, rate, r.Name)
		if !v.facts(t, "heard "+r.Name, p.Streamed) {
			return
		}
		v.hears(p)
		if len(p.Tracks) != len(own) {
			v.say("heard %s: the sounds are %q, %d were made", r.Name, p.Tracks, len(own))
		}
		if tone := p.Tone(); math.Abs(tone-float64(r.Tone)) > 40 {
			v.lacks("heard %s: a tone of %.0f Hz, not %d", r.Name, tone, r.Tone)
		}
	}
}

// seeks to both sides of whatever is remarkable, and back.
func (v *verdict) seeks(t *testing.T, s *chrome.Stream, _ float64) {
	times := v.times()
	back := slices.Clone(times[:len(times)-len(shares)])
	slices.Reverse(back)
	l := s.Seek(t, append(times, back...)...)
	if v.facts(t, "sought", l.Streamed) {
		v.looks("sought", l, 2, len(times)+len(back))
	}
}

// opens the stream at those times.
func (v *verdict) opens(t *testing.T, s *chrome.Stream, _ float64) {
	// Each is a player of its own: the times behind discontinuities and gaps will do,
	// and another.
	var times []float64
	all := v.times()
	for i, at := range all {
		if i > 0 && i%3 == 0 && i < len(all)-1 {
			times = append(times, at)
		}
	}
	l := s.Open(t, times...)
	if !v.facts(t, "opened", l.Streamed) {
		return
	}
	// hls.js then knows no earlier segment, and the sound of one may begin before its
	// pictures by as much as these are reordered.
	v.looks("opened", l, 4, len(times))
}

func (v *verdict) looks(how string, l chrome.StreamLooks, late, want int) {
	if len(l.Looks) != want {
		v.say("%s: %d pictures of %d", how, len(l.Looks), want)
	}
	for _, x := range l.Looks {
		if !x.Seeked || math.Abs(x.Now-x.At) > picture {
			v.lacks("%s: to %.3f s, and it is (%v) at %.3f s", how, x.At, x.Seeked, x.Now)
			continue
		}
		if wrong := v.picture(x.At, late, x.Picture); wrong != "" {
			v.lacks("%s: %s", how, wrong)
		}
	}
}

// switches through all levels, and back while it plays.
func (v *verdict) switches(t *testing.T, s *chrome.Stream, rate float64) {
	if len(v.levels) < 2 {
		return
	}
	var down []int
	for i := range v.levels {
		down = append(down, len(v.levels)-1-i)
	}
	const at = 0.5
	l := s.Switch(t, at, rate/3, down...)
	if !v.facts(t, "switched", l.Streamed) {
		return
	}
	if len(l.Looks) != len(down) || !l.Ended {
		v.say("switched: %d of %d levels were seen, ended: %v", len(l.Looks), len(down), l.Ended)
	}
	for _, x := range l.Looks {
		level := v.levels[int(x.At)]
		code, ok := timecode.Read(bytesOf(x.Cells))
		r, known := v.sized(level)
		if !known || !x.Seeked || !ok || code.Stream != r.Stream {
			v.lacks("switched: to level %d, %+v, and the player (%v) shows %+v (%v), not stream %d", int(x.At), level, x.Seeked, code, ok, r.Stream)
		}
		if wrong := v.picture(at, 2, x.Picture); wrong != "" {
			v.lacks("switched: %s", wrong)
		}
	}
	seen := map[int]bool{}
	for _, p := range l.Pictures {
		code, _ := timecode.Read(bytesOf(p.Cells))
		seen[code.Stream] = true
		if wrong := v.picture(p.Time, 2, p); wrong != "" {
			v.say("switched: %s", wrong)
		}
	}
	if len(seen) != len(v.levels) {
		v.lacks("switched: while it played, %d of %d levels were seen", len(seen), len(v.levels))
	}
}

// sized is the rendition of a level, by the size of its pictures.
func (v *verdict) sized(l chrome.Level) (hlscases.Rendition, bool) {
	for _, r := range v.truth.Renditions {
		if r.Kind != hlscases.Sound && r.Width == l.Width && r.Height == l.Height {
			return r, true
		}
	}
	return hlscases.Rendition{}, false
}

// shares of a session to seek to besides: in no order, at no boundary.
var shares = []float64{0.77, 0.21, 0.52, 0.94}

// times are those to seek to: both sides of each discontinuity, of both ends of each
// gap, then the shares.
func (v *verdict) times() []float64 {
	length := v.truth.Duration.Seconds()
	times := []float64{0.3}
	edge := func(pictures int) {
		for _, d := range []float64{-0.25, 0.25} {
			if at := float64(pictures)*picture + d; at > 0 && at < length {
				times = append(times, at)
			}
		}
	}
	before := 0
	for _, r := range v.truth.Runs {
		edge(before)
		before += r.Pictures
	}
	for _, r := range v.truth.Renditions {
		for _, g := range r.Gaps {
			if i, ok := v.index(g.First); ok {
				edge(i)
				edge(i + g.Pictures)
			}
		}
	}
	for _, share := range shares {
		times = append(times, math.Round(length*share*100)/100)
	}
	return times
}
