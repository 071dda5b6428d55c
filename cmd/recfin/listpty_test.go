//go:build unix

package main

import "testing"

// At a terminal a list is a table that keeps to it; of named recordings all is told.
func TestListAtTerminal(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	layTakeover(t, dir, "foo 漢字\x1b[31m")
	laySmall(t, dir, "bar")
	mustRecfin(t, exitDone, "run", "--store", dir, "--delete", "leftovers")
	a := startAt(t, false, nil, "list", "--store", dir)
	if code := a.wait(t); code != exitDone {
		t.Errorf("exit code %d", code)
	}
	if !a.shows(`(?m)^RECORDING +SESSION +LOOK AT +DELETION DUE$`, `(?m)^bar +20250601T180000Z$`, `(?m)^"foo 漢字\\x1b\[31m" +20250601T180000Z +20\d\d-\d\d-\d\dT\d\d:\d\dZ$`) {
		text, _, _ := a.now()
		t.Errorf("it shows\n%s", text)
	}
	named := startAt(t, false, nil, "list", "--store", dir, "bar")
	if code := named.wait(t); code != exitDone || !named.shows(`(?m)^bar: finalized, marked 20`, `for players: file://`) {
		text, _, _ := named.now()
		t.Errorf("exit code %d, it shows\n%s", code, text)
	}
}
