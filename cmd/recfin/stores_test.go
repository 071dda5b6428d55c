package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"recfin/internal/broadcast"
)

// split lays a recording into two folders: the first half into one, the second
// into the other.
func split(t *testing.T) (primary, backup string) {
	t.Helper()
	primary, backup = t.TempDir(), t.TempDir()
	s := broadcast.Make(t, broadcast.Options{})
	broadcast.Lay(t, broadcast.Folder(primary), s.Uploads("foo/A/720p", 0, 1, onAir))
	broadcast.Lay(t, broadcast.Folder(backup), s.Uploads("foo/A/720p", 2, 3, onAir))
	return primary, backup
}

// Several stores: by flag or by environment, one to a line; the outputs go to the
// first, or where --out says.
func TestStores(t *testing.T) {
	for _, how := range []string{"flags", "environment"} {
		t.Run(how, func(t *testing.T) {
			primary, backup := split(t)
			args := []string{"finalize", "--json", "foo"}
			if how == "flags" {
				args = append(args, "--store", primary, "--store", backup)
			} else {
				t.Setenv("RECFIN_STORE", primary+"\n"+backup+"\n")
			}
			r := mustRecfin(t, exitDone, args...)
			d := documents[reportDoc](t, r)
			if len(d) != 1 || len(d[0].Sessions) != 1 || len(d[0].Sessions[0].Renditions[0].Segments) != 4 {
				t.Fatalf("%s", r.text())
			}
			copies, err := filepath.Glob(filepath.Join(primary, "recordings", "foo", "*", "1-*", "720p", "*.ts"))
			if err != nil || len(copies) != 2 {
				t.Errorf("copies %q (%v)", copies, err)
			}
			if _, err := os.Stat(filepath.Join(backup, "recordings")); err == nil {
				t.Error("the backup has outputs too")
			}
		})
	}
	primary, backup := split(t)
	if err := os.Mkdir(filepath.Join(backup, "done"), 0o777); err != nil {
		t.Fatal(err)
	}
	mustRecfin(t, exitDone, "finalize", "--store", primary, "--store", backup, "--out", filepath.Join(backup, "done"), "foo")
	if _, err := os.Stat(filepath.Join(backup, "done", "foo", "recording.json")); err != nil {
		t.Error(err)
	}
	mustRecfin(t, exitUsage, "plan", "--store", primary, "--store", backup, "--out", t.TempDir(), "foo").says(t, "--format mp4", "--out")
	mustRecfin(t, exitUsage, "plan", "--store", primary, "--store", primary, "foo").says(t, "twice")
	mustRecfin(t, exitUsage, "plan", "--store", primary, "--store", filepath.Join(primary, "foo"), "foo").says(t, "lies inside")
}

// What a rename makes one is one rendition; a bad one is wrong usage.
func TestRename(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := broadcast.Make(t, broadcast.Options{})
	broadcast.Lay(t, broadcast.Folder(dir), s.Uploads("foo/A/720p", 0, 1, onAir))
	broadcast.Lay(t, broadcast.Folder(dir), s.Uploads("foo/B/P720p30fps16x9", 2, 3, onAir))
	names := func(args ...string) []string {
		var all []string
		for _, d := range documents[planDoc](t, mustRecfin(t, exitDone, append([]string{"plan", "--json", "--store", dir, "foo"}, args...)...)) {
			for _, x := range d.Sessions {
				for _, q := range x.Renditions {
					all = append(all, q.Name)
				}
			}
		}
		return all
	}
	if got := names(); !slices.Equal(got, []string{"720p", "P720p30fps16x9"}) {
		t.Errorf("without: %q", got)
	}
	if got := names("--rename", "P720p*=720p"); !slices.Equal(got, []string{"720p"}) {
		t.Errorf("joined: %q", got)
	}
	if got := names("--rename", "*=hd", "--rendition", "hd"); !slices.Equal(got, []string{"hd"}) {
		t.Errorf("selected by the new name: %q", got)
	}
	for _, bad := range []string{"720p", "=720p", "720p=", "[=x", "*=a/b", "*=..", "*=a\tb"} {
		mustRecfin(t, exitUsage, "plan", "--store", dir, "--rename", bad, "foo").says(t, "--rename")
	}
	mustRecfin(t, exitUsage, "plan", "--store", dir, "--rename", "a=b", "--rename", "a=c", "foo").says(t, "two names")
}

// Values that are none are wrong usage, and what is meant is said.
func TestBadChoices(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, c := range [][]string{
		{"--time-zone", "Mars/Olympus", "Europe/Berlin"}, {"--time-zone", "Local", "Europe/Berlin"},
		{"--split", "noon", "midnight"}, {"--gaps", "fill", "keep"}, {"--durations", "guess", "probe"}, {"--layout", "nonsense", "nonce"},
	} {
		mustRecfin(t, exitUsage, "plan", "--store", dir, c[0], c[1]).says(t, c[0], c[1], c[2])
	}
	mustRecfin(t, exitUsage, "run", "--store", dir, "--require", "[").says(t, "--require")
	mustRecfin(t, exitDone, "plan", "--store", dir, "--time-zone", "Europe/Berlin", "--split", "midnight", "--gaps", "keep", "--durations", "trust")
}

// What must be there and is not fails the run, after the others were done.
func TestRequire(t *testing.T) {
	t.Parallel()
	s := broadcast.Make(t, broadcast.Options{})
	for _, c := range []struct {
		require []string
		missing []string
	}{
		{[]string{"foo"}, nil}, {[]string{"f*", "bar-[0-9]"}, nil},
		{[]string{"baz"}, []string{"baz"}}, {[]string{"foo", "x*", "notes"}, []string{"x*", "notes"}},
	} {
		t.Run(strings.Join(c.require, " "), func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			broadcast.Lay(t, broadcast.Folder(dir), s.Uploads("foo/A/720p", 0, 1, onAir))
			broadcast.Lay(t, broadcast.Folder(dir), s.Uploads("bar-1/A/720p", 0, 1, onAir))
			if err := broadcast.Folder(dir)("notes/readme.txt", []byte("x"), onAir); err != nil {
				t.Fatal(err)
			}
			args := []string{"run", "--store", dir}
			for _, x := range c.require {
				args = append(args, "--require", x)
			}
			code := exitDone
			if len(c.missing) > 0 {
				code = exitFailed
			}
			r := mustRecfin(t, code, args...)
			for _, x := range c.missing {
				r.says(t, "nothing found of "+x)
			}
			for _, id := range []string{"foo", "bar-1"} {
				if _, err := os.Stat(filepath.Join(dir, "recordings", id, "recording.json")); err != nil {
					t.Error(err)
				}
			}
		})
	}
	mustRecfin(t, exitFailed, "run", "--store", t.TempDir(), "--require", "foo").says(t, "nothing found of foo")
}

// Several IDs as one: a later run of either is a run of the whole, once.
func TestAs(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := broadcast.Make(t, broadcast.Options{})
	broadcast.Lay(t, broadcast.Folder(dir), s.Uploads("one/A/720p", 0, 1, onAir))
	broadcast.Lay(t, broadcast.Folder(dir), s.Uploads("two/A/720p", 2, 3, onAir))
	before := tree(t, dir)
	mustRecfin(t, exitDone, "plan", "--store", dir, "--as", "match", "one", "two").says(t, "match")
	unchanged(t, before, dir, "plan --as")
	mustRecfin(t, exitDone, "finalize", "--store", dir, "--as", "match", "one", "two")
	for _, args := range [][]string{{"run"}, {"run", "--require", "one"}, {"finalize", "one"}, {"finalize", "one", "two", "match"}, {"plan", "two"}} {
		r := mustRecfin(t, exitDone, append(args, "--json", "--store", dir)...)
		var plans []planDoc
		if args[0] == "plan" {
			plans = documents[planDoc](t, r)
		} else {
			for _, d := range documents[reportDoc](t, r) {
				plans = append(plans, d.planDoc)
			}
		}
		if len(plans) != 1 || plans[0].Recording != "match" || len(plans[0].Sessions[0].Renditions[0].Segments) != 4 {
			t.Errorf("recfin %q:\n%s", args, r.text())
		}
	}
	mustRecfin(t, exitRefused, "finalize", "--store", dir, "--as", "other", "one").says(t, "part of the recording match")
	mustRecfin(t, exitUsage, "plan", "--store", dir, "--as", "other").says(t, "--as")
}
