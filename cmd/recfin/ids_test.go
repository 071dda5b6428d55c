package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"recfin/internal/broadcast"
)

func TestReadIDs(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]string{
		"":                          nil,
		"\n\n \t\r\n":               nil,
		"foo":                       {"foo"},
		"foo\nbar\n":                {"foo", "bar"},
		"foo\r\nbar\r\n\r\n":        {"foo", "bar"},
		"foo\r\nbar\r":              {"foo", "bar"},
		"b\na\nb\na\n":              {"b", "a"},
		"\ufefffoo\nbar":            {"foo", "bar"},
		"a b\n c\nd \n#e\n\"f\"\n-": {"a b", " c", "d ", "#e", `"f"`, "-"},
		"cam/front\n../x\na//b\n":   {"cam/front", "../x", "a//b"},
		"日本\n\xff\n":                {"日本", "\xff"},
	} {
		l, err := readIDs(strings.NewReader(text))
		if err != nil || !slices.Equal(l.names, want) || !l.list {
			t.Errorf("%q: %q, %v", text, l.all(), err)
		}
	}
	for text, says := range map[string]string{
		"foo\nb\x00r\n":                              "line 2 holds a zero byte",
		"foo\n\n" + strings.Repeat("x", 70<<10):      "line 3 has more than 65536 bytes",
		"\x1f\x8b\b\x00\x00\x00\x00\x00\x02\xff\xca": "line 1 holds a zero byte",
	} {
		if _, err := readIDs(strings.NewReader(text)); exitCode(err) != exitUsage || !strings.Contains(err.Error(), says) {
			t.Errorf("%.20q: %v", text, err)
		}
	}
	l, err := readIDs(strings.NewReader("\nfoo\n\nbar\nfoo\n"))
	if err != nil || l.lines["foo"] != 2 || l.lines["bar"] != 4 {
		t.Errorf("%v, %v", l, err)
	}
	if _, err := readIDs(&brokenOff{}); err == nil || !strings.Contains(err.Error(), "read line 2: broken") {
		t.Errorf("%v", err)
	}
}

// brokenOff breaks off after a line: half a list is none.
type brokenOff struct{ n int }

func (f *brokenOff) Read(p []byte) (int, error) {
	if f.n++; f.n == 1 {
		return copy(p, "foo\n"), nil
	}
	return 0, fmt.Errorf("broken")
}

// Any names that can stand on lines come back, in order, whatever ends the lines.
func TestReadIDsAny(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		names := rapid.SliceOfDistinct(rapid.StringMatching(`[a-zA-Z0-9 /+#-]*[a-z0-9]`), func(s string) string { return s }).Draw(t, "names")
		var b bytes.Buffer
		for i, name := range names {
			b.WriteString(name + rapid.SampledFrom([]string{"\n", "\r\n", "\n\n", "\n" + names[rapid.IntRange(0, i).Draw(t, "again")] + "\n"}).Draw(t, "end"))
		}
		l, err := readIDs(&b)
		if err != nil || !slices.Equal(l.names, names) {
			t.Fatalf("%q, %v", l.all(), err)
		}
	})
}

// idFile writes a list.
func idFile(t *testing.T, lines ...string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "ids")
	if err := os.WriteFile(name, []byte(strings.Join(lines, "\r\n")), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// What a list names is worked on and nothing else, by every command that takes one.
func TestIDs(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	laySmall(t, dir, "foo", "bar", "baz")
	mustRecfin(t, exitDone, "plan", "--store", dir, "--ids", idFile(t, "foo", "", "baz", "foo")).says(t, "foo: ready", "baz: ready")
	mustRecfin(t, exitDone, "run", "--store", dir, "--ids", idFile(t, "foo", "", "baz", "foo")).says(t, "foo: done", "baz: done")
	if finalized(dir, "bar") || !finalized(dir, "foo") || !finalized(dir, "baz") {
		t.Errorf("foo %v, bar %v, baz %v", finalized(dir, "foo"), finalized(dir, "bar"), finalized(dir, "baz"))
	}
	mustRecfin(t, exitDone, "finalize", "--store", dir, "--ids", idFile(t, "bar")).says(t, "bar: done")
	for _, command := range []string{"verify", "list"} {
		r := mustRecfin(t, exitDone, command, "--store", dir, "--ids", idFile(t, "baz", "foo"))
		r.says(t, "foo: ", "baz: ")
		if strings.Contains(r.out, "bar") {
			t.Errorf("%s: %s", command, r.out)
		}
	}
	for _, command := range []string{"run", "plan", "finalize", "verify", "list"} {
		r := mustRecfin(t, exitDone, command, "--store", dir, "--ids", idFile(t, "", ""))
		if r.out != "" {
			t.Errorf("%s of an empty list: %s", command, r.text())
		}
		mustRecfin(t, exitUsage, command, "--store", dir, "--ids", filepath.Join(dir, "none")).says(t, "none")
		if command != "run" { // which takes no IDs at all
			mustRecfin(t, exitUsage, command, "--store", dir, "--ids", idFile(t, "foo"), "bar").says(t, "not both")
		}
	}
}

// The names of a list come by standard input too, and are shared out.
func TestIDsOfStandardInput(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	names := []string{"a", "b", "c", "d", "e", "f"}
	laySmall(t, dir, names...)
	done := 0
	for k := range 2 {
		cmd := child(t, "run", "--json", "--store", dir, "--ids", "-", "--shard", fmt.Sprintf("%d/2", k))
		cmd.Stdin = strings.NewReader(strings.Join(names, "\n"))
		out, err := cmd.Output()
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range documents[reportDoc](t, result{out: string(out)}) {
			if done++; shardOfName(d.Recording, 2) != k || len(d.Committed) != 1 {
				t.Errorf("share %d: %s, %d committed", k, d.Recording, len(d.Committed))
			}
		}
	}
	if done != len(names) {
		t.Errorf("%d recordings, want %d", done, len(names))
	}
}

// A name of a list that is wrong, or of nothing, is told with its line; the others are
// worked on. What is live or leased is counted, as in any run.
func TestIDsThatAreWrong(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	laySmall(t, dir, "foo")
	layLive(t, broadcast.Folder(dir), "live/A/720p", 0, 3, 0)
	for _, command := range []string{"run", "finalize", "verify", "list"} {
		r := recfin(command, "--store", dir, "--ids", idFile(t, "foo", "", "a//b", "gone"))
		r.says(t, "line 3 of --ids", "line 4 of --ids", "foo: ")
		want := exitPartly
		if command == "verify" || command == "list" {
			want = exitUsage // what is worst
		}
		r.wantCode(t, want)
	}
	mustRecfin(t, exitDone, "run", "--store", dir, "--ids", idFile(t, "live", "foo")).says(t, "live: not settled")
	mustRecfin(t, exitNotSettled, "finalize", "--store", dir, "--ids", idFile(t, "live", "foo"))
	mustRecfin(t, exitDone, "plan", "--store", dir, "--ids", idFile(t, "live", "foo"))
	mustRecfin(t, exitFailed, "run", "--store", dir, "--ids", idFile(t, "foo"), "--require", "n*").says(t, "nothing found of n*")
	mustRecfin(t, exitDone, "run", "--store", dir, "--ids", idFile(t, ""), "--require", "foo").says(t, "foo: nothing to do")
}
