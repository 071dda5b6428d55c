package main

import (
	"os"
	"strings"
	"testing"

	"recfin/internal/broadcast"
)

// TestDeepFolder: 10,000 folders in each other hold no segment that a key could
// name, stop nothing, and are no recording; as an ID they are one that cannot be.
func TestDeepFolder(t *testing.T) {
	dir := t.TempDir()
	s := broadcast.Make(t, broadcast.Options{})
	broadcast.Lay(t, broadcast.Folder(dir), s.Uploads("demo/A/720p", 0, 2, onAir))
	in, err := os.OpenRoot(dir)
	for range 10_000 {
		if err != nil {
			t.Fatal(err)
		}
		if err = in.Mkdir("d", 0o777); err != nil {
			t.Fatal(err)
		}
		next, deeper := in.OpenRoot("d")
		in.Close()
		in, err = next, deeper
	}
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	if err := in.WriteFile("0.ts", []byte("x"), 0o666); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"plan"}, {"run"}} {
		if r := recfin(append(args, "--store", dir)...); r.code != exitDone || !strings.Contains(r.text(), "demo") {
			t.Errorf("recfin %q: exit code %d\n%s", args, r.code, r.text())
		}
	}
	if r := recfin("finalize", "--store", dir, "--", strings.Repeat("a/", 10_000)); r.code != exitUsage {
		t.Errorf("exit code %d", r.code)
	}
}
