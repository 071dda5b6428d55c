package main

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"recfin/internal/broadcast"
	"recfin/internal/versity"
)

// Outputs may go to a folder of another name, also one inside the store, and
// MP4s to another store; the segments stay as they are.
func TestOut(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, format, store, out, marker string
	}{
		{"default", "hls,mp4", "ROOT", "", "recordings/foo/recording.json"},
		{"another name", "hls,mp4", "ROOT", "ROOT/done", "done/foo/recording.json"},
		{"deeper", "hls", "ROOT", "ROOT/a/b c", "a/b c/foo/recording.json"},
		{"as a URL", "hls", "file://ROOT", "file://ROOT/done/", "done/foo/recording.json"},
		{"elsewhere", "mp4", "ROOT", "OTHER", "foo/recording.json"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			root, other := t.TempDir(), t.TempDir()
			fill := strings.NewReplacer("ROOT", root, "OTHER", other).Replace
			layTwoRenditions(t, broadcast.Folder(root), "foo", onAir)
			args := []string{"--store", fill(c.store), "--format", c.format, "foo"}
			if c.out != "" {
				args = append(args, "--out", fill(c.out))
				if err := os.MkdirAll(strings.TrimPrefix(fill(c.out), "file://"), 0o755); err != nil {
					t.Fatal(err)
				}
			}
			before := tree(t, filepath.Join(root, "foo"))
			r := document[reportDoc](t, mustRecfin(t, exitDone, append([]string{"finalize", "--json"}, args...)...))
			unchanged(t, before, filepath.Join(root, "foo"), "finalize")
			at := root
			if c.name == "elsewhere" {
				at = other
				for name := range tree(t, root) {
					if name != "." && name != "foo" && !strings.HasPrefix(name, "foo/") {
						t.Errorf("%s is in the store of the segments", name)
					}
				}
			}
			if _, err := os.Stat(filepath.Join(at, filepath.FromSlash(c.marker))); err != nil {
				t.Error(err)
			}
			for _, o := range r.Committed[0].Outputs {
				name := filepath.Join(at, filepath.FromSlash(o.Key))
				if info, err := os.Stat(name); err != nil || info.Size() != o.Size {
					t.Errorf("%s: %v", o.Key, err)
				}
				if len(pictures(t, name)) == 0 {
					t.Errorf("%s has no pictures", o.Key)
				}
			}
			mustRecfin(t, exitDone, append([]string{"finalize"}, args...)...).says(t, "foo: nothing to do")
			mustRecfin(t, exitDone, append([]string{"plan"}, args...)...).says(t, "foo: done")
			// Outputs are no recordings.
			if got := planned(t, recfin(slices.DeleteFunc(append([]string{"plan", "--json"}, args...), func(a string) bool { return a == "foo" })...)); !slices.Equal(got, []string{"foo"}) {
				t.Errorf("recordings: %q", got)
			}
		})
	}
}

// On S3 exactly the losing copies go, once the session is settled.
func TestDeleteOnS3(t *testing.T) {
	t.Parallel()
	b := newBucket(t, versity.Start(t))
	layTwoRenditions(t, b.put(), "foo", onAir)
	before := b.list(t)
	args := []string{"finalize", "--json", "--store", b.url, "--settle", "0", "--session-gap", "4s", "--rendition", "!360p", "--delete", "leftovers", "--delete-delay", "0", "foo"}
	r := recfin(args...)
	for range 60 {
		if r.code != exitNotSettled {
			break
		}
		if now := b.list(t); !maps.Equal(now, before) {
			t.Fatalf("not settled, and changed: %q", changes(before, now))
		}
		time.Sleep(500 * time.Millisecond)
		r = recfin(args...)
	}
	r.hides(t, b.secrets...)
	r.wantCode(t, exitDone)
	var lost []string
	now := b.list(t)
	for _, key := range slices.Sorted(maps.Keys(before)) {
		if etag, ok := now[key]; !ok {
			lost = append(lost, key)
		} else if etag != before[key] {
			t.Errorf("%s changed", key)
		}
	}
	if want := losers("foo", "720p"); !slices.Equal(lost, want) {
		t.Errorf("gone: %q, want %q", lost, want)
	}
	var deleted []string
	for _, o := range document[reportDoc](t, r).Deleted {
		deleted = append(deleted, o.Key)
	}
	if slices.Sort(deleted); !slices.Equal(deleted, lost) {
		t.Errorf("reported: %q", deleted)
	}
	again := mustRecfin(t, exitDone, slices.DeleteFunc(slices.Clone(args), func(a string) bool { return a == "--json" })...)
	again.says(t, "foo: nothing to do")
	if diff := changes(now, b.list(t)); len(diff) > 0 {
		t.Errorf("the second run: %q", diff)
	}
	for key := range now {
		if strings.HasPrefix(key, ".recfin/") {
			t.Errorf("%s was left behind", key)
		}
	}
}
