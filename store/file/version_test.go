package file

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"recfin/store"
)

// TestETagsOfOneTick: where the clock stands still, versions differ all the same.
func TestETagsOfOneTick(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	o := put(t, s, "a", "1")
	for _, ahead := range []time.Duration{0, time.Millisecond, time.Second, 1900 * time.Millisecond} {
		old := time.Now().Add(ahead)
		if err := os.Chtimes(filepath.Join(dir, "a"), old, old); err != nil {
			t.Fatal(err)
		}
		o = put(t, s, "a", "2")
		if !o.Modified.After(old.Truncate(0)) {
			t.Errorf("%v ahead: the successor of %v has the time %v", ahead, old, o.Modified)
		}
		if info, err := s.Head(t.Context(), "a"); err != nil || !info.Same(o) {
			t.Errorf("put returned %+v, head %+v, %v", o, info.Object, err)
		}
	}
	far := time.Now().Add(24 * time.Hour)
	if err := os.Chtimes(filepath.Join(dir, "a"), far, far); err != nil {
		t.Fatal(err)
	}
	if o = put(t, s, "a", "3"); time.Until(o.Modified) > time.Hour {
		t.Errorf("a clock that was a day ahead is followed: %v", o.Modified)
	}
}

// TestStampMovesOn: every file of a store has a time of its own, whatever the clock.
func TestStampMovesOn(t *testing.T) {
	for _, named := range []bool{false, true} {
		s := open(t, t.TempDir())
		if named {
			s.noTmpfile.Store(true)
		}
		stuck := time.Now().Add(time.Second)
		seen := map[time.Time]bool{}
		for range 10 {
			f, err := s.newTemp("a")
			if err != nil {
				t.Fatal(err)
			}
			if err := f.touch(stuck); err != nil {
				t.Fatal(err)
			}
			if err := f.stamp(time.Time{}); err != nil {
				t.Fatal(err)
			}
			fi, err := f.f.Stat()
			if err != nil {
				t.Fatal(err)
			}
			if seen[fi.ModTime()] || fi.ModTime().Sub(stuck) > time.Millisecond {
				t.Errorf("named %v: %v twice, or too far from %v", named, fi.ModTime(), stuck)
			}
			seen[fi.ModTime()] = true
			f.discard()
		}
	}
}

// TestWrittenInPlaceWhileRead: another program writes into the open file.
func TestWrittenInPlaceWhileRead(t *testing.T) {
	for name, c := range map[string]struct {
		write func(path string) error
		want  error
	}{
		"untouched": {func(string) error { return nil }, nil},
		"longer": {func(p string) error {
			f, err := os.OpenFile(p, os.O_APPEND|os.O_WRONLY, 0)
			if err != nil {
				return err
			}
			defer f.Close()
			_, err = f.WriteString("more")
			return err
		}, store.ErrChanged},
		"shorter":  {func(p string) error { return os.Truncate(p, 3) }, store.ErrChanged},
		"replaced": {func(p string) error { return errors.Join(os.WriteFile(p+"2", []byte("x"), 0o666), os.Rename(p+"2", p)) }, store.ErrChanged},
		"gone":     {os.Remove, store.ErrChanged},
	} {
		dir := t.TempDir()
		s := open(t, dir)
		o := put(t, s, "a", strings.Repeat("x", 100))
		b, err := s.Get(t.Context(), "a", store.Whole, store.Pinned(o))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadFull(b, make([]byte, 2)); err != nil {
			t.Fatal(err)
		}
		if err := c.write(filepath.Join(dir, "a")); err != nil {
			t.Fatal(err)
		}
		_, err = io.ReadFull(b, make([]byte, 98))
		if c.want == nil && err != nil || c.want != nil && !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	}
}

// TestFoldersRemovedMeanwhile: what is remembered of folders may be wrong.
func TestFoldersRemovedMeanwhile(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	put(t, s, "a/b/c", "1")
	if err := os.RemoveAll(filepath.Join(dir, "a")); err != nil {
		t.Fatal(err)
	}
	put(t, s, "a/b/c", "2")
	if err := os.RemoveAll(filepath.Join(dir, ".recfin")); err != nil {
		t.Fatal(err)
	}
	put(t, s, "a/b/c", "3")
}

func partial(t *testing.T, dir string) int {
	t.Helper()
	entries, err := os.ReadDir(filepath.Join(dir, partialDir))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	return len(entries)
}

// TestNothingRemains: neither a write nor an upload leaves a temporary file.
func TestNothingRemains(t *testing.T) {
	for _, named := range []bool{false, true} {
		dir := t.TempDir()
		s := open(t, dir)
		if named {
			s.noTmpfile.Store(true)
		}
		o := put(t, s, "a", "1")
		for _, opt := range []store.PutOptions{{IfAbsent: true}, {IfMatch: "no"}, {IfMatch: o.ETag}, {}} {
			_, _ = s.Put(t.Context(), "a", []byte("2"), opt)
		}
		for _, key := range []string{"a", "b"} {
			for _, head := range []string{"", "he", "head"} {
				u, err := s.Create(t.Context(), key, store.CreateOptions{Room: 2, PutOptions: store.PutOptions{IfAbsent: true}})
				if err != nil {
					t.Fatal(err)
				}
				if _, err := u.Write([]byte("body")); err != nil {
					t.Fatal(err)
				}
				_, _ = u.Commit(t.Context(), strings.NewReader(head))
			}
		}
		if n := partial(t, dir); n != 0 {
			t.Errorf("named %v: %d temporary files remain", named, n)
		}
	}
}

// TestSweepTheDead: what no process holds goes at once, what one holds when it
// was not written to for long enough.
func TestSweepTheDead(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	s.noTmpfile.Store(true)
	begin := func(key string) store.Upload {
		u, err := s.Create(t.Context(), key, store.CreateOptions{})
		if err != nil {
			t.Fatal(err)
		}
		return u
	}
	sweep := func(prefix string, age time.Duration) int {
		n, err := s.Sweep(t.Context(), prefix, age)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	dead, living := begin("x/dead").(*upload), begin("x/living").(*upload)
	dead.t.f.Close() // as the end of a process does
	if n := sweep("y/", time.Hour); n != 0 {
		t.Errorf("another prefix: %d", n)
	}
	if n := sweep("x/", time.Hour); n != 1 || partial(t, dir) != 1 {
		t.Errorf("the dead one: %d, and %d remain", n, partial(t, dir))
	}
	if err := living.t.touch(time.Now().Add(-2 * time.Hour)); err != nil {
		t.Fatal(err)
	}
	if n := sweep("", 3*time.Hour); n != 0 {
		t.Errorf("not old enough: %d", n)
	}
	if n := sweep("", time.Hour); n != 1 || partial(t, dir) != 0 {
		t.Errorf("the old one: %d, and %d remain", n, partial(t, dir))
	}
	private := begin("out/.recfin/state").(*upload)
	if err := private.t.touch(time.Now().Add(-2 * time.Hour)); err != nil {
		t.Fatal(err)
	}
	if n := sweep("x/", time.Hour); n != 0 {
		t.Errorf("a private one that lives, by the sweep of a recording: %d", n)
	}
	private.t.f.Close()
	if n := sweep("x/", time.Hour); n != 1 || partial(t, dir) != 0 {
		t.Errorf("a private one that is dead: %d, and %d remain", n, partial(t, dir))
	}
	if _, err := living.Commit(t.Context(), strings.NewReader("")); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("commit after a sweep: %v", err)
	}
	if _, err := s.Head(t.Context(), "x/living"); !errors.Is(err, store.ErrNotExist) {
		t.Errorf("after that commit: %v", err)
	}
	tree(t, dir, partialDir+"/notes")
	if n := sweep("", 0); n != 0 || partial(t, dir) != 1 {
		t.Errorf("a file that is not ours was swept")
	}
}

// TestDeadUploadsWithoutAName leave nothing to sweep.
func TestDeadUploadsWithoutAName(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	u, err := s.Create(t.Context(), "x", store.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	want := 0
	if s.noTmpfile.Load() {
		want = 1
	}
	if n := partial(t, dir); n != want {
		t.Errorf("%d temporary files with a name, want %d", n, want)
	}
	if err := u.Abort(); err != nil {
		t.Error(err)
	}
}

func TestLockWaits(t *testing.T) {
	s := open(t, t.TempDir())
	unlock, err := s.lock(t.Context(), "a")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := s.Put(ctx, "a", nil, store.PutOptions{}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("put under a lock of somebody else: %v", err)
	}
	unlock()
	put(t, s, "a", "x")
}
