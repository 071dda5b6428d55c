package finalize_test

import (
	"slices"
	"strings"
	"testing"

	"recfin/finalize"
)

// TestCase29RenamedRendition is case 29: a failover renames a rendition. The plan says
// which flag joins the two, and with it they are one.
func TestCase29RenamedRendition(t *testing.T) {
	w := newWorld(false)
	w.lay("foo/A/720p", high, 0, 9, 0)
	w.lay("foo/A/360p", low, 0, 9, 0)
	w.lay("foo/B/P720p30fps16x9", high, 10, 19, 0)
	w.lay("foo/B/360p", low, 10, 19, 0)
	cfg := only(w, finalize.Formats{HLS: true})
	p := mustPlan(t, cfg, "foo").Plan
	i := slices.IndexFunc(p.Notes, func(n finalize.Note) bool { return n.What == "renamed" })
	if len(p.Notes) != 1 || i < 0 || !strings.Contains(p.Notes[i].Why, "--rename 'P720p30fps16x9=720p'") || !slices.Contains(p.Warnings, "rendition-renamed") {
		t.Fatalf("notes %v, warnings %v", p.Notes, p.Warnings)
	}
	renames, err := finalize.ParseRenames([]string{"P720p30fps16x9=720p"})
	if err != nil {
		t.Fatal(err)
	}
	cfg.Renames = renames
	p = mustPlan(t, cfg, "foo").Plan
	if n := len(p.Sessions[0].Record.Renditions); n != 2 || len(p.Notes) > 0 {
		t.Errorf("%d renditions, notes %v", n, p.Notes)
	}
}
