package main

import (
	"maps"
	"slices"
	"testing"

	"recfin/internal/broadcast"
)

// TestDeleteSources: what an MP4 holds goes, once somebody has looked at the holes;
// beside playlists that is wrong usage.
func TestDeleteSources(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	layTwoRenditions(t, broadcast.Folder(dir), "foo", onAir)
	before := files(t, dir, "foo/")
	for _, format := range []string{"hls", "hls,mp4"} {
		r := recfin("run", "--store", dir, "--format", format, "--delete", "sources")
		r.wantCode(t, exitUsage)
		r.says(t, "--format mp4", "--delete sources")
	}
	args := []string{"--store", dir, "--format", "mp4", "--delete", "sources", "--delete-delay", "0"}
	mustRecfin(t, exitDone, append([]string{"run", "--accept", "bar"}, args...)...).says(t, "--accept foo")
	same := gone(t, before, files(t, dir, "foo/"))
	if !slices.Equal(same, losers("foo", "360p", "720p")) {
		t.Errorf("gone although it has holes: %q", same)
	}
	second := document[reportDoc](t, mustRecfin(t, exitDone, append([]string{"finalize", "--json", "--accept", "bar", "--accept", "foo", "--drop-data", "foo"}, args...)...))
	left := slices.Sorted(maps.Keys(files(t, dir, "foo/")))
	if want := []string{"foo/C/360p/3.ts", "foo/C/720p/3.ts", "foo/notes.txt"}; !slices.Equal(left, want) {
		t.Errorf("left: %q", left)
	}
	if n := len(before) - len(same) - len(left); len(second.Deleted) != n {
		t.Errorf("%d deleted, reported %d", n, len(second.Deleted))
	}
	args = append(args, "--accept", "foo")
	mustRecfin(t, exitDone, append([]string{"finalize", "foo"}, args...)...).says(t, "nothing to do")
	mustRecfin(t, exitDone, append([]string{"run"}, args...)...)
	r := recfin("finalize", "--store", dir, "--format", "hls,mp4", "foo")
	r.wantCode(t, exitRefused)
	r.says(t, "cannot be made")
}
