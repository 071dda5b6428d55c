package main

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"recfin/internal/broadcast"
)

// Folders that hold no segment are no recordings that failed: a run beside them
// is done when the recordings are.
func TestStrayFolders(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, key string
		args      []string // of the run
		before    []string // of a run before it
	}{
		{"other files", "logs/2025/node.log", nil, nil},
		{"outputs deeper down", "", []string{"--out", "DIR/a/b"}, []string{"--out", "DIR/a/b"}},
		{"outputs of another name", "", nil, []string{"--out", "DIR/done"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			for _, name := range []string{"a/b", "done"} {
				if err := os.MkdirAll(filepath.Join(dir, name), 0o755); err != nil {
					t.Fatal(err)
				}
			}
			put := broadcast.Folder(dir)
			if c.key != "" {
				if err := put(c.key, []byte("x\n"), onAir); err != nil {
					t.Fatal(err)
				}
			}
			broadcast.Lay(t, put, broadcast.Make(t, broadcast.Options{}).Uploads("foo/A/720p", 0, 3, onAir))
			at := func(args []string) []string {
				all := []string{"--store", dir}
				for _, a := range args {
					if rest, ok := cutDir(a); ok {
						a = filepath.Join(dir, rest)
					}
					all = append(all, a)
				}
				return all
			}
			mustRecfin(t, exitDone, append([]string{"run"}, at(c.before)...)...)
			for _, command := range []string{"run", "run", "plan"} {
				if r := recfin(append([]string{command}, at(c.args)...)...); r.code != exitDone {
					t.Errorf("recfin %s: exit code %d\n%s", command, r.code, r.text())
				}
			}
			if got := planned(t, recfin(append([]string{"plan", "--json"}, at(c.args)...)...)); !slices.Equal(got, []string{"foo"}) {
				t.Errorf("recordings: %q", got)
			}
		})
	}
}

// What was finalized into one place is not begun anew in another.
func TestAnotherOut(t *testing.T) {
	t.Parallel()
	dir, other := t.TempDir(), t.TempDir()
	broadcast.Lay(t, broadcast.Folder(dir), broadcast.Make(t, broadcast.Options{}).Uploads("foo/A/720p", 0, 3, onAir))
	mustRecfin(t, exitDone, "run", "--store", dir)
	before := tree(t, dir)
	for _, args := range [][]string{
		{"--store", dir, "--out", other, "--format", "mp4"}, {"--store", other, "--store", dir}, {"--store", other, "--store", dir, "--delete", "leftovers"},
	} {
		for _, command := range []string{"run", "finalize", "plan"} {
			all := append([]string{command}, args...)
			if command == "plan" {
				all = slices.DeleteFunc(all, func(a string) bool { return a == "--delete" || a == "leftovers" })
			}
			if command != "run" {
				all = append(all, "foo")
			}
			mustRecfin(t, exitRefused, all...).says(t, "--out file://"+filepath.ToSlash(dir)+"/recordings/")
		}
	}
	unchanged(t, before, dir, "another --out")
	if left := tree(t, other); len(left) > 1 {
		t.Errorf("written elsewhere: %v", left)
	}
}

// cutDir takes "DIR/" off.
func cutDir(s string) (string, bool) {
	if len(s) > 4 && s[:4] == "DIR/" {
		return s[4:], true
	}
	return s, false
}

// Names that a URL, a playlist or a shell could take amiss.
func TestOddNames(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"a b", "a#b?c&d", "100%41", "mid+plus", "föö-☃", "a:b", "-x", "*", "recordings", "index", "20250601T180000Z"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			s := broadcast.Make(t, broadcast.Options{})
			broadcast.Lay(t, broadcast.Folder(dir), s.Uploads(name+"/"+name+"/"+name, 0, 3, onAir))
			out := filepath.Join(dir, "out")
			if err := os.Mkdir(out, 0o755); err != nil {
				t.Fatal(err)
			}
			r := mustRecfin(t, exitDone, "finalize", "--json", "--store", dir, "--format", "hls,mp4", "--out", out, "--", name)
			d := document[reportDoc](t, r)
			server := httptest.NewServer(http.FileServer(http.Dir(dir)))
			defer server.Close()
			u := url.URL{Path: "/out/" + name + "/" + d.Sessions[0].ID + "/index.m3u8"}
			if got := pictures(t, server.URL+u.EscapedPath()); len(got) != 120 {
				t.Errorf("%d pictures over HTTP", len(got))
			}
			for _, o := range d.Committed[0].Outputs {
				if o.Kind != "mp4" {
					continue // percent-encoded: files need a server
				}
				if got := pictures(t, filepath.Join(dir, filepath.FromSlash(o.Key))); len(got) != 120 {
					t.Errorf("%d pictures of %s", len(got), o.Key)
				}
			}
			mustRecfin(t, exitDone, "run", "--store", dir, "--format", "hls,mp4", "--out", out).says(t, ": nothing to do")
		})
	}
}

// A wrong --layout is no damage to what is there.
func TestOtherLayoutLater(t *testing.T) {
	t.Parallel()
	for _, layout := range []string{"{recording}/{seq}.mkv", "{recording}/B/{rendition}/{seq}.ts"} {
		t.Run(layout, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			layTwoRenditions(t, broadcast.Folder(dir), "foo", onAir)
			mustRecfin(t, exitDone, "finalize", "--store", dir, "foo")
			before := tree(t, dir)
			for _, command := range []string{"plan", "finalize"} {
				r := recfin(command, "--store", dir, "--layout", layout, "foo")
				if r.code != exitDone && r.code != exitUsage {
					t.Errorf("recfin %s: exit code %d\n%s", command, r.code, r.text())
				}
			}
			unchanged(t, before, dir, "another layout")
		})
	}
}
