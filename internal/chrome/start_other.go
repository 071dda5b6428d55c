//go:build !linux

package chrome

import "os/exec"

// start starts a program.
func start(cmd *exec.Cmd) (ended <-chan error, kill func(), err error) {
	if err := cmd.Start(); err != nil {
		return nil, nil, err
	}
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	return done, func() { _ = cmd.Process.Kill() }, nil
}
