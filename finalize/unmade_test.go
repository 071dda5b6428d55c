package finalize_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"recfin/finalize"
)

// strangeSound is a fragmented MP4 of 2 s with sound that no MP4 of ours holds.
func strangeSound(t *testing.T) []byte {
	t.Helper()
	dir := encode(t, 2, "-c:a", "dca", "-ac", "2", "-b:a", "384k", "-strict", "-2", "-movflags", "frag_keyframe+empty_moov+default_base_moof", "-f", "mp4", "out.mp4")
	body, err := os.ReadFile(filepath.Join(dir, "out.mp4"))
	if err != nil {
		t.Fatal(err)
	}
	return body
}

// kinds are the outputs of what a run committed, as "rendition kind".
func kinds(r *finalize.Report) []string {
	var all []string
	for _, c := range r.Committed {
		for _, o := range c.Record.Outputs {
			all = append(all, o.Rendition+" "+o.Kind)
		}
	}
	slices.Sort(all)
	return all
}

// TestUnmade: a rendition of which an output cannot be made keeps nothing back: the
// rest is made and committed, what is not made is said in the run and in every plan
// after it, later runs have nothing to do, and its sources stay whatever is asked.
func TestUnmade(t *testing.T) {
	body := strangeSound(t)
	for name, c := range map[string]struct {
		formats finalize.Formats
		mode    finalize.DeleteMode
		outputs []string
		gone    int
	}{
		"mp4":      {finalize.Formats{MP4: true}, finalize.DeleteNone, []string{"720p mp4"}, 0},
		"sources":  {finalize.Formats{MP4: true}, finalize.DeleteSources, []string{"720p mp4"}, 3},
		"hls, mp4": {finalize.Formats{HLS: true, MP4: true}, finalize.DeleteLeftovers, []string{"480p hls", "480p iframes", "720p hls", "720p iframes", "720p mp4"}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(false)
			w.lay("foo/A/720p", high, 0, 2, 0)
			w.Set("foo/A/480p/0.mp4", body, uploaded(0), nil)
			before := w.Snapshot()
			cfg := with(settings(w), func(c2 *finalize.Config) {
				c2.Formats, c2.Delete, c2.Accept = c.formats, c.mode, []string{"foo"}
			})
			r := mustRun(t, cfg, "foo")
			audit(t, before, w.Snapshot(), "foo")
			same(t, "outputs", kinds(r), c.outputs)
			unmade := r.Committed[0].Record.Unmade
			if len(unmade) != 1 || unmade[0].Rendition != "480p" || unmade[0].Format != "mp4" || !strings.Contains(unmade[0].Why, "foo/A/480p/0.mp4") || !r.Incomplete() {
				t.Errorf("unmade %+v, incomplete %v", unmade, r.Incomplete())
			}
			if !slices.ContainsFunc(r.Problems, func(p string) bool { return strings.HasPrefix(p, "480p: mp4 not made: ") }) {
				t.Errorf("problems %q", r.Problems)
			}
			if left := gone(before, w.Snapshot()); len(left) != c.gone || slices.Contains(left, "foo/A/480p/0.mp4") {
				t.Errorf("gone: %q", left)
			}
			after := w.Snapshot()
			w.clock.advance(24 * time.Hour)
			if again := mustRun(t, cfg, "foo"); !again.Done() || again.Incomplete() {
				t.Error("it is tried again each night")
			}
			noDifference(t, w.Snapshot(), after, false)
			p := mustPlan(t, cfg, "foo")
			if why := p.Plan.Sessions[0].Why; !strings.Contains(why, "480p: mp4 not made") {
				t.Errorf("the plan says %q", why)
			}
			if s := p.PlanJSON().Sessions[0]; len(s.Unmade) != 1 {
				t.Errorf("JSON %+v", s.Unmade)
			}
		})
	}
}

// TestUnmadeGrows: what stands is never replaced by less. A late part that makes an
// output impossible is refused; beside an output that was never made it is taken.
func TestUnmadeGrows(t *testing.T) {
	body := strangeSound(t)
	w := newWorld(false)
	w.lay("foo/A/720p", high, 0, 2, 0)
	w.lay("foo/A/360p", low, 0, 2, 0)
	mustRun(t, only(w, movieOnly), "foo")
	w.Set("foo/A/360p/3.mp4", body, w.clock.now(), nil)
	w.clock.advance(time.Hour)
	before := w.Snapshot()
	if r, err := run(only(w, movieOnly), "foo"); !errors.Is(err, finalize.ErrRefused) || len(r.Committed) > 0 {
		t.Errorf("error %v", err)
	}
	audit(t, before, w.Snapshot(), "foo")

	w = newWorld(false)
	w.lay("foo/A/720p", high, 0, 2, 0)
	w.Set("foo/A/480p/0.mp4", body, uploaded(0), nil)
	mustRun(t, only(w, movieOnly), "foo")
	w.lay("foo/A/720p", high, 3, 3, w.clock.now().Sub(uploaded(3)))
	w.clock.advance(time.Hour)
	r := mustRun(t, only(w, movieOnly), "foo")
	if same(t, "outputs", kinds(r), []string{"720p mp4"}); !r.Incomplete() || r.Committed[0].Record.Outputs[0].Segments != 4 {
		t.Errorf("incomplete %v, %+v", r.Incomplete(), r.Committed[0].Record.Outputs)
	}
}

// TestUnmadeAll: where nothing can be made nothing is committed.
func TestUnmadeAll(t *testing.T) {
	w := newWorld(false)
	w.Set("foo/A/480p/0.mp4", strangeSound(t), uploaded(0), nil)
	r, err := run(only(w, movieOnly), "foo")
	if !errors.Is(err, finalize.ErrRefused) || !strings.Contains(err.Error(), "--format hls") || len(r.Committed) > 0 || w.has(markerKey("foo")) {
		t.Errorf("error %v", err)
	}
}
