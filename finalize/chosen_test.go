package finalize_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"recfin/finalize"
	"recfin/store/mem"
)

// TestChosenPlusDropped: whatever was uploaded by whom, every key of a listing
// is in exactly one of chosen, dropped and unknown (I10). So it is before a
// run, after it, and when more came in since.
func TestChosenPlusDropped(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(false)
		scatter(t, w, "first", 0)
		cfg := settings(w)
		cfg.Delete = finalize.DeleteNone
		cfg.Formats.MP4 = rapid.Bool().Draw(t, "mp4")
		cfg.Selection.Exclude = rapid.SampledFrom([][]string{nil, {"360p"}, {"7*"}}).Draw(t, "exclude")
		accounted(t, w, cfg)
		w.clock.advance(time.Hour)
		_, err := run(cfg, "foo")
		if err != nil && !expected(err) {
			t.Fatalf("run: %v", err)
		}
		accounted(t, w, cfg)
		before := w.Snapshot()
		scatter(t, w, "second", rapid.SampledFrom([]time.Duration{0, 10 * time.Second, 5 * time.Hour}).Draw(t, "since"))
		accounted(t, w, cfg)
		cfg.Delete = finalize.DeleteLeftovers
		cfg.MaxDeletePercent = 100
		w.clock.advance(12 * time.Hour)
		all := w.Snapshot()
		r, err := run(cfg, "foo")
		if err != nil && !expected(err) {
			t.Fatalf("second run: %v", err)
		}
		if r.Plan.Status != finalize.Damaged { // a chosen key may have been overwritten
			audit(t, all, w.Snapshot(), "foo")
		}
		grown(t, before, w.Snapshot())
	})
}

// expected reports whether an error is right for what scatter lays out: nothing
// at all, nothing known, nothing of use, or a segment that a playlist references
// and that was overwritten.
func expected(err error) bool {
	return errors.Is(err, finalize.ErrNothing) || errors.Is(err, finalize.ErrNoMatch) || errors.Is(err, finalize.ErrRefused)
}

// scatter uploads some segments of two broadcasters: whole, cut off, empty or
// of another content, in either rendition, and something unknown.
func scatter(t *rapid.T, w *world, label string, since time.Duration) {
	type upload struct {
		Nonce, Rendition string
		N                int
		How              string
		Late             time.Duration
	}
	one := rapid.Custom(func(t *rapid.T) upload {
		return upload{
			rapid.SampledFrom([]string{"A", "B", "C"}).Draw(t, "nonce"),
			rapid.SampledFrom([]string{"720p", "720p", "360p"}).Draw(t, "rendition"),
			rapid.IntRange(0, 7).Draw(t, "n"),
			rapid.SampledFrom([]string{"whole", "whole", "whole", "whole", "cut", "empty", "garbage", "other", "restarted"}).Draw(t, "how"),
			time.Duration(rapid.SampledFrom([]int{0, 0, 0, 3, 60, 3600}).Draw(t, "late")) * time.Second,
		}
	})
	there := w.Snapshot()
	for _, u := range rapid.SliceOfN(one, 0, 16).Draw(t, label) {
		f := high
		if u.Rendition == "360p" {
			f = low
		}
		switch u.How {
		case "other":
			f.Content = "another"
		case "restarted":
			f.Clock = 900000
		}
		body := f.segment(u.N)
		switch u.How {
		case "cut":
			body = f.cut(u.N)
		case "empty":
			body = nil
		case "garbage":
			body = []byte(strings.Repeat("no media at all ", 100))
		}
		key, at := fmt.Sprintf("foo/%s/%s/%d.ts", u.Nonce, u.Rendition, u.N), uploaded(u.N).Add(since+u.Late)
		if had, ok := there[key]; ok && at.Before(had.Modified) {
			at = had.Modified // who overwrites comes later
		}
		w.Set(key, body, at, nil)
	}
	if rapid.Bool().Draw(t, label+" notes") {
		w.Set("foo/notes.txt", []byte(label), onAir, nil)
	}
}

// accounted holds the plan against the listing.
func accounted(t *rapid.T, w *world, cfg finalize.Config) {
	r, err := plan(cfg, "foo")
	if r.Plan.Status == finalize.Damaged {
		return // it names the lost keys and decides nothing
	}
	if err != nil && !expected(err) {
		t.Fatalf("plan: %v", err)
	}
	places := accounts(r)
	for key := range sources(w.Snapshot()) {
		if len(places[key]) != 1 {
			t.Errorf("%s is in %v", key, places[key])
		}
		delete(places, key)
	}
	for key, in := range places {
		if in[0] != "chosen" { // by a committed MP4, and gone since
			t.Errorf("%s is in %v and not in the store", key, in)
		}
	}
}

// accounts says for each key of a plan where it stands there.
func accounts(r *finalize.Report) map[string][]string {
	places := map[string][]string{}
	for _, s := range r.Plan.Sessions {
		for _, q := range s.Record.Renditions {
			for _, key := range q.Key {
				places[key] = append(places[key], "chosen")
			}
		}
	}
	for _, d := range r.Plan.Dropped {
		places[d.Key] = append(places[d.Key], "dropped as "+string(d.Reason))
		if d.Reason == "" {
			places[d.Key] = append(places[d.Key], "without a reason")
		}
	}
	for _, o := range r.Plan.Unknown {
		places[o.Key] = append(places[o.Key], "unknown")
	}
	return places
}

// grown holds that every committed session still has what it had, or something
// that holds all of it (I9).
func grown(t tester, before, after map[string]mem.Entry) {
	was, is := read(t, before, "foo"), read(t, after, "foo")
	if was == nil {
		return
	}
	if is == nil {
		t.Fatal("the marker is gone")
	}
	for id := range was.records {
		holder := is.holder(id)
		now, r := is.chosen(holder), is.records[holder]
		for _, key := range was.chosen(id) {
			if slices.Contains(now, key) {
				continue
			}
			i := slices.Index(r.Dropped.Key, key)
			if i < 0 || !slices.Contains(now, r.Dropped.Kept[i]) {
				t.Errorf("session %s had %s", id, key)
				continue
			}
			old, better := before[key].Body, after[r.Dropped.Kept[i]].Body // the same pictures, on another clock perhaps
			if len(better) < len(old) {
				t.Errorf("session %s had %s of %d bytes, and has %s of %d (%s)", id, key, len(old), r.Dropped.Kept[i], len(better), r.Dropped.Reason[i])
			}
		}
	}
}

// TestCondemnedIsAccounted: a copy that is condemned and not yet due is listed,
// so the plan says what it is (I10).
func TestCondemnedIsAccounted(t *testing.T) {
	w, _ := marked(t, later)
	places := accounts(mustPlan(t, with(settings(w), later), "foo"))
	for key := range sources(w.Snapshot()) {
		if len(places[key]) != 1 {
			t.Errorf("%s is in %v", key, places[key])
		}
	}
}

// TestRecordingsAreApart: recordings whose IDs begin alike are never mixed.
func TestRecordingsAreApart(t *testing.T) {
	w := newWorld(false)
	names := []string{"foo", "foo-2", "foo2", "fo", "foo+x", "foo bar"}
	for _, name := range names {
		w.takeover(name)
	}
	first := w.Snapshot()
	before := first
	f, err := finalize.New(settings(w))
	if err != nil {
		t.Fatal(err)
	}
	found, err := f.Discover(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := slices.Clone(names)
	slices.Sort(want)
	same(t, "discovered", found, want)
	var lost []string
	for _, name := range names {
		mustRun(t, settings(w), name)
		lost = append(lost, losers(name)...)
		after := w.Snapshot()
		slices.Sort(lost)
		same(t, "gone", gone(first, after), lost)
		audit(t, before, after, name)
		before = after
		a := read(t, after, name)
		for _, key := range a.chosen(a.Sessions[0].ID) {
			if !strings.HasPrefix(key, name+"/") {
				t.Errorf("%s is in %s", key, name)
			}
		}
		for playlist, keys := range played(t, after, name, a.Sessions[0].ID) {
			for _, key := range keys {
				if key != "gap.ts" && !strings.HasPrefix(key, name+"/") {
					t.Errorf("%s of %s plays %s", playlist, name, key)
				}
			}
		}
	}
}
