package file_test

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
	"pgregory.net/rapid"

	"recfin/store"
	"recfin/store/file"
)

// large is announced for a body that passes the page cache by.
const large = 64 << 20

// TestLargeBodies: whatever the room and however the body is cut, the object is head
// and body; also where the file system refuses at some write to pass the page cache by.
func TestLargeBodies(t *testing.T) {
	noise := make([]byte, 9<<20)
	for i, x := 0, uint32(1); i < len(noise); i++ {
		x = x*1664525 + 1013904223
		noise[i] = byte(x >> 24)
	}
	rapid.Check(t, func(t *rapid.T) {
		dir, err := os.MkdirTemp("", "large")
		if err != nil {
			t.Fatal(err)
		}
		defer os.RemoveAll(dir)
		refused := rapid.IntRange(0, 3).Draw(t, "refused") // the number of a write; 0: none
		writes := 0
		s, err := file.NewWatched(dir, watcher(func(op *file.Op) error {
			if op.Kind != file.Write || !past(op.File) {
				return nil
			}
			if writes++; writes == refused {
				return &os.PathError{Op: "write", Path: op.Name, Err: syscall.EINVAL}
			}
			return nil
		}))
		if err != nil {
			t.Fatal(err)
		}
		room := rapid.OneOf(rapid.Int64Range(0, 5), rapid.Int64Range(65530, 65540), rapid.Int64Range(0, 5<<20)).Draw(t, "room")
		size := rapid.OneOf(rapid.IntRange(0, 200_000), rapid.IntRange(4<<20-2, 4<<20+2), rapid.IntRange(0, len(noise))).Draw(t, "size")
		head := bytes.Repeat([]byte("h"), int(room)+rapid.SampledFrom([]int{0, 0, 1, 70_000}).Draw(t, "more"))
		up, err := s.Create(context.Background(), "a/b.mp4", store.CreateOptions{Room: room, SizeHint: large})
		if err != nil {
			t.Fatal(err)
		}
		defer up.Abort()
		for left := noise[:size]; len(left) > 0; {
			n := min(len(left), rapid.OneOf(rapid.IntRange(1, 100_000), rapid.IntRange(1, 6<<20)).Draw(t, "n"))
			if len(left) > 8*n {
				n = len(left) / 8
			}
			k, err := up.Write(left[:n])
			if err != nil || k != n {
				t.Fatalf("wrote %d of %d: %v", k, n, err)
			}
			left = left[n:]
		}
		o, err := up.Commit(context.Background(), bytes.NewReader(head))
		if err != nil {
			t.Fatal(err)
		}
		raw, err := os.ReadFile(filepath.Join(dir, "a/b.mp4"))
		if err != nil || o.Size != int64(len(raw)) || !bytes.Equal(raw, append(head, noise[:size]...)) {
			t.Fatalf("%d bytes of %d+%d are there, or others (%v)", len(raw), len(head), size, err)
		}
	})
}

// TestLargeBodyFails: what fails otherwise than by refusing is the outcome, and nothing
// is to be seen of the body.
func TestLargeBodyFails(t *testing.T) {
	for at := 1; at <= 4; at++ {
		dir, writes := t.TempDir(), 0
		s, err := file.NewWatched(dir, watcher(func(op *file.Op) error {
			if op.Kind != file.Write {
				return nil
			}
			if writes++; writes == at {
				return &os.PathError{Op: "write", Path: op.Name, Err: syscall.EIO}
			}
			return nil
		}))
		if err != nil {
			t.Fatal(err)
		}
		up, err := s.Create(context.Background(), "b.mp4", store.CreateOptions{Room: 100, SizeHint: large})
		if err != nil {
			t.Fatal(err)
		}
		_, err = io.Copy(up, io.LimitReader(zeros{}, 5<<20))
		if err == nil {
			_, err = up.Commit(context.Background(), bytes.NewReader(make([]byte, 100)))
		}
		up.Abort()
		if _, there := os.Stat(filepath.Join(dir, "b.mp4")); err == nil || there == nil {
			t.Errorf("write %d failed: %v, and the file: %v", at, err, there)
		}
	}
}

// past reports whether a file is written past the page cache now.
func past(f *os.File) bool {
	flags, err := unix.FcntlInt(f.Fd(), unix.F_GETFL, 0)
	return err == nil && flags&unix.O_DIRECT != 0
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }
