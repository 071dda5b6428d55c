package main

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"recfin/internal/broadcast"
)

func TestRunTwice(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	layTwoRenditions(t, broadcast.Folder(dir), "foo", onAir)
	common := []string{"--store", dir, "--format", "hls,mp4"}
	first := mustRecfin(t, exitDone, append([]string{"finalize", "foo"}, common...)...)
	if strings.Contains(first.out, "nothing to do") {
		t.Errorf("the first run: %s", first.out)
	}
	nothing := func(args ...string) {
		t.Helper()
		before := tree(t, dir)
		r := mustRecfin(t, exitDone, append(args, common...)...)
		r.says(t, "foo: nothing to do")
		if args[0] == "run" { // notes what is finished, the first time that it sees it so
			before = tree(t, dir)
			mustRecfin(t, exitDone, append(args, common...)...).says(t, "foo: nothing to do")
		}
		unchanged(t, before, dir, strings.Join(args, " "))
	}
	nothing("finalize", "foo")
	nothing("finalize", "foo")
	nothing("run")
	nothing("finalize", "foo", "--settle", "1h", "--session-gap", "20m") // settings decide nothing again

	r := mustRecfin(t, exitDone, append([]string{"finalize", "foo", "--delete", "leftovers", "--delete-delay", "0"}, common...)...)
	if strings.Contains(r.out, "nothing to do") || !strings.Contains(r.out, "deleted foo/") {
		t.Errorf("the run that deletes: %s", r.out)
	}
	nothing("finalize", "foo", "--delete", "leftovers", "--delete-delay", "0")
	nothing("finalize", "foo", "--delete", "leftovers")
	nothing("finalize", "foo")
	nothing("run", "--delete", "leftovers", "--delete-delay", "0")

	again := document[reportDoc](t, mustRecfin(t, exitDone, append([]string{"finalize", "foo", "--json"}, common...)...))
	if again.Status != "done" || len(again.Committed) != 0 || len(again.Deleted) != 0 || again.Cost.Put != 0 {
		t.Errorf("as JSON: status %q, committed %v, deleted %v, cost %+v", again.Status, again.Committed, again.Deleted, again.Cost)
	}
}

// files names the files below a folder of a store.
func files(t *testing.T, dir, below string) map[string]string {
	t.Helper()
	all := tree(t, dir)
	maps.DeleteFunc(all, func(name, _ string) bool {
		info, err := os.Stat(filepath.Join(dir, filepath.FromSlash(name)))
		return err != nil || info.IsDir() || !strings.HasPrefix(name, below)
	})
	return all
}

// losers are the copies of layTwoRenditions that may go.
func losers(recording string, renditions ...string) []string {
	var all []string
	for _, q := range renditions {
		all = append(all, recording+"/A/"+q+"/7.ts", recording+"/B/"+q+"/6.ts")
	}
	slices.Sort(all)
	return all
}

// gone names the files that are in before and not in after; others must not
// have changed.
func gone(t *testing.T, before, after map[string]string) []string {
	t.Helper()
	var all []string
	for _, name := range slices.Sorted(maps.Keys(before)) {
		now, ok := after[name]
		if !ok {
			all = append(all, name)
		} else if now != before[name] {
			t.Errorf("%s changed", name)
		}
	}
	return all
}

func TestDelete(t *testing.T) {
	t.Parallel()
	now := []string{"--delete", "leftovers", "--delete-delay", "0"}
	cases := []struct {
		name string
		runs [][]string // each a run after the other
		want []string
	}{
		{"at once", [][]string{now}, losers("foo", "720p", "360p")},
		{"in a later run", [][]string{{}, now}, losers("foo", "720p", "360p")},
		{"both formats", [][]string{append([]string{"--format", "hls,mp4"}, now...)}, losers("foo", "720p", "360p")},
		{"not asked for", [][]string{{}, {"--delete", "none", "--delete-delay", "0"}, {"--force"}}, nil},
		{"marked, not due", [][]string{{"--delete", "leftovers"}, {"--delete", "leftovers"}}, nil},
		{"marked, then another mode", [][]string{{"--delete", "leftovers"}, {"--delete-delay", "0"}}, nil},
		{"marked, then due", [][]string{{"--delete", "leftovers"}, now}, losers("foo", "720p", "360p")},
		{"without 360p", [][]string{append([]string{"--rendition", "!360p"}, now...), append([]string{"--rendition", "!360p"}, now...)}, losers("foo", "720p")},
		{"720p alone", [][]string{append([]string{"--rendition", "720p", "--format", "mp4"}, now...)}, losers("foo", "720p")},
		{"without 360p, none", [][]string{{"--rendition", "!360p", "--delete", "none"}, {"--rendition", "!360p", "--force"}}, nil},
		{"without 360p, then with all", [][]string{append([]string{"--rendition", "!360p"}, now...), now}, losers("foo", "720p")},
		{"over the limit", [][]string{append([]string{"--max-delete-percent", "1"}, now...)}, nil},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			layTwoRenditions(t, broadcast.Folder(dir), "foo", onAir)
			before := files(t, dir, "foo/")
			var deleted []string
			for _, args := range c.runs {
				r := recfin(append([]string{"finalize", "--json", "--store", dir, "foo"}, args...)...)
				if c.name != "over the limit" {
					r.wantCode(t, exitDone)
				} else if r.code == exitDone {
					t.Error("what was kept is not in the exit code")
				}
				for _, o := range document[reportDoc](t, r).Deleted {
					deleted = append(deleted, o.Key)
				}
			}
			if got := gone(t, before, files(t, dir, "foo/")); !slices.Equal(got, c.want) {
				t.Errorf("gone: %q", got)
			}
			if slices.Sort(deleted); !slices.Equal(deleted, c.want) {
				t.Errorf("reported as deleted: %q", deleted)
			}
		})
	}
}

// --force writes what is not settled, and never cleans it.
func TestForceNeverDeletes(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	layTwoRenditions(t, broadcast.Folder(dir), "foo", time.Now().Add(-time.Minute))
	before := files(t, dir, "foo/")
	mustRecfin(t, exitNotSettled, "finalize", "--store", dir, "foo").says(t, "not settled", "--force")
	mustRecfin(t, exitDone, "run", "--store", dir)
	if all := files(t, dir, ""); len(all) != len(before) {
		t.Errorf("files: %q", slices.Sorted(maps.Keys(all)))
	}
	r := recfin("finalize", "--store", dir, "--force", "--delete", "leftovers", "--delete-delay", "0", "foo")
	r.wantCode(t, exitDone)
	r.says(t, "1 session written")
	if got := gone(t, before, files(t, dir, "foo/")); len(got) != 0 {
		t.Errorf("gone: %q", got)
	}
}
