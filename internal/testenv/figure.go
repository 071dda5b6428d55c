package testenv

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// Figures is the variable that names the folder for what tests have counted.
const Figures = "RECFIN_TEST_FIGURES"

// Figure logs what a test has counted. Where RECFIN_TEST_FIGURES names a folder it
// is the contents of a file there too, with this name, so that it can be shown
// without running the test again.
func Figure(t testing.TB, name, format string, args ...any) {
	t.Helper()
	text := fmt.Sprintf(format, args...)
	t.Log(name + ": " + text)
	dir := os.Getenv(Figures)
	if dir == "" {
		return
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Error(err)
	}
	if err := os.WriteFile(filepath.Join(dir, name), []byte(name+": "+text+"\n"), 0o644); err != nil {
		t.Error(err)
	}
}
