package timeline

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

// whys writes what was dropped and why.
func whys(segs []flat, tl *Timeline) []string {
	var out []string
	for _, d := range tl.Dropped {
		s := &segs[d.Segment]
		out = append(out, fmt.Sprintf("%s%s/%d %s: %s", s.Store, s.Nonce, s.Seq, d.Reason, d.Why))
	}
	slices.Sort(out)
	return out
}

func TestWhyACopyLost(t *testing.T) {
	pair := func(rendition string, spoil func(a, b *flat)) []flat {
		segs := list(feed{nonce: "A", rendition: rendition, to: 9},
			feed{nonce: "B", rendition: rendition, encode: "b", from: 4, to: 4, at: seconds(8), clock: seconds(8), delay: time.Second})
		spoil(&segs[4], &segs[10])
		return segs
	}
	same := func(a, b *flat) { b.Media.Content.Tracks = slices.Clone(a.Media.Content.Tracks) }
	for _, c := range []struct {
		name string
		segs []flat
		want string
	}{
		{"equal", pair("", same), "mem://B/4 identical: the same content, uploaded later"},
		{"cut off", pair("", func(a, b *flat) { same(a, b); truncate(b) }), "mem://B/4 truncated: cut off: 5 of 10 pictures"},
		{"shorter", pair("720p", func(a, b *flat) { a.Media.Duration -= 1234 * time.Millisecond }), "mem://A/4 duplicate: 1.2 s shorter"},
		{"between neighbours", pair("720p", func(a, b *flat) {}), "mem://B/4 duplicate: the writer of its neighbours goes on"},
		{"named by a playlist", pair("720p", func(a, b *flat) { b.Named = true }), "mem://A/4 duplicate: a playlist names the other copy"},
		{"of lower quality", pair("720p", func(a, b *flat) { a.Quality = Suspect }), "mem://A/4 duplicate: its writer calls it suspect, the other whole"},
		{"committed", pair("720p", func(a, b *flat) { b.Committed = true }), "mem://A/4 duplicate: a finished recording has the other copy"},
		{"cut off, and named", pair("", func(a, b *flat) { same(a, b); truncate(a); a.Named = true }), "mem://A/4 truncated: cut off: 5 of 10 pictures"},
	} {
		tl, _ := plan(t, c.segs, defaults)
		if got := whys(c.segs, tl); len(got) != 1 || got[0] != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// A bucket and its backup: equal keys with equal ETags are one segment, whichever
// store is listed first and whenever the backup was made.
func TestOneObjectInTwoStores(t *testing.T) {
	for _, home := range []string{"", "s3://one", "s3://two"} {
		for _, swapped := range []bool{false, true} {
			for _, late := range []time.Duration{-time.Second, 0, time.Hour} {
				one, two := feed{nonce: "A", to: 19}.make(), feed{nonce: "A", from: 10, to: 19, at: seconds(20), clock: seconds(20)}.make()
				for i := range one {
					one[i].Store = "s3://one"
				}
				for i := range two {
					two[i].Store, two[i].Uploaded = "s3://two", two[i].Uploaded.Add(late)
				}
				segs := slices.Concat(one, two)
				if swapped {
					segs = slices.Concat(two, one)
				}
				opt := defaults
				opt.Home = home
				tl, _ := plan(t, segs, opt)
				want := "s3://two"
				if home == want || home == "" && late < 0 {
					want = "s3://one"
				}
				for _, d := range tl.Dropped {
					if s := &segs[d.Segment]; s.Store != want || d.Reason != Identical || !d.Leftover || d.Why != "the same content, in another store" {
						t.Errorf("home %q, swapped %v, late %v: %s of %s: %+v", home, swapped, late, s.Key, s.Store, d)
					}
				}
				if len(tl.Dropped) != 10 || len(tl.Uncertain) != 0 || len(tl.Sessions) != 1 {
					t.Errorf("home %q: %d dropped, %+v", home, len(tl.Dropped), tl.Uncertain)
				}
			}
		}
	}
}
