package finalize_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"recfin/finalize"
	"recfin/store"
	"recfin/store/storetest"
)

// onDays gives settings that work on the sessions of some evenings alone, from the
// first to the last; -1: open.
func onDays(cfg finalize.Config, first, last int) finalize.Config {
	midnight := onAir.Truncate(day)
	if cfg.Days = (finalize.Days{}); first >= 0 {
		cfg.Days.From = midnight.Add(time.Duration(first) * day)
	}
	if last >= 0 {
		cfg.Days.To = midnight.Add(time.Duration(last) * day)
	}
	return cfg
}

// eveningID is the session of an evening.
func eveningID(k int) string { return onAir.Add(time.Duration(k) * day).Format("20060102T150405Z") }

// lateOf lays out a segment that an evening of evenings lacked.
func (w *world) lateOf(k int) {
	f := feed{Content: fmt.Sprint("evening ", k), Width: 1280, Height: 720}
	w.Set(night(k)+"/720p/12.ts", f.segment(12), uploaded(12).Add(time.Duration(k)*day), nil)
}

func TestParseDays(t *testing.T) {
	t.Parallel()
	at := func(d int) time.Time { return time.Date(2026, 3, d, 0, 0, 0, 0, time.UTC) }
	for _, c := range []struct {
		from, to string
		want     finalize.Days
		text     string
	}{
		{"", "", finalize.Days{}, "all days"},
		{"2026-03-01", "", finalize.Days{From: at(1)}, "since 2026-03-01"},
		{"", "2026-03-02", finalize.Days{To: at(2)}, "up to 2026-03-02"},
		{"2026-03-01", "2026-03-01", finalize.Days{From: at(1), To: at(1)}, "2026-03-01"},
		{"2026-03-01", "2026-03-02", finalize.Days{From: at(1), To: at(2)}, "2026-03-01 to 2026-03-02"},
	} {
		if d, err := finalize.ParseDays(c.from, c.to); err != nil || d != c.want || d.String() != c.text || d.All() != (c.text == "all days") {
			t.Errorf("%q to %q: %v, %v", c.from, c.to, d, err)
		}
	}
	for _, c := range [][2]string{{"yesterday", ""}, {"2026-03-1", ""}, {"20260301", ""}, {"", "2026-02-30"}, {"2026-03-02", "2026-03-01"}, {"2026-03-01T00:00:00Z", ""}} {
		if _, err := finalize.ParseDays(c[0], c[1]); !errors.Is(err, finalize.ErrUsage) {
			t.Errorf("%q: %v", c, err)
		}
	}
	w := newWorld(false)
	if _, err := finalize.New(with(settings(w), func(c *finalize.Config) { c.Days.From = onAir })); !errors.Is(err, finalize.ErrUsage) {
		t.Errorf("a day that begins in the evening: %v", err)
	}
}

// of are the mutations that are not of one session, its entry in the index or the
// marker.
func notOf(lines []string, session string) []string {
	return slices.DeleteFunc(slices.Clone(lines), func(line string) bool {
		return strings.Contains(line, session) || strings.Contains(line, markerKey("foo")) || strings.Contains(line, private+"probe/")
	})
}

// TestOneDay: of a recording with an evening a day one is reconciled at a time, and no
// other is touched: neither written, nor read, nor marked or deleted. Once more there is
// nothing to do. What is late is taken in, by the run of its day.
func TestOneDay(t *testing.T) {
	t.Parallel()
	for name, format := range map[string]func(*finalize.Config){"hls": asHLS, "both": asBoth} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(false)
			w.evenings(0, 3)
			h, n := reads(w)
			rec := storetest.NewRecorder(h)
			cfg := with(settings(rec), format)
			mustRun(t, onDays(cfg, 1, 1), "foo")
			if a := read(t, w.Snapshot(), "foo"); len(a.Sessions) != 1 || a.Sessions[0].ID != eveningID(1) {
				t.Fatalf("committed: %v", a.Sessions)
			}
			same(t, "written for evening 1", notOf(rec.Mutations(), eveningID(1)), nil)
			mustRun(t, onDays(cfg, -1, 0), "foo")
			mustRun(t, onDays(cfg, 3, -1), "foo")
			w.lateOf(1)
			w.lateOf(3)
			w.clock.advance(time.Hour)
			before := w.Snapshot()
			clear(n)
			for _, k := range []int{0, 2} {
				rec.Reset()
				r := mustRun(t, onDays(cfg, k, k), "foo")
				if k == 0 && (!r.Done() || r.Status() != finalize.Done || len(rec.Mutations()) > 0) {
					t.Errorf("evening 0 has nothing new: %s, %v", r.Status(), rec.Mutations())
				}
				if k == 2 && (len(r.Committed) != 1 || len(notOf(rec.Mutations(), eveningID(2))) > 0) {
					t.Errorf("evening 2 was not committed alone: %v", rec.Mutations())
				}
			}
			unchanged(t, before, w.Snapshot(), markerKey("foo"))
			rec.Reset()
			clear(n)
			r := mustRun(t, onDays(cfg, 3, 3), "foo")
			if len(r.Committed) != 1 || r.Committed[0].Record.Session != eveningID(3) || r.Committed[0].Record.Renditions[0].Len() != 13 {
				t.Errorf("the late segment of evening 3 was not taken in: %v", r.Committed)
			}
			same(t, "written for evening 3", notOf(rec.Mutations(), eveningID(3)), nil)
			if n[night(0)]+n[night(2)] > 0 {
				t.Errorf("reads of other evenings: %v", n)
			}
			outside := 0
			for _, s := range r.Plan.Sessions {
				if s.Action == finalize.Outside {
					outside++
				}
			}
			rec.Reset()
			w.clock.advance(time.Hour)
			once := mustRun(t, onDays(cfg, 3, 3), "foo")
			if outside != 1 || !once.Done() && once.Condemned == 0 && len(once.Deleted) == 0 {
				t.Errorf("%d sessions outside; once more: %v", outside, rec.Mutations())
			}
			rec.Reset()
			if again := mustRun(t, onDays(cfg, 3, 3), "foo"); !again.Done() || len(rec.Mutations()) > 0 {
				t.Errorf("a third time: %v", rec.Mutations())
			}
		})
	}
}

// TestDaysDelete: what is marked of another day stays, and nothing of another day is
// marked.
func TestDaysDelete(t *testing.T) {
	t.Parallel()
	w := newWorld(false)
	w.shortEvenings(0, 21) // 0, 10 and 20 have a copy
	cfg := with(settings(w), func(c *finalize.Config) { asHLS(c); c.MaxDeletePercent = 100 })
	archive := with(cfg, func(c *finalize.Config) { c.Delete = finalize.DeleteNone })
	mustRun(t, archive, "foo")
	before := w.Snapshot()
	copyOf := func(k int) string { return night(k) + "b/720p/3.ts" }
	w.clock.advance(day)
	mustRun(t, onDays(cfg, 10, 10), "foo")
	same(t, "gone after the run of one day", gone(before, w.Snapshot()), []string{copyOf(10)})
	same(t, "condemned after the run of one day", read(t, w.Snapshot(), "foo").doomed(), []string{copyOf(10)})
	slow := with(cfg, func(c *finalize.Config) { c.DeleteDelay = day })
	mustRun(t, slow, "foo") // marks the others
	w.clock.advance(2 * day)
	mustRun(t, onDays(slow, 11, 20), "foo")
	same(t, "gone after the run of ten days", gone(before, w.Snapshot()), []string{copyOf(10), copyOf(20)})
	mustRun(t, slow, "foo")
	same(t, "gone after a run of all", gone(before, w.Snapshot()), []string{copyOf(0), copyOf(10), copyOf(20)})
}

// TestDaysSources: sources of another day stay, and so do those that a session needs
// which is planned and not of the days.
func TestDaysSources(t *testing.T) {
	t.Parallel()
	w := newWorld(false)
	w.evenings(0, 2)
	cfg := with(settings(w), func(c *finalize.Config) { asMP4(c); c.Delete = finalize.DeleteSources })
	before := w.Snapshot()
	mustRun(t, onDays(cfg, 1, 1), "foo")
	mustRun(t, onDays(cfg, 1, 1), "foo")
	for _, key := range gone(before, w.Snapshot()) {
		if !strings.HasPrefix(key, night(1)+"/") {
			t.Errorf("%s is gone", key)
		}
	}
	if n := len(gone(before, w.Snapshot())); n != 12 {
		t.Errorf("%d sources of evening 1 went", n)
	}
	mustRun(t, cfg, "foo")
	mustRun(t, cfg, "foo")
	if n := len(gone(before, w.Snapshot())); n != 36 {
		t.Errorf("%d sources went in all", n)
	}
}

// TestDaysJoin: segments that join a session of the day to one of another day wait for
// a run that has both days.
func TestDaysJoin(t *testing.T) {
	t.Parallel()
	w := newWorld(false)
	late := 3*time.Hour + 59*time.Minute + 50*time.Second // 23:59:50
	w.lay("foo/A/720p", high, 0, 3, late)
	w.lay("foo/A/720p", high, 34, 37, late)
	w.clock.set(onAir.Add(day))
	cfg := with(settings(w), func(c *finalize.Config) { asHLS(c); c.SessionGap, c.Settle = 20*time.Second, 0 })
	mustRun(t, cfg, "foo")
	if n := len(read(t, w.Snapshot(), "foo").Sessions); n != 2 {
		t.Fatalf("%d sessions", n)
	}
	w.lay("foo/A/720p", high, 4, 33, late)
	w.clock.advance(day)
	before := w.Snapshot()
	for _, k := range []int{0, 1} {
		r := mustRun(t, onDays(cfg, k, k), "foo")
		if !r.Done() || !slices.ContainsFunc(r.Plan.Sessions, func(s finalize.PlannedSession) bool { return s.Action == finalize.Outside && s.Why != "" }) {
			t.Errorf("day %d: %v", k, r.Plan.Sessions)
		}
	}
	unchanged(t, before, w.Snapshot())
	r := mustRun(t, onDays(cfg, 0, 1), "foo")
	if len(r.Committed) != 1 || len(read(t, w.Snapshot(), "foo").Sessions) != 1 {
		t.Errorf("both days: %v", r.Committed)
	}
}

// TestDaysOfNothingCommitted: of a recording that was never finalized and was uploaded
// before the day no segment is read.
func TestDaysOfNothingCommitted(t *testing.T) {
	t.Parallel()
	w := newWorld(false)
	w.evenings(0, 1)
	w.clock.advance(3 * day)
	h, n := reads(w)
	rec := storetest.NewRecorder(h)
	for _, do := range []func(finalize.Config, string) (*finalize.Report, error){run, plan} {
		r, err := do(onDays(settings(rec), 2, 2), "foo")
		if err != nil || r.Status() != finalize.Done || !strings.Contains(r.Plan.Why, "2026-03-03") {
			t.Errorf("%s, %s, %v", r.Status(), r.Plan.Why, err)
		}
	}
	if len(n)+len(rec.Mutations()) > 0 {
		t.Errorf("reads %v, writes %v", n, rec.Mutations())
	}
	if r := mustRun(t, onDays(settings(w), 1, 2), "foo"); len(r.Committed) != 1 {
		t.Errorf("of the day before: %v", r.Committed)
	}
}

// TestDaysDamaged: a recording that lost something of another day is damaged all the
// same.
func TestDaysDamaged(t *testing.T) {
	t.Parallel()
	w := newWorld(false)
	w.evenings(0, 1)
	cfg := with(settings(w), asHLS)
	mustRun(t, cfg, "foo")
	w.remove(t, night(0)+"/720p/5.ts")
	if r, err := run(onDays(cfg, 1, 1), "foo"); !errors.Is(err, finalize.ErrRefused) || r.Status() != finalize.Damaged {
		t.Errorf("%s, %v", r.Status(), err)
	}
}

// TestDaysInAnyOrder: whichever days are run when, with whatever comes in between, a
// run of everything ends with what it alone would have made.
func TestDaysInAnyOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const last = 4
		w := newWorld(false)
		w.evenings(0, last)
		w.clock.advance(day)
		cfg := with(settings(w), asHLS)
		lateOnes := map[int]bool{}
		before := w.Snapshot()
		for range rapid.IntRange(1, 6).Draw(t, "steps") {
			if k := rapid.IntRange(-3, last).Draw(t, "late"); k >= 0 {
				w.lateOf(k)
				lateOnes[k] = true
				w.clock.advance(time.Hour)
			}
			from := rapid.IntRange(-1, last).Draw(t, "from")
			to := rapid.IntRange(max(from, 0)-1, last+1).Draw(t, "to")
			if to < from {
				to = -1
			}
			if _, err := run(onDays(cfg, from, to), "foo"); err != nil {
				t.Fatalf("from %d to %d: %v", from, to, err)
			}
			now := w.Snapshot()
			audit(t, before, now, "foo")
			inIndex(t, now, "foo")
			before = now
		}
		if _, err := run(cfg, "foo"); err != nil {
			t.Fatal(err)
		}
		a := read(t, w.Snapshot(), "foo")
		if len(a.Sessions) != last+1 {
			t.Fatalf("%d sessions", len(a.Sessions))
		}
		for k, s := range a.Sessions {
			want := 12
			if lateOnes[k] {
				want++
			}
			if s.ID != eveningID(k) || len(a.chosen(s.ID)) != want {
				t.Errorf("session %s has %d segments, want %d", s.ID, len(a.chosen(s.ID)), want)
			}
		}
	})
}

// OnDays lists one day, asks for the folders and reads nothing.
func TestOnDays(t *testing.T) {
	t.Parallel()
	w := newWorld(false)
	names := []string{"new", "old", "today", "cam"}
	f := feed{Content: "a show", Width: 640, Height: 352}
	for k, name := range names {
		w.lay(name+"/A/360p", f, 0, 2, time.Duration(k)*day)
	}
	w.clock.set(onAir.Add(10 * day))
	for _, name := range []string{"old", "today"} {
		mustRun(t, with(settings(w), asHLS), name)
	}
	w.Set(private+"days/2026-03-03/junk", nil, onAir, nil)
	rec := storetest.NewRecorder(w)
	ask := func(from, to int) ([]string, []string) {
		t.Helper()
		rec.Reset()
		fin, err := finalize.New(onDays(settings(rec), from, to))
		if err != nil {
			t.Fatal(err)
		}
		got, odd, err := fin.OnDays(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		return got, odd
	}
	got, odd := ask(2, 2) // 3 March
	same(t, "names", got, []string{"cam", "new", "today"})
	same(t, "no entries", odd, []string{private + "days/2026-03-03/junk"})
	if ops := rec.Ops(); len(ops) != 4 { // the day, and what there is of segments, of outputs, and of what looks like segments among them
		t.Errorf("requests: %q", ops)
	}
	got, _ = ask(-1, -1)
	same(t, "names of all days", got, []string{"cam", "new", "old", "today"})
	got, _ = ask(0, 400)
	same(t, "names of many days", got, []string{"cam", "new", "old", "today"})
	got, _ = ask(5, 6)
	same(t, "names of a day without any", got, []string{"cam", "new"})
	for key := range w.Snapshot() {
		if strings.HasPrefix(key, private+"days/") {
			w.remove(t, key)
		}
	}
	got, _ = ask(5, 6)
	same(t, "names without an index", got, []string{"cam", "new", "old", "today"})
	fin, err := finalize.New(with(settings(w), asHLS))
	if err != nil {
		t.Fatal(err)
	}
	remake := func() {
		t.Helper()
		all, err := fin.Search(context.Background(), finalize.SearchOptions{})
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"old", "today"} {
			if _, err := all.Run(context.Background(), name); err != nil {
				t.Error(err)
			}
		}
		if err := all.Save(context.Background()); err != nil {
			t.Error(err)
		}
	}
	remake()
	inIndex(t, w.Snapshot(), "old")
	inIndex(t, w.Snapshot(), "today")
	got, _ = ask(1, 1)
	same(t, "names when the index was made again", got, []string{"cam", "new", "old"})
	key := private + "days/2026-03-02/old@" + eveningID(1)
	w.remove(t, key)
	remake()
	if w.has(key) {
		t.Error("what the state says to be in the index is entered again each night")
	}
}

// A nested recording is told apart from the folder that it lies in.
func TestOnDaysNested(t *testing.T) {
	t.Parallel()
	w := newWorld(false)
	l, err := finalize.ParseLayouts([]string{"{recording**}/{seq}.ts"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	cfg := with(settings(w), func(c *finalize.Config) { asHLS(c); c.Layouts = l })
	for _, name := range []string{"cam/front", "cam/back", "cam", "other"} {
		w.lay(name, feed{Content: name, Width: 640, Height: 352}, 0, 2, 0)
	}
	w.clock.set(onAir.Add(10 * day))
	for _, name := range []string{"cam/front", "other"} {
		mustRun(t, cfg, name)
	}
	fin, err := finalize.New(onDays(cfg, 5, 5))
	if err != nil {
		t.Fatal(err)
	}
	got, _, err := fin.OnDays(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	same(t, "names", got, []string{"cam", "cam/back"})
}

// inIndex holds that every session of a marker, and each that one has absorbed, is in the
// day index.
func inIndex(t tester, all snapshot, recording string) {
	t.Helper()
	a := read(t, all, recording)
	if a == nil {
		return
	}
	for _, s := range a.Sessions {
		for _, id := range append([]string{s.ID}, s.Absorbed...) {
			at, err := time.Parse("20060102T150405Z", id)
			key := private + "days/" + at.Format("2006-01-02") + "/" + recording + "@" + id
			if _, ok := all[key]; err != nil || !ok {
				t.Errorf("session %s is not in the day index as %s", id, key)
			}
		}
	}
}

// TestDayEntryFails: what cannot be entered in the index is not committed; an entry of
// which the answer was lost, or that is there already, is looked at.
func TestDayEntryFails(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		what  string
		fault func(w *world, c call) error
		ok    bool
	}{
		{"denied", func(*world, call) error { return store.ErrDenied }, false},
		{"lost, and not there", func(*world, call) error { return store.ErrUnknown }, false},
		{"lost, and there", func(w *world, c call) error {
			w.Set(c.key, []byte("{}"), w.clock.now(), nil)
			return store.ErrUnknown
		}, true},
		{"there", func(w *world, c call) error { w.Set(c.key, []byte("{}"), w.clock.now(), nil); return nil }, true},
	} {
		w := newWorld(false)
		w.evenings(0, 0)
		h := &hook{Store: w, before: func(o call) error {
			if o.op == "put" && strings.HasPrefix(o.key, private+"days/") {
				return c.fault(w, o)
			}
			return nil
		}}
		_, err := run(settings(h), "foo")
		if (err == nil) != c.ok || w.has(markerKey("foo")) != c.ok {
			t.Errorf("%s: %v", c.what, err)
		}
		if err != nil && !strings.Contains(err.Error(), "day index") {
			t.Errorf("%s: %v", c.what, err)
		}
	}
}
