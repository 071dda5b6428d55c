package file_test

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"recfin/internal/powercut"
	"recfin/internal/testenv"
	"recfin/store"
	"recfin/store/file"
)

// faults are what a file system says when it can or will not, and what the
// contract calls that.
var faults = []struct {
	errno syscall.Errno
	want  error
}{
	{syscall.EIO, store.ErrUnavailable},
	{syscall.ENOSPC, store.ErrFull},
	{syscall.EDQUOT, store.ErrFull},
	{syscall.EROFS, store.ErrFull},
	{syscall.EACCES, store.ErrDenied},
}

// once fails operation number at, besides what a way refuses, and tells what it was.
func once(at int, errno syscall.Errno, refuse func(*file.Op, int) error, hit *file.Kind) func(*file.Op, int) error {
	return func(op *file.Op, n int) error {
		if n == at && op.Kind.Changes() && *hit == 0 {
			*hit = op.Kind
			return &os.PathError{Op: op.Kind.String(), Path: op.Name, Err: errno}
		}
		if refuse != nil {
			return refuse(op, n)
		}
		return nil
	}
}

// TestFaults lets each operation that changes something fail once, in each way,
// and cuts the power at the end: the step fails with the right error, which names
// the key, or succeeds in another way; what is acknowledged is on the disk all the
// same (a sync that failed is not tried again: the kernel has dropped the data and
// would say that all is well); and no temporary file is left.
func TestFaults(t *testing.T) {
	tried := 0
	for name, refuse := range ways {
		t.Run(name, func(t *testing.T) {
			operations := story(t, powercut.Folder(t), powercut.Plan{Fail: refuse}).fs.Count()
			for i, f := range faults {
				step := len(faults)
				if os.Getenv("RECFIN_TEST_CRASH") == "all" || f.errno == syscall.EIO && name == "nameless" {
					step = 1
				}
				for at := i % step; at < operations; at += step {
					var hit file.Kind
					dir := powercut.Folder(t)
					d := storyWith(t, dir, powercut.Plan{Fail: once(at, f.errno, refuse, &hit)}, f.want)
					if hit == 0 {
						continue // it gave up earlier than the undisturbed one
					}
					tried++
					left, _ := os.ReadDir(filepath.Join(dir, ".recfin/partial"))
					if len(left) > 0 && hit != file.Remove {
						t.Errorf("%v is left", left)
					}
					images(t, d.fs, d.verify)
					if t.Failed() {
						t.Fatalf("%v at operation %d of %d: %v", f.errno, at, operations, hit)
					}
				}
			}
		})
	}
	testenv.Figure(t, "crash points, faults of the file system, followed by a power cut", "%d", tried)
}

// TestReadFaults: reads that fail, or a folder that cannot be read, are errors
// that name the key; never an absent object, an empty or a short listing.
func TestReadFaults(t *testing.T) {
	for _, f := range faults[:1] {
		for _, kind := range []file.Kind{file.Open, file.Read, file.Stat, file.ReadDir} {
			dir := powercut.Folder(t)
			start(t, dir)
			fail := false
			fs, err := powercut.New(dir, powercut.Plan{Fail: func(op *file.Op, _ int) error {
				if fail && op.Kind == kind {
					return f.errno
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
			fail = true
			d := &diary{t: t, want: f.want}
			errs := map[string]error{}
			for _, err := range s.List(t.Context(), "b/") {
				errs["list b/"] = err
			}
			_, errs["head b/1"] = s.Head(t.Context(), "b/1")
			if b, err := s.Get(t.Context(), "b/1", store.Whole, store.GetOptions{}); err != nil {
				errs["get b/1"] = err
			} else {
				_, errs["get b/1"] = b.Read(make([]byte, 10))
				b.Close()
			}
			want := map[file.Kind][]string{
				file.Open: {"list b/", "get b/1"}, file.Read: {"get b/1"},
				file.Stat: {"list b/", "head b/1", "get b/1"}, file.ReadDir: {"list b/"},
			}[kind]
			for _, call := range want {
				if err := errs[call]; err == nil || !d.expected(call, err) {
					t.Errorf("%v fails, and %s says: %v", kind, call, err)
				}
			}
		}
	}
}
