package finalize_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"recfin/finalize"
	"recfin/finalize/layout"
	"recfin/store"
	"recfin/store/mem"
	"recfin/store/storetest"
)

// TestBadInput: what cannot be finalized is an error of the right kind that
// names a key and says what to do, and nothing is written.
func TestBadInput(t *testing.T) {
	noise := make([]byte, 50000)
	r := rand.New(rand.NewPCG(1, 2))
	for i := range noise {
		noise[i] = byte(r.Uint32())
	}
	fill := func(body []byte) func(*world) {
		return func(w *world) {
			for n := range 3 {
				w.Set(fmt.Sprintf("foo/A/720p/%d.ts", n), body, uploaded(n), nil)
			}
		}
	}
	takeover := func(w *world) { w.takeover("foo") }
	for _, c := range []struct {
		name      string
		lay       func(*world)
		recording string
		change    func(*finalize.Config)
		kind      error
		says      []string // in the message
	}{
		{"random bytes", fill(noise), "foo", nil, finalize.ErrRefused, []string{"foo/A/720p/0.ts", "unreadable", "recfin probe"}},
		{"nothing but empty ones", fill(nil), "foo", nil, finalize.ErrRefused, []string{"foo/A/720p/0.ts", "empty", "recfin probe"}},
		{"a web page", fill([]byte("<html>503 try again</html>\n")), "foo", nil, finalize.ErrRefused, []string{"foo/A/720p/0.ts", "unreadable"}},
		{"packets without a program", fill(bytesOf(0x47, 188*100)), "foo", nil, finalize.ErrRefused, []string{"foo/A/720p/0.ts"}},
		{"no such recording", takeover, "bar", nil, finalize.ErrNothing, []string{"bar", "mem://test/", "recfin plan"}},
		{"nothing at all", func(*world) {}, "foo", nil, finalize.ErrNothing, []string{"foo", "mem://test/"}},
		{"a layout that fits nothing", takeover, "foo", layouts(t, "{recording}/{nonce}/{seq}.mp4"), finalize.ErrNoMatch, []string{"foo/A/360p/0.ts", "--layout", "{recording}/{nonce}/{seq}.mp4"}},
		{"every rendition left out", takeover, "foo", func(c *finalize.Config) { c.Selection.Exclude = []string{"*"} }, finalize.ErrRefused, []string{"--rendition", "foo"}},
		{"no ID", takeover, "", nil, finalize.ErrUsage, []string{"recording ID"}},
		{"an ID of two elements", takeover, "foo/A", nil, finalize.ErrUsage, []string{"foo/A"}},
		{"an ID that leads out", takeover, "..", nil, finalize.ErrUsage, []string{".."}},
		{"our own folder", takeover, ".recfin", nil, finalize.ErrUsage, []string{".recfin"}},
		{"the folder of the outputs", func(w *world) { takeover(w); mustRun(t, settings(w), "foo") }, "recordings", nil, finalize.ErrNothing, []string{"recordings"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(false)
			c.lay(w)
			before := w.Snapshot()
			rec := storetest.NewRecorder(w)
			cfg := settings(rec)
			if c.change != nil {
				c.change(&cfg)
			}
			for what, do := range map[string]func(finalize.Config, string) (*finalize.Report, error){"plan": plan, "run": run} {
				r, err := do(cfg, c.recording)
				if !errors.Is(err, c.kind) || finalize.Retry(err) {
					t.Fatalf("%s: error %v, want %v", what, err, c.kind)
				}
				for _, s := range c.says {
					if !strings.Contains(err.Error(), s) {
						t.Errorf("%s: %q does not say %q", what, err, s)
					}
				}
				if r == nil || !errors.Is(r.Err, c.kind) || r.Done() {
					t.Errorf("%s: report %v", what, r)
				}
			}
			same(t, "mutations", rec.Mutations(), []string{})
			noDifference(t, w.Snapshot(), before, false)
		})
	}
}

func bytesOf(b byte, n int) []byte {
	p := make([]byte, n)
	for i := 0; i < n; i += 188 {
		p[i] = b
		p[i+1], p[i+2], p[i+3] = 0x1f, 0xff, 0x10
	}
	return p
}

func layouts(t *testing.T, pattern string) func(*finalize.Config) {
	t.Helper()
	l, err := layout.Parse(pattern, layout.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return func(c *finalize.Config) { c.Layouts = []*layout.Layout{l} }
}

// TestBadSettings: settings that cannot work are refused before anything is
// read.
func TestBadSettings(t *testing.T) {
	for name, change := range map[string]func(*finalize.Config){
		"no store":                        func(c *finalize.Config) { c.Sources, c.Out = nil, nil },
		"a store twice":                   func(c *finalize.Config) { c.Sources = append(c.Sources, c.Sources[0]) },
		"a store inside another":          func(c *finalize.Config) { c.Sources = append(c.Sources, &labelled{c.Sources[0], "mem://test/live/"}) },
		"no layout":                       func(c *finalize.Config) { c.Layouts = nil },
		"no format":                       func(c *finalize.Config) { c.Formats = finalize.Formats{} },
		"outputs among the segments":      func(c *finalize.Config) { c.OutPath = "" },
		"a folder without a slash":        func(c *finalize.Config) { c.OutPath = "recordings" },
		"playlists that reach no segment": func(c *finalize.Config) { c.Out = mem.New(mem.Options{Name: "other"}) },
		"a negative gap":                  func(c *finalize.Config) { c.SessionGap = -1 },
		"a negative settling time":        func(c *finalize.Config) { c.Settle = -1 },
		"a negative delay":                func(c *finalize.Config) { c.DeleteDelay = -1 },
		"more than all":                   func(c *finalize.Config) { c.MaxDeletePercent = 101 },
		"less than nothing":               func(c *finalize.Config) { c.MaxDeletePercent = -1 },
	} {
		if _, err := finalize.New(with(settings(newWorld(false)), change)); !errors.Is(err, finalize.ErrUsage) {
			t.Errorf("%s: error %v", name, err)
		}
	}
}

// TestOutputsElsewhere: MP4s may go to another store; the source is then only
// read, and leftovers go from it all the same.
func TestOutputsElsewhere(t *testing.T) {
	w := newWorld(false)
	w.takeover("foo")
	before := w.Snapshot()
	other := mem.New(mem.Options{Name: "other", Clock: w.clock.now})
	cfg := only(w, finalize.Formats{MP4: true})
	cfg.Out, cfg.OutPath = other, ""
	mustRun(t, cfg, "foo")
	noDifference(t, w.Snapshot(), before, false)
	find(t, other.Snapshot(), "/720p.mp4")
	if r := mustRun(t, cfg, "foo"); !r.Done() {
		t.Error("there is always something to do")
	}
	cfg.Delete = finalize.DeleteLeftovers
	r := mustRun(t, cfg, "foo")
	after := map[string]mem.Entry{}
	for key, e := range w.Snapshot() {
		if !strings.HasPrefix(key, ".recfin/") {
			after[key] = e
		}
	}
	same(t, "deleted", keys(r.Deleted), losers("foo"))
	same(t, "gone", gone(before, after), losers("foo"))
}

// TestBadSegmentAmongGood: one segment that is no media is dropped with its
// reason, and stays.
func TestBadSegmentAmongGood(t *testing.T) {
	w := newWorld(false)
	w.lay("foo/A/720p", high, 0, 5, 0)
	w.Set("foo/A/720p/3.ts", []byte(strings.Repeat("not a segment ", 500)), uploaded(3), nil)
	w.Set("foo/A/720p/4.ts", nil, uploaded(4), nil)
	before := w.Snapshot()
	r := mustRun(t, settings(w), "foo")
	audit(t, before, w.Snapshot(), "foo")
	same(t, "gone", gone(before, w.Snapshot()), nil)
	reasons := map[string]string{}
	for _, d := range r.Plan.Dropped {
		reasons[d.Key] = string(d.Reason)
	}
	if fmt.Sprint(reasons) != "map[foo/A/720p/3.ts:unreadable foo/A/720p/4.ts:empty]" {
		t.Errorf("dropped %v", reasons)
	}
	holes := r.PlanJSON().Sessions[0].Renditions[0].Holes
	if len(holes) != 1 || holes[0].AfterSeq != 2 || holes[0].BeforeSeq != 5 {
		t.Errorf("holes %v", holes)
	}
}

// labelled is a store under another label.
type labelled struct {
	store.Store
	label string
}

func (l *labelled) Label() string { return l.label }
