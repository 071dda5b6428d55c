package powercut

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"sync"
	"time"

	"recfin/store/file"
)

// ErrOff is what every call gets after the power was cut.
var ErrOff = errors.New("the power is off")

// Plan says when the power is cut, and what fails before. The zero value does
// nothing.
type Plan struct {
	Cut   bool // cut the power at an operation that changes something
	At    int  // its number, from 0
	After bool // after its effect, instead of before
	Kill  bool // only the process dies: what it did is there, synced or not. See Revive

	// Fail gives the error that an operation ends in instead of being done. n
	// counts those that change something. A Sync that fails loses the data.
	Fail func(op *file.Op, n int) error
}

// FS watches one store. It is safe for concurrent use.
type FS struct {
	root string
	plan Plan

	mu    sync.Mutex
	count int
	under map[*file.Op]int // operations that change something, by number
	off   bool
	files map[*os.File]*inode
	names map[string]*inode // what is there now, folders too
	log   []change          // of names, since the beginning
}

var _ file.Watch = (*FS)(nil)

// inode is a file or a folder.
type inode struct {
	folder   bool
	data     []byte
	modified time.Time

	synced     []byte // as of the last sync; nil: never
	syncedTime time.Time
	lost       bool // a sync failed: what was not synced then never will be
	dirty      bool // data or time changed since the last sync
}

// change is one entry of a folder that was made or removed (node is nil).
type change struct {
	name    string
	node    *inode
	durable bool
}

// New watches the folder root, all of whose contents are on the disk.
func New(root string, plan Plan) (*FS, error) {
	f := &FS{root: root, plan: plan, under: map[*file.Op]int{}, files: map[*os.File]*inode{}, names: map[string]*inode{}}
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil || name == root {
			return err
		}
		n, err := f.read(name, d)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, name)
		f.names[filepath.ToSlash(rel)] = n
		f.log = append(f.log, change{filepath.ToSlash(rel), n, true})
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("watch a folder: %w", err)
	}
	return f, nil
}

func (f *FS) read(name string, d fs.DirEntry) (*inode, error) {
	if d.IsDir() {
		return &inode{folder: true}, nil
	}
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	fi, err := d.Info()
	if err != nil {
		return nil, err
	}
	if data == nil {
		data = []byte{}
	}
	return &inode{data: data, modified: fi.ModTime(), synced: data, syncedTime: fi.ModTime()}, nil
}

// Count is how many operations were begun that change something.
func (f *FS) Count() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.count
}

// Off reports whether the power was cut.
func (f *FS) Off() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.off
}

// Revive is the start of the next process, after one that was killed or has
// ended. Operations are counted on.
func (f *FS) Revive(plan Plan) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.off, f.plan = false, plan
}

// Before implements file.Watch.
func (f *FS) Before(op *file.Op) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.off {
		return ErrOff
	}
	n := f.count
	if op.Kind.Changes() {
		f.count++
	}
	if f.plan.Cut && op.Kind.Changes() && n == f.plan.At && !f.plan.After {
		f.off = true
		return ErrOff
	}
	if f.plan.Fail != nil {
		if err := f.plan.Fail(op, n); err != nil {
			if op.Kind == file.Sync {
				f.files[op.File].lose()
			}
			f.cutAfter(op, n)
			return err
		}
	}
	switch op.Kind { // nothing is gained by really waiting for a disk
	case file.Sync:
		f.files[op.File].sync()
	case file.SyncFolder:
		f.syncFolder(op.Name)
	default:
		f.under[op] = n
		return nil
	}
	if f.cutAfter(op, n) {
		return ErrOff
	}
	return file.ErrDone
}

// cutAfter cuts the power where that is planned for when operation n was done.
func (f *FS) cutAfter(op *file.Op, n int) bool {
	if f.plan.Cut && f.plan.After && op.Kind.Changes() && n == f.plan.At {
		f.off = true
	}
	return f.off
}

// After implements file.Watch.
func (f *FS) After(op *file.Op, err error) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.off && !f.plan.Kill {
		return ErrOff // what was under way is taken for not done
	}
	n := f.under[op]
	delete(f.under, op)
	if op.Kind == file.Open && err == nil {
		f.files[op.File] = f.names[op.Name]
	}
	if !op.Kind.Changes() {
		return err
	}
	if err == nil {
		if aerr := f.apply(op); aerr != nil {
			return fmt.Errorf("the double of the file system: %w", aerr)
		}
	}
	if f.cutAfter(op, n) {
		return ErrOff
	}
	return err
}

// apply keeps account of an operation that was done.
func (f *FS) apply(op *file.Op) error {
	switch op.Kind {
	case file.Mkdir:
		f.set(op.Name, &inode{folder: true})
	case file.Create:
		return f.made(op)
	case file.Write, file.Touch:
		return f.changed(op)
	case file.Link:
		f.set(op.Name, f.files[op.File])
	case file.Rename, file.RenameNew:
		f.set(op.Name, f.names[op.Old])
		f.set(op.Old, nil)
	case file.Remove:
		f.set(op.Name, nil)
	}
	return nil
}

// made takes a file that was created, or only opened.
func (f *FS) made(op *file.Op) error {
	n := f.names[op.Name]
	if op.Name == "" || n == nil {
		fi, err := op.File.Stat()
		if err != nil {
			return err
		}
		n = &inode{data: []byte{}, modified: fi.ModTime(), dirty: true}
	}
	f.files[op.File] = n
	if op.Name != "" && f.names[op.Name] == nil {
		f.set(op.Name, n)
	}
	return nil
}

// changed reads what the file holds now.
func (f *FS) changed(op *file.Op) error {
	n := f.files[op.File]
	fi, err := op.File.Stat()
	if err != nil {
		return err
	}
	data := make([]byte, fi.Size())
	copy(data, n.data)
	if op.Kind == file.Write {
		if _, err := op.File.ReadAt(data[op.Off:op.Off+op.Len], op.Off); err != nil {
			return err
		}
	}
	n.data, n.modified, n.dirty = data, fi.ModTime(), true
	return nil
}

// set makes or, where n is nil, removes a name.
func (f *FS) set(name string, n *inode) {
	f.log = append(f.log, change{name: name, node: n})
	if n == nil {
		delete(f.names, name)
	} else {
		f.names[name] = n
	}
}

func (n *inode) sync() {
	if n == nil || n.lost {
		return // it seems to be a success
	}
	n.synced, n.syncedTime, n.dirty = n.data, n.modified, false
}

func (n *inode) lose() {
	if n != nil {
		n.lost = true
	}
}

func (f *FS) syncFolder(dir string) {
	for i := range f.log {
		if path.Dir(f.log[i].name) == dir {
			f.log[i].durable = true
		}
	}
}
