package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestDemo(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "new")
	r := mustRecfin(t, exitDone, "demo", dir)
	r.says(t,
		"hole in all renditions between 13 and 15: 0:00:02.000",
		"dropped: 3 segments", "identical   demo/B/180p/8.ts, for demo/A/180p/8.ts",
		"truncated   demo/A/180p/9.ts", "empty       demo/A/180p/10.ts",
		"demo/notes.txt", "1 session written", "nothing to do")
	_, where, ok := strings.Cut(r.out, "Where to look:\n")
	if !ok {
		t.Fatal(r.out)
	}
	seen := map[string]bool{}
	var advice []string
	for _, line := range strings.Split(strings.TrimSpace(where), "\n") {
		f := strings.Fields(line)
		if len(f) > 2 && f[1] == "recfin" {
			advice = f[2:]
			continue
		}
		if info, err := os.Stat(f[len(f)-1]); err != nil || info.Size() == 0 {
			t.Errorf("%s: %v", line, err)
		}
		seen[f[0]] = true
	}
	for _, kind := range []string{"marker", "player", "mp4", "hls"} {
		if !seen[kind] {
			t.Errorf("%s is not named: %s", kind, where)
		}
	}
	pictures(t, filepath.Join(dir, "recordings", "demo", "20250601T180000Z", "index.m3u8"))

	// The same again leaves all as it is, and the advice works.
	before := tree(t, dir)
	again := mustRecfin(t, exitDone, "demo", dir)
	if strings.Contains(again.out, "session written") {
		t.Errorf("the second time: %s", again.out)
	}
	unchanged(t, before, dir, "the second demo")
	mustRecfin(t, exitDone, advice...).says(t, "deleted demo/B/180p/8.ts", "deleted demo/A/180p/9.ts")
	for _, key := range []string{"B/180p/8.ts", "A/180p/9.ts"} {
		if _, err := os.Stat(filepath.Join(dir, "demo", key)); !os.IsNotExist(err) {
			t.Errorf("%s: %v", key, err)
		}
	}
}

func TestDemoInTheWay(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	name := filepath.Join(dir, "demo", "A", "180p", "0.ts")
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	r := recfin("demo", dir)
	if r.says(t, "demo/A/180p/0.ts", "another file is there"); r.code != exitFailed {
		t.Errorf("exit code %d", r.code)
	}
	if body, err := os.ReadFile(name); err != nil || string(body) != "mine" {
		t.Errorf("%q, %v", body, err)
	}
}
