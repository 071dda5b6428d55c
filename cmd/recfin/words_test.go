package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"recfin/finalize"
	"recfin/internal/broadcast"
)

// Every word that a plan may warn with has a text: the words are read from the
// sources, where each is a constant warn…, futureUploads or uploadsNotLive, is
// appended to Warnings, or belongs to a kind of note.
func TestEveryWarningHasAText(t *testing.T) {
	t.Parallel()
	word := regexp.MustCompile(`(?:\bwarn[A-Z]\w*|futureUploads|uploadsNotLive|unusable\w*)\s*=\s*"([a-z-]+)"|Warnings\), "([a-z-]+)"|\bnote[A-Z]\w*: "([a-z-]+)"`)
	found := map[string]bool{}
	for _, dir := range []string{"../../finalize", "../../finalize/timeline"} {
		files, err := filepath.Glob(filepath.Join(dir, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range files {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			source, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range word.FindAllStringSubmatch(string(source), -1) {
				found[m[1]+m[2]+m[3]] = true
			}
		}
	}
	for w := range found {
		if finalize.WarningMeans(w) == "" {
			t.Errorf("the warning %q has no text", w)
		}
	}
	for _, w := range finalize.WarningWords() {
		if !found[w] {
			t.Errorf("the text of %q is of no warning that was found: has it another name in the sources?", w)
		}
	}
}

// A negative duration is told by its flag.
func TestNegativeDurations(t *testing.T) {
	t.Parallel()
	for _, flag := range []string{"--session-gap", "--settle", "--delete-delay"} {
		mustRecfin(t, exitUsage, "run", "--store", t.TempDir(), flag, "-1m").says(t, flag+" -1m0s is negative")
	}
}

// An --out in which segments lie would make them invisible.
func TestOutOverSegments(t *testing.T) {
	t.Parallel()
	for _, command := range [][]string{{"run"}, {"plan"}, {"plan", "foo"}, {"finalize", "foo"}} {
		dir := strangers(t)
		args := append(command, "--store", dir, "--out", filepath.Join(dir, "foo"))
		mustRecfin(t, exitUsage, args...).says(t, "--out file://", "foo/A/720p/0.ts")
	}
	dir := t.TempDir() // the default may be one too
	broadcast.Lay(t, broadcast.Folder(dir), broadcast.Make(t, broadcast.Options{}).Uploads("recordings/A/720p", 0, 3, onAir))
	mustRecfin(t, exitUsage, "run", "--store", dir).says(t, "recordings/A/720p/0.ts")
}

// The hole between segments that have no numbers is told by their names.
func TestHoleWithoutNumbers(t *testing.T) {
	t.Parallel()
	q := finalize.RenditionRecord{Name: "720p", Slot: []int{0, 1, 2}, Seq: []int64{0, 0, 0}}
	q.Key = []string{"foo/a.ts", "foo/b.ts", "foo/e.ts"}
	r := &finalize.Record{Renditions: []finalize.RenditionRecord{q}}
	if got := holeEnds(r, &finalize.HoleRow{AfterSlot: 1, AfterSeq: 498, BeforeSeq: 500}); got != "b.ts and e.ts" {
		t.Errorf("without numbers: %q", got)
	}
	r.Renditions[0].Seq = []int64{7, 8, 11}
	if got := holeEnds(r, &finalize.HoleRow{AfterSlot: 1, AfterSeq: 8, BeforeSeq: 11}); got != "8 and 11" {
		t.Errorf("with numbers: %q", got)
	}
}
