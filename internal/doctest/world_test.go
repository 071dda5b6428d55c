package doctest

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"recfin/internal/demo"
	"recfin/store/storetest/s3double"
)

// world is what is there when a page begins.
type world struct {
	buckets map[string][]object
	files   []object // in the folder that the page begins in
	s3      s3double.Options
	before  string // commands that somebody has run there
}

// worlds of pages that need more than the usual one, by path.
var worlds = map[string]func(t testing.TB) world{
	"docs/deleting.md":        finalized,
	"docs/verify.md":          finalized,
	"docs/howto/livepeer.md":  livepeer,
	"docs/howto/wubloader.md": wubloader,
	"docs/howto/ivs.md":       ivs,
	"docs/howto/mediamtx.md":  mediamtx,
	"docs/howto/minio.md":     minio,
}

// finalized is the usual world after a night.
func finalized(t testing.TB) world {
	w := usual(t)
	w.before = "recfin run --store s3://my-bucket/live && recfin run --store s3://live/streams"
	return w
}

// worldOf is the world of a page.
func worldOf(t testing.TB, page string) world {
	t.Helper()
	if of := worlds[page]; of != nil {
		return of(t)
	}
	return usual(t)
}

// minio is the usual world behind a store that ignores conditions on deletes.
func minio(t testing.TB) world {
	w := usual(t)
	w.s3.Deaf = s3double.Deaf{Delete: true, DeleteBatch: true}
	return w
}

// usual is a world with recordings demo and foo in s3://my-bucket/live and
// s3://live/streams, as recfin demo lays them out, and a segment.ts at hand.
func usual(t testing.TB) world {
	t.Helper()
	story := demoObjects(t)
	foo := renamed(story, "demo/", "foo/")
	return world{
		buckets: map[string][]object{
			"my-bucket": under("live/", story, foo),
			"live":      under("streams/", story, foo),
			"backup":    under("streams/", foo),
		},
		files: []object{{key: "segment.ts", body: story[0].body, uploaded: story[0].uploaded}},
	}
}

// demoObjects are those of recfin demo, by key.
func demoObjects(t testing.TB) []object {
	t.Helper()
	dir := t.TempDir()
	if _, err := demo.Write(dir); err != nil {
		t.Fatal(err)
	}
	var all []object
	err := filepath.WalkDir(dir, func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		body, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		key, err := filepath.Rel(dir, file)
		all = append(all, object{filepath.ToSlash(key), body, info.ModTime()})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// renamed gives objects other keys.
func renamed(all []object, pairs ...string) []object {
	to := strings.NewReplacer(pairs...)
	var out []object
	for _, o := range all {
		o.key = to.Replace(o.key)
		out = append(out, o)
	}
	return out
}

// under puts objects below a prefix.
func under(prefix string, lists ...[]object) []object {
	var out []object
	for _, all := range lists {
		for _, o := range all {
			o.key = prefix + o.key
			out = append(out, o)
		}
	}
	return out
}
