package timeline

import (
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// anything draws a recording without regard to sense: any writers, numbers,
// clocks, uploads and faults.
func anything(t *rapid.T) []flat {
	var segs []flat
	for w := range rapid.IntRange(1, 5).Draw(t, "feeds") {
		f := feed{
			nonce:     rapid.SampledFrom([]string{"", "A", "B", "C"}).Draw(t, "nonce"),
			rendition: rapid.SampledFrom([]string{"source", "720p", "360p"}).Draw(t, "rendition"),
			stream:    rapid.SampledFrom([]string{"", "x"}).Draw(t, "stream"),
			encode:    rapid.SampledFrom([]string{"", "y"}).Draw(t, "encode"),
			params:    rapid.SampledFrom([]string{"", "p"}).Draw(t, "params"),
			from:      rapid.OneOf(rapid.Int64Range(0, 12), rapid.Int64Range(0, 999999999999999999)).Draw(t, "from"),
			at:        time.Duration(rapid.IntRange(-100, 3000).Draw(t, "at")) * time.Second,
			clock:     rapid.SampledFrom([]time.Duration{-1, 0, 5 * time.Second, turn - 5*time.Second}).Draw(t, "clock"),
			delay:     time.Duration(rapid.IntRange(1, 60000).Draw(t, "delay")) * time.Millisecond,
		}
		f.to = f.from + rapid.Int64Range(0, 12).Draw(t, "count")
		if f.clock < 0 {
			f.clock = max(f.at, 0)
		}
		unnumbered := rapid.IntRange(0, 4).Draw(t, "unnumbered")
		for _, s := range f.make() {
			switch unnumbered {
			case 0:
				s.Begins = s.Uploaded.Add(-two - f.delay)
				fallthrough
			case 1:
				s.Unnumbered, s.Seq, s.Nonce = true, 0, ""
			}
			if rapid.IntRange(0, 6).Draw(t, "told") == 0 {
				s.Length, s.LengthSource = two, FromKey
			}
			s.Key = fmt.Sprintf("%s#%d", s.Key, w)
			spoil(t, &s)
			segs = append(segs, s)
		}
	}
	return segs
}

func spoil(t *rapid.T, s *flat) {
	switch rapid.IntRange(0, 40).Draw(t, "spoil") {
	case 0:
		s.Size = 0
	case 1:
		s.Media.Fault = Fault(rapid.IntRange(1, 3).Draw(t, "fault"))
	case 2:
		s.Excluded = true
	case 3:
		s.Uploaded = s.Uploaded.Add(time.Duration(rapid.IntRange(-5000, 5000).Draw(t, "late")) * time.Second)
	case 4:
		s.Uploaded = time.Time{}
	case 5:
		s.Media.Timed = false
	case 6:
		truncate(s)
	case 7:
		s.Media.Content = Content{}
	case 8:
		s.Media.Start = time.Duration(rapid.Int64().Draw(t, "start"))
	case 9:
		s.Media.Duration = time.Duration(rapid.Int64().Draw(t, "duration"))
	case 10:
		s.Media.Declared = time.Duration(rapid.Int64().Draw(t, "declared"))
	case 11:
		s.Committed = true
	case 13:
		s.Quality = Quality(rapid.IntRange(0, 3).Draw(t, "quality"))
	case 14:
		s.Tombstoned = true
	case 15:
		s.Begins = day.Add(time.Duration(rapid.Int64().Draw(t, "begins")))
	case 16:
		s.Length = time.Duration(rapid.Int64().Draw(t, "length"))
	case 12:
		s.Media.Wrap, s.Media.Tracks = 0, nil
	}
}

// byKey is a timeline with keys instead of indices, to be compared between
// inputs in another order.
func byKey(segs []flat, tl *Timeline) any {
	name := func(i int) string {
		if i < 0 {
			return ""
		}
		return segs[i].Key
	}
	out := []any{tl.Warnings}
	for _, s := range tl.Sessions {
		out = append(out, s.Start, s.End, s.Uploaded, s.Slots, s.Holes)
		for _, r := range s.Renditions {
			for _, p := range r.Picks {
				out = append(out, r.Name, name(p.Segment), p.Start, p.Duration, p.Source)
			}
		}
	}
	var lines []string
	for _, d := range tl.Dropped {
		lines = append(lines, fmt.Sprint(name(d.Segment), d.Reason, name(d.Winner), d.Leftover, d.Session))
		if d.Fill != nil {
			lines = append(lines, fmt.Sprint(name(d.Segment), name(d.Fill.After), d.Fill.Uncovered, d.Fill.Meets))
		}
	}
	slices.Sort(lines)
	out = append(out, lines)
	for _, u := range tl.Uncertain {
		var keys []string
		for _, i := range u.Segments {
			keys = append(keys, name(i))
		}
		slices.Sort(keys)
		out = append(out, u.What, u.Why, keys)
	}
	return out
}

// Whatever is listed: every invariant of plan, the same result for the same
// input, and for any order of it.
func TestAnyListing(t *testing.T) { rapid.Check(t, anyListing) }

func FuzzAnyListing(f *testing.F) { f.Fuzz(rapid.MakeFuzz(anyListing)) }

func anyListing(t *rapid.T) {
	segs := anything(t)
	tl, _ := plan(t, segs, defaults)
	again, _ := plan(t, segs, defaults)
	if !reflect.DeepEqual(tl, again) {
		t.Fatalf("planned twice:\n%s\n%s", show(segs, tl), show(segs, again))
	}
	order := rapid.Permutation(segs).Draw(t, "order")
	other, _ := plan(t, order, defaults)
	if !reflect.DeepEqual(byKey(segs, tl), byKey(order, other)) {
		t.Fatalf("another order:\n%s\n%s", show(segs, tl), show(order, other))
	}
}

// An identical copy from another writer does not shrink what is covered, unless
// what is lost is called uncertain.
func TestIdenticalCopyChangesNoCoverage(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		segs := anything(t)
		tl, _ := plan(t, segs, defaults)
		i := rapid.IntRange(0, len(segs)-1).Draw(t, "copy")
		twin := segs[i]
		twin.Key += ".twin"
		more := append(slices.Clone(segs), twin)
		other, _ := plan(t, more, defaults)
		before, after := coverage(segs, tl), coverage(more, other)
		for _, u := range other.Uncertain { // of several writers at one time one is chosen, and it is said
			for _, s := range u.Segments {
				after[fmt.Sprint(more[s].Rendition, "/", more[s].Seq)] = true
			}
		}
		for what := range before {
			if !after[what] {
				t.Fatalf("a copy of %s lost %s:\n%s\n%s", twin.Key, what, show(segs, tl), show(more, other))
			}
		}
	})
}

// coverage is which rendition and number the recording has.
func coverage(segs []flat, tl *Timeline) map[string]bool {
	out := map[string]bool{}
	for _, s := range tl.Sessions {
		for _, r := range s.Renditions {
			for _, p := range r.Picks {
				if p.Segment >= 0 {
					out[fmt.Sprint(r.Name, "/", segs[p.Segment].Seq)] = true
				}
			}
		}
	}
	return out
}
