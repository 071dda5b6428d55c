//go:build unix && !linux

package file

import (
	"os"
	"syscall"
)

// Here a temporary file always has a name: selfFD does not exist.
const (
	pathOnly = 0
	oTmpfile = 0
	selfFD   = "/proc/self/fd/none"
)

func fdPath(f *os.File) string { return f.Name() }

func linkNameless(*os.File, *os.File, string) error { return syscall.ENOTSUP }

func renameNew(*os.File, string, *os.File, string) error { return syscall.ENOTSUP }

// openBelow: there is no such call.
func openBelow(*os.File, string, int) *os.File { return nil }

// startWriteBack: the system decides by itself when to write.
func startWriteBack(*os.File, int64, int64) {}
