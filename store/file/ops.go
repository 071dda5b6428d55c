package file

import (
	"io"
	"io/fs"
	"os"
	"path"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// disk is the file system below the root: every operation of this package on it
// goes through here, so that a test can stand in between.
type disk struct {
	root  *os.Root
	dir   *os.File // the folder that root is; nil: names are followed by root alone
	watch Watch    // nil: nobody
}

// do runs one operation.
func (d *disk) do(op Op, act func(op *Op) error) error {
	if d.watch == nil {
		return act(&op)
	}
	switch err := d.watch.Before(&op); err {
	case nil:
	case ErrDone:
		return nil
	default:
		return err
	}
	return d.watch.After(&op, act(&op))
}

func (d *disk) mkdir(name string) error {
	return d.do(Op{Kind: Mkdir, Name: name}, func(*Op) error { return d.root.Mkdir(name, 0o777) })
}

func (d *disk) openFolder(name string) (f *os.File, err error) {
	err = d.do(Op{Kind: Open, Name: name}, func(op *Op) error {
		f, err = d.root.OpenFile(name, os.O_RDONLY|syscall.O_DIRECTORY, 0)
		op.File = f
		return err
	})
	return whole(f, err)
}

// openFile opens an existing file. It does not block: a pipe would wait for its
// other end.
func (d *disk) openFile(name string, flag int) (f *os.File, err error) {
	err = d.do(Op{Kind: Open, Name: name}, func(op *Op) error {
		if f = d.openBelow(name, flag|syscall.O_NONBLOCK); f == nil {
			f, err = d.root.OpenFile(name, flag|syscall.O_NONBLOCK, 0)
		}
		op.File = f
		return err
	})
	return whole(f, err)
}

// create makes a file, which must be new where flag has O_EXCL.
func (d *disk) create(name string, flag int) (f *os.File, err error) {
	err = d.do(Op{Kind: Create, Name: name}, func(op *Op) error {
		f, err = d.root.OpenFile(name, os.O_RDWR|os.O_CREATE|flag, 0o666)
		op.File = f
		return err
	})
	return whole(f, err)
}

func (d *disk) createNameless(dir string) (f *os.File, err error) {
	err = d.do(Op{Kind: Create}, func(op *Op) error {
		f, err = d.root.OpenFile(dir, os.O_RDWR|oTmpfile, 0o666)
		op.File = f
		return err
	})
	return whole(f, err)
}

// whole closes a file that was opened although the outcome is an error.
func whole(f *os.File, err error) (*os.File, error) {
	if err != nil && f != nil {
		f.Close()
		f = nil
	}
	return f, err
}

// write writes at off.
func (d *disk) write(f *os.File, p []byte, off int64) (n int, err error) {
	if d.watch == nil {
		return f.WriteAt(p, off)
	}
	err = d.do(Op{Kind: Write, File: f, Off: off, Len: int64(len(p))}, func(*Op) error {
		n, err = f.WriteAt(p, off)
		return err
	})
	if err != nil && n == len(p) {
		n = 0
	}
	return n, err
}

// copyRest appends what is left of from, which the kernel does by itself where
// it can (copy_file_range). Both stand where it begins.
func (d *disk) copyRest(to, from *os.File) error {
	at, err := to.Seek(0, io.SeekCurrent)
	if err != nil {
		return err
	}
	return d.do(Op{Kind: Write, File: to, Off: at}, func(op *Op) error {
		op.Len, err = to.ReadFrom(from)
		return err
	})
}

// copySome copies up to n bytes of from to at, in the same way.
func (d *disk) copySome(to, from *os.File, at, n int64) (copied int64, err error) {
	err = d.do(Op{Kind: Write, File: to, Off: at}, func(op *Op) error {
		copied, err = to.ReadFrom(io.LimitReader(from, n))
		op.Len = copied
		return err
	})
	return copied, err
}

func (d *disk) read(f *os.File, name string, p []byte) (n int, err error) {
	if d.watch == nil {
		return f.Read(p)
	}
	err = d.do(Op{Kind: Read, Name: name, File: f, Len: int64(len(p))}, func(*Op) error {
		n, err = f.Read(p)
		return err
	})
	return n, err
}

func (d *disk) sync(f *os.File) error {
	return d.do(Op{Kind: Sync, File: f}, func(*Op) error { return f.Sync() })
}

func (d *disk) syncFolder(f *os.File, name string) error {
	return d.do(Op{Kind: SyncFolder, Name: name}, func(*Op) error { return f.Sync() })
}

// touch sets the modification time of a file that has the name, or none.
func (d *disk) touch(f *os.File, name string, m time.Time) error {
	return d.do(Op{Kind: Touch, File: f, Name: name}, func(*Op) error {
		if name != "" {
			return d.root.Chtimes(name, time.Time{}, m)
		}
		return os.Chtimes(fdPath(f), time.Time{}, m)
	})
}

// linkNameless gives a file without a name one, if it is free.
func (d *disk) linkNameless(f *os.File, name string) error {
	dir, err := d.openFolder(path.Dir(name))
	if err != nil {
		return err
	}
	defer dir.Close()
	return d.do(Op{Kind: Link, File: f, Name: name}, func(*Op) error { return linkNameless(f, dir, path.Base(name)) })
}

func (d *disk) link(f *os.File, old, name string) error {
	return d.do(Op{Kind: Link, File: f, Old: old, Name: name}, func(*Op) error { return d.root.Link(old, name) })
}

func (d *disk) rename(old, name string) error {
	return d.do(Op{Kind: Rename, Old: old, Name: name}, func(*Op) error { return d.root.Rename(old, name) })
}

func (d *disk) renameNew(old, name string) error {
	from, err := d.openFolder(path.Dir(old))
	if err != nil {
		return err
	}
	defer from.Close()
	to, err := d.openFolder(path.Dir(name))
	if err != nil {
		return err
	}
	defer to.Close()
	return d.do(Op{Kind: RenameNew, Old: old, Name: name}, func(*Op) error {
		return renameNew(from, path.Base(old), to, path.Base(name))
	})
}

func (d *disk) remove(name string) error {
	return d.do(Op{Kind: Remove, Name: name}, func(*Op) error { return d.root.Remove(name) })
}

// stat follows links, lstat does not.
func (d *disk) stat(name string) (fi os.FileInfo, err error) {
	err = d.do(Op{Kind: Stat, Name: name}, func(*Op) error {
		if fi = d.statBelow(name); fi == nil {
			fi, err = d.root.Stat(name)
		}
		return err
	})
	return fi, err
}

func (d *disk) lstat(name string) (fi os.FileInfo, err error) {
	err = d.do(Op{Kind: Stat, Name: name}, func(*Op) error {
		fi, err = d.root.Lstat(name)
		return err
	})
	return fi, err
}

func (d *disk) fstat(f *os.File) (fi os.FileInfo, err error) {
	err = d.do(Op{Kind: Stat, File: f}, func(*Op) error {
		fi, err = f.Stat()
		return err
	})
	return fi, err
}

// readDir gives the next names of an open folder, as os.File.ReadDir does.
func (d *disk) readDir(f *os.File, name string, n int) (all []fs.DirEntry, err error) {
	err = d.do(Op{Kind: ReadDir, Name: name}, func(*Op) error {
		all, err = f.ReadDir(n)
		return err
	})
	return all, err
}

// flock never waits where how has LOCK_NB.
func (d *disk) flock(f *os.File, how int) error {
	return d.do(Op{Kind: Lock, File: f}, func(*Op) error { return flock(f, how) })
}

// tryLock takes the lock of an open file if it is free. It ends with the file.
func (d *disk) tryLock(f *os.File) (bool, error) {
	err := d.flock(f, unix.LOCK_EX|unix.LOCK_NB)
	if err == unix.EWOULDBLOCK {
		return false, nil
	}
	return err == nil, err
}

// lockFile takes the lock of a file of our own, which at most a sweep holds for
// a moment.
func (d *disk) lockFile(f *os.File) error { return d.flock(f, unix.LOCK_EX) }
