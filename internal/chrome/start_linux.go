package chrome

import (
	"os/exec"
	"runtime"
	"syscall"
)

// start starts a program in a process group of its own, which kill ends: a browser
// is many processes. It dies with this process, however that ends; the signal is
// bound to the thread that started it, which therefore waits.
func start(cmd *exec.Cmd) (ended <-chan error, kill func(), err error) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
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
	if err := <-started; err != nil {
		return nil, nil, err
	}
	return done, func() { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }, nil
}
