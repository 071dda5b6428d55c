package finalize_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"recfin/finalize"
	"recfin/internal/schemas"
	"recfin/store"
	"recfin/store/mem"
	"recfin/store/storetest"
)

func standing(cfg finalize.Config, recording string) (*finalize.Standing, error) {
	f, err := finalize.New(cfg)
	if err != nil {
		return nil, err
	}
	return f.Standing(context.Background(), recording)
}

func mustStanding(t testing.TB, cfg finalize.Config, recording string) *finalize.Standing {
	t.Helper()
	s, err := standing(cfg, recording)
	if err != nil {
		t.Fatalf("standing: %v", err)
	}
	schemas.CheckJSON(t, "list", s.JSON())
	return s
}

// TestStanding: what a marker says of a recording, and nothing else, is told; and no
// segment is listed or read for it.
func TestStanding(t *testing.T) {
	w, _ := marked(t, later)
	rec := storetest.NewRecorder(w)
	s := mustStanding(t, with(settings(rec), later), "foo")
	if m := rec.Mutations(); len(m) > 0 {
		t.Errorf("it wrote: %v", m)
	}
	for _, op := range rec.Ops() {
		if !strings.HasPrefix(op, "get "+outPath+"foo/") && !slices.Contains([]string{"head foo/A/360p/5.ts", "head foo/B/720p/4.ts"}, op) {
			t.Errorf("it asked for %s", op)
		}
	}
	a := read(t, w.Snapshot(), "foo")
	if s.Recording != "foo" || s.Generation != 1 || !s.Committed.Equal(w.clock.now()) || s.As != "" || len(s.IDs)+len(s.Late) > 0 || len(s.Sessions) != 1 {
		t.Fatalf("%+v", s)
	}
	one := s.Sessions[0]
	if e := a.Sessions[0]; one.ID != e.ID || one.Version != e.Version || one.Formats.String() != e.Formats || len(one.Absorbed) > 0 {
		t.Errorf("session %+v", one)
	}
	if got := one.Record; got == nil || got.Session != one.ID || len(got.Renditions) != 2 || len(got.Holes) == 0 || len(got.Outputs) == 0 {
		t.Errorf("record %+v", got)
	}
	door := w.Snapshot()[outPath+"foo/"+one.ID+"/index.m3u8"]
	if one.Door.Key != outPath+"foo/"+one.ID+"/index.m3u8" || one.Door.Store != w.Label() || one.Door.Size != int64(len(door.Body)) {
		t.Errorf("door %+v, and it has %d bytes", one.Door, len(door.Body))
	}
	var size int64
	for _, key := range losers("foo") {
		size += int64(len(w.Snapshot()[key].Body))
	}
	want := finalize.StandingDue{Session: one.ID, Version: one.Version, Kind: "leftovers", Objects: 4, Bytes: size, Since: w.clock.now(), At: w.clock.now().Add(day)}
	if len(s.Due) != 1 || s.Due[0] != want {
		t.Errorf("due %+v\nwant %+v", s.Due, want)
	}
}

// TestStandingDue: what waits is what a run would say, and what was carried out, or is
// kept, does not.
func TestStandingDue(t *testing.T) {
	t.Run("when, as a run says it", func(t *testing.T) {
		for _, x := range []struct{ delay, settle time.Duration }{{0, 30 * time.Minute}, {time.Hour, 0}, {day, 0}, {0, 5 * time.Hour}, {time.Hour, 5 * time.Hour}, {day, 5 * time.Hour}} {
			w, _ := marked(t, later)
			w.clock.advance(2 * time.Hour)
			cfg := with(settings(w), func(c *finalize.Config) { c.DeleteDelay, c.Settle = x.delay, x.settle })
			s := mustStanding(t, cfg, "foo")
			r := mustRun(t, cfg, "foo")
			if len(s.Due) != 1 {
				t.Fatalf("%v: due %+v", x, s.Due)
			}
			waits := w.clock.now().Before(s.Due[0].At)
			if deleted := len(r.Deleted) > 0; deleted == waits || waits && (r.Due == nil || !r.Due.Equal(s.Due[0].At)) {
				t.Errorf("%v: at %v, and the run at %v deleted %v and says %v", x, s.Due[0].At, w.clock.now(), keys(r.Deleted), r.Due)
			}
		}
	})
	t.Run("carried out", func(t *testing.T) {
		w, _ := marked(t, nil)
		mustRun(t, settings(w), "foo")
		if s := mustStanding(t, settings(w), "foo"); len(s.Due) > 0 {
			t.Errorf("due %+v", s.Due)
		}
		// The same keys again are other objects, which nothing condemns.
		for _, key := range losers("foo") {
			w.Set(key, []byte("anew"), w.clock.now(), nil)
		}
		if s := mustStanding(t, settings(w), "foo"); len(s.Due) > 0 {
			t.Errorf("uploaded anew, due %+v", s.Due)
		}
	})
	t.Run("half of it", func(t *testing.T) {
		for _, there := range losers("foo")[2:] {
			w, _ := marked(t, later)
			for _, key := range losers("foo")[:3] {
				if key != there {
					w.remove(t, key)
				}
			}
			if s := mustStanding(t, settings(w), "foo"); len(s.Due) != 1 {
				t.Errorf("with %s left: due %+v", there, s.Due)
			}
		}
	})
	t.Run("kept", func(t *testing.T) {
		w, _ := marked(t, later)
		mustKeep(t, w, "foo")
		if s := mustStanding(t, settings(w), "foo"); len(s.Due) != 1 || !s.Due[0].Kept || !s.Due[0].At.IsZero() {
			t.Errorf("due %+v", s.Due)
		}
	})
	t.Run("in a store that does not tell", func(t *testing.T) {
		w, _ := marked(t, nil)
		mustRun(t, settings(w), "foo")
		var failure error
		deaf := &hook{Store: w, before: func(c call) error {
			if c.op == "head" {
				return failure
			}
			return nil
		}}
		for _, failure = range []error{store.ErrDenied, store.ErrUnavailable} {
			s, err := standing(settings(deaf), "foo")
			if denied := failure == store.ErrDenied; denied != (err == nil) || denied && len(s.Due) != 1 || !denied && !errors.Is(err, failure) {
				t.Errorf("%v: %+v, %v", failure, s, err)
			}
		}
	})
	t.Run("in a store that is not given", func(t *testing.T) {
		w := newWorld(false)
		out, other := mem.New(mem.Options{Name: "out", Clock: w.clock.now}), mem.New(mem.Options{Name: "other"})
		w.takeover("foo")
		cfg := with(settings(w), func(c *finalize.Config) { c.Out = out; c.Formats.HLS = false })
		mustRun(t, cfg, "foo")
		mustRun(t, cfg, "foo")
		if s := mustStanding(t, cfg, "foo"); len(s.Due) > 0 {
			t.Errorf("due %+v", s.Due)
		}
		cfg.Sources = []store.Store{other}
		if s := mustStanding(t, cfg, "foo"); len(s.Due) != 1 {
			t.Errorf("nobody can know, due %+v", s.Due)
		}
	})
	t.Run("outputs that were superseded", func(t *testing.T) {
		w, _ := marked(t, later)
		w.Set("foo/B/720p/7.ts", high.segment(7), w.clock.now(), nil)
		w.clock.advance(time.Hour)
		mustRun(t, with(settings(w), later), "foo")
		s := mustStanding(t, with(settings(w), later), "foo")
		if len(s.Due) != 2 || s.Due[0].Kind != "leftovers" || s.Due[1].Kind != "outputs" || !s.Due[1].At.Equal(w.clock.now().Add(day)) || !s.Due[0].At.Equal(w.clock.now().Add(day-time.Hour)) {
			t.Errorf("due %+v", s.Due)
		}
	})
}

// TestStandingOf: what has no marker, or one that is not what it was, is an error that
// says so; a part of another recording says which.
func TestStandingOf(t *testing.T) {
	w := halves(false)
	if _, err := standing(settings(w), "foo"); !errors.Is(err, finalize.ErrNothing) {
		t.Errorf("without a marker: %v", err)
	}
	if _, err := runAs(settings(w), "match", "foo", "bar"); err != nil {
		t.Fatal(err)
	}
	if s, err := standing(settings(w), "bar"); err != nil || s.As != "match" || len(s.Sessions)+len(s.Due) > 0 {
		t.Errorf("%+v", s)
	}
	if s := mustStanding(t, settings(w), "match"); !slices.Equal(s.IDs, []string{"bar", "foo", "match"}) || len(s.Sessions) != 1 {
		t.Errorf("%+v", s)
	}
	if _, err := standing(settings(w), "a//b"); !errors.Is(err, finalize.ErrUsage) {
		t.Errorf("no ID at all: %v", err)
	}
	all := w.Snapshot()
	for _, damage := range []struct {
		key  string
		from string
		to   string
	}{
		{markerKey("match"), `"formats": "hls,mp4"`, `"formats": "hls,avi"`},
		{markerKey("match"), `"generation"`, `"generations"`},
		{markerKey("match"), `{`, ``},
	} {
		body := bytes.Replace(all[damage.key].Body, []byte(damage.from), []byte(damage.to), 1)
		if bytes.Equal(body, all[damage.key].Body) {
			t.Fatalf("there is no %s in %s", damage.from, all[damage.key].Body)
		}
		broken := w.clone()
		broken.Set(damage.key, body, w.clock.now(), nil)
		if _, err := standing(settings(broken), "match"); !errors.Is(err, finalize.ErrRefused) || errors.Is(err, finalize.ErrUsage) {
			t.Errorf("%s for %s: %v", damage.to, damage.from, err)
		}
	}
	for key := range all {
		if strings.HasSuffix(key, "/segments.json.gz") {
			broken := w.clone()
			broken.remove(t, key)
			if _, err := standing(settings(broken), "match"); !errors.Is(err, finalize.ErrRefused) || !strings.Contains(fmt.Sprint(err), key) {
				t.Errorf("without %s: %v", key, err)
			}
		}
	}
}

// TestStandingMoves: a run that commits while it is read is no damage.
func TestStandingMoves(t *testing.T) {
	w, _ := marked(t, func(*finalize.Config) {})
	w.Set("foo/B/720p/7.ts", high.segment(7), w.clock.now(), nil)
	w.clock.advance(time.Hour)
	old := read(t, w.Snapshot(), "foo").Sessions[0].Version
	moved := false
	s := mustStanding(t, settings(&hook{Store: w, before: func(c call) error {
		if strings.HasSuffix(c.key, "/segments.json.gz") && !moved {
			moved = true
			mustRun(t, settings(w), "foo")
			mustRun(t, settings(w), "foo") // deletes the version before
		}
		return nil
	}}), "foo")
	if !moved || len(s.Sessions) != 1 || s.Sessions[0].Version == old || s.Generation < 2 {
		t.Errorf("moved %v, %+v", moved, s)
	}
}

// TestStandingLate: what came after a session was finished, and was not taken, is told.
func TestStandingLate(t *testing.T) {
	w := newWorld(false)
	w.takeover("foo")
	cfg := only(w, finalize.Formats{MP4: true})
	mustRun(t, cfg, "foo")
	w.remove(t, "foo/A/720p/2.ts")
	w.Set("foo/B/720p/7.ts", high.segment(7), uploaded(7), nil)
	w.clock.advance(time.Hour)
	mustRun(t, cfg, "foo")
	if s := mustStanding(t, cfg, "foo"); len(s.Late) != 1 || s.Late[0].Key != "foo/B/720p/7.ts" || s.Late[0].Reason != "late" || s.Generation != 2 {
		t.Errorf("%+v", s)
	}
}
