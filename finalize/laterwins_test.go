package finalize_test

import (
	"testing"
	"time"

	"recfin/finalize"
	"recfin/finalize/layout"
)

// Of two transcodes of one segment that nothing else tells apart the layout
// decides: with go-livepeer's object store the later upload passed verification.
func TestLaterUploadWinsWhereTheLayoutSaysSo(t *testing.T) {
	own, err := layout.Parse("{recording}/{nonce}/{rendition}/{seq}.{ext}", layout.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name    string
		layouts []*layout.Layout
		want    string
	}{
		{"nonce", nil, "B"},
		{"a pattern", []*layout.Layout{own}, "A"},
	} {
		w := newWorld(false)
		w.lay("foo/A/720p", feed{Content: "on air", Width: 160, Height: 96}, 0, 19, 0)
		w.lay("foo/B/720p", feed{Content: "on air, transcoded anew", Width: 160, Height: 96}, 0, 19, 3*time.Second)
		cfg := with(settings(w), func(cfg *finalize.Config) {
			if c.layouts != nil {
				cfg.Layouts = c.layouts
			}
		})
		r := mustPlan(t, cfg, "foo")
		for i, nonce := range r.Plan.Sessions[0].Record.Renditions[0].Nonce {
			if nonce != c.want {
				t.Fatalf("%s: number %d is of %s: %+v", c.name, i, nonce, r.Plan.Uncertain)
			}
		}
	}
}
