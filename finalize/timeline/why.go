package timeline

import (
	"cmp"
	"fmt"
	"strconv"
	"time"
)

// why says to a person what the segment that was chosen has before this one.
func (b *builder) why(i, winner int) string {
	s, w := b.segs[i], b.segs[winner]
	switch compare(s, w) {
	case equal:
		return "the same content" + b.tieBreak(s, w)
	case prefix:
		return "cut off" + cutOff(s, w)
	}
	shorter := w.known() - s.known()
	switch {
	case s.Quality != w.Quality:
		return "its writer calls it " + s.Quality.word() + ", the other " + w.Quality.word()
	case w.Named && !s.Named:
		return "a playlist names the other copy"
	case s.known() > 0 && shorter > tolerance:
		return inSeconds(shorter) + " shorter"
	case w.Committed && !s.Committed:
		return "a finished recording has the other copy"
	case s.Nonce != w.Nonce:
		return "the writer of its neighbours goes on"
	}
	return "another copy of the same number" + b.tieBreak(s, w)
}

// tieBreak names the first of the last resorts that tells two copies apart, as
// prefer goes through them.
func (b *builder) tieBreak(s, w *Segment) string {
	switch c := cmp.Compare(s.uploaded(), w.uploaded()); {
	case s.Store != w.Store && s.Key == w.Key:
		return ", in another store"
	case w.Committed && !s.Committed:
		return ", and a finished recording has the other copy"
	case w.Named && !s.Named:
		return ", and a playlist names the other copy"
	case b.live && c > 0:
		return ", uploaded later"
	case b.live && c < 0:
		return ", uploaded earlier"
	}
	return ""
}

// cutOff compares two contents, the first of which is the beginning of the
// other.
func cutOff(s, w *Segment) string {
	have, all := track(s.media().Content.Tracks, 0), track(w.media().Content.Tracks, 0)
	if len(have) < len(all) {
		what := "frames"
		for _, t := range w.media().Tracks {
			if t.Video {
				what = "pictures"
			}
		}
		return fmt.Sprintf(": %d of %d %s", len(have), len(all), what)
	}
	return fmt.Sprintf(": %d of %d bytes", s.Bytes(), w.Bytes())
}

func (q Quality) word() string {
	switch q {
	case Full:
		return "whole"
	case Suspect:
		return "suspect"
	case PartialSeg:
		return "partial"
	}
	return "unfinished"
}

// inSeconds writes a length with one decimal, or in milliseconds where it is
// shorter than that shows.
func inSeconds(d time.Duration) string {
	if d < 100*time.Millisecond {
		return strconv.FormatInt(d.Milliseconds(), 10) + " ms"
	}
	tenths := d.Milliseconds() / 100
	return fmt.Sprintf("%d.%d s", tenths/10, tenths%10)
}
