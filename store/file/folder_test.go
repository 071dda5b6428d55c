package file

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"recfin/store"
)

func open(t *testing.T, dir string) *Store {
	t.Helper()
	s, err := New(dir)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// tree makes files (each holding its own name), links "name -> target" and
// folders "name/" below dir.
func tree(t *testing.T, dir string, names ...string) {
	t.Helper()
	for _, name := range names {
		link, target, isLink := strings.Cut(name, " -> ")
		path := filepath.Join(dir, link)
		err := os.MkdirAll(filepath.Dir(path), 0o777)
		switch {
		case err != nil:
		case isLink:
			err = os.Symlink(target, path)
		case strings.HasSuffix(name, "/"):
			err = os.MkdirAll(path, 0o777)
		default:
			err = os.WriteFile(path, []byte(name), 0o666)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

func keys(t *testing.T, s *Store, prefix string) []string {
	t.Helper()
	got := []string{}
	for o, err := range s.List(t.Context(), prefix) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, o.Key)
	}
	return got
}

func put(t *testing.T, s *Store, key, body string) store.Object {
	t.Helper()
	o, err := s.Put(t.Context(), key, []byte(body), store.PutOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func TestKeysAFileSystemCannotHold(t *testing.T) {
	s := open(t, t.TempDir())
	long := strings.Repeat("n", 256)
	for _, key := range []string{
		"", "/a", "a/", "a//b", ".", "..", "a/..", "../a", "a/../b", "./a", "a/.", "a\x00b", long, "a/" + long + "/b", "a\xff",
		".recfin", ".recfin/partial/x", ".recfin/locks/000", ".recfin/partial", "a/" + strings.Repeat("n/", 512) + "n",
	} {
		_, put := s.Put(t.Context(), key, nil, store.PutOptions{})
		_, create := s.Create(t.Context(), key, store.CreateOptions{})
		for what, err := range map[string]error{"put": put, "create": create} {
			var e *store.Error
			if !errors.Is(err, store.ErrInvalid) || !errors.As(err, &e) || e.Key != key {
				t.Errorf("%s %.20q: %v", what, key, err)
			}
		}
	}
	for _, key := range []string{strings.Repeat("n", 255), "a/" + strings.Repeat("é", 127), "...", "a\\b", "~", " "} {
		put(t, s, key, "x")
	}
	if got := keys(t, s, ""); len(got) != 6 {
		t.Errorf("%.20q", got)
	}
}

func TestFileInTheWayOfAFolder(t *testing.T) {
	s := open(t, t.TempDir())
	put(t, s, "a/file", "x")
	put(t, s, "dir/x", "x")
	for key, opt := range map[string]store.PutOptions{
		"a/file/b": {}, "a/file/b/c": {IfAbsent: true}, "dir": {}, "a": {IfAbsent: true},
	} {
		if _, err := s.Put(t.Context(), key, nil, opt); !errors.Is(err, store.ErrInvalid) {
			t.Errorf("put %s: %v", key, err)
		}
	}
	if _, err := s.Put(t.Context(), "a/file/b", nil, store.PutOptions{IfMatch: "e"}); !errors.Is(err, store.ErrConflict) {
		t.Errorf("put if match where nothing can be: %v", err)
	}
	if got := keys(t, s, ""); !slices.Equal(got, []string{"a/file", "dir/x"}) {
		t.Errorf("%q", got)
	}
}

func TestLinks(t *testing.T) {
	dir := t.TempDir()
	tree(t, dir, "out/secret", "root/real/x", "root/real/sub/y", "root/.recfin/z",
		"root/dir -> real", "root/file -> real/x", "root/real/up -> ..", "root/real/self -> .",
		"root/leads -> ../out", "root/leadsfile -> ../out/secret", "root/dangling -> nothing", "root/loop -> loop",
		"root/private -> .recfin", "root/etc -> /etc", "root/a/b/back -> ../../real/x")
	tree(t, dir, "root/abs -> "+filepath.Join(dir, "root/real"))
	s := open(t, filepath.Join(dir, "root"))
	want := []string{"a/b/back", "dir/sub/y", "dir/x", "file", "real/sub/y", "real/x"}
	if got := keys(t, s, ""); !slices.Equal(got, want) {
		t.Errorf("list: %q, want %q", got, want)
	}
	for _, prefix := range []string{"leads/", "etc/", "abs/", "private/", "loop/", "dangling/"} {
		if got := keys(t, s, prefix); len(got) != 0 {
			t.Errorf("list %s: %q", prefix, got)
		}
	}
	for _, key := range []string{"leads/secret", "leadsfile", "etc/passwd", "abs/x"} {
		_, head := s.Head(t.Context(), key)
		_, get := s.Get(t.Context(), key, store.Whole, store.GetOptions{})
		if !errors.Is(head, store.ErrInvalid) || !errors.Is(get, store.ErrInvalid) {
			t.Errorf("%s: head %v, get %v", key, head, get)
		}
	}
	for _, key := range []string{"leads/new", "leads/secret", "etc/new"} {
		for _, opt := range []store.PutOptions{{}, {IfAbsent: true}, {IfMatch: "e"}} {
			if _, err := s.Put(t.Context(), key, []byte("x"), opt); err == nil {
				t.Errorf("put %s with %+v went out of the root", key, opt)
			}
		}
		for _, err := range s.Delete(t.Context(), []store.Object{{Store: s.Label(), Key: key, Size: 10, ETag: "10-0"}}, store.DeleteOptions{}) {
			if err == nil {
				t.Errorf("delete %s: no error", key)
			}
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "out/new")); err == nil {
		t.Error("a file was made outside of the root")
	}
	put(t, s, "dir/new", "x")
	if _, err := os.Stat(filepath.Join(dir, "root/real/new")); err != nil {
		t.Errorf("a link inside of the root is followed: %v", err)
	}
}

func TestWhatIsNoObject(t *testing.T) {
	dir := t.TempDir()
	tree(t, dir, "a/x", "empty/sub/", "a\xff", "bad\xff/x", ".recfin/state/0")
	if err := syscall.Mkfifo(filepath.Join(dir, "pipe"), 0o666); err != nil {
		t.Fatal(err)
	}
	s := open(t, dir)
	if got := keys(t, s, ""); !slices.Equal(got, []string{"a/x"}) {
		t.Errorf("list: %q", got)
	}
	for _, key := range []string{"pipe", "empty", "a"} {
		if _, err := s.Get(t.Context(), key, store.Whole, store.GetOptions{}); !errors.Is(err, store.ErrNotExist) {
			t.Errorf("get %s: %v", key, err)
		}
	}
	var names []string
	for name, err := range s.Folders(t.Context(), "") {
		names = append(names, name)
		if err != nil {
			t.Error(err)
		}
	}
	if !slices.Equal(names, []string{"a"}) {
		t.Errorf("folders: %q", names)
	}
}

func TestNoStore(t *testing.T) {
	dir := t.TempDir()
	tree(t, dir, "file", "root/x")
	for _, path := range []string{"none", "file"} {
		if _, err := New(filepath.Join(dir, path)); !errors.Is(err, store.ErrNoStore) || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v", path, err)
		}
	}
	root := filepath.Join(dir, "root")
	s := open(t, root)
	if err := os.RemoveAll(root); err != nil {
		t.Fatal(err)
	}
	calls := map[string]error{}
	for _, err := range s.List(t.Context(), "") {
		calls["list"] = err
	}
	for _, err := range s.Folders(t.Context(), "") {
		calls["folders"] = err
	}
	for _, err := range s.Delete(t.Context(), []store.Object{{Store: s.Label(), Key: "x", ETag: "1-1"}}, store.DeleteOptions{}) {
		calls["delete"] = err
	}
	_, calls["head"] = s.Head(t.Context(), "x")
	_, calls["get"] = s.Get(t.Context(), "x", store.Whole, store.GetOptions{})
	_, calls["put"] = s.Put(t.Context(), "x", nil, store.PutOptions{})
	_, calls["create"] = s.Create(t.Context(), "x", store.CreateOptions{})
	_, calls["sweep"] = s.Sweep(t.Context(), "", 0)
	if len(calls) != 8 {
		t.Errorf("%d calls gave an error: %v", len(calls), calls)
	}
	for what, err := range calls {
		if !errors.Is(err, store.ErrNoStore) {
			t.Errorf("%s without a root: %v", what, err)
		}
	}
	if _, err := os.Stat(root); err == nil {
		t.Error("the root was made again")
	}
}

// TestReadingLeavesNoTrace: not even asking the time makes a file or folder.
func TestReadingLeavesNoTrace(t *testing.T) {
	dir := t.TempDir()
	tree(t, dir, "a/x")
	s := open(t, dir)
	keys(t, s, "")
	if _, err := s.Head(t.Context(), "a/x"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Now(t.Context()); err != nil {
		t.Fatal(err)
	}
	if s.noTmpfile.Load() {
		return // here a file has to have a name
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 {
		t.Errorf("%v, %v", entries, err)
	}
}

func TestLabel(t *testing.T) {
	for path, want := range map[string]string{"/": "file:///", "/a b/é": "file:///a%20b/%C3%A9/", "/a": "file:///a/"} {
		if got := label(path); got != want {
			t.Errorf("%s: %s, want %s", path, got, want)
		}
	}
}

func TestExplain(t *testing.T) {
	s := open(t, t.TempDir())
	for errno, want := range map[syscall.Errno]error{
		syscall.ENOSPC: store.ErrFull, syscall.EDQUOT: store.ErrFull, syscall.EROFS: store.ErrFull,
		syscall.EIO: store.ErrUnavailable, syscall.ESTALE: store.ErrUnavailable, syscall.EMFILE: store.ErrUnavailable,
		syscall.EACCES: store.ErrDenied, syscall.EPERM: store.ErrDenied, syscall.ENAMETOOLONG: store.ErrInvalid,
		syscall.ENOENT: store.ErrNotExist,
	} {
		err := s.fail("put", "a/b", fmt.Errorf("write: %w", &os.PathError{Op: "write", Path: "a/b", Err: errno}))
		if !errors.Is(err, want) || !strings.HasPrefix(err.Error(), "put a/b in "+s.Label()+": ") {
			t.Errorf("%v: %v, want %v", errno, err, want)
		}
	}
}
