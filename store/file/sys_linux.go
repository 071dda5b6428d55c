package file

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

const (
	pathOnly = unix.O_PATH
	oTmpfile = unix.O_TMPFILE
	selfFD   = "/proc/self/fd"
)

// fdPath names an open file, a nameless one too.
func fdPath(f *os.File) string { return fmt.Sprintf("%s/%d", selfFD, f.Fd()) }

// linkNameless gives a file without a name one in an open folder, if it is free.
func linkNameless(f, dir *os.File, base string) error {
	return unix.Linkat(unix.AT_FDCWD, fdPath(f), int(dir.Fd()), base, unix.AT_SYMLINK_FOLLOW)
}

// renameNew renames if the new name is free.
func renameNew(from *os.File, old string, to *os.File, base string) error {
	return unix.Renameat2(int(from.Fd()), old, int(to.Fd()), base, unix.RENAME_NOREPLACE)
}

// openBelow opens what a name leads to from a folder, links too, if that is below the
// folder all the way (openat2). nil: it cannot be opened so.
func openBelow(dir *os.File, name string, flag int) *os.File {
	how := unix.OpenHow{
		Flags:   uint64(flag | unix.O_CLOEXEC),
		Resolve: unix.RESOLVE_BENEATH | unix.RESOLVE_NO_MAGICLINKS,
	}
	fd, err := unix.Openat2(int(dir.Fd()), name, &how)
	if err != nil {
		return nil
	}
	return os.NewFile(uintptr(fd), name)
}

// startWriteBack asks the kernel to bring a part of a file to the disk now. It
// promises nothing: errors show when the file is synced.
func startWriteBack(f *os.File, off, n int64) {
	_ = unix.SyncFileRange(int(f.Fd()), off, n, unix.SYNC_FILE_RANGE_WRITE)
}
