package finalize_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"recfin/finalize"
)

// odd lays out a broadcast in which anything may happen where heads that are not read
// would have told it.
func (w *world) odd(t *rapid.T) {
	n, at := 0, time.Duration(0)
	at += time.Duration(rapid.IntRange(0, 3).Draw(t, "late")) * time.Second
	for k := range rapid.IntRange(1, 3).Draw(t, "writers") {
		nonce := string(rune('A' + k))
		if rapid.IntRange(0, 3).Draw(t, "from 0") == 0 {
			n = 0
		}
		f := high
		for range rapid.IntRange(1, 4).Draw(t, "stretches") {
			count := rapid.IntRange(1, 24).Draw(t, "segments")
			w.lay("foo/"+nonce+"/720p", f, n, n+count-1, at)
			if rapid.IntRange(0, 3).Draw(t, "low") > 0 {
				g := f
				g.Content, g.Width, g.Height = f.Content+", small", 640, 352
				w.lay("foo/"+nonce+"/360p", g, n, n+count-1, at)
			}
			n += count
			switch rapid.IntRange(0, 7).Draw(t, "then") {
			case 0: // the clock leaps, now and then by little
				f.Clock += rapid.SampledFrom([]int64{9000, 45000, 900000, -180000, 1 << 32}).Draw(t, "leap")
			case 1: // another encoder by turns
				other := f
				other.Clock += 7777777
				for range rapid.IntRange(1, 5).Draw(t, "turns") {
					w.lay("foo/"+nonce+"/720p", other, n, n, at)
					w.lay("foo/"+nonce+"/720p", f, n+1, n+1, at)
					n += 2
				}
			case 2:
				n += rapid.IntRange(1, 4).Draw(t, "lost")
			case 3:
				f.Width, f.Height = 320, 176
			case 4:
				f.Wide = !f.Wide
			case 5: // the source stands still, and its clock with it
				at += time.Duration(rapid.SampledFrom([]int{30, 1200}).Draw(t, "still")) * time.Second
			case 6:
				f.Content += ", and on"
			}
		}
		switch rapid.IntRange(0, 3).Draw(t, "next writer") {
		case 0: // sends some again
			n = max(0, n-rapid.IntRange(1, 5).Draw(t, "again"))
		case 1:
			at += time.Duration(rapid.IntRange(1, 2000).Draw(t, "away")) * time.Second
		}
	}
	w.spoil(t)
}

// spoil cuts off, garbles and removes some of what lies there.
func (w *world) spoil(t *rapid.T) {
	snap := w.Snapshot()
	keys := []string{}
	for key := range snap {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	for range rapid.IntRange(0, 4).Draw(t, "spoilt") {
		key := rapid.SampledFrom(keys).Draw(t, "which")
		e := snap[key]
		switch rapid.IntRange(0, 3).Draw(t, "how") {
		case 0:
			w.Set(key, e.Body[:188*10], e.Modified, nil)
		case 1:
			w.Set(key, []byte(strings.Repeat("no media ", 500)), e.Modified, nil)
		case 2:
			w.Set(key, nil, e.Modified, nil)
		case 3:
			w.Set(key, slices.Concat(e.Body[:188*4], []byte(strings.Repeat("x", 188*5)), e.Body[188*9:]), e.Modified, nil)
		}
	}
}

// decided is what a run has committed, as far as the formats of outputs do not
// matter.
func decided(t *rapid.T, r *finalize.Report) []string {
	var out []string
	for _, c := range r.Committed {
		x := *c.Record
		x.Settings = finalize.Settings{}
		x.Outputs = slices.DeleteFunc(slices.Clone(x.Outputs), func(o finalize.Output) bool { return o.Kind != "mp4" })
		for i := range x.Outputs {
			x.Outputs[i].Key, x.Outputs[i].ETag = x.Outputs[i].Key[strings.LastIndex(x.Outputs[i].Key, "/"):], ""
		}
		raw, err := json.MarshalIndent(&x, "", " ")
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, string(raw))
	}
	return out
}

// TestLaterDecidesAlike: a recording of which only MP4s are made, so that heads are
// read as they are joined, is decided like one with playlists, for which all of them
// are read before: the same segments, sessions, joins, lengths and holes, the same
// reasons, the same bytes in the MP4s.
func TestLaterDecidesAlike(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(false)
		w.odd(t)
		w.clock.set(onAir.Add(12 * time.Hour))
		late, both := counted(w), counted(w.clone())
		later, lateErr := run(only(late, finalize.Formats{MP4: true}), "foo")
		before, err := run(only(both, finalize.Formats{HLS: true, MP4: true}), "foo")
		if fmt.Sprint(lateErr == nil) != fmt.Sprint(err == nil) {
			t.Fatalf("errors differ:\n later  %v\n before %v", lateErr, err)
		}
		got, want := decided(t, later), decided(t, before)
		if len(got) != len(want) {
			t.Fatalf("%d sessions, and %d with all heads", len(got), len(want))
		}
		for i := range got {
			if got[i] == want[i] {
				continue
			}
			if len(before.Plan.Uncertain) > 0 {
				same(t, "segments of what is uncertain", chosenInOrder(later), chosenInOrder(before))
				continue
			}
			a, b := strings.Split(got[i], "\n"), strings.Split(want[i], "\n")
			for k := range min(len(a), len(b)) {
				if a[k] != b[k] {
					t.Fatalf("session %d, line %d:\n later  %s\n before %s", i, k, strings.Join(a[max(0, k-6):min(len(a), k+4)], "\n"), strings.Join(b[max(0, k-6):min(len(b), k+4)], "\n"))
				}
			}
			t.Fatalf("session %d: %d lines and %d", i, len(a), len(b))
		}
		if a, b := late.total(), both.total(); a > b+8 {
			t.Errorf("segments were read %d times, and %d times with all heads", a, b)
		}
	})
}
