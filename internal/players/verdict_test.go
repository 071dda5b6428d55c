package players

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"testing"

	"recfin/internal/chrome"
	"recfin/internal/hlscases"
	"recfin/internal/timecode"
)

// verdict says what is wrong with a stream as hls.js plays it.
type verdict struct {
	truth     hlscases.Session
	explained []excuse
	levels    []chrome.Level // once it was played
	wrong     []string
	certain   bool // some of it is no matter of time
}

// say says what is wrong with the stream, however busy the machine is.
func (v *verdict) say(format string, args ...any) {
	v.certain = true
	v.wrong = append(v.wrong, fmt.Sprintf(format, args...))
}

// lacks says what a player did not do in its time. That may be the stream, which shows
// it again, or the machine.
func (v *verdict) lacks(format string, args ...any) {
	v.wrong = append(v.wrong, fmt.Sprintf(format, args...))
}

// goes plays a stream in a way, and once more where all that is wrong is that the
// player was late: more slowly, and that counts.
func (v *verdict) goes(t *testing.T, s *chrome.Stream, way func(*testing.T, *chrome.Stream, float64)) {
	t.Helper()
	if way(t, s, fast); len(v.wrong) == 0 || v.certain {
		return
	}
	t.Logf("once more, since the player was late: %q", v.first())
	v.wrong = nil
	way(t, s, calm)
}

// first are the first few things that are wrong, and how many more there are.
func (v *verdict) first() []string {
	const few = 6
	if more := len(v.wrong) - few; more > 0 {
		return append(slices.Clone(v.wrong[:few]), fmt.Sprintf("and %d more", more))
	}
	return v.wrong
}

// late are errors of a player that had no time, and of a page that waited for one.
var late = regexp.MustCompile(`^late: |TimeOut|bufferStalledError|bufferNudgeOnStall`)

// facts that hold for each way to play. Where they do not, as far as they tell, that
// it was late says nothing about the rest, it is not to go on.
func (v *verdict) facts(t *testing.T, how string, s chrome.Streamed) (on bool) {
	t.Helper()
	for _, both := range s.Again {
		t.Logf("%s: looked twice: %s", how, both)
	}
	if late.MatchString(s.Error) {
		v.lacks("%s: %s", how, s.Error)
		return false
	}
	if s.Error != "" {
		v.say("%s: %s", how, s.Error)
	}
	for _, e := range s.Errors {
		if !e.Fatal && late.MatchString(e.Details) && !v.excuses(e) {
			v.lacks("%s: %v", how, e)
			continue
		}
		if e.Fatal || !v.excuses(e) {
			v.say("%s: %v", how, e)
		}
	}
	for url, sum := range s.Totals {
		if want := v.truth.Duration.Seconds(); math.Abs(sum-want) > picture {
			v.say("%s: the segments of %s last %.3f s by their playlist, %.3f s were made", how, url, sum, want)
		}
	}
	if s.Error == "" && len(s.Levels) == 0 {
		v.say("%s: there are no levels", how)
	}
	return true
}

// excuses tells whether an error is no fault of the stream.
func (v *verdict) excuses(e chrome.Trouble) bool {
	return slices.ContainsFunc(v.explained, func(x excuse) bool { return x.details == e.Details && (x.before == 0 || e.At < x.before) })
}

// picture holds what is shown at a time against the truth, and says what is wrong. It
// may be late by some pictures.
func (v *verdict) picture(at float64, late int, p chrome.Picture) string {
	if v.pictures() == 0 {
		return ""
	}
	code, ok := timecode.Read(bytesOf(p.Cells))
	if !ok {
		return fmt.Sprintf("at %.3f s no picture of ours: %v", at, p.Cells)
	}
	if !slices.ContainsFunc(v.truth.Renditions, func(r hlscases.Rendition) bool { return r.Kind != hlscases.Sound && r.Stream == code.Stream }) {
		return fmt.Sprintf("at %.3f s a picture of stream %d", at, code.Stream)
	}
	want := at / picture
	is, known := v.index(code.Number)
	// The picture of a time is that which began last; sound that begins a frame ahead
	// of the pictures of a part moves them.
	if !known || float64(is) < want-float64(late) || float64(is) > want+1 {
		return fmt.Sprintf("at %.3f s picture %d of %.3f s, which is the %dth (%v), not the %.0fth", at, code.Number, p.Time, is, known, want)
	}
	return ""
}

// index is the place of a picture in the session.
func (v *verdict) index(number int) (int, bool) {
	before := 0
	for _, r := range v.truth.Runs {
		if n := number - r.First; n >= 0 && n < r.Pictures {
			return before + n, true
		}
		before += r.Pictures
	}
	return 0, false
}

func (v *verdict) pictures() int {
	n := 0
	for _, r := range v.truth.Runs {
		n += r.Pictures
	}
	return n
}

func bytesOf(cells [16]int) []byte {
	b := make([]byte, 0, len(cells))
	for _, c := range cells {
		b = append(b, byte(c))
	}
	return b
}
