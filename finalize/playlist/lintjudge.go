package playlist

import (
	"cmp"
	"math"
	"path"
	"slices"
	"strings"
	"time"
)

// judgeDurations: no segment is longer than the target duration.
func (r *mediaReader) judgeDurations() {
	if !r.aimed {
		return
	}
	for i := range r.out.Segments {
		s := &r.out.Segments[i]
		if n := nearest(s.Duration); n > int64(r.out.Target) {
			r.add(RuleTarget, s.Line, "EXTINF %v is %d s, rounded, and the target duration %d s", s.Duration, n, r.out.Target)
		}
	}
}

// nearest rounds to whole seconds.
func nearest(d time.Duration) int64 {
	n := int64(d / time.Second)
	if d%time.Second >= time.Second/2 {
		n++
	}
	return n
}

// judgeObjects: gaps name nothing, fragments have an init segment of their kind, and
// I pictures are ranges with something before them.
func (r *mediaReader) judgeObjects() {
	gaps := 0
	for i := range r.out.Segments {
		s := &r.out.Segments[i]
		if s.Gap {
			gaps++
			r.judgeGap(s)
			continue
		}
		r.judgeMap(s)
		if !r.out.IFramesOnly {
			continue
		}
		if !s.ranged {
			r.add(RuleIFrameRange, s.Line, "an I picture without EXT-X-BYTERANGE")
		} else if s.Map == nil && s.Range.Length > 0 && s.Range.Offset == 0 {
			r.add(RuleIFrameInit, s.Line, "an I picture at the start of its object, and no EXT-X-MAP")
		}
	}
	if gaps == len(r.out.Segments) {
		r.add(RuleGapOnly, 0, "all %d segments are gaps", gaps)
	}
}

func (r *mediaReader) judgeGap(s *SegmentText) {
	if s.ranged {
		r.add(RuleGapRange, s.Line, "a gap with EXT-X-BYTERANGE")
	}
	if rest, ok := strings.CutPrefix(s.URI, "gap"); !ok || rest != "" && rest[0] != '.' || strings.Contains(rest, "/") {
		r.add(RuleGapURI, s.Line, "a gap with the URI %.120q", s.URI)
	}
}

// judgeMap compares the kind of a segment with that of its init segment, as far as
// names tell.
func (r *mediaReader) judgeMap(s *SegmentText) {
	kind := kindOf(s.URI)
	switch {
	case s.Map == nil:
		if kind == kindFragments {
			r.add(RuleMapMissing, s.Line, "%.120q has no EXT-X-MAP before it", s.URI)
		}
	case kind != kindUnknown && kindOf(s.Map.URI) != kindUnknown && kindOf(s.Map.URI) != kind:
		r.add(RuleMapKind, s.Line, "%.120q has the EXT-X-MAP %.120q", s.URI, s.Map.URI)
	}
}

// kindOfObject is what the extension of a name says of its format.
type kindOfObject int

const (
	kindUnknown kindOfObject = iota
	kindTransport
	kindFragments
)

func kindOf(uri string) kindOfObject {
	if n := strings.IndexAny(uri, "?#"); n >= 0 {
		uri = uri[:n]
	}
	switch strings.ToLower(path.Ext(uri)) {
	case ".ts":
		return kindTransport
	case ".m4s", ".mp4", ".m4v", ".m4a", ".m4f", ".cmfv", ".cmfa", ".cmft":
		return kindFragments
	}
	return kindUnknown
}

// judgeOverlaps: no byte of an object is listed twice.
func (r *mediaReader) judgeOverlaps() {
	segments := r.out.Segments
	order := make([]int32, 0, len(segments))
	for i := range segments {
		s := &segments[i]
		if readable := !s.ranged || s.Range.Length > 0; readable && !s.Gap {
			order = append(order, int32(i))
		}
	}
	slices.SortFunc(order, func(a, b int32) int {
		s, t := &segments[a], &segments[b]
		return cmp.Or(cmp.Compare(s.URI, t.URI), cmp.Compare(s.Range.Offset, t.Range.Offset), cmp.Compare(a, b))
	})
	far := 0 // of the ranges of one object so far, that which ends last
	var twice []int
	for n := range order {
		s, last := &segments[order[n]], &segments[order[far]]
		if n > 0 && s.URI == last.URI {
			if s.Range.Offset < endOf(last.Range) {
				twice = append(twice, max(s.Line, last.Line))
			}
			if endOf(s.Range) <= endOf(last.Range) {
				continue
			}
		}
		far = n
	}
	slices.Sort(twice)
	for _, line := range twice {
		r.add(RuleOverlap, line, "bytes that another segment of the playlist has too")
	}
}

// endOf is where a range ends; of a whole object behind anything.
func endOf(r ByteRange) int64 {
	if r.Length == 0 {
		return math.MaxInt64
	}
	return r.Offset + r.Length
}
