package survival

import (
	"errors"
	"fmt"
	"strings"
	"syscall"
	"testing"

	"recfin/finalize"
	"recfin/internal/powercut"
	"recfin/internal/testenv"
	"recfin/store"
	"recfin/store/file"
)

// disks are file systems that will not do something any more, for good.
var disks = []struct {
	name  string
	errno syscall.Errno
	fails func(k file.Kind) bool
	want  error
}{
	{"full", syscall.ENOSPC, func(k file.Kind) bool {
		return k == file.Mkdir || k == file.Create || k == file.Write || k == file.Link
	}, store.ErrFull},
	{"quota used up", syscall.EDQUOT, func(k file.Kind) bool { return k == file.Write }, store.ErrFull},
	{"read-only", syscall.EROFS, func(k file.Kind) bool { return k.Changes() && k != file.Sync && k != file.SyncFolder }, store.ErrFull},
	{"broken", syscall.EIO, func(k file.Kind) bool { return k == file.Sync || k == file.SyncFolder }, store.ErrUnavailable},
}

// TestDisk: from some operation on the disk is full, or its quota is used up, or it
// is read-only or broken. The run ends with an error that names the store and says
// which; nothing is deleted that is not proved, whatever survives a power cut then;
// and once the disk is mended the next run makes what an undisturbed one would have.
func TestDisk(t *testing.T) {
	t.Parallel()
	points := 0
	for _, sc := range scenes {
		t.Run(sc.name, func(t *testing.T) {
			sc := newStage(t, sc)
			want, operations := undisturbed(t, sc)
			for i, disk := range disks {
				for at := 3 * i; at < operations; at += stride(41) {
					hit := false
					w := sc.world(t, powercut.Plan{Fail: func(op *file.Op, n int) error {
						if n >= at && disk.fails(op.Kind) {
							hit = true
							return fmt.Errorf("%v %s: %w", op.Kind, op.Name, disk.errno)
						}
						return nil
					}})
					r, err := sc.run(w.s)
					switch {
					case !hit:
					case err == nil && !onlyKept(r.Kept, disk.want):
						t.Errorf("the run says nothing: %+v", r.Kept)
					case err != nil && (!errors.Is(err, disk.want) || !strings.Contains(err.Error(), w.s.Label())):
						t.Errorf("the run says %v, and should say %v, and where", err, disk.want)
					}
					points++
					survives(t, sc, w, want)
					if t.Failed() {
						t.Fatalf("%s from operation %d of %d on", disk.name, at, operations)
					}
				}
			}
		})
	}
	testenv.Figure(t, "crash points, disks that fail for good, followed by a power cut", "%d", points)
}

// onlyKept reports whether what should have been deleted was kept, and why.
func onlyKept(kept []finalize.Kept, want error) bool {
	for _, k := range kept {
		if !k.Failed || !strings.Contains(k.Why, want.Error()) {
			return false
		}
	}
	return len(kept) > 0
}

// TestDiskDeniesDeletes: names can be made, and those of others not removed. The
// recording is done, each victim is kept and says why, and nothing else is missing.
func TestDiskDeniesDeletes(t *testing.T) {
	for _, sc := range scenes {
		sc := newStage(t, sc)
		want, _ := undisturbed(t, sc)
		w := sc.world(t, powercut.Plan{Fail: func(op *file.Op, _ int) error {
			if op.Kind == file.Remove && strings.HasPrefix(op.Name, "foo/") {
				return syscall.EACCES
			}
			return nil
		}})
		r, err := sc.run(w.s)
		if err != nil || !onlyKept(r.Kept, store.ErrDenied) || len(r.Committed) != 1 {
			t.Errorf("%s: %v, kept %+v, committed %d", sc.name, err, r.Kept, len(r.Committed))
		}
		survives(t, sc, w, want)
	}
}
