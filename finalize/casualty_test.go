package finalize_test

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"recfin/finalize"
	"recfin/store/storetest"
)

// casualties are ways in which somebody else harms a committed recording. Each
// gives the key that a human must be told.
var casualties = []struct {
	name string
	do   func(t *testing.T, w *world, id string) (named string)
}{
	{"a segment is gone", func(t *testing.T, w *world, id string) string {
		w.remove(t, id+"/A/720p/2.ts")
		return id + "/A/720p/2.ts"
	}},
	{"many segments are gone", func(t *testing.T, w *world, id string) string {
		for n := range 4 {
			w.remove(t, fmt.Sprintf("%s/A/720p/%d.ts", id, n))
		}
		return id + "/A/720p/3.ts"
	}},
	{"a segment is another one", func(t *testing.T, w *world, id string) string {
		return w.rewrite(t, id+"/A/360p/1.ts", feed{Content: "another", Width: 640, Height: 352}.segment(1))
	}},
	{"a segment was cut", func(t *testing.T, w *world, id string) string {
		return w.rewrite(t, id+"/A/720p/1.ts", high.cut(1))
	}},
	{"a playlist was edited by hand", func(t *testing.T, w *world, id string) string {
		key := w.output(t, id, "/720p.m3u8")
		return w.rewrite(t, key, bytes.Replace(w.Snapshot()[key].Body, []byte("#EXTINF"), []byte("#EXT-X-DISCONTINUITY\n#EXTINF"), 1))
	}},
	{"a movie was edited", func(t *testing.T, w *world, id string) string {
		key := w.output(t, id, "/360p.mp4")
		body := bytes.Clone(w.Snapshot()[key].Body)
		body[len(body)/2] ^= 1
		return w.rewrite(t, key, body)
	}},
	{"the list of a version is gone", func(t *testing.T, w *world, id string) string {
		key := w.output(t, id, "/segments.json.gz")
		w.remove(t, key)
		return key
	}},
	{"the list of a version was edited", func(t *testing.T, w *world, id string) string {
		key := w.output(t, id, "/segments.json.gz")
		raw := unzip(t, w.Snapshot()[key].Body)
		return w.rewrite(t, key, zip(t, bytes.Replace(raw, []byte("/A/"), []byte("/B/"), 1)))
	}},
	{"a condemned set is gone", func(t *testing.T, w *world, id string) string {
		key := w.output(t, id, "leftovers-")
		w.remove(t, key)
		return key
	}},
	{"a condemned set was edited", func(t *testing.T, w *world, id string) string {
		key := w.output(t, id, "leftovers-")
		raw := unzip(t, w.Snapshot()[key].Body)
		return w.rewrite(t, key, zip(t, bytes.Replace(raw, []byte("/5.ts"), []byte("/0.ts"), 1)))
	}},
	{"the marker broke off", func(t *testing.T, w *world, id string) string {
		body := w.Snapshot()[markerKey(id)].Body
		return w.rewrite(t, markerKey(id), body[:len(body)/2])
	}},
	{"the marker is empty", func(t *testing.T, w *world, id string) string {
		return w.rewrite(t, markerKey(id), nil)
	}},
	{"the marker is no JSON", func(t *testing.T, w *world, id string) string {
		return w.rewrite(t, markerKey(id), []byte("\x1b[31m<script>alert(1)</script>\x00"))
	}},
	{"the marker is deep", func(t *testing.T, w *world, id string) string {
		return w.rewrite(t, markerKey(id), []byte(`{"format":"recfin/recording","sessions":`+strings.Repeat("[", 20000)))
	}},
	{"the marker leads out of its folder", func(t *testing.T, w *world, id string) string {
		a := read(t, w.Snapshot(), id)
		body := w.Snapshot()[markerKey(id)].Body
		return w.rewrite(t, markerKey(id), bytes.Replace(body, []byte(a.Sessions[0].ID), []byte("../../other"), 1))
	}},
	{"the marker is of another recording", func(t *testing.T, w *world, id string) string {
		return w.rewrite(t, markerKey(id), bytes.Replace(w.Snapshot()[markerKey(id)].Body, []byte(`"`+id+`"`), []byte(`"other"`), 1))
	}},
	{"the marker is of a newer program", func(t *testing.T, w *world, id string) string {
		return w.rewrite(t, markerKey(id), bytes.Replace(w.Snapshot()[markerKey(id)].Body, []byte(`"version": 1,`), []byte(`"version": 2,`), 1))
	}},
	{"the marker has what nobody knows", func(t *testing.T, w *world, id string) string {
		return w.rewrite(t, markerKey(id), bytes.Replace(w.Snapshot()[markerKey(id)].Body, []byte(`{`), []byte(`{"surprise":true,`), 1))
	}},
}

// rewrite puts another body under a key, now.
func (w *world) rewrite(t *testing.T, key string, body []byte) string {
	t.Helper()
	if was := w.Snapshot()[key]; was.Body == nil || bytes.Equal(was.Body, body) {
		t.Fatalf("%s is not changed", key)
	}
	w.Set(key, body, w.clock.now(), nil)
	return key
}

// output gives the one output of a recording with a part in its key.
func (w *world) output(t *testing.T, id, part string) string {
	t.Helper()
	for key := range w.Snapshot() {
		if strings.HasPrefix(key, outPath+id+"/") && strings.Contains(key, part) {
			return key
		}
	}
	t.Fatalf("%s has no %s", id, part)
	return ""
}

// TestCasualties: recordings are committed, with copies that are due to be deleted,
// and each is harmed in another way. Every run says so, names the key and touches
// nothing of it; and the recordings between them are finished, by each run.
func TestCasualties(t *testing.T) {
	t.Parallel()
	w := newWorld(false)
	var harmed []string
	for i := range casualties {
		harmed = append(harmed, fmt.Sprintf("r%02dx", i))
		w.takeover(harmed[i])
		mustRun(t, with(settings(w), later), harmed[i])
	}
	w.clock.advance(day)
	named := map[string]string{}
	for i, c := range casualties {
		named[harmed[i]] = c.do(t, w, harmed[i])
		w.takeover(fmt.Sprintf("r%02dy", i)) // a whole one between them
	}
	before := w.Snapshot()
	for name, change := range map[string]func(*finalize.Config){
		"as before": later, "at once": func(*finalize.Config) {}, "forced": forcing, "nothing is deleted": keeping,
		"other formats": func(c *finalize.Config) { later(c); asMP4(c) },
	} {
		rec := storetest.NewRecorder(w)
		f, err := finalize.New(with(settings(rec), change))
		if err != nil {
			t.Fatal(err)
		}
		found, err := f.Discover(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		done := 0
		for _, id := range found {
			r, err := f.Run(t.Context(), id)
			if named[id] == "" {
				if err != nil || r.Status() != finalize.Done {
					t.Errorf("%s: %s is whole: %s, %v", name, id, r.Status(), err)
				}
				done++
				continue
			}
			what := casualties[slices.Index(harmed, id)].name
			switch {
			case !errors.Is(err, finalize.ErrRefused) || finalize.Retry(err):
				t.Errorf("%s: %s: %s, %v", name, what, r.Status(), err)
			case !strings.Contains(err.Error(), named[id]):
				t.Errorf("%s: %s: %s is not named: %v", name, what, named[id], err)
			case strings.ContainsAny(err.Error(), "\x1b\x00"):
				t.Errorf("%s: %s: its text reached the terminal: %q", name, what, err)
			}
		}
		if len(found) != 2*len(casualties) || done != len(casualties) {
			t.Errorf("%s: %d recordings, %d whole ones", name, len(found), done)
		}
		for _, line := range rec.Mutations() {
			for id := range named {
				if strings.Contains(line, id+"/") {
					t.Errorf("%s: %s", name, line)
				}
			}
		}
		after := w.Snapshot()
		for key, e := range before {
			if id, _, _ := strings.Cut(strings.TrimPrefix(key, outPath), "/"); named[id] != "" && !bytes.Equal(after[key].Body, e.Body) {
				t.Errorf("%s: %s is not what it was", name, key)
			}
		}
	}
}
