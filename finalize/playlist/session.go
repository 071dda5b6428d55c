package playlist

import (
	"path"
	"slices"
	"strings"
	"time"

	"recfin/finalize/timeline"
)

// FromSession gives the playlist of the r-th rendition of a session: one
// segment for each slot. The function uri gives the percent-encoded reference
// of a segment by its index in the timeline's input, see [RelativeURI]; the
// function part gives the range of the object that it is and its init segment,
// and may be nil: all of every object, and no init segments.
//
// A slot that the rendition lacks becomes a gap of the same duration. Its URI
// is "gap" with the extension of the rendition's first segment, a name that no
// object ever has.
//
// Discontinuities and times are the same in all renditions that share the slots; one
// that has its own has as many discontinuities. Target and Independent are for the
// caller to set.
func FromSession(s *timeline.Session, r int, uri func(segment int) string, part func(segment int) (ByteRange, *Map)) *Media {
	picks, slots := s.Renditions[r].Picks, s.SlotsOf(r)
	times := dateTimes(s, r)
	m := &Media{Segments: make([]Segment, len(slots))}
	for i, slot := range slots {
		seg := Segment{
			Duration:        lasts(s, r, i),
			Discontinuity:   slot.Discontinuity && i > 0,
			ProgramDateTime: times[i],
			Gap:             true,
		}
		if i < len(picks) && picks[i].Segment >= 0 {
			n := picks[i].Segment
			seg.Gap, seg.URI = false, uri(n)
			if part != nil {
				seg.Range, seg.Map = part(n)
			}
		}
		m.Segments[i] = seg
	}
	gap := gapURI(m.Segments)
	for i := range m.Segments {
		if m.Segments[i].Gap {
			m.Segments[i].URI = gap
		}
	}
	return m
}

// gapURI is the reference of what is not there: "gap" with the extension of the
// first segment that is.
func gapURI(all []Segment) string {
	for i := range all {
		if !all[i].Gap {
			name, _, _ := strings.Cut(all[i].URI, "?")
			// A colon in what is now the first path segment would make "gap" a scheme.
			return "gap" + strings.ReplaceAll(path.Ext(name), ":", "%3A")
		}
	}
	return "gap"
}

// dateTimes gives EXT-X-PROGRAM-DATE-TIME by slot, in whole milliseconds, zero
// where there is none: at the start, at each discontinuity, after wall time without
// media, and where media comes back after a gap in any rendition that shares the
// slots. A time is never below the one before it plus the durations between them, of
// whichever of those renditions they add up to most.
func dateTimes(s *timeline.Session, r int) []time.Time {
	slots := s.SlotsOf(r)
	times := make([]time.Time, len(slots))
	shared := sharing(s, r)
	since := make([]time.Duration, len(shared)) // the last date, by rendition
	var date time.Time
	for i := range slots {
		if i == 0 || resumes(s, shared, i) {
			wall := slots[i].Wall.Truncate(time.Millisecond)
			if least := date.Add(slices.Max(since) + time.Millisecond - 1).Truncate(time.Millisecond); i > 0 && wall.Before(least) {
				wall = least
			}
			times[i], date = wall, wall
			clear(since)
		}
		for k, q := range shared {
			since[k] += lasts(s, q, i)
		}
	}
	return times
}

// sharing are the renditions that have the slots of the r-th, itself among them.
func sharing(s *timeline.Session, r int) []int {
	if s.Renditions[r].Slots != nil {
		return []int{r}
	}
	var all []int
	for k := range s.Renditions {
		if s.Renditions[k].Slots == nil {
			all = append(all, k)
		}
	}
	return all
}

// lasts is the duration of the i-th slot in the r-th rendition.
func lasts(s *timeline.Session, r, i int) time.Duration {
	if picks := s.Renditions[r].Picks; i < len(picks) && picks[i].Duration > 0 {
		return picks[i].Duration
	}
	return s.SlotsOf(r)[i].Duration
}

// resumes reports whether the mapping of media time to wall time is stated
// anew at a slot.
func resumes(s *timeline.Session, shared []int, i int) bool {
	if slot := s.SlotsOf(shared[0])[i]; slot.Discontinuity || slot.Gap > 0 {
		return true
	}
	for _, r := range shared {
		if picks := s.Renditions[r].Picks; i < len(picks) && picks[i].Segment >= 0 && picks[i-1].Segment < 0 {
			return true
		}
	}
	return false
}
