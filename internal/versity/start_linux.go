package versity

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"
)

// start starts a program that dies with this process, however that ends. The
// signal is bound to the thread that started it, which therefore waits.
func start(cmd *exec.Cmd) (ended <-chan error, err error) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	started, done := make(chan error, 1), make(chan error, 1)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			done <- cmd.Wait()
		}
	}()
	return done, <-started
}

// attributes reports whether the file system of dir keeps extended attributes.
func attributes(dir string) bool {
	file := filepath.Join(dir, ".probe")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		return false
	}
	defer os.Remove(file)
	return syscall.Setxattr(file, "user.recfin", []byte("1"), 0) == nil
}
