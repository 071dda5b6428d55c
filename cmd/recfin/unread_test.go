package main

import (
	"os"
	"path/filepath"
	"testing"

	"recfin/internal/broadcast"
)

// strangers lays what nonce does not read beside a recording that it reads.
func strangers(t *testing.T, keys ...string) string {
	t.Helper()
	dir := t.TempDir()
	put := broadcast.Folder(dir)
	broadcast.Lay(t, put, broadcast.Make(t, broadcast.Options{}).Uploads("foo/A/720p", 0, 3, onAir))
	for _, key := range keys {
		if err := put(key, []byte("x\n"), onAir); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// Cameras of other names beside one that fits: the one is finalized, and the
// others are counted and shown, each time.
func TestKeysBesideAreShown(t *testing.T) {
	t.Parallel()
	dir := strangers(t, "bar/x/y/z/1.ts", "bar/x/y/z/2.ts", "baz/clip-1.ts", "qux.ts")
	for _, command := range []string{"plan", "run", "run"} {
		mustRecfin(t, exitDone, command, "--store", dir).says(t, "2 folders and 1 key at the top", "bar/x/y/z/1.ts", "--layout", "foo: ")
	}
	mustRecfin(t, exitDone, "run", "--json", "--store", dir).says(t, "2 folders and 1 key at the top")
	clean := mustRecfin(t, exitDone, "run", "--store", strangers(t, "foo/notes.txt"))
	clean.hides(t, "no --layout reads")
	// A folder that a layout reads is no stranger, whatever becomes of it.
	again := mustRecfin(t, exitPartly, "run", "--store", dir, "--layout", "nonce", "--layout", "{recording}/x/y/{rendition}/{seq}.ts", "--layout", "{recording}/clip-{seq}.ts")
	again.says(t, "no --layout reads", "1 key at the top")
}

// A layout that reads nothing of what is there is wrong usage, whichever it is.
func TestNothingFitsIsRefused(t *testing.T) {
	t.Parallel()
	dir := strangers(t)
	for _, layout := range []string{
		"ivs", "catalyst", "mediamtx", "wubloader",
		"live/{recording}/{seq}.ts", "{recording}/x/{rendition}/{seq}.ts", "{recording**}/v-{seq}.ts",
	} {
		for _, command := range []string{"plan", "run"} {
			mustRecfin(t, exitUsage, command, "--store", dir, "--layout", layout).says(t, "foo/A/720p/0.ts", "--layout")
		}
	}
	root := t.TempDir()
	broadcast.Lay(t, broadcast.Folder(root), broadcast.Make(t, broadcast.Options{}).Uploads("foo/A/720p", 0, 3, onAir))
	names, err := filepath.Glob(filepath.Join(root, "foo", "A", "720p", "*.ts"))
	if err != nil || len(names) == 0 {
		t.Fatal(err)
	}
	flat := t.TempDir()
	for _, name := range names {
		if err := os.Rename(name, filepath.Join(flat, filepath.Base(name))); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(flat, "index.m3u8"), []byte("#EXTM3U\n#EXTINF:2,\n0.ts\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	for _, layout := range []string{"nonce", "hls"} {
		mustRecfin(t, exitUsage, "run", "--store", flat, "--layout", layout).says(t, "0.ts")
	}
	// What is required and missing decides the code.
	mustRecfin(t, exitFailed, "run", "--store", flat, "--require", "foo").says(t, "nothing found of foo", "0.ts")
}

// Our own outputs are no keys that do not fit.
func TestOutputsAreNoStrangers(t *testing.T) {
	t.Parallel()
	dir := strangers(t)
	done := filepath.Join(dir, "done")
	if err := os.Mkdir(done, 0o755); err != nil {
		t.Fatal(err)
	}
	mustRecfin(t, exitDone, "run", "--store", dir, "--out", done)
	if err := os.RemoveAll(filepath.Join(dir, "foo")); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"--out", done}, nil} {
		r := mustRecfin(t, exitDone, append([]string{"run", "--store", dir}, args...)...)
		r.says(t, "nothing found")
		r.hides(t, "no --layout reads")
	}
}
