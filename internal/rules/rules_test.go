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

// edit changes a text that stands exactly once in the sources of package finalize.
type edit struct{ old, new string }

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
		overlay := overlayOf(t, root, r, r.by != "") // so that a text that is gone is seen in any run
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

// needed are the test files of package finalize that the model is made of.
var needed = []string{
	"model_*_test.go", "model_test.go", "world_test.go", "media_test.go", "audit_test.go", "auditheld_test.go", "chosen_test.go",
	"compare_test.go", "crash_test.go", "delete_test.go", "hook_test.go", "merge_test.go",
}

// leaveOut takes the test files out of an overlay that the model does not need: they
// take time to build.
func leaveOut(t *testing.T, root string, replace map[string]string) {
	files, err := filepath.Glob(filepath.Join(root, "finalize", "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		if !slices.ContainsFunc(needed, func(glob string) bool { ok, _ := filepath.Match(glob, filepath.Base(name)); return ok }) {
			replace[name] = ""
		}
	}
}

// sources are the texts of package finalize, without tests, by file name.
func sources(t *testing.T, root string) map[string]string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(root, "finalize", "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	texts := map[string]string{}
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		texts[name] = string(raw)
	}
	return texts
}

// overlayOf makes the overlay that switches a rule off. whole: with all test files.
func overlayOf(t *testing.T, root string, r rule, whole bool) string {
	t.Helper()
	dir := t.TempDir()
	files, changed := sources(t, root), map[string]bool{}
	for _, e := range r.edits {
		in, n := "", 0
		for name, text := range files {
			if k := strings.Count(text, e.old); k > 0 {
				in, n = name, n+k
			}
		}
		if n != 1 {
			t.Fatalf("%s: the sources have %d times: %s", r.name, n, e.old)
		}
		files[in] = strings.Replace(files[in], e.old, e.new, 1)
		changed[in] = true
	}
	replace := map[string]string{}
	if !whole {
		leaveOut(t, root, replace)
	}
	for name := range changed {
		at := filepath.Join(dir, filepath.Base(name))
		if err := os.WriteFile(at, []byte(files[name]), 0o600); err != nil {
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

// build builds the tests of package finalize with an overlay.
func build(ctx context.Context, root, overlay string) (bin string, out []byte, err error) {
	bin = filepath.Join(filepath.Dir(overlay), "finalize.test")
	cmd := exec.CommandContext(ctx, "go", "test", "-overlay", overlay, "-vet=off", "-c", "-o", bin, "./finalize")
	cmd.Dir = root
	out, err = cmd.CombinedOutput()
	return bin, out, err
}

// found is what the model says of a broken law.
var found = regexp.MustCompile(`found after (.*)`)

// hunt builds and plays, and says what was found.
func hunt(t *testing.T, root, overlay string, r rule) string {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
	defer cancel()
	bin, out, err := build(ctx, root, overlay)
	if err != nil && r.by == "" { // the model may need another file by now
		bin, out, err = build(ctx, root, overlayOf(t, root, r, true))
	}
	if err != nil {
		t.Fatalf("build without it: %v\n%s", err, out)
	}
	test := "TestModel"
	if r.by != "" {
		test = r.by
	}
	play := exec.CommandContext(ctx, bin, "-test.run", "^"+test+"$", "-test.count=1")
	play.Dir = filepath.Join(root, "finalize")
	play.Env = append(slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "RECFIN_MODEL") }), "RECFIN_MODEL=hunt")
	if out, err = play.CombinedOutput(); err == nil {
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
