package finalize_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"recfin/finalize"
	"recfin/store"
)

// minds are the settings that rivals may have, each other ones.
var minds = []struct {
	name string
	cfg  func(store.Store) finalize.Config
}{
	{"hls, deleting", func(s store.Store) finalize.Config {
		return with(settings(s), func(c *finalize.Config) { c.Formats = finalize.Formats{HLS: true} })
	}},
	{"mp4", func(s store.Store) finalize.Config { return only(s, finalize.Formats{MP4: true}) }},
	{"both, deleting", settings},
	{"hls", func(s store.Store) finalize.Config { return only(s, finalize.Formats{HLS: true}) }},
}

// contest is a store of which every marker and every version is noted, whoever
// writes it.
type contest struct {
	store.Store
	mu       sync.Mutex
	markers  [][]byte
	versions int // times that one was written to its end
	last     string
	several  bool // not all of them were the same one
}

func (c *contest) Put(ctx context.Context, key string, body []byte, opt store.PutOptions) (store.Object, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	o, err := c.Store.Put(ctx, key, body, opt)
	switch {
	case strings.HasSuffix(key, "/segments.json.gz"):
		c.several = c.several || c.versions > 0 && key != c.last
		c.versions, c.last = c.versions+1, key
	case key == markerKey("foo") && err == nil:
		c.markers = append(c.markers, body)
	}
	return o, err
}

// settle runs alone until nothing is to be done, and holds that nothing is lost,
// that nothing was committed twice, and that no lease stays.
func (c *contest) settle(t *testing.T, w *world, before snapshot) {
	t.Helper()
	for n := 0; ; n++ {
		r := mustRun(t, on("last", settings(c)), "foo")
		audit(t, before, w.Snapshot(), "foo")
		if r.Done() {
			break
		}
		if n == 4 {
			t.Fatal("there is always something to do")
		}
	}
	noneLost(t, before, w.Snapshot())
	for i, raw := range c.markers {
		var m markerFile
		decode(t, "marker", raw, &m)
		if m.Generation != int64(i+1) || i > 0 && m.Predecessor != hexSum(c.markers[i-1]) {
			t.Errorf("marker %d is of generation %d, and does not follow the one before", i, m.Generation)
		}
	}
	if l := w.held(t); l != nil {
		t.Errorf("a lease stays: %+v", l)
	}
	if left := w.Uploads(); len(left) > 0 {
		t.Errorf("unfinished uploads stay: %v", left)
	}
}

// whole is a recording of which only slot 8 of 360p is missing.
func whole() *world {
	w := newWorld(false)
	w.takeover("foo")
	for i, key := range []string{"foo/B/720p/7.ts", "foo/B/360p/7.ts"} {
		w.Set(key, []feed{high, low}[i].segment(7), uploaded(7), nil)
	}
	return w
}

// rivals starts runs at once, each on a host of its own. Without leases only the
// protocol keeps them apart.
func rivals(t *testing.T, c *contest, n int, leases, alike bool) (ended, leased int) {
	t.Helper()
	var wg sync.WaitGroup
	errs := make([]error, n)
	for i := range n {
		cfg := settings(c)
		if !alike {
			cfg = minds[i%len(minds)].cfg(c)
		}
		if leases {
			cfg = on(fmt.Sprint("host", i), cfg)
		}
		wg.Go(func() { _, errs[i] = run(cfg, "foo") })
	}
	wg.Wait()
	for i, err := range errs {
		switch {
		case errors.Is(err, finalize.ErrLeased):
			leased++
		case err == nil:
			ended++
		case !finalize.Retry(err):
			t.Errorf("rival %d: %v", i, err)
		}
	}
	return ended, leased
}

// TestRivalsAtOnce: two and ten runs at once, of like mind or not. The outputs are
// right, nothing is lost, and with leases the work is done once.
func TestRivalsAtOnce(t *testing.T) {
	t.Parallel()
	calm := whole()
	mustRun(t, settings(calm), "foo")
	for _, n := range []int{2, 10} {
		for _, alike := range []bool{true, false} {
			for _, leases := range []bool{true, false} {
				name := fmt.Sprintf("%d rivals, alike %v, leases %v", n, alike, leases)
				t.Run(name, func(t *testing.T) {
					w := whole()
					before := w.Snapshot()
					c := &contest{Store: w}
					ended, leased := rivals(t, c, n, leases, alike)
					audit(t, before, w.Snapshot(), "foo")
					wrote := c.versions
					if ended == 0 || leases && alike && wrote != 1 {
						t.Errorf("%d of %d ended, and versions were written %d times", ended, n, wrote)
					}
					c.settle(t, w, before)
					// Whoever read the marker ahead of the first commit, and listed when
					// what had lost was deleted, has written another one for nothing.
					if alike && !c.several {
						noDifference(t, w.Snapshot(), calm.Snapshot(), false)
					}
					t.Logf("%s: %d ended, %d found a lease, versions written %d times", name, ended, leased, wrote)
				})
			}
		}
	}
}

// TestSuspended: a run is suspended for an hour at each of its operations, and
// wakes up when another one has done everything, and perhaps deleted. Whether it
// then sees that it has lost its lease or not, nothing is lost or done twice.
func TestSuspended(t *testing.T) {
	t.Parallel()
	points, doubled := 0, 0
	for _, c := range []struct {
		name  string
		mine  int // of minds
		other int
		lease bool
	}{
		{"alike", 2, 2, true},
		{"alike, without leases", 2, 2, false},
		{"hls meets mp4", 3, 1, true},
		{"hls meets what deletes", 3, 2, true},
		{"what deletes meets mp4", 0, 1, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			start := whole()
			before := start.Snapshot()
			config := func(host string, i int, s store.Store) finalize.Config {
				if cfg := minds[i].cfg(s); !c.lease {
					return cfg
				} else {
					return on(host, cfg)
				}
			}
			counting := &hook{Store: start.clone()}
			mustRun(t, config("here", c.mine, counting), "foo")
			for at := range counting.n {
				w := &world{start.Store.Clone(), &clock{}}
				w.clock = start.clock // the clones share it
				asleep := &contest{Store: w}
				h := &hook{Store: asleep}
				h.before = func(x call) error {
					if x.n == at {
						w.clock.advance(time.Hour)
						if _, err := run(config("there", c.other, asleep), "foo"); err != nil {
							t.Errorf("the other: %v", err)
						}
						audit(t, before, w.Snapshot(), "foo")
					}
					return nil
				}
				if _, err := run(config("here", c.mine, h), "foo"); err != nil && !finalize.Retry(err) {
					t.Errorf("who woke up: %v", err)
				}
				audit(t, before, w.Snapshot(), "foo")
				points++
				if c.mine == c.other && asleep.versions > 1 {
					doubled++
				}
				asleep.settle(t, w, before)
				start.clock.advance(-time.Hour)
				if t.Failed() {
					t.Fatalf("suspended at operation %d of %d", at, counting.n)
				}
			}
		})
	}
	t.Logf("suspended at %d points; of those of like mind %d wrote a version that was there", points, doubled)
}
