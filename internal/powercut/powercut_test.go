package powercut

import (
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"recfin/store"
	"recfin/store/file"
)

// half writes "new" up to the sync of its folder and unlinks "old" up to there:
// both are to be seen, and neither is on the disk.
func half(t *testing.T) *FS {
	t.Helper()
	dir := Folder(t)
	if err := os.WriteFile(filepath.Join(dir, "old"), []byte("old"), 0o666); err != nil {
		t.Fatal(err)
	}
	fs, err := New(dir, Plan{Fail: func(op *file.Op, _ int) error {
		if op.Kind == file.SyncFolder {
			return syscall.EIO
		}
		return nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	s, err := file.NewWatched(dir, fs)
	if err != nil {
		t.Fatal(err)
	}
	old, err := s.Head(t.Context(), "old")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Put(t.Context(), "new", []byte("new"), store.PutOptions{IfAbsent: true}); err == nil {
		t.Fatal("a folder that cannot be synced is no failure")
	}
	for _, err := range s.Delete(t.Context(), []store.Object{old.Object}, store.DeleteOptions{}) {
		if err == nil {
			t.Fatal("a folder that cannot be synced is no failure")
		}
	}
	if err := fs.Check(); err != nil {
		t.Fatal(err)
	}
	return fs
}

// holds gives the names in an image and what they hold, private ones apart.
func holds(i Image) map[string]string {
	all := map[string]string{}
	for _, e := range i.entries {
		if !strings.HasPrefix(e.name, ".recfin") {
			all[e.name] = string(e.data)
		}
	}
	return all
}

func TestVariants(t *testing.T) {
	fs := half(t)
	for v, want := range map[Variant]map[string]string{
		Nothing:    {"old": "old"},
		Names:      {"new": "new"}, // its data was synced
		Added:      {"old": "old", "new": "new"},
		Removed:    {},
		Everything: {"new": "new"},
	} {
		if got := holds(Image{entries: fs.paint(v, 0)}); !maps.Equal(got, want) {
			t.Errorf("%v: %q, want %q", v, got, want)
		}
	}
	seen := map[string]bool{}
	for _, i := range fs.Images(40) {
		seen[strings.Join(slices.Sorted(maps.Keys(holds(i))), " ")] = true
	}
	if len(seen) != 4 {
		t.Errorf("of four combinations of two names there are %v", seen)
	}
}

// TestUnsynced: what was written and not synced, by variants.
func TestUnsynced(t *testing.T) {
	n := &inode{data: []byte(strings.Repeat("x", 3*page)), synced: []byte("first"), dirty: true}
	for v, want := range map[Variant]string{
		Nothing: "first", Names: "first", Added: string(n.data), Everything: string(n.data),
		Zeros: "first" + strings.Repeat("\x00", 3*page-5),
	} {
		p := painter{v: v}
		if got, _ := p.contents(n); string(got) != want {
			t.Errorf("%v: %d bytes, %.10q", v, len(got), got)
		}
	}
}

// TestFailedSyncIsFinal: a second one succeeds and proves nothing.
func TestFailedSyncIsFinal(t *testing.T) {
	n := &inode{data: []byte("new"), synced: []byte("old"), dirty: true}
	n.lose()
	n.sync()
	p := painter{v: Nothing}
	if got, _ := p.contents(n); string(got) != "old" {
		t.Errorf("%q", got)
	}
}

// TestCut: at the operation, before or after its effect, and nothing after it.
func TestCut(t *testing.T) {
	for _, after := range []bool{false, true} {
		dir := Folder(t)
		fs, err := New(dir, Plan{Cut: true, At: 1, After: after})
		if err != nil {
			t.Fatal(err)
		}
		s, err := file.NewWatched(dir, fs)
		if err != nil {
			t.Fatal(err)
		}
		_, err = s.Put(t.Context(), "a", nil, store.PutOptions{}) // makes .recfin, then .recfin/partial
		if !errors.Is(err, ErrOff) || !fs.Off() || fs.Count() != 2 {
			t.Errorf("%v after %d operations", err, fs.Count())
		}
		if _, err := s.Head(t.Context(), "a"); !errors.Is(err, ErrOff) {
			t.Errorf("head without power: %v", err)
		}
		if n := len(fs.paint(Everything, 0)); n != map[bool]int{false: 1, true: 2}[after] {
			t.Errorf("after %v: %d names", after, n)
		}
		if n := len(fs.paint(Nothing, 0)); n != 0 {
			t.Errorf("%d names survive that were not synced", n)
		}
	}
}
