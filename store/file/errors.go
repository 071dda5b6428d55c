package file

import (
	"errors"
	"fmt"
	"os"
	"syscall"

	"recfin/store"
)

// sentinels maps what the system says to what the contract says, first match.
var sentinels = []struct {
	system   error
	sentinel error
}{
	{syscall.ENOSPC, store.ErrFull},
	{syscall.EDQUOT, store.ErrFull},
	{syscall.EROFS, store.ErrFull},
	{syscall.EFBIG, store.ErrFull},
	{syscall.EIO, store.ErrUnavailable},
	{syscall.ESTALE, store.ErrUnavailable},
	{syscall.ETIMEDOUT, store.ErrUnavailable},
	{syscall.EMFILE, store.ErrUnavailable},
	{syscall.ENFILE, store.ErrUnavailable},
	{syscall.ENAMETOOLONG, store.ErrInvalid},
	{syscall.EILSEQ, store.ErrInvalid},
	{syscall.ELOOP, store.ErrInvalid},
	{os.ErrPermission, store.ErrDenied},
}

// fail names what was being done and wraps the sentinel that fits the cause.
func (s *Store) fail(op, key string, err error) error {
	return &store.Error{Op: op, Store: s.label, Key: key, Err: s.explain(err)}
}

func (s *Store) explain(err error) error {
	switch {
	case s.leads != nil && errors.Is(err, s.leads):
		return fmt.Errorf("%w: a symbolic link leads out of the folder", store.ErrInvalid)
	case errors.Is(err, os.ErrNotExist):
		if !s.alive() {
			return store.ErrNoStore
		}
		return store.ErrNotExist
	}
	for _, m := range sentinels {
		if errors.Is(err, m.system) {
			return fmt.Errorf("%w: %w", m.sentinel, err)
		}
	}
	return err
}

// missing reports whether err says that nothing is under a key: neither a file
// nor a folder, or a file where a folder would have to be.
func missing(err error) bool {
	return errors.Is(err, os.ErrNotExist) || errors.Is(err, syscall.ENOTDIR)
}

// alive reports whether the root is still the folder that was opened.
func (s *Store) alive() bool {
	fi, err := os.Stat(s.path)
	return err == nil && os.SameFile(fi, s.info)
}
