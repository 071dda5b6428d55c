package finalize_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"recfin/finalize"
)

// TestMapNamesSegments: a playlist that calls segments init segments takes none
// of them away, however it spells them.
func TestMapNamesSegments(t *testing.T) {
	for name, m := range map[string]struct{ before, each string }{
		"itself":    {"", "#EXT-X-MAP:URI=\"./source/%d.ts\"\n"},
		"whole":     {"#EXT-X-MAP:URI=\"source/0.ts\"\n", ""},
		"a part":    {"#EXT-X-MAP:URI=\"source/1.ts\",BYTERANGE=\"376@0\"\n", ""},
		"all of it": {fmt.Sprintf("#EXT-X-MAP:URI=\"/bucket/show/S1/source/0.ts\",BYTERANGE=\"%d@0\"\n", len(high.segment(0))), ""},
	} {
		w := newWorld(false)
		text := "#EXTM3U\n#EXT-X-TARGETDURATION:2\n" + m.before
		var want []string
		for n := range 8 {
			key := fmt.Sprintf("show/S1/source/%d.ts", n)
			w.Set(key, high.segment(n), uploaded(n), nil)
			want = append(want, fmt.Sprintf("%d %s", n, key))
			if n < 4 && m.before != "" {
				continue // it rolled out of the window
			}
			if m.each != "" {
				text += fmt.Sprintf(m.each, n)
			}
			text += fmt.Sprintf("#EXTINF:2,\nsource/%d.ts\n", n)
		}
		w.Set("show/S1/output.m3u8", []byte(text), uploaded(8), nil)
		r := mustPlan(t, laid(t, "catalyst", w), "show")
		same(t, name, rowsOf(t, r, "source"), want)
		if got := r.Plan.Sessions[0].Record; name != "a part" && got.Inits.Len() > 0 {
			t.Errorf("%s: the init segments %v", name, got.Inits.Key)
		}
	}
}

// TestTagsOfTwoStores: ETags that are no digests may meet by chance. Nothing goes
// because two stores count their versions alike.
func TestTagsOfTwoStores(t *testing.T) {
	p := newPair(true)
	other := high
	other.Content = "the other"
	for n := range 10 {
		key := fmt.Sprintf("foo/A/720p/%d.ts", n)
		p.primary.Set(key, high.segment(n), uploaded(n), nil)
		p.backup.Set(key, other.segment(n), uploaded(n), nil)
		if a, b := p.primary.Snapshot()[key], p.backup.Snapshot()[key]; a.ETag != b.ETag || len(a.Body) != len(b.Body) {
			t.Fatalf("ETags %s and %s, %d and %d bytes", a.ETag, b.ETag, len(a.Body), len(b.Body))
		}
	}
	before := p.snapshot()
	r := mustRun(t, p.settings(), "foo")
	for _, d := range r.Plan.Dropped {
		if d.Leftover {
			t.Errorf("%s%s is a leftover: %s", d.Store, d.Key, d.Reason)
		}
	}
	after := p.snapshot()
	same(t, "gone", append(gone(before[0], after[0]), gone(before[1], after[1])...), []string{})
}

// TestMadeEqualByName: renditions that --rename puts together, and IDs that --as
// does, may show different things under equal numbers at equal times. Without
// equal content nothing of them is a leftover.
func TestMadeEqualByName(t *testing.T) {
	other := high
	other.Content = "the other camera"
	w := newWorld(false)
	w.lay("cam1/A/720p", high, 0, 9, 0)
	w.lay("cam2/A/720p", other, 0, 9, 100*time.Millisecond)
	w.lay("cam3/A/720p", high, 0, 9, 100*time.Millisecond)
	w.lay("foo/A/720p", high, 0, 9, 0)
	w.lay("foo/B/360p", low, 0, 9, time.Second)
	cfg := with(settings(w), func(c *finalize.Config) { c.Renames = []finalize.Rename{{Glob: "360p", Name: "720p"}} })
	f, err := finalize.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name      string
		ids       []string
		leftovers int
	}{{"foo", nil, 0}, {"event", []string{"cam1", "cam2"}, 0}, {"copies", []string{"cam1", "cam3"}, 10}} {
		var r *finalize.Report
		if c.ids == nil {
			r, err = f.Plan(t.Context(), c.name)
		} else {
			r, err = f.PlanAs(t.Context(), c.name, c.ids)
		}
		if err != nil {
			t.Fatal(err)
		}
		var leftovers []string
		for _, d := range r.Plan.Dropped {
			if d.Leftover {
				leftovers = append(leftovers, d.Key)
			}
		}
		if len(leftovers) != c.leftovers || len(r.Plan.Dropped) != 10 {
			t.Errorf("%s: of %d dropped these are leftovers: %s", c.name, len(r.Plan.Dropped), strings.Join(leftovers, " "))
		}
	}
}
