package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"recfin/internal/broadcast"
	"recfin/report"
)

func read(t *testing.T, elem ...string) string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(elem...))
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// A page of one recording, before and after it is finalized: where it lies in the
// folder of the outputs it can play them, elsewhere only by a public URL.
func TestReport(t *testing.T) {
	t.Parallel()
	dir, other := t.TempDir(), t.TempDir()
	broadcast.Lay(t, broadcast.Folder(dir), stream(t).Uploads("foo/A/720p", 0, 4, onAir))
	mustRecfin(t, exitDone, "plan", "--store", dir, "foo") // private folders are there now
	before := tree(t, dir)
	mustRecfin(t, exitDone, "report", "--store", dir, "-o", filepath.Join(other, "plan.html"), "foo")
	unchanged(t, before, dir, "report")
	if page := read(t, other, "plan.html"); !strings.Contains(page, ">ready</span>") || strings.Contains(page, `data-testid="player"`) {
		t.Error("the page of a plan is not that of one")
	}

	mustRecfin(t, exitDone, "finalize", "--store", dir, "--format", "hls,mp4", "foo")
	play := regexp.MustCompile(`<a class="noscript" href="([^"]*)"`)
	for _, c := range []struct {
		where string
		flags []string
		want  string // of the MP4; empty: nothing can be played
	}{
		{filepath.Join(dir, "page.html"), nil, `^recordings/foo/[0-9TZ]+/1-[0-9a-f]+/720p\.mp4$`},
		{filepath.Join(dir, "recordings", "page.html"), nil, `^\.\./recordings/foo/`},
		{filepath.Join(other, "page.html"), nil, ""},
		{filepath.Join(other, "page.html"), []string{"--public-url", "https://cdn.example/x y/"}, `^https://cdn\.example/x%20y/recordings/foo/`},
	} {
		args := append([]string{"report", "--store", dir, "-o", c.where}, c.flags...)
		mustRecfin(t, exitDone, append(args, "foo")...)
		found := play.FindAllStringSubmatch(read(t, c.where), -1)
		switch {
		case c.want == "" && len(found) > 0:
			t.Errorf("%s: %q can be played", c.where, found)
		case c.want != "" && (len(found) != 2 || !strings.HasSuffix(found[0][1], "/index.m3u8") || !regexp.MustCompile(c.want).MatchString(found[1][1])):
			t.Errorf("%s %q: %q, want %s", c.where, c.flags, found, c.want)
		case c.want != "" && c.flags == nil:
			for _, f := range found {
				if _, err := os.Stat(filepath.Join(filepath.Dir(c.where), f[1])); err != nil {
					t.Error(err)
				}
			}
		}
	}
	if r := mustRecfin(t, exitDone, "report", "--store", dir, "-o", "-", "foo"); !strings.HasPrefix(r.out, "<!doctype html>") || !strings.HasSuffix(r.out, "</html>\n") {
		t.Errorf("%d bytes on standard output", len(r.out))
	}
}

// Of a damaged recording there is a page to look at, and the exit code says that
// somebody must.
func TestReportDamaged(t *testing.T) {
	t.Parallel()
	dir, file := t.TempDir(), filepath.Join(t.TempDir(), "x.html")
	broadcast.Lay(t, broadcast.Folder(dir), stream(t).Uploads("foo/A/720p", 0, 4, onAir))
	mustRecfin(t, exitDone, "finalize", "--store", dir, "foo")
	mustRemove(t, filepath.Join(dir, "foo", "A", "720p", "2.ts"))
	mustRecfin(t, exitRefused, "report", "--store", dir, "-o", file, "foo").says(t, "foo/A/720p/2.ts")
	if page := read(t, file); !strings.Contains(page, ">damaged</span>") || !strings.Contains(page, "foo/A/720p/2.ts") {
		t.Error("the page does not say what is lost")
	}
	out := t.TempDir()
	mustRecfin(t, exitRefused, "report", "--store", dir, "-o", out)
	if page := read(t, out, indexPage); !strings.Contains(page, ">damaged</span>") {
		t.Error("the index does not say what is lost")
	}
}

// All recordings, with an index: names that are no file names have pages too.
func TestReportFolder(t *testing.T) {
	t.Parallel()
	dir, out := t.TempDir(), filepath.Join(t.TempDir(), "new", "pages")
	names := []string{"foo", "Foo", "index", "a b<script>", "50%"}
	for _, name := range names {
		broadcast.Lay(t, broadcast.Folder(dir), stream(t).Uploads(name+"/A/720p", 0, 2, onAir))
	}
	broadcast.Lay(t, broadcast.Folder(dir), stream(t).Uploads("live/A/720p", 0, 2, time.Now().Add(-10*time.Second)))
	mustRecfin(t, exitDone, "report", "--store", dir, "-o", out)
	files, err := os.ReadDir(out)
	if err != nil || len(files) != len(names)+2 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	page := read(t, out, indexPage)
	links := regexp.MustCompile(`<td class="name"><a href="([^"]*)">`).FindAllStringSubmatch(page, -1)
	seen := map[string]bool{}
	for _, l := range links {
		seen[strings.ToLower(l[1])] = true
		if !strings.Contains(read(t, out, l[1]), `data-page="recording"`) {
			t.Errorf("%s is no page", l[1])
		}
	}
	if len(seen) != len(names)+1 {
		t.Errorf("links: %q", links)
	}
	for _, want := range []string{"a b&lt;script&gt;", ">not-settled</span>", ">ready</span>"} {
		if !strings.Contains(page, want) {
			t.Errorf("the index has no %s", want)
		}
	}
	if two := filepath.Join(t.TempDir(), "two"); true {
		mustRecfin(t, exitDone, "report", "--store", dir, "-o", two, "foo", "50%")
		if files, err := os.ReadDir(two); err != nil || len(files) != 3 {
			t.Errorf("%d files, %v", len(files), err)
		}
	}
}

func TestReportRefuses(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	broadcast.Lay(t, broadcast.Folder(dir), stream(t).Uploads("foo/A/720p", 0, 2, onAir))
	file := filepath.Join(t.TempDir(), "x.html")
	for _, c := range []struct {
		code int
		args []string
		says string
	}{
		{exitUsage, []string{"foo"}, "needs -o"},
		{exitUsage, []string{"-o", dir, "foo"}, "is a folder"},
		{exitUsage, []string{"-o", "-"}, "name a folder"},
		{exitUsage, []string{"-o", file, "--public-url", "ftp://x/", "foo"}, "--public-url"},
		{exitFailed, []string{"-o", file, "nosuch"}, "nosuch"},
		{exitFailed, []string{"-o", filepath.Join(dir, "no", "such", "x.html"), "foo"}, "no such file"},
	} {
		mustRecfin(t, c.code, append([]string{"report", "--store", dir}, c.args...)...).says(t, c.says)
		if _, err := os.Stat(file); err == nil {
			t.Errorf("%q: a file was written", c.args)
		}
	}
}

// TestReportReplaces: a page takes the place of a page, and of nothing else: neither of
// a segment whose name was meant to be an argument, nor of the index of another site.
func TestReportReplaces(t *testing.T) {
	t.Parallel()
	dir, site := t.TempDir(), t.TempDir()
	broadcast.Lay(t, broadcast.Folder(dir), stream(t).Uploads("foo/A/720p", 0, 2, onAir))
	mustRecfin(t, exitDone, "plan", "--store", dir, "foo") // private folders are there now
	before := tree(t, dir)
	mustRecfin(t, exitUsage, "report", "--store", dir, "-o", filepath.Join(dir, "foo", "A", "720p", "0.ts"), "foo").says(t, "is no page of recfin report")
	unchanged(t, before, dir, "report")
	mustRecfin(t, exitUsage, "report", "--store", dir, "-o", "/dev/full", "foo").says(t, "is no file")

	for _, theirs := range []string{indexPage, "foo.html"} {
		if err := os.WriteFile(filepath.Join(site, theirs), []byte("<!doctype html>\n<title>theirs</title>"), 0o644); err != nil {
			t.Fatal(err)
		}
		mustRecfin(t, exitUsage, "report", "--store", dir, "-o", site).says(t, theirs)
		if text := read(t, site, theirs); !strings.Contains(text, "theirs") {
			t.Errorf("%s was replaced", theirs)
		}
		if err := os.Remove(filepath.Join(site, theirs)); err != nil {
			t.Fatal(err)
		}
	}
	empty := filepath.Join(site, "empty.html")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		mustRecfin(t, exitDone, "report", "--store", dir, "-o", site)
		mustRecfin(t, exitDone, "report", "--store", dir, "-o", empty, "foo")
	}
	for _, page := range []string{indexPage, "foo.html", "empty.html"} {
		if head := read(t, site, page); !report.Wrote([]byte(head)[:report.HeadSize]) {
			t.Errorf("%s is not known as a page: %.200q", page, head)
		}
	}
}

// TestLookedAtAfterSources: a recording of which the MP4 is all that is left is done, for
// whoever looks at it without saying which format he wants.
func TestLookedAtAfterSources(t *testing.T) {
	t.Parallel()
	dir, site := t.TempDir(), t.TempDir()
	broadcast.Lay(t, broadcast.Folder(dir), stream(t).Uploads("foo/A/720p", 0, 2, onAir))
	for range 2 {
		mustRecfin(t, exitDone, "run", "--store", dir, "--format", "mp4", "--delete", "sources", "--delete-delay", "0")
	}
	if _, err := os.Stat(filepath.Join(dir, "foo", "A", "720p", "0.ts")); err == nil {
		t.Fatal("the sources are there")
	}
	page := filepath.Join(site, "foo.html")
	mustRecfin(t, exitDone, "report", "--store", dir, "-o", page, "foo")
	mustRecfin(t, exitDone, "report", "--store", dir, "-o", filepath.Join(site, "all"))
	mustRecfin(t, exitDone, "report", "--store", dir, "--format", "mp4", "-o", filepath.Join(site, "same.html"), "foo")
	mustRecfin(t, exitRefused, "report", "--store", dir, "--format", "hls", "-o", filepath.Join(site, "hls.html"), "foo")
	_, url := served(t, "--store", dir)
	code, shown := fetch(t, url+"r/foo")
	if code != 200 {
		t.Fatalf("%d\n%s", code, shown)
	}
	for where, text := range map[string]string{"report": read(t, page), "same": read(t, site, "same.html"), "index": read(t, site, "all", indexPage), "serve": shown} {
		if strings.Contains(text, ">refused<") || strings.Contains(text, "cannot be made") || !strings.Contains(text, ">done<") {
			t.Errorf("%s: it is not shown as done: %q", where, regexp.MustCompile(`data-testid="status">[^<]*|cannot be made`).FindAllString(text, -1))
		}
	}
}

func TestPageNames(t *testing.T) {
	t.Parallel()
	seen := map[string]string{}
	for _, name := range []string{"foo", "Foo", "foo/bar", "foo_bar", "index", "Index", "..", ".", "-o", "", "a b", "ä", "日本語", strings.Repeat("x", 300), strings.Repeat("x", 301), "foo\x00", "\xff", "con.aux"} {
		got := pageName(name)
		if !regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_-]{0,99}\.html$`).MatchString(got) || strings.EqualFold(got, indexPage) {
			t.Errorf("%q: %q", name, got)
		}
		if was, ok := seen[strings.ToLower(got)]; ok {
			t.Errorf("%q and %q are both %q", was, name, got)
		}
		seen[strings.ToLower(got)] = name
	}
}

// What is marked for deletion stands on the page, with the time from which on it may
// go.
func TestReportDue(t *testing.T) {
	t.Parallel()
	dir, file := t.TempDir(), filepath.Join(t.TempDir(), "x.html")
	put := broadcast.Folder(dir)
	broadcast.Lay(t, put, stream(t).Uploads("foo/A/720p", 0, 9, onAir))
	broadcast.Lay(t, put, late(stream(t).Uploads("foo/B/720p", 8, 9, onAir), time.Second))
	mustRecfin(t, exitDone, "finalize", "--store", dir, "--delete", "leftovers", "foo")
	mustRecfin(t, exitDone, "report", "--store", dir, "--delete-delay", "48h", "-o", file, "foo")
	page := read(t, file)
	_, set, ok := strings.Cut(page, `data-testid="due"`)
	if !ok {
		t.Fatal("nothing is due")
	}
	set, _, _ = strings.Cut(set, "</table>")
	times := regexp.MustCompile(`datetime="([^"]*)"`).FindAllStringSubmatch(set, -1)
	if len(times) != 2 || !strings.Contains(set, "<td>leftovers<td class=\"n\">2<") {
		t.Fatalf("due: %s", set)
	}
	marked, err := time.Parse(time.RFC3339, times[0][1])
	due, err2 := time.Parse(time.RFC3339, times[1][1])
	if err != nil || err2 != nil || due.Sub(marked) != 48*time.Hour {
		t.Errorf("marked at %s, due at %s", times[0][1], times[1][1])
	}
}

// An index over all recordings has those too whose segments are deleted.
func TestReportOfWhatHasNoSegments(t *testing.T) {
	t.Parallel()
	dir, out := t.TempDir(), t.TempDir()
	for _, name := range []string{"gone", "here"} {
		broadcast.Lay(t, broadcast.Folder(dir), stream(t).Uploads(name+"/A/720p", 0, 2, onAir))
	}
	mustRecfin(t, exitDone, "finalize", "--store", dir, "--format", "mp4", "--delete", "sources", "--delete-delay", "0", "gone")
	if files, err := filepath.Glob(filepath.Join(dir, "gone", "A", "720p", "*.ts")); err != nil || len(files) > 0 {
		t.Fatalf("%q, %v", files, err)
	}
	for _, laid := range []bool{true, false} {
		mustRecfin(t, exitDone, "report", "--store", dir, "--format", "mp4", "-o", out)
		if page := read(t, out, indexPage); !strings.Contains(page, `href="gone.html"`) || !strings.Contains(page, ">done</span>") || laid != strings.Contains(page, `href="here.html"`) {
			t.Errorf("beside others %v: the index lacks what has no segments any more", laid)
		}
		if page := read(t, out, "gone.html"); !strings.Contains(page, "Finalized: 1 session") {
			t.Error("the page does not say that it is finalized")
		}
		if err := os.RemoveAll(filepath.Join(dir, "here")); err != nil {
			t.Fatal(err)
		}
	}
}
