package playlist

import (
	"path"
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
// Discontinuities and times depend on the slots alone and so are the same in all
// renditions that share them; one that has its own has as many discontinuities. Target and Independent are for the caller to set.
func FromSession(s *timeline.Session, r int, uri func(segment int) string, part func(segment int) (ByteRange, *Map)) *Media {
	picks, slots := s.Renditions[r].Picks, s.SlotsOf(r)
	times := dateTimes(s, r)
	m := &Media{Segments: make([]Segment, len(slots))}
	for i, slot := range slots {
		seg := Segment{
			Duration:        slot.Duration,
			Discontinuity:   slot.Discontinuity && i > 0,
			ProgramDateTime: times[i],
			Gap:             true,
		}
		if i < len(picks) {
			if picks[i].Duration > 0 {
				seg.Duration = picks[i].Duration
			}
			if n := picks[i].Segment; n >= 0 {
				seg.Gap, seg.URI = false, uri(n)
				if part != nil {
					seg.Range, seg.Map = part(n)
				}
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
			return "gap" + path.Ext(name)
		}
	}
	return "gap"
}

// dateTimes gives EXT-X-PROGRAM-DATE-TIME by slot, zero where there is none: at
// the start, at each discontinuity, after wall time without media, and where
// media comes back after a gap in any rendition that shares the slots. A time is
// never below the one before it plus the durations between them.
func dateTimes(s *timeline.Session, r int) []time.Time {
	slots := s.SlotsOf(r)
	times := make([]time.Time, len(slots))
	var least time.Time // end of the slot before
	for i, slot := range slots {
		wall := slot.Wall
		if i == 0 || resumes(s, r, i) {
			if i > 0 && wall.Before(least) {
				wall = least
			}
			times[i] = wall
		} else {
			wall = least
		}
		least = wall.Add(slot.Duration)
	}
	return times
}

// resumes reports whether the mapping of media time to wall time is stated
// anew at a slot.
func resumes(s *timeline.Session, r, i int) bool {
	slots := s.SlotsOf(r)
	if slots[i].Discontinuity || slots[i].Gap > 0 {
		return true
	}
	own := s.Renditions[r].Slots != nil
	for k, q := range s.Renditions {
		if k != r && (own || q.Slots != nil) {
			continue
		}
		if i < len(q.Picks) && q.Picks[i].Segment >= 0 && q.Picks[i-1].Segment < 0 {
			return true
		}
	}
	return false
}
