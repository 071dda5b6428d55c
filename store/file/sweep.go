package file

import (
	"context"
	"errors"
	"io"
	"os"
	"path"
	"strings"
	"time"

	"recfin/store"
)

// Sweep removes temporary files for keys below prefix: at once where no process
// holds their lock any more, and else when they were not written to for age.
// Files without a name need no sweeping. Of a key that is longer than 200 bytes
// when escaped, only those count. Those for private keys, which are below the
// prefix of no recording, go with any sweep when no process holds their lock.
func (s *Store) Sweep(ctx context.Context, prefix string, age time.Duration) (int, error) {
	n, err := s.sweep(ctx, prefix, age)
	if err != nil {
		return n, s.fail("sweep", prefix, err)
	}
	return n, nil
}

func (s *Store) sweep(ctx context.Context, prefix string, age time.Duration) (int, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	if !s.alive() {
		return 0, store.ErrNoStore
	}
	dir, err := s.disk.openFolder(partialDir)
	if missing(err) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	defer dir.Close()
	entries, err := s.disk.readDir(dir, partialDir, -1)
	if err != nil && !errors.Is(err, io.EOF) {
		return 0, err
	}
	now, err := s.Now(ctx)
	if err != nil {
		return 0, err
	}
	swept := 0
	for _, e := range entries {
		name := e.Name()
		_, of, ours := strings.Cut(name, ".")
		limit := now.Add(-age)
		if ours && !strings.HasPrefix(of, nameOf(prefix)) {
			ours, limit = strings.Contains(of, nameOf(store.Private)), time.Time{}
		}
		if !ours {
			continue
		}
		if err := ctx.Err(); err != nil {
			return swept, err
		}
		gone, err := s.sweepOne(path.Join(partialDir, name), limit)
		if err != nil && !missing(err) {
			return swept, err
		}
		if gone {
			swept++
		}
	}
	return swept, nil
}

// sweepOne removes a temporary file that is dead or was not written to since
// limit. It holds the file's lock while it removes it, so that a process that
// has just made the file and waits for the lock sees that it is gone.
func (s *Store) sweepOne(name string, limit time.Time) (bool, error) {
	f, err := s.disk.openFile(name, os.O_RDWR)
	if err != nil {
		return false, err
	}
	defer f.Close()
	dead, err := s.disk.tryLock(f)
	if err != nil {
		return false, err
	}
	if !dead {
		fi, err := s.disk.fstat(f)
		if err != nil || !fi.ModTime().Before(limit) {
			return false, err
		}
	}
	return true, s.disk.remove(name)
}
