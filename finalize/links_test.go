package finalize_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"recfin/finalize"
)

// TestLinksInAFolder: where a link leads from one key to another, a file is a copy of
// itself. It stays, and copies that are files of their own go.
func TestLinksInAFolder(t *testing.T) {
	for _, c := range []struct {
		name string
		link func(foo string) error
		kept int
	}{
		{"an older writer is a link", func(foo string) error { return os.Symlink("B", filepath.Join(foo, "A")) }, 10},
		{"a later writer is a link", func(foo string) error { return os.Symlink("B", filepath.Join(foo, "C")) }, 10},
		{"segments are links", func(foo string) error {
			err := os.MkdirAll(filepath.Join(foo, "A", "720p"), 0o777)
			for n := range 10 {
				name := fmt.Sprintf("%d.ts", n)
				err = errors.Join(err, os.Symlink(filepath.Join("..", "..", "B", "720p", name), filepath.Join(foo, "A", "720p", name)))
			}
			return err
		}, 10},
		{"a copy", func(foo string) error { return os.CopyFS(filepath.Join(foo, "C"), os.DirFS(filepath.Join(foo, "B"))) }, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			root := t.TempDir()
			lay(t, filepath.Join(root, "foo", "B", "720p"), high, 0, 9)
			if err := c.link(filepath.Join(root, "foo")); err != nil {
				t.Skip(err)
			}
			for n := range 10 { // a copy has the times of today
				name := filepath.Join(root, "foo", "C", "720p", fmt.Sprintf("%d.ts", n))
				if _, err := os.Lstat(name); err == nil && c.kept == 0 {
					if err := os.Chtimes(name, uploaded(n), uploaded(n)); err != nil {
						t.Fatal(err)
					}
				}
			}
			cfg := with(settings(openFolder(t, root)), func(c *finalize.Config) {
				c.Formats, c.MaxDeletePercent = finalize.Formats{HLS: true}, 100
			})
			r := mustRun(t, cfg, "foo")
			if r.Condemned != 10 || len(r.Deleted) != 10-c.kept || len(r.Kept) != c.kept {
				t.Errorf("%d condemned, %d deleted, %d kept", r.Condemned, len(r.Deleted), len(r.Kept))
			}
			for _, k := range r.Kept {
				if !k.Failed || !strings.Contains(k.Why, "the very file") {
					t.Errorf("%s is kept: %s", k.Key, k.Why)
				}
			}
			if left, err := filepath.Glob(filepath.Join(root, "foo", "*", "720p", "*.ts")); err != nil || len(left) < 10 {
				t.Errorf("%d segments are left (%v)", len(left), err)
			}
			if s := mustRun(t, cfg, "foo").Status(); s != finalize.Done {
				t.Errorf("in the end it is %s", s)
			}
		})
	}
}
