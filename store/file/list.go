package file

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"slices"
	"strings"
	"syscall"
	"time"
	"unicode/utf8"

	"recfin/store"
)

// entry is what a listing keeps of one name in a folder.
type entry struct {
	name     string // a folder's ends in a slash, as it does in the order of keys
	size     int64
	modified time.Time
}

func (e entry) folder() bool { return strings.HasSuffix(e.name, "/") }

// readChunk is how many names are read, and described by the system, at once.
const readChunk = 1024

// List walks the folder that the prefix names. It holds the names of one folder
// at each level at a time, as they were when the folder was opened.
func (s *Store) List(ctx context.Context, prefix string) iter.Seq2[store.Object, error] {
	return func(yield func(store.Object, error) bool) {
		w := &walk{s: s, ctx: ctx, yield: func(o store.Object) bool { return yield(o, nil) }}
		dir, rest := prefix[:strings.LastIndexByte(prefix, '/')+1], prefix[strings.LastIndexByte(prefix, '/')+1:]
		if err := w.start(dir, rest); err != nil && !errors.Is(err, errStop) {
			yield(store.Object{}, s.fail("list", prefix, err))
		}
	}
}

// Folders yields the folders below prefix that hold an object at any depth.
func (s *Store) Folders(ctx context.Context, prefix string) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		var err error
		if prefix != "" && !strings.HasSuffix(prefix, "/") {
			err = fmt.Errorf("%w: a folder ends in a slash", store.ErrInvalid)
		} else {
			err = s.folders(ctx, prefix, func(name string) bool { return yield(name, nil) })
		}
		if err != nil && !errors.Is(err, errStop) {
			yield("", s.fail("list", prefix, err))
		}
	}
}

func (s *Store) folders(ctx context.Context, dir string, yield func(string) bool) error {
	w := &walk{s: s, ctx: ctx}
	entries, err := w.open(dir, "")
	if err != nil {
		return err
	}
	for _, e := range entries {
		if !e.folder() {
			continue
		}
		found := false
		w.yield = func(store.Object) bool { found = true; return false }
		if err := w.visit(dir+e.name, ""); err != nil && !errors.Is(err, errStop) {
			return err
		}
		if found && !yield(strings.TrimSuffix(e.name, "/")) {
			return errStop
		}
	}
	return ctx.Err()
}

// errStop: the caller wants no more.
var errStop = errors.New("stopped")

// walk is one listing under way.
type walk struct {
	s     *Store
	ctx   context.Context
	yield func(store.Object) bool
	above []os.FileInfo // the folders from the first to this one: a link to one of them is a loop
}

// start lists the keys below dir, which is empty or ends in a slash, whose next
// element begins with rest.
func (w *walk) start(dir, rest string) error {
	if err := w.visit(dir, rest); err != nil {
		return err
	}
	return w.ctx.Err()
}

func (w *walk) visit(dir, rest string) error {
	depth := len(w.above)
	defer func() { w.above = w.above[:depth] }()
	entries, err := w.open(dir, rest)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if err := w.ctx.Err(); err != nil {
			return err
		}
		if e.folder() {
			if err := w.visit(dir+e.name, ""); err != nil {
				return err
			}
			continue
		}
		if !w.yield(w.s.object(dir+e.name, e.size, e.modified)) {
			return errStop
		}
	}
	return nil
}

// open reads a folder in order of keys. A folder that is not there, or that no
// key can name, is empty.
func (w *walk) open(dir, rest string) ([]entry, error) {
	if err := w.ctx.Err(); err != nil {
		return nil, err
	}
	if !w.s.alive() {
		return nil, store.ErrNoStore
	}
	name := "."
	if dir != "" {
		name = strings.TrimSuffix(dir, "/")
		if checkKey(name) != nil {
			return nil, nil
		}
	}
	f, err := w.s.disk.openFolder(name)
	if missing(err) || errors.Is(err, syscall.ELOOP) || errors.Is(err, w.s.leads) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	fi, err := w.s.disk.fstat(f)
	if err != nil {
		return nil, err
	}
	if w.seen(fi) {
		return nil, nil
	}
	w.above = append(w.above, fi)
	return w.read(f, dir, rest)
}

// seen reports whether a folder is above itself, or is the private one by
// another name.
func (w *walk) seen(fi os.FileInfo) bool {
	for _, a := range w.above {
		if os.SameFile(a, fi) {
			return true
		}
	}
	private, err := w.s.disk.lstat(privateDir)
	return err == nil && os.SameFile(private, fi)
}

func (w *walk) read(f *os.File, dir, rest string) ([]entry, error) {
	var entries []entry
	for {
		chunk, err := w.s.disk.readDir(f, dir, readChunk)
		for _, d := range chunk {
			if !strings.HasPrefix(d.Name(), rest) || dir == "" && d.Name() == privateDir {
				continue
			}
			e, ok, err := w.entry(d, dir)
			if err != nil {
				return nil, err
			}
			if ok {
				entries = append(entries, e)
			}
		}
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
	}
	slices.SortFunc(entries, func(a, b entry) int { return cmp.Compare(a.name, b.name) })
	return entries, nil
}

// entry describes one name, or says that it is no part of any key.
func (w *walk) entry(d fs.DirEntry, dir string) (entry, bool, error) {
	name := d.Name()
	if !utf8.ValidString(name) || len(dir)+len(name) > store.MaxKey {
		return entry{}, false, nil
	}
	fi, err := d.Info()
	if err == nil && fi.Mode().Type() == fs.ModeSymlink {
		fi, err = w.s.disk.stat(dir + name)
	}
	switch {
	case err == nil && fi.IsDir():
		return entry{name: name + "/"}, true, nil
	case err == nil && fi.Mode().IsRegular():
		return entry{name: name, size: fi.Size(), modified: fi.ModTime()}, true, nil
	case err == nil, missing(err), errors.Is(err, syscall.ELOOP), errors.Is(err, w.s.leads):
		return entry{}, false, nil
	}
	return entry{}, false, err
}
