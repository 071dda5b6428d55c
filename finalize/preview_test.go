package finalize_test

import (
	"errors"
	"path"
	"strings"
	"testing"

	"recfin/finalize"
	"recfin/finalize/playlist"
	"recfin/internal/hlscases"
	"recfin/internal/hlsjudge"
	"recfin/store"
)

// TestPreview holds the playlists of a plan against two readers of the rules, and
// against what publishing writes: they are the same, byte for byte.
func TestPreview(t *testing.T) {
	for _, c := range hlscases.All() {
		t.Run(c.Name, func(t *testing.T) {
			w := c.Lay(t)
			objects := w.Store.Snapshot()
			r := mustPlan(t, w.Config, c.Recording)
			for _, s := range c.Sessions {
				const dir = "preview/"
				named := map[string]store.Object{}
				p, err := r.Preview(s.ID, func(o store.Object) string {
					named[o.Key] = o
					return playlist.RelativeURI(dir, o.Key)
				})
				if err != nil {
					t.Fatal(err)
				}
				seen := hlsjudge.Session{Door: dir + "index.m3u8", Playlists: map[string]string{dir + "index.m3u8": string(p.Door)}, Objects: map[string]int64{}}
				all := snapshot{dir + "index.m3u8": {Body: p.Door}}
				for _, q := range p.Playlists {
					seen.Playlists[dir+q.Name] = string(q.Text)
					e := all[dir+q.Name]
					e.Body = q.Text
					all[dir+q.Name] = e
				}
				for key, o := range named {
					seen.Objects[key] = o.Size
					all[key] = objects[key]
				}
				for _, x := range hlsjudge.Judge(seen) {
					t.Error(x)
				}
				for _, f := range lintSession(t, all, dir+"index.m3u8") {
					t.Error(f)
				}
				if err := r.Previewable(s.ID); err != nil {
					t.Error(err)
				}
				if len(p.Unmade) > 0 || len(named) == 0 {
					t.Errorf("%d objects, unmade %v", len(named), p.Unmade)
				}
			}
			asPublished(t, with(w.Config, func(c *finalize.Config) { c.HLS = finalize.HLSReference }), w, r)
		})
	}
}

// asPublished finalizes a case and compares.
func asPublished(t *testing.T, cfg finalize.Config, w *hlscases.World, before *finalize.Report) {
	t.Helper()
	after := mustRun(t, cfg, w.Recording)
	for _, c := range after.Committed {
		dir := outPath + w.Recording + "/" + c.Record.Session + "/" + c.Version + "/"
		uri := func(o store.Object) string { return playlist.RelativeURI(dir, o.Key) }
		for _, r := range []*finalize.Report{before, mustPlan(t, cfg, w.Recording)} {
			p, err := r.Preview(c.Record.Session, uri)
			if err != nil {
				t.Fatal(err)
			}
			door := string(w.Store.Snapshot()[w.Door(c.Record.Session)].Body)
			for _, q := range p.Playlists {
				if got, want := string(q.Text), string(w.Store.Snapshot()[dir+q.Name].Body); got != want {
					t.Errorf("%s of the plan:\n%s\nas it is written:\n%s", q.Name, got, want)
				}
				if to := playlist.RelativeURI(path.Dir(w.Door(c.Record.Session)), dir+q.Name); !strings.Contains(door, to) {
					t.Errorf("the door does not lead to %s:\n%s", to, door)
				}
			}
			if got := strings.Count(string(p.Door), "\n#EXT-X-STREAM-INF"); got != strings.Count(door, "\n#EXT-X-STREAM-INF") {
				t.Errorf("%d variants; the door has:\n%s", got, door)
			}
		}
	}
	if len(after.Committed) != len(w.Sessions) {
		t.Errorf("%d sessions committed", len(after.Committed))
	}
}

// TestPreviewAnyMode: what was written in another mode is previewed by its segments.
func TestPreviewAnyMode(t *testing.T) {
	for _, mode := range []finalize.HLSMode{finalize.HLSReference, finalize.HLSCopy, finalize.HLSSingle} {
		w := newWorld(false)
		w.takeover("foo")
		cfg := with(only(w, finalize.Formats{HLS: true, MP4: true}), func(c *finalize.Config) { c.HLS = mode })
		named := map[string]bool{}
		uri := func(o store.Object) string {
			named[o.Key] = true
			return playlist.RelativeURI("", o.Key)
		}
		mustRun(t, cfg, "foo")
		r := mustPlan(t, cfg, "foo")
		p, err := r.Preview(r.Plan.Sessions[0].Record.Session, uri)
		if err != nil {
			t.Fatal(err)
		}
		for key := range named {
			if !strings.HasPrefix(key, "foo/") {
				t.Errorf("%s: it names %s", mode, key)
			}
		}
		if len(p.Playlists) != 2 || len(named) != 17 || !strings.Contains(string(p.Playlists[0].Text), "#EXT-X-GAP") {
			t.Errorf("%s: %d playlists, %d objects:\n%s", mode, len(p.Playlists), len(named), p.Playlists[0].Text)
		}
	}
}

// TestPreviewRefuses: what no playlist can name is said, and what is no session.
func TestPreviewRefuses(t *testing.T) {
	w := fragmentsOf(t, "faststart")
	r := mustPlan(t, only(w, finalize.Formats{MP4: true}), "foo")
	called := false
	uri := func(store.Object) string { called = true; return "x" }
	_, err := r.Preview(r.Plan.Sessions[0].Record.Session, uri)
	if again := r.Previewable(r.Plan.Sessions[0].Record.Session); again == nil || again.Error() != err.Error() {
		t.Errorf("it can be previewed: %v", again)
	}
	if !errors.Is(err, finalize.ErrRefused) || !strings.Contains(err.Error(), "MP4 without fragments") || called {
		t.Errorf("%v (asked for a URI: %v)", err, called)
	}
	for _, r := range []*finalize.Report{r, {}} {
		if _, err := r.Preview("yesterday\n", uri); !errors.Is(err, finalize.ErrNothing) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q", err)
		}
	}
	w = newWorld(false)
	w.takeover("foo")
	r = mustPlan(t, only(w, finalize.Formats{HLS: true}), "foo")
	if _, err := r.Preview(r.Plan.Sessions[0].Record.Session, func(store.Object) string { return "a\n#EXT-X-ENDLIST" }); !errors.Is(err, playlist.ErrURI) {
		t.Errorf("a reference with a line break: %v", err)
	}
}
