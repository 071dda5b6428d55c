package finalize_test

import (
	"fmt"
	"strings"
	"testing"

	"recfin/finalize"
	"recfin/finalize/layout"
	"recfin/store/storetest"
)

// TestAttributesStay: what the door says of a rendition was read once. A later run
// that takes a late segment and reads nothing, because its settings trust the names,
// still knows it.
func TestAttributesStay(t *testing.T) {
	w := newWorld(false)
	put := func(n int) {
		for _, f := range []feed{high, low} {
			w.Set(fmt.Sprintf("rec/A/%d/%d_2.0.ts", f.Height, n), f.segment(n), uploaded(n), nil)
		}
	}
	for n := range 10 {
		if n != 4 {
			put(n)
		}
	}
	l, err := layout.Parse("{recording}/{nonce}/{rendition}/{seq}_{duration}.ts", layout.Options{})
	if err != nil {
		t.Fatal(err)
	}
	cfg := with(only(w, finalize.Formats{HLS: true}), func(c *finalize.Config) { c.Layouts = []*layout.Layout{l} })
	mustRun(t, cfg, "rec")
	before := read(t, w.Snapshot(), "rec").Sessions[0]

	put(4)
	seen := storetest.NewRecorder(w)
	trusting := with(cfg, func(c *finalize.Config) {
		c.Sources, c.Durations = only(seen, finalize.Formats{}).Sources, finalize.DurationsTrust
	})
	mustRun(t, trusting, "rec")
	for _, op := range seen.Ops() {
		if strings.HasPrefix(op, "get rec/") {
			t.Errorf("%s: the test is to read no segment", op)
		}
	}
	after := read(t, w.Snapshot(), "rec").Sessions[0]
	if after.Highest != before.Highest+1 || len(after.Variants) != 2 {
		t.Fatalf("no second version: %+v", after)
	}
	for i := range before.Variants {
		if a, b := attributesOf(t, before.Variants[i]), attributesOf(t, after.Variants[i]); a != b || a.Codecs == "" || a.FrameNum == 0 || a.Channels == 0 {
			t.Errorf("%+v became %+v", a, b)
		}
	}
}

// attributes are those of a variant that do not depend on sizes.
type attributes struct {
	Name, Codecs  string
	Width, Height int
	FrameNum      int `json:"frame_rate_num"`
	FrameDen      int `json:"frame_rate_den"`
	Language      string
	Channels      int
}

func attributesOf(t *testing.T, raw []byte) (a attributes) {
	t.Helper()
	decode(t, "variant", raw, &a)
	return a
}
