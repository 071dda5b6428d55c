package finalize_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"recfin/finalize"
	"recfin/store/file"
	"recfin/store/mem"
)

// TestOneStoreUnderTwoNames: two URLs may lead to one bucket, or to one inside
// the other. Each object is a copy of itself then, and nothing may go.
func TestOneStoreUnderTwoNames(t *testing.T) {
	for name, c := range map[string]struct{ one, two string }{
		"the same":  {"", ""},
		"an inner":  {"", "live/"},
		"an outer":  {"live/", ""},
		"one in to": {"live/x/", "live/"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			lay(t, filepath.Join(dir, "live", "x", "foo", "A", "720p"), high, 0, 9)
			link := filepath.Join(t.TempDir(), "link")
			if err := os.Symlink(dir, link); err != nil {
				t.Skip(err)
			}
			a, b := openFolder(t, filepath.Join(dir, c.one)), openFolder(t, filepath.Join(link, c.two))
			l, err := finalize.ParseLayouts([]string{"{**}/{recording}/{nonce}/{rendition}/{seq}.ts", "nonce"}, nil)
			if err != nil {
				t.Fatal(err)
			}
			cfg := with(both(mem.New(mem.Options{}), a, b), func(c *finalize.Config) {
				c.Layouts, c.Formats, c.MaxDeletePercent = l, finalize.Formats{MP4: true}, 100
			})
			r, err := run(cfg, "foo")
			if err != nil {
				t.Fatal(err)
			}
			if r.Condemned != 10 || len(r.Deleted) > 0 || len(r.Kept) != 10 || !r.Kept[0].Failed {
				t.Errorf("condemned %d, deleted %d, kept %v", r.Condemned, len(r.Deleted), r.Kept)
			}
			if left, err := filepath.Glob(filepath.Join(dir, "live", "x", "foo", "A", "720p", "*.ts")); len(left) != 10 {
				t.Errorf("%d of 10 segments are left (%v)", len(left), err)
			}
		})
	}
}

// lay writes segments into a folder of the disk.
func lay(t testing.TB, dir string, f feed, first, last int) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	for n := first; n <= last; n++ {
		name := filepath.Join(dir, fmt.Sprintf("%d.ts", n))
		if err := errors.Join(os.WriteFile(name, f.segment(n), 0o666), os.Chtimes(name, uploaded(n), uploaded(n))); err != nil {
			t.Fatal(err)
		}
	}
}

func openFolder(t testing.TB, dir string) *file.Store {
	t.Helper()
	s, err := file.New(dir)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestFolderBacksUpBucket: the stores may be of different kinds, with ETags that
// cannot be compared: what the segments hold is.
func TestFolderBacksUpBucket(t *testing.T) {
	w := newWorld(false)
	w.lay("foo/A/720p", high, 0, 5, 0)
	dir := t.TempDir()
	lay(t, filepath.Join(dir, "foo", "A", "720p"), high, 4, 9)
	folder := openFolder(t, dir)
	before := w.Snapshot()
	r := mustRun(t, both(w, folder, w), "foo")
	audit(t, before, w.Snapshot(), "foo")
	left := gone(w.Snapshot(), snapshot{})
	for o, err := range folder.List(context.Background(), "foo/") {
		if err != nil {
			t.Fatal(err)
		}
		left = append(left, o.Key)
	}
	left = slices.DeleteFunc(left, func(key string) bool { return strings.HasPrefix(key, outPath) })
	slices.Sort(left)
	var want []string
	for n := range 10 {
		want = append(want, fmt.Sprintf("foo/A/720p/%d.ts", n))
	}
	same(t, "left in both together", left, want)
	same(t, "deleted", keys(r.Deleted), []string{"foo/A/720p/4.ts", "foo/A/720p/5.ts"})
	a := read(t, w.Snapshot(), "foo")
	if n := len(a.chosen(a.Sessions[0].ID)); n != 10 {
		t.Errorf("%d of 10 segments", n)
	}
}
