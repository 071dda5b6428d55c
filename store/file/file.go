// Package file is a store in a folder of a file system.
//
// # What stands for what
//
// A key is a path below the root. An ETag is "<size>-<mtime in ns>": no inode,
// so that a restored tree does not look changed, and no hash, so that a listing
// does not read. Neither content type nor metadata is kept.
//
// Two versions in one tick of a coarse clock would have one ETag. Versions that
// this package writes never do: the modification time of a file is moved on by
// the least step that the file system keeps, where needed, before the file
// becomes visible. Of a file that another program wrote in place less than two
// seconds before it was listed, the ETag does not prove that it was not written
// again; whoever deletes waits longer than that for other reasons (settling).
//
// # What survives
//
// A write returns when it would survive a power cut: the data is synced, the
// name is in its folder, the folder is synced, and so is every folder above it
// that this process has not yet seen synced, up to the root. A failed sync is
// final: the file is given up and never synced again. A delete returns when the
// loss of the name is on the disk, also where somebody else has removed it. Nothing
// is unlinked before what takes its place is on the disk. Folders that deletes left
// empty stay; they hold no object, so nothing shows them.
//
// What a listing or a read shows need not survive: whoever wrote it may have been
// killed before it synced the folder. A read with store.GetOptions.Durable syncs
// what this process has not seen synced, and so is what a commit may rest on.
//
// # Private files
//
// ".recfin/partial/" holds temporary files, each under an flock of its owner,
// so that those of a dead process can be told; where the file system takes
// O_TMPFILE they have no name at all and need no sweeping. ".recfin/locks/"
// holds 256 lock files at most; each stands for the keys whose hash begins
// with its name, and they stay. Locks hold among recfin processes only.
//
// # Boundaries
//
// Symbolic links are followed inside the root only, by os.Root: relative ones
// that do not leave it. Others are not objects: a listing passes them over, and
// a call that names one fails. So are files that are not regular and names that
// are not valid keys (not UTF-8, or too long). The whole root is one file
// system; a mount inside it can be read and deleted from, not written to.
package file

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"recfin/store"
)

// Names of our own below the root.
const (
	privateDir = ".recfin"
	partialDir = ".recfin/partial"
	locksDir   = ".recfin/locks"
)

// maxElement is what the usual file systems take for one name, in bytes.
const maxElement = 255

// Store is a folder. It is safe for concurrent use.
type Store struct {
	path  string // absolute, as it was given
	label string
	disk  disk
	info  os.FileInfo // of the root when it was opened
	leads error       // what os.Root says of a path that leads out

	noTmpfile atomic.Bool // O_TMPFILE does not work here
	noLink    atomic.Bool // hard links do not work here

	mu       sync.Mutex
	durable  map[string]bool   // folders whose names are known to be on the disk
	versions map[string]string // keys that are known to be on the disk, with their ETags
	last     time.Time         // the last modification time given
}

var _ store.Store = (*Store)(nil)

// New opens the folder at path, which must exist; else it is store.ErrNoStore.
func New(path string) (*Store, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("open folder %s: %w", store.Printable(path), err)
	}
	s := &Store{path: abs, label: label(abs), durable: map[string]bool{}, versions: map[string]string{}}
	s.disk.root, err = os.OpenRoot(abs)
	if err == nil {
		s.disk.follow()
		s.info, err = s.disk.stat(".")
	}
	switch {
	case err == nil:
	case errors.Is(err, os.ErrPermission):
		return nil, s.fail("open", "", err)
	default:
		return nil, &store.Error{Op: "open", Store: s.label, Err: fmt.Errorf("%w: %w", store.ErrNoStore, err)}
	}
	_, out := s.disk.lstat("..")
	s.leads = errors.Unwrap(out)
	if _, err := os.Stat(selfFD); err != nil {
		s.noTmpfile.Store(true) // a nameless file could not be given a name
	}
	return s, nil
}

func label(abs string) string {
	u := url.URL{Scheme: "file", Path: strings.TrimSuffix(filepath.ToSlash(abs), "/") + "/"}
	return u.String()
}

// Label is "file:///abs/path/".
func (s *Store) Label() string { return s.label }

// checkKey says why a file system cannot hold the key, or why it is not for
// the caller.
func checkKey(key string) error {
	if err := store.CheckKey(key); err != nil {
		return err
	}
	if strings.ContainsRune(key, 0) {
		return fmt.Errorf("%w: a file name cannot hold a NUL", store.ErrInvalid)
	}
	for element := range strings.SplitSeq(key, "/") {
		switch {
		case element == "":
			return fmt.Errorf("%w: a path cannot hold an empty element", store.ErrInvalid)
		case element == "." || element == "..":
			return fmt.Errorf("%w: a path cannot hold the element %q", store.ErrInvalid, element)
		case len(element) > maxElement:
			return fmt.Errorf("%w: the element %q has %d bytes, a file name has at most %d",
				store.ErrInvalid, element, len(element), maxElement)
		}
	}
	if key == privateDir {
		return fmt.Errorf("%w: %s/ is a folder of our own", store.ErrInvalid, privateDir)
	}
	for _, own := range []string{partialDir, locksDir} {
		if key == own || strings.HasPrefix(key, own+"/") {
			return fmt.Errorf("%w: %s/ is for temporary files and locks", store.ErrInvalid, own)
		}
	}
	return nil
}

// object describes a regular file.
func (s *Store) object(key string, size int64, modified time.Time) store.Object {
	return store.Object{Store: s.label, Key: key, Size: size, ETag: etag(size, modified), Modified: modified.UTC()}
}

func (s *Store) objectOf(key string, fi os.FileInfo) store.Object {
	return s.object(key, fi.Size(), fi.ModTime())
}

func etag(size int64, modified time.Time) string {
	b := strconv.AppendInt(make([]byte, 0, 40), size, 10)
	return string(strconv.AppendInt(append(b, '-'), modified.UnixNano(), 10))
}

// parent is the folder that holds a key, "." for the root.
func parent(key string) string { return path.Dir(key) }
