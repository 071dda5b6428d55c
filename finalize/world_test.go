package finalize_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"recfin/finalize"
	"recfin/finalize/layout"
	"recfin/internal/schemas"
	"recfin/store"
	"recfin/store/mem"
)

// onAir is when the broadcast of the tests began.
var onAir = time.Date(2026, 3, 1, 20, 0, 0, 0, time.UTC)

const (
	outPath = "recordings/"
	private = outPath + store.Private
)

// clock is the clock of a store. It moves only when a test moves it.
type clock struct{ ns atomic.Int64 }

func (c *clock) now() time.Time          { return time.Unix(0, c.ns.Load()).UTC() }
func (c *clock) set(t time.Time)         { c.ns.Store(t.UnixNano()) }
func (c *clock) advance(d time.Duration) { c.ns.Add(int64(d)) }

// world is a store with a broadcast in it.
type world struct {
	*mem.Store
	clock *clock
}

// snapshot is all that a store holds.
type snapshot = map[string]mem.Entry

func newWorld(opaque bool) *world {
	c := &clock{}
	c.set(onAir.Add(2 * time.Hour))
	return &world{mem.New(mem.Options{Clock: c.now, Opaque: opaque}), c}
}

// clone is a world of its own, with the same ETags to come. The clock is shared.
func (w *world) clone() *world { return &world{w.Store.Clone(), w.clock} }

// uploaded is when a live uploader has segment n in the store.
func uploaded(n int) time.Time {
	return onAir.Add(time.Duration(n+1)*2*time.Second + 400*time.Millisecond)
}

// lay puts segments of a feed under <prefix>/<n>.ts, each late by a delay.
func (w *world) lay(prefix string, f feed, first, last int, late time.Duration) {
	for n := first; n <= last; n++ {
		w.Set(fmt.Sprintf("%s/%d.ts", prefix, n), f.segment(n), uploaded(n).Add(late), nil)
	}
}

// remove takes objects away, as somebody else would.
func (w *world) remove(t testing.TB, keys ...string) {
	t.Helper()
	for _, key := range keys {
		info, err := w.Head(context.Background(), key)
		if err != nil {
			t.Fatal(err)
		}
		for _, err := range w.Delete(context.Background(), []store.Object{info.Object}, store.DeleteOptions{}) {
			if err != nil {
				t.Fatal(err)
			}
		}
	}
}

// has reports whether there is an object under the key.
func (w *world) has(key string) bool {
	_, err := w.Head(context.Background(), key)
	return err == nil
}

var (
	high = feed{Content: "the match", Width: 1280, Height: 720}
	low  = feed{Content: "the match, small", Width: 640, Height: 352}
)

// takeover lays out the story of most tests: broadcaster A dies in segment 5,
// B sends 4 and 5 again and goes on to 9. Segment 7 is lost everywhere, 8 is
// lost in 360p.
//
//	720p  A 0–4, 5 cut off, 6 empty    B 4–6, 8, 9
//	360p  A 0–4, 5 cut off             B 4–6, 9
func (w *world) takeover(recording string) {
	for _, q := range []struct {
		name string
		feed
	}{{"720p", high}, {"360p", low}} {
		a, b := recording+"/A/"+q.name, recording+"/B/"+q.name
		w.lay(a, q.feed, 0, 4, 0)
		w.Set(a+"/5.ts", q.cut(5), uploaded(5), nil)
		w.lay(b, q.feed, 4, 5, 3*time.Second)
		w.lay(b, q.feed, 6, 6, 0)
		w.lay(b, q.feed, 9, 9, 0)
	}
	w.Set(recording+"/A/720p/6.ts", nil, uploaded(6), nil)
	w.lay(recording+"/B/720p", high, 8, 8, 0)
	w.Set(recording+"/notes.txt", []byte("A lost power\n"), onAir.Add(time.Minute), nil)
}

// losers are the copies that --delete leftovers may delete of the takeover.
func losers(recording string) []string {
	return []string{
		recording + "/A/360p/5.ts", recording + "/A/720p/5.ts",
		recording + "/B/360p/4.ts", recording + "/B/720p/4.ts",
	}
}

// settings are those of the tests: all outputs, leftovers deleted at once.
func settings(s store.Store) finalize.Config {
	nonce, err := layout.Parse("nonce", layout.Options{})
	if err != nil {
		panic(err)
	}
	return finalize.Config{
		Sources: []store.Store{s}, OutPath: outPath, Layouts: []*layout.Layout{nonce},
		Formats: finalize.Formats{HLS: true, MP4: true}, SessionGap: 15 * time.Minute, Settle: 30 * time.Minute,
		Delete: finalize.DeleteLeftovers, MaxDeletePercent: 60, Concurrency: 2,
	}
}

// with changes settings.
func with(cfg finalize.Config, change func(*finalize.Config)) finalize.Config {
	change(&cfg)
	return cfg
}

// only gives settings that write one format and delete nothing.
func only(s store.Store, f finalize.Formats) finalize.Config {
	return with(settings(s), func(c *finalize.Config) { c.Formats, c.Delete = f, finalize.DeleteNone })
}

// run runs a new Finalizer, as a new process would.
func run(cfg finalize.Config, recording string) (*finalize.Report, error) {
	f, err := finalize.New(cfg)
	if err != nil {
		return nil, err
	}
	return f.Run(context.Background(), recording)
}

// mustRun runs a new Finalizer that has to succeed.
func mustRun(t testing.TB, cfg finalize.Config, recording string) *finalize.Report {
	t.Helper()
	r, err := run(cfg, recording)
	if err != nil {
		t.Fatalf("run: %v", err)
	}
	schemas.CheckJSON(t, "report", r.JSON())
	return r
}

// plan makes a plan with a new Finalizer.
func plan(cfg finalize.Config, recording string) (*finalize.Report, error) {
	f, err := finalize.New(cfg)
	if err != nil {
		return nil, err
	}
	return f.Plan(context.Background(), recording)
}

// mustPlan makes a plan that has to succeed.
func mustPlan(t testing.TB, cfg finalize.Config, recording string) *finalize.Report {
	t.Helper()
	r, err := plan(cfg, recording)
	if err != nil {
		t.Fatalf("plan: %v", err)
	}
	schemas.CheckJSON(t, "plan", r.PlanJSON())
	return r
}

// gone gives the keys of before that are not in after, private ones apart.
func gone(before, after map[string]mem.Entry) []string {
	keys := []string{}
	for key := range before {
		if _, there := after[key]; !there && !strings.HasPrefix(key, private) {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return keys
}

// same fails unless both lists hold the same words in the same order.
func same(t tester, what string, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s:\n got  %s\n want %s", what, strings.Join(got, " "), strings.Join(want, " "))
	}
}
