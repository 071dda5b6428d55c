// Package rules holds the safety rules of the package finalize against its model
// test: with each rule switched off in turn the model has to find what goes wrong.
package rules

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// edit changes a source file: a text that stands there exactly once.
type edit struct{ file, old, new string }

// rule is one safety rule, and what switches it off.
type rule struct {
	name     string
	protects string // what goes wrong without it
	edits    []edit
	// by is the test that finds it; empty: the model.
	by string
	// quick ones are tried by every run of the tests.
	quick bool
}

// TestRulesOff builds the tests of package finalize once for each rule, with that
// rule switched off in an overlay of the sources, and lets the model play until it
// finds what that breaks. A rule without which nothing is found holds nothing, or
// the model is blind.
func TestRulesOff(t *testing.T) {
	root := moduleRoot(t)
	all := os.Getenv("RECFIN_MODEL") == "all"
	fmt.Printf("\n| rule switched off | what goes wrong | found |\n|---|---|---|\n")
	for _, r := range rules {
		overlay := overlayOf(t, root, r) // so that a text that is gone is seen in any run
		if !all && !r.quick {
			continue
		}
		t.Run(r.name, func(t *testing.T) {
			found := hunt(t, root, overlay, r)
			fmt.Printf("| %s | %s | %s |\n", r.name, r.protects, found)
		})
	}
}

// moduleRoot is the folder of go.mod.
func moduleRoot(t *testing.T) string {
	out, err := exec.Command("go", "env", "GOMOD").Output()
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Dir(strings.TrimSpace(string(out)))
}

// overlayOf makes the overlay that switches a rule off.
func overlayOf(t *testing.T, root string, r rule) string {
	t.Helper()
	dir := t.TempDir()
	files := map[string][]byte{}
	for _, e := range r.edits {
		name := filepath.Join(root, "finalize", e.file)
		text, ok := files[name]
		if !ok {
			var err error
			if text, err = os.ReadFile(name); err != nil {
				t.Fatal(err)
			}
		}
		if n := bytes.Count(text, []byte(e.old)); n != 1 {
			t.Fatalf("%s: %s has %d times: %s", r.name, e.file, n, e.old)
		}
		files[name] = bytes.Replace(text, []byte(e.old), []byte(e.new), 1)
	}
	replace := map[string]string{}
	for name, text := range files {
		at := filepath.Join(dir, filepath.Base(name))
		if err := os.WriteFile(at, text, 0o600); err != nil {
			t.Fatal(err)
		}
		replace[name] = at
	}
	raw, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		t.Fatal(err)
	}
	at := filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(at, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	return at
}

// found is what the model says of a broken law.
var found = regexp.MustCompile(`found after (.*)`)

// hunt builds and plays, and says what was found.
func hunt(t *testing.T, root, overlay string, r rule) string {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
	defer cancel()
	bin := filepath.Join(filepath.Dir(overlay), "finalize.test")
	build := exec.CommandContext(ctx, "go", "test", "-overlay", overlay, "-vet=off", "-c", "-o", bin, "./finalize")
	build.Dir = root
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build without it: %v\n%s", err, out)
	}
	test := "TestModel"
	if r.by != "" {
		test = r.by
	}
	play := exec.CommandContext(ctx, bin, "-test.run", "^"+test+"$", "-test.count=1")
	play.Dir = filepath.Join(root, "finalize")
	play.Env = append(slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "RECFIN_MODEL") }), "RECFIN_MODEL=hunt")
	out, err := play.CombinedOutput()
	if err == nil {
		t.Fatal("with this rule switched off nothing is found")
	}
	if r.by != "" {
		if !bytes.Contains(out, []byte("--- FAIL: "+r.by)) {
			t.Fatalf("%s did not fail by itself:\n%s", r.by, out)
		}
		return "by " + r.by
	}
	m := found.FindSubmatch(out)
	if m == nil {
		t.Fatalf("the model did not end with a finding: %v\n%s", err, out)
	}
	return string(m[1])
}
