package playlist

import (
	"cmp"
	"slices"
	"time"

	"recfin/finalize/timeline"
)

// IFrame is an I picture that an I-frame playlist may name.
type IFrame struct {
	Segment int // its segment's index in the timeline's input
	// Range are its bytes in the object that the segment is, or is a part of: its
	// packets or its fragment, and nothing of the init segment.
	Range ByteRange
	At    time.Duration // presentation time since the segment's start
}

// stillEvery is the least time between two pictures of one segment that are both
// listed: of a stream that has nothing but I pictures the text would be many times
// that of its media playlist, and no one seeks that finely.
const stillEvery = 500 * time.Millisecond

// IFrames gives the I-frame playlist (RFC 8216 §4.3.3.6) that belongs to what
// [FromSession] gives for the same rendition. The order of frames does not matter;
// uri and part are those of FromSession.
//
// Each picture lasts until the next, so a segment's first picture that stands
// later than its begin makes the one before last longer. After a discontinuity or a
// gap, and at the start, there is none before: there the first lasts from the begin
// of its segment. So each stretch without joins or gaps lasts as long as in the
// media playlist, to the nanosecond, and discontinuities and gaps stand at the same
// times. A stretch that has no picture is a gap too.
//
// Of each segment the first picture is always listed: what comes before it in its
// object, PAT and PMT, is what clients take for the init segment of that object.
// Others are listed at most twice a second.
//
// Its target duration is its own, or more (RFC 8216 §6.2.4 lets it differ from that
// of the media playlists): pictures may be further apart than segments are long.
// Where there is nothing to list, the playlist is empty, which [Media.Encode] refuses.
func IFrames(s *timeline.Session, r int, frames []IFrame, uri func(segment int) string, part func(segment int) (ByteRange, *Map)) *Media {
	media := FromSession(s, r, uri, part)
	if !slices.IsSortedFunc(frames, inOrder) {
		frames = slices.Clone(frames)
		slices.SortFunc(frames, inOrder)
	}
	picks := s.Renditions[r].Picks
	all := stills{gap: gapURI(media.Segments)}
	for i := range media.Segments {
		seg := &media.Segments[i]
		all.enter(seg)
		if seg.Gap {
			all.add(*seg)
			all.shown = false
			continue
		}
		all.segment(seg, ofSegment(frames, picks[i].Segment))
	}
	all.leave()
	if all.pictures == 0 {
		return &Media{IFramesOnly: true}
	}
	return &Media{IFramesOnly: true, Segments: all.list}
}

func inOrder(a, b IFrame) int {
	return cmp.Or(cmp.Compare(a.Segment, b.Segment), cmp.Compare(a.At, b.At), cmp.Compare(a.Range.Offset, b.Range.Offset))
}

// ofSegment are the frames of a segment, in order of time.
func ofSegment(sorted []IFrame, segment int) []IFrame {
	from, _ := slices.BinarySearchFunc(sorted, segment, func(f IFrame, n int) int { return cmp.Compare(f.Segment, n) })
	to := from
	for to < len(sorted) && sorted[to].Segment == segment {
		to++
	}
	return sorted[from:to]
}

// stills makes the list of an I-frame playlist. A stretch goes from a discontinuity
// or gap to the next.
type stills struct {
	list     []Segment
	pictures int
	gap      string // URI of what is not there

	shown bool          // the last of the list is a picture of this stretch
	empty bool          // of this stretch something went by, and nothing is listed
	wait  time.Duration // how much of it

	discontinuity bool          // stands before the next of the list
	date          time.Time     // what the next of the list begins at, less behind; zero: nothing to say
	behind        time.Duration // media time since date
	anew          time.Time     // what date became while nothing was shown, less wait
}

// enter begins with a segment of the media playlist.
func (l *stills) enter(seg *Segment) {
	if seg.Discontinuity || seg.Gap {
		l.leave()
	}
	l.discontinuity = l.discontinuity || seg.Discontinuity
	t := seg.ProgramDateTime
	switch {
	case t.IsZero():
	case l.shown || !l.empty || l.date.IsZero():
		l.date, l.behind = t.Add(-l.wait), 0
	default: // the first of the stretch still has to come, and has its begin's
		l.anew = t.Add(-l.wait)
	}
}

// segment lists the pictures of a segment. Times that it does not have become the
// nearest that it has.
func (l *stills) segment(seg *Segment, frames []IFrame) {
	var at time.Duration
	l.empty = !l.shown
	for i, f := range frames {
		begin := min(max(f.At, 0), seg.Duration)
		if i > 0 && (begin-at < stillEvery || begin == seg.Duration) {
			continue
		}
		l.pass(begin - at)
		at = begin
		l.add(Segment{URI: seg.URI, Duration: l.wait, Range: f.Range, Map: seg.Map})
		l.pictures++
		l.date, l.behind, l.anew = l.anew, l.wait, time.Time{}
		l.shown, l.empty, l.wait = true, false, 0
	}
	l.pass(seg.Duration - at)
}

// pass lets media time go by.
func (l *stills) pass(d time.Duration) {
	if !l.shown {
		l.wait += d
		return
	}
	l.list[len(l.list)-1].Duration += d
	l.behind += d
}

// add lists something, with what stands before it.
func (l *stills) add(seg Segment) {
	seg.Discontinuity, seg.ProgramDateTime = l.discontinuity, l.date
	if !l.date.IsZero() {
		seg.ProgramDateTime = l.date.Add(l.behind)
	}
	l.list = append(l.list, seg)
	l.discontinuity, l.date = false, time.Time{}
}

// leave ends a stretch.
func (l *stills) leave() {
	if l.empty {
		l.add(Segment{URI: l.gap, Duration: l.wait, Gap: true})
	}
	l.shown, l.empty, l.wait, l.anew = false, false, 0, time.Time{}
}
