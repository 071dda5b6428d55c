package main

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"recfin/internal/broadcast"
	"recfin/internal/versity"
)

// noise is bytes that are no media.
func noise(n int) []byte {
	b := make([]byte, n)
	r := rand.NewChaCha8([32]byte{1})
	_, _ = r.Read(b)
	return b
}

func TestBadInput(t *testing.T) {
	t.Parallel()
	const key = "foo/A/720p/0.ts"
	body := broadcast.Make(t, broadcast.Options{}).Body(t, 0)
	cases := []struct {
		name string
		lay  map[string][]byte
		args []string // DIR is the folder
		code int
		says []string // what is wrong, and what to do
	}{
		{"empty store", nil, []string{"run", "--store", "DIR"}, exitDone, []string{"nothing found", "DIR", "--layout"}},
		{"empty store, plan", nil, []string{"plan", "--store", "DIR"}, exitDone, []string{"nothing found", "DIR", "--layout"}},
		{"empty store, an ID", nil, []string{"finalize", "--store", "DIR", "foo"}, exitFailed, []string{"foo", "DIR", "is the ID right", "recfin plan"}},
		{"no such ID", map[string][]byte{key: body}, []string{"finalize", "--store", "DIR", "fo"}, exitFailed, []string{"no segment of fo ", "DIR", "is the ID right", "recfin plan"}},
		{"an ID in part", map[string][]byte{key: body}, []string{"finalize", "--store", "DIR", "foo/A"}, exitUsage, []string{"foo/A", "one path element"}},
		{"no such folder", nil, []string{"run", "--store", "DIR/none"}, exitUsage, []string{"DIR/none", "no such bucket or folder"}},
		{"no such folder, an ID", nil, []string{"finalize", "--store", "DIR/none", "foo"}, exitUsage, []string{"DIR/none", "no such bucket or folder"}},
		{"no such folder of an --out", map[string][]byte{key: body}, []string{"finalize", "--store", "DIR/foo", "--out", "DIR/none", "--format", "mp4", "A"}, exitUsage, []string{"--out", "DIR/none"}},
		{"a file for a store", map[string][]byte{key: body}, []string{"run", "--store", "DIR/" + key}, exitUsage, []string{"DIR/" + key}},
		{"layout that matches nothing", map[string][]byte{key: body}, []string{"run", "--store", "DIR", "--layout", "{recording}/{seq}.mkv"}, exitUsage, []string{key, "no layout fits", "--layout"}},
		{"layout that matches nothing, an ID", map[string][]byte{key: body}, []string{"finalize", "--store", "DIR", "--layout", "{recording}/{seq}.mkv", "foo"}, exitUsage, []string{key, "no layout fits", "--layout"}},
		{"bad layout", map[string][]byte{key: body}, []string{"run", "--store", "DIR", "--layout", "{recording}/{sequence}.ts"}, exitUsage, []string{"{sequence}", "allowed are", "{seq}"}},
		{"unclosed layout", map[string][]byte{key: body}, []string{"run", "--store", "DIR", "--layout", "{recording}/{seq"}, exitUsage, []string{"--layout", "{recording}/{seq"}},
		{"random bytes", map[string][]byte{key: noise(20_000)}, []string{"finalize", "--store", "DIR", "foo"}, exitRefused, []string{key, "not readable as media", "recfin probe"}},
		{"random bytes, run", map[string][]byte{key: noise(20_000)}, []string{"run", "--store", "DIR"}, exitRefused, []string{key, "not readable as media", "recfin probe"}},
		{"random bytes, to delete", map[string][]byte{key: noise(20_000)}, []string{"run", "--store", "DIR", "--delete", "leftovers", "--delete-delay", "0"}, exitRefused, []string{key}},
		{"zero bytes", map[string][]byte{key: nil}, []string{"finalize", "--store", "DIR", "foo"}, exitRefused, []string{key, "empty"}},
		{"zero bytes, plan", map[string][]byte{key: nil}, []string{"plan", "--store", "DIR", "foo"}, exitRefused, []string{key, "empty"}},
		{"all excluded", map[string][]byte{key: body}, []string{"finalize", "--store", "DIR", "--rendition", "1080p", "foo"}, exitRefused, []string{"--rendition", "look at the globs"}},
		{"unknown command", nil, []string{"finalise", "--store", "DIR"}, exitUsage, []string{"finalise", "recfin --help"}},
		{"unknown flag", map[string][]byte{key: body}, []string{"finalize", "--store", "DIR", "--formats", "mp4", "foo"}, exitUsage, []string{"-formats"}},
		{"unknown flag in front", map[string][]byte{key: body}, []string{"--jsn", "plan", "--store", "DIR"}, exitUsage, []string{"-jsn"}},
		{"unknown flag of probe", map[string][]byte{key: body}, []string{"probe", "--store", "DIR", key}, exitUsage, []string{"-store"}},
		{"no store", nil, []string{"run"}, exitUsage, []string{"--store", "RECFIN_STORE"}},
		{"no ID", nil, []string{"finalize", "--store", "DIR"}, exitUsage, []string{"ID", "recfin plan"}},
		{"run with an ID", map[string][]byte{key: body}, []string{"run", "--store", "DIR", "foo"}, exitUsage, []string{"foo", "recfin finalize"}},
		{"probe without a file", nil, []string{"probe"}, exitUsage, []string{"file"}},
		{"flag without its value", nil, []string{"run", "--store"}, exitUsage, []string{"store"}},
		{"bad format", map[string][]byte{key: body}, []string{"run", "--store", "DIR", "--format", "mkv"}, exitUsage, []string{"mkv", "hls,mp4"}},
		{"bad duration", map[string][]byte{key: body}, []string{"run", "--store", "DIR", "--settle", "soon"}, exitUsage, []string{"settle", "soon"}},
		{"negative duration", map[string][]byte{key: body}, []string{"run", "--store", "DIR", "--settle", "-1h"}, exitUsage, []string{"negative"}},
		{"bad mode of deleting", map[string][]byte{key: body}, []string{"run", "--store", "DIR", "--delete", "all"}, exitUsage, []string{"all", "leftovers"}},
		{"bad limit", map[string][]byte{key: body}, []string{"run", "--store", "DIR", "--max-delete-percent", "101"}, exitUsage, []string{"--max-delete-percent", "101"}},
		{"bad memory", map[string][]byte{key: body}, []string{"run", "--store", "DIR", "--memory", "much"}, exitUsage, []string{"--memory", "256MiB"}},
		{"bad concurrency", map[string][]byte{key: body}, []string{"run", "--store", "DIR", "--concurrency", "0"}, exitUsage, []string{"--concurrency"}},
		{"bad glob", map[string][]byte{key: body}, []string{"run", "--store", "DIR", "--rendition", "[720p"}, exitUsage, []string{"[720p", "glob"}},
		{"bad level", map[string][]byte{key: body}, []string{"run", "--store", "DIR", "--log-level", "loud"}, exitUsage, []string{"loud", "debug"}},
		{"bad log format", map[string][]byte{key: body}, []string{"run", "--store", "DIR", "--log-format", "xml"}, exitUsage, []string{"xml", "json"}},
		{"out is the store", map[string][]byte{key: body}, []string{"finalize", "--store", "DIR", "--out", "DIR", "foo"}, exitUsage, []string{"--out", "recordings/"}},
		{"HLS elsewhere", map[string][]byte{key: body}, []string{"finalize", "--store", "DIR/foo", "--out", "DIR", "A"}, exitUsage, []string{"--hls reference", "--format mp4"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			for k, b := range c.lay {
				if err := broadcast.Folder(dir)(k, b, onAir); err != nil {
					t.Fatal(err)
				}
			}
			fill := func(words []string) []string {
				var all []string
				for _, w := range words {
					all = append(all, strings.ReplaceAll(w, "DIR", dir))
				}
				return all
			}
			before := tree(t, dir)
			r := recfin(fill(c.args)...)
			if r.code != c.code {
				t.Errorf("exit code %d, want %d", r.code, c.code)
			}
			r.says(t, fill(c.says)...)
			unchanged(t, before, dir, c.name)
			if c.code == exitUsage && strings.Contains(r.out, "OPTIONS") {
				t.Errorf("the message drowns in the help, on standard output:\n%s", r.text())
			}
		})
	}
}

// With --json nothing but JSON is on standard output, whatever is wrong.
func TestBadInputJSON(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	put := broadcast.Folder(dir)
	for key, body := range map[string][]byte{"bad/A/720p/0.ts": noise(20_000), "empty/A/720p/0.ts": nil} {
		if err := put(key, body, onAir); err != nil {
			t.Fatal(err)
		}
	}
	broadcast.Lay(t, put, broadcast.Make(t, broadcast.Options{}).Uploads("good/A/720p", 0, 3, onAir))
	r := mustRecfin(t, exitPartly, "run", "--json", "--store", dir)
	got := map[string]string{}
	for _, d := range documents[reportDoc](t, r) {
		got[d.Recording] = d.Status
		if (d.Error == "") != (d.Status == "done") {
			t.Errorf("%s: status %q, error %q", d.Recording, d.Status, d.Error)
		}
	}
	if want := map[string]string{"bad": "refused", "empty": "refused", "good": "done"}; fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("statuses: %v", got)
	}
	for _, d := range documents[planDoc](t, recfin("plan", "--json", "--store", dir, "bad", "empty")) {
		if d.Status != "refused" || len(d.Dropped) != 1 {
			t.Errorf("plan of %s: %q, dropped %v", d.Recording, d.Status, d.Dropped)
		}
	}
	if r := recfin("plan", "--json", "--store", dir, "none"); r.out != "" || r.code != exitFailed {
		t.Errorf("plan of nothing: %d %q", r.code, r.out)
	}
	if r := recfin("plan", "--json", "--store", dir, "--layout", "{recording}/{seq}.mkv", "bad"); r.out != "" || r.code != exitUsage {
		t.Errorf("plan with a layout that matches nothing: %d %q", r.code, r.out)
	}
	if r := recfin("plan", "--json", "--bogus", "--store", dir); r.out != "" || r.code != exitUsage {
		t.Errorf("an unknown flag: %d, %q", r.code, r.out)
	}
}

func TestBadCredentials(t *testing.T) {
	t.Parallel()
	b := newBucket(t, versity.Start(t))
	broadcast.Lay(t, b.put(), broadcast.Make(t, broadcast.Options{}).Uploads("foo/A/720p", 0, 3, onAir))
	before := b.list(t)
	u, err := url.Parse(b.url)
	if err != nil {
		t.Fatal("no URL")
	}
	user, wrong := u.User.Username(), "not+the=secret"
	for _, c := range []struct {
		name, user, secret, path string
		says                     []string
	}{
		{"wrong secret", user, wrong, u.Path, []string{"denied", u.Host}},
		{"wrong key", "NOTTHEKEY", wrong, u.Path, []string{"denied", u.Host}},
		{"wrong bucket", user, b.secrets[1], "/no-such-bucket/", []string{"no-such-bucket", "no such bucket"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := *u
			w.User, w.Path = url.UserPassword(c.user, c.secret), c.path
			for _, args := range [][]string{{"run"}, {"finalize", "foo"}, {"plan", "foo", "--log-level", "debug"}, {"finalize", "foo", "--json", "--force", "--delete", "leftovers"}} {
				r := recfin(append(args, "--store", w.String())...)
				if r.code != exitUsage {
					t.Errorf("%q: exit code %d\n%s%s", args, r.code, r.out, r.err)
				}
				r.says(t, c.says...)
				r.hides(t, c.secret, url.QueryEscape(c.secret), wrong, b.secrets[1])
			}
		})
	}
	if diff := changes(before, b.list(t)); len(diff) > 0 {
		t.Errorf("%q", diff)
	}
}

// secret is what no output may show.
const secret = "sEcReT0123456789"

// secretURL is a store at an address, with credentials.
func secretURL(addr string) string {
	return "s3+http://AKIDEXAMPLE:" + secret + "@" + addr + "/bucket/live"
}

func TestUnreachable(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	r := recfin("run", "--store", secretURL(addr))
	r.wantCode(t, exitUnavailable)
	r.says(t, "unavailable", addr)
	r.hides(t, secret)
}

// What is wrong with a URL is said without the URL.
func TestBadURL(t *testing.T) {
	t.Parallel()
	for _, u := range []string{
		"s3+http://AKID:" + secret + "/x@host/bucket", // an unescaped slash
		"s3+http://AKID:" + secret + "%zz@host/bucket",
		"s3+http://AKID:" + secret + "@host",
		"s3+http://AKID:" + secret + "@host:port/bucket",
		"s4://AKID:" + secret + "@host/bucket",
		"AKID:" + secret + "@host/bucket",
		"https://AKID:" + secret + "@host/bucket",
	} {
		for _, args := range [][]string{{"run", "--store", u}, {"finalize", "--store", t.TempDir(), "--out", u, "foo"}, {"run", "--json", "--log-level", "debug", "--store", u}} {
			r := recfin(args...)
			if r.code != exitUsage {
				t.Errorf("exit code %d for %s", r.code, strings.ReplaceAll(u, secret, "SECRET"))
			}
			r.hides(t, secret)
			if r.err == "" {
				t.Error("nothing is said")
			}
		}
	}
}

// Names from the store cannot break out of their line.
func TestHostileNames(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	key := "foo/A/720p/0\n\x1b[31mrecfin: done.ts"
	if err := os.MkdirAll(filepath.Join(dir, "foo/A/720p"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, key), noise(1000), 0o644); err != nil {
		t.Fatal(err)
	}
	broadcast.Lay(t, broadcast.Folder(dir), broadcast.Make(t, broadcast.Options{}).Uploads("foo/A\x1b[2J/720p", 0, 3, onAir))
	for _, args := range [][]string{{"plan", "foo"}, {"finalize", "foo"}, {"plan", "--json", "foo"}, {"plan", "f\x1b[31m"}} {
		r := recfin(append(args, "--store", dir)...)
		if strings.Contains(r.out+r.err, "\x1b") || bytes.Contains([]byte(r.out+r.err), []byte("\nrecfin: done")) {
			t.Errorf("recfin %q: %q", args, r.out+r.err)
		}
	}
}
