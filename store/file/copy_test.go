package file_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"recfin/store"
	"recfin/store/file"
)

// watcher does something ahead of operations on the file system.
type watcher func(op *file.Op) error

func (w watcher) Before(op *file.Op) error          { return w(op) }
func (w watcher) After(_ *file.Op, err error) error { return err }

// TestCopyOfAMovingSource: a file that is written to, cut off, replaced or removed
// while it is copied is another version, and nothing is left of the copy.
func TestCopyOfAMovingSource(t *testing.T) {
	body := strings.Repeat("segment ", 4096)
	for name, c := range map[string]struct {
		move func(name string) error
		want error
	}{
		"written to": {func(name string) error {
			f, err := os.OpenFile(name, os.O_WRONLY, 0)
			if err != nil {
				return err
			}
			_, err = f.WriteAt([]byte("other"), 100)
			return errors.Join(err, f.Close())
		}, store.ErrChanged},
		"cut off": {func(name string) error { return os.Truncate(name, 1000) }, store.ErrChanged},
		"emptied": {func(name string) error { return os.Truncate(name, 0) }, store.ErrChanged},
		"grown": {func(name string) error {
			f, err := os.OpenFile(name, os.O_WRONLY|os.O_APPEND, 0)
			if err != nil {
				return err
			}
			_, err = f.WriteString("more")
			return errors.Join(err, f.Close())
		}, store.ErrChanged},
		"replaced": {func(name string) error {
			return errors.Join(os.WriteFile(name+".new", []byte(body), 0o666), os.Rename(name+".new", name))
		}, store.ErrChanged},
		"removed": {os.Remove, store.ErrChanged},
		"full":    {nil, store.ErrFull},
	} {
		for _, kind := range []file.Kind{file.Create, file.Write} {
			if c.move == nil && kind == file.Create {
				continue
			}
			t.Run(name+" at "+kind.String(), func(t *testing.T) {
				dir := t.TempDir()
				source := filepath.Join(dir, "in.ts")
				long := time.Now().Add(-time.Hour)
				if err := errors.Join(os.WriteFile(source, []byte(body), 0o666), os.Chtimes(source, long, long)); err != nil {
					t.Fatal(err)
				}
				moved := false
				s, err := file.NewWatched(dir, watcher(func(op *file.Op) error {
					if op.Kind != kind || moved {
						return nil
					}
					moved = true
					if c.move == nil {
						return syscall.ENOSPC
					}
					return c.move(source)
				}))
				if err != nil {
					t.Fatal(err)
				}
				info, err := s.Head(t.Context(), "in.ts")
				if err != nil {
					t.Fatal(err)
				}
				_, err = s.Copy(t.Context(), info.Object, "out/0.ts", store.PutOptions{IfAbsent: true})
				if !moved || !errors.Is(err, c.want) || !strings.Contains(err.Error(), "out/0.ts") {
					t.Errorf("copy: %v, want %v; moved: %v", err, c.want, moved)
				}
				if _, err := s.Head(t.Context(), "out/0.ts"); !errors.Is(err, store.ErrNotExist) {
					t.Errorf("there is a copy: %v", err)
				}
				if left, _ := os.ReadDir(filepath.Join(dir, ".recfin", "partial")); len(left) > 0 {
					t.Errorf("%v is left", left)
				}
			})
		}
	}
}

// TestCopyStaysInside: a link that leads out of the folder is no source.
func TestCopyStaysInside(t *testing.T) {
	dir, out := t.TempDir(), filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(out, []byte("secret"), 0o666); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(out, filepath.Join(dir, "link")); err != nil {
		t.Skip(err)
	}
	fi, err := os.Stat(out)
	if err != nil {
		t.Fatal(err)
	}
	s, err := file.New(dir)
	if err != nil {
		t.Fatal(err)
	}
	from := store.Object{Store: s.Label(), Key: "link", Size: fi.Size(), ETag: "6-1"}
	if _, err := s.Copy(t.Context(), from, "copy", store.PutOptions{}); !errors.Is(err, store.ErrInvalid) {
		t.Errorf("copy through a link that leads out: %v, want ErrInvalid", err)
	}
	if err := os.Mkdir(filepath.Join(dir, "folder"), 0o777); err != nil {
		t.Fatal(err)
	}
	from.Key = "folder"
	if _, err := s.Copy(t.Context(), from, "copy", store.PutOptions{}); !errors.Is(err, store.ErrNotExist) {
		t.Errorf("copy of a folder: %v, want ErrNotExist", err)
	}
}
