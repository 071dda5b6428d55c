//go:build unix

package testenv

import (
	"syscall"
	"time"
)

// CPU is the processor time of this process so far, which other work of the
// machine leaves alone.
func CPU() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
