//go:build !linux

package versity

import "os/exec"

// start starts a program.
func start(cmd *exec.Cmd) (ended <-chan error, err error) {
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	return done, nil
}

// attributes: not relied upon here.
func attributes(string) bool { return false }
