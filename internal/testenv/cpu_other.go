//go:build !unix

package testenv

import "time"

var begun = time.Now()

// CPU is the time since the process began.
func CPU() time.Duration { return time.Since(begun) }
