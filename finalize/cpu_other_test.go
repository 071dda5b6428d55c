//go:build !unix

package finalize_test

import "time"

var begun = time.Now()

// cpu is the time since the process began.
func cpu() time.Duration { return time.Since(begun) }
