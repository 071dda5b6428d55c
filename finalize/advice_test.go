package finalize_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"recfin/finalize"
)

// TestUnusableIsSaid: what could not be used of a session is said in a line, the
// night of the commit and each one after, where it is a whole rendition or more
// than 1 % of the session.
func TestUnusableIsSaid(t *testing.T) {
	noise := []byte(strings.Repeat("no media at all ", 40))
	for _, c := range []struct {
		name   string
		bad    func(w *world)
		advice string // of one line; empty: none
	}{
		{"nothing", func(*world) {}, ""},
		{"the end", func(w *world) {
			for n := 90; n < 100; n++ {
				w.Set("foo/A/720p/"+numbered(n), noise, uploaded(n), nil)
			}
		}, "720p: 10 segments cannot be read as media (foo/A/720p/90.ts: "},
		{"one of a hundred", func(w *world) { w.Set("foo/A/720p/"+numbered(50), noise, uploaded(50), nil) }, ""},
		{"two of a hundred", func(w *world) {
			w.Set("foo/A/720p/"+numbered(50), noise, uploaded(50), nil)
			w.Set("foo/A/720p/"+numbered(51), noise, uploaded(51), nil)
		}, "720p: 2 segments "},
		{"another copy is there", func(w *world) {
			w.lay("foo/B/720p", high, 5, 25, time.Second)
			for n := 10; n < 20; n++ {
				w.Set("foo/B/720p/"+numbered(n), noise, uploaded(n).Add(time.Second), nil)
			}
		}, ""},
		{"a rendition", func(w *world) { w.Set("foo/A/360p/"+numbered(3), noise, uploaded(3), nil) }, "360p: 1 segment cannot be read as media"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(false)
			w.lay("foo/A/720p", high, 0, 99, 0)
			c.bad(w)
			cfg := only(w, finalize.Formats{HLS: true})
			for _, night := range []string{"the first", "the next"} {
				r := mustRun(t, cfg, "foo")
				advice := r.Plan.Advice()
				if c.advice == "" && len(advice) != 0 || c.advice != "" && (len(advice) != 1 || !strings.HasPrefix(advice[0], c.advice)) {
					t.Errorf("%s night: %q", night, advice)
				}
				if slices.Contains(r.Plan.Warnings, "unusable-segments") != (c.advice != "") {
					t.Errorf("%s night: warnings %q", night, r.Plan.Warnings)
				}
				if r.Done() != (night == "the next") {
					t.Errorf("%s night: %+v", night, r.Committed)
				}
			}
		})
	}
	t.Run("no init segment", func(t *testing.T) {
		w, init := fragments(t)
		w.Set("rec/A/720p/init.mp4", init, onAir, nil)
		r := mustRun(t, only(w, finalize.Formats{HLS: true}), "rec")
		if a := r.Plan.Advice(); len(a) != 1 || !strings.HasPrefix(a[0], "720p: 4 segments cannot be understood without an init segment") {
			t.Errorf("%q", a)
		}
	})
}

func numbered(n int) string { return strconv.Itoa(n) + ".ts" }
