// Package testenv finds the outside programs that integration tests need.
package testenv

import (
	"os"
	"os/exec"
	"testing"
)

// Require is the variable that turns a skipped integration test into a failure.
const Require = "RECFIN_TEST_REQUIRE"

// Need gives the path of a program. Without it the test is skipped, or fails
// where RECFIN_TEST_REQUIRE is set.
func Need(t testing.TB, program string) string {
	t.Helper()
	path, err := exec.LookPath(program)
	if err == nil {
		return path
	}
	if os.Getenv(Require) != "" {
		t.Fatalf("%s is required (%s is set): %v", program, Require, err)
	}
	t.Skipf("%s is not installed; set %s=1 to make this a failure", program, Require)
	return ""
}
