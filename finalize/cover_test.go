package finalize

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestCover holds the laws of prefixes that are listed in the place of everything.
func TestCover(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		width := rapid.SampledFrom([]int{0, 6, 9}).Draw(t, "width")
		names := rapid.SliceOfNDistinct(rapid.StringMatching(`[aé\x{10000}/]{0,3}`), 1, 3, rapid.ID[string]).Draw(t, "folders")
		var known []string
		for _, name := range names {
			n := rapid.SampledFrom([]int{0, 1, 1999, 2000, 2001, 5000}).Draw(t, "objects")
			for i := range n {
				known = append(known, fmt.Sprintf("foo/%s%0*d.ts", name, width, i))
			}
		}
		slices.Sort(known)
		known = slices.Compact(known)
		var wanted []string
		if len(known) > 0 {
			wanted = rapid.SliceOfN(rapid.SampledFrom(known), 0, 50).Draw(t, "wanted")
		}
		wanted = append(wanted, rapid.SliceOfN(rapid.StringMatching(`foo/[aé0-9]{0,5}`), 0, 3).Draw(t, "never seen")...)
		slices.Sort(wanted)
		got := cover(known, wanted, []string{"foo/", "other/"})
		for i, p := range got {
			if i > 0 && strings.HasPrefix(p, got[i-1]) || slices.Contains(got[:i], p) {
				t.Errorf("%q holds %q", got[i-1], p)
			}
			if !strings.HasPrefix(p, "foo/") && p != "other/" {
				t.Errorf("%q lies outside of what may be listed", p)
			}
			if n := len(below(known, p)); n > leaf && !slices.Contains(wanted, p) {
				t.Errorf("%q lists %d objects", p, n)
			}
		}
		for _, key := range wanted {
			if !slices.ContainsFunc(got, func(p string) bool { return strings.HasPrefix(key, p) }) {
				t.Errorf("nothing lists %q", key)
			}
		}
		if len(known) <= leaf && !slices.Equal(got, []string{"foo/", "other/"}) {
			t.Errorf("few objects are listed as %q", got)
		}
	})
}

// TestCoverIsLinear: all batches together list every object a few times at most.
func TestCoverIsLinear(t *testing.T) {
	for _, form := range []string{"foo/A/720p/%d.ts", "foo/A/720p/%09d.ts", "foo/%d/720p/0.ts"} {
		var known []string
		for i := range 100_000 {
			known = append(known, fmt.Sprintf(form, i))
		}
		slices.Sort(known)
		objects, requests := 0, 0
		for batch := range slices.Chunk(known, batch) {
			for _, p := range cover(known, batch, []string{"foo/"}) {
				objects += len(below(known, p))
				requests += 1 + len(below(known, p))/1000
			}
		}
		t.Logf("%s: %d requests, %d objects listed", form, requests, objects)
		if objects > 4*len(known) || requests > len(known)/100 {
			t.Errorf("%s: %d objects are listed in %d requests, of %d", form, objects, requests, len(known))
		}
	}
}
