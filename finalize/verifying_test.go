package finalize_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"recfin/finalize"
	"recfin/store"
)

// verify reads a recording back with a new Finalizer.
func verify(s store.Store, recording string, deep bool) (*finalize.Verification, error) {
	return verifyBy(settings(s), recording, deep)
}

// verifyBy is verify with the stores of some settings.
func verifyBy(cfg finalize.Config, recording string, deep bool) (*finalize.Verification, error) {
	cfg.Formats, cfg.Delete = finalize.Formats{MP4: true}, finalize.DeleteNone
	f, err := finalize.New(cfg)
	if err != nil {
		return nil, err
	}
	return f.Verify(context.Background(), recording, finalize.VerifyOptions{Deep: deep})
}

// found gives what was found as "severity rule object:line text", in order.
func found(v *finalize.Verification) []string {
	var out []string
	for _, x := range v.Findings {
		out = append(out, fmt.Sprintf("%s %s %s:%d %s", x.Severity, x.Rule, x.Object, x.Line, x.Text))
	}
	return out
}

// soundly fails unless a recording reads back without any finding.
func soundly(t tester, cfg finalize.Config, recording string, deep bool) *finalize.Verification {
	t.Helper()
	v, err := verifyBy(cfg, recording, deep)
	if err != nil {
		t.Fatalf("verify %s: %v", recording, err)
	}
	if len(v.Findings) > 0 || v.Damaged || v.Failed() {
		t.Errorf("verify %s: damaged %v:\n%s", recording, v.Damaged, strings.Join(found(v), "\n"))
	}
	return v
}

// TestVerifySound: nothing is wrong with what was just finalized, and everything was
// looked at.
func TestVerifySound(t *testing.T) {
	w := newWorld(false)
	w.takeover("foo")
	mustRun(t, settings(w), "foo")
	for _, deep := range []bool{false, true} {
		v := soundly(t, settings(w), "foo", deep)
		if s := v.Sessions; len(s) != 1 || s[0].Renditions != 2 || s[0].Playlists < 3 || s[0].References < 17 || s[0].Movies != 2 || s[0].Probed < 12 {
			t.Errorf("looked at %+v", s)
		}
	}
}

// TestVerifyWritesNothing: reading back needs no right to write, asks no clock (of a
// folder that is a write), and leaves everything as it is.
func TestVerifyWritesNothing(t *testing.T) {
	w := newWorld(false)
	w.takeover("foo")
	mustRun(t, settings(w), "foo")
	before := w.Snapshot()
	h := &hook{Store: w}
	h.before = func(c call) error {
		if c.mutation || c.op == "now" {
			t.Errorf("%s %s", c.op, c.key)
		}
		return nil
	}
	for _, deep := range []bool{false, true} {
		soundly(t, settings(h), "foo", deep)
	}
	noDifference(t, w.Snapshot(), before, false)
}

// TestVerifyParts: an ID that is a part of a recording stands for all of it.
func TestVerifyParts(t *testing.T) {
	w := joined(t)
	for _, id := range []string{"foo", "bar"} {
		if v := soundly(t, settings(w), id, false); v.Recording != "foo" || len(v.Sessions) != 1 {
			t.Errorf("%s: %+v", id, v)
		}
	}
}

// TestVerifyNothing: without a marker there is nothing to read back, and what is no
// ID cannot have one.
func TestVerifyNothing(t *testing.T) {
	w := newWorld(false)
	w.takeover("foo")
	if _, err := verify(w, "foo", false); !errors.Is(err, finalize.ErrNothing) {
		t.Errorf("error %v", err)
	}
	if _, err := verify(w, "foo/", false); !errors.Is(err, finalize.ErrUsage) {
		t.Errorf("error %v", err)
	}
}

// TestVerifyNewer: what a newer program wrote is not judged, and not called damaged.
func TestVerifyNewer(t *testing.T) {
	for name, f := range map[string]forgery{
		"marker":           {marker: func(m map[string]any) { m["version"] = 2 }},
		"marker with more": {marker: func(m map[string]any) { m["version"], m["more"] = 2, true }},
		"record":           {record: func(r map[string]any) { r["version"] = 2 }},
		"output of a kind": {record: func(r map[string]any) { list(r["outputs"])[0].(map[string]any)["kind"] = "dash" }},
		"output format":    {marker: func(m map[string]any) { m["format"] = "other" }},
	} {
		w := asAll(t)
		w.forge(t, f)
		if v, err := verify(w, "foo", false); !errors.Is(err, finalize.ErrRefused) || v != nil {
			t.Errorf("%s: error %v", name, err)
		}
	}
}

// TestVerifyMoved: where a run commits meanwhile, everything is read back again, and
// what was found before counts for nothing.
func TestVerifyMoved(t *testing.T) {
	w := newWorld(false)
	w.takeover("foo")
	mustRun(t, settings(w), "foo")
	w.Set("foo/B/720p/7.ts", high.segment(7), w.clock.now(), nil)
	w.Set("foo/B/360p/7.ts", low.segment(7), w.clock.now(), nil)
	w.clock.advance(day)
	h := &hook{Store: w}
	h.before = once("get", "/index.m3u8", func() {
		mustRun(t, settings(w), "foo")
		w.clock.advance(day)
		mustRun(t, settings(w), "foo") // the files of the version before are gone
	})
	v := soundly(t, settings(h), "foo", false)
	if len(v.Sessions) != 1 || !strings.HasPrefix(v.Sessions[0].Version, "2-") {
		t.Errorf("%+v", v.Sessions)
	}
}

// TestVerifyUnavailable: what could not be read says nothing about the recording.
func TestVerifyUnavailable(t *testing.T) {
	w := asAll(t)
	count := &hook{Store: w}
	soundly(t, settings(count), "foo", true)
	for n := range count.n {
		h := &hook{Store: w}
		h.before = func(c call) error {
			if c.n == n {
				return store.ErrUnavailable
			}
			return nil
		}
		v, err := verify(h, "foo", true)
		if err == nil && (len(v.Findings) > 0 || v.Damaged) || err != nil && !errors.Is(err, store.ErrUnavailable) {
			t.Errorf("operation %d: %v, %v", n, v, err)
		}
	}
}

// TestFinalized: recordings are found by their markers, those in the folder of another
// one too, and parts of others are not.
func TestFinalized(t *testing.T) {
	w := joined(t)
	for _, id := range []string{"cam", "cam/front", "cam/front/door", "20260301T200000Z"} {
		text := strings.ReplaceAll(string(w.Snapshot()[markerKey("foo")].Body), `"recording": "foo"`, `"recording": "`+id+`"`)
		w.Set(markerKey(id), []byte(text), w.clock.now(), nil)
	}
	w.Set(markerKey("torn"), []byte("{"), w.clock.now(), nil)
	w.Set(outPath+"empty/20260301T200000Z/index.m3u8", nil, w.clock.now(), nil)
	w.Set(outPath+"cam/20260301T200000Z/recording.json", []byte("{"), w.clock.now(), nil)
	f, err := finalize.New(settings(w))
	if err != nil {
		t.Fatal(err)
	}
	names, err := f.Finalized(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	same(t, "finalized", names, []string{"20260301T200000Z", "cam", "cam/front", "cam/front/door", "foo", "torn"})
}
