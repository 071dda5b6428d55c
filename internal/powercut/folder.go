package powercut

import (
	"os"
	"testing"
)

// Folder makes an empty folder that goes with the test, in memory where that can
// be: a sweep lays out thousands of images, and none of them needs a disk.
func Folder(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "recfin-test-")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	return dir
}
