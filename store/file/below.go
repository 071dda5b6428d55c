package file

import "os"

// os.Root goes through a path element by element, with two calls of the system for each.
// Where the system does that itself, and refuses as much (openat2, RESOLVE_BENEATH), an
// open file costs one call. Whatever that does not give is left to os.Root, which has
// the last word: so nothing but what is below the root is opened, and errors are its own.

// follow has names followed by the system from now on, if it can.
func (d *disk) follow() {
	if f, err := d.root.Open("."); err == nil {
		d.dir = f
	}
}

// openBelow opens the file of a name; nil: os.Root is to open it, or to say why not.
func (d *disk) openBelow(name string, flag int) *os.File {
	if d.dir == nil {
		return nil
	}
	return openBelow(d.dir, name, flag)
}

// statBelow describes what a name leads to; nil: os.Root is to describe it, or to
// say why not.
func (d *disk) statBelow(name string) os.FileInfo {
	f := d.openBelow(name, pathOnly)
	if f == nil {
		return nil
	}
	defer f.Close()
	fi, err := f.Stat()
	if err != nil {
		return nil
	}
	return fi
}
