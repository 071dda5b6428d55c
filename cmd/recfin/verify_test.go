package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"recfin/internal/broadcast"
)

// verifyDoc is the form of verify --json, from its documentation.
type verifyDoc struct {
	Version   int    `json:"version"`
	Recording string `json:"recording"`
	Status    string `json:"status"`
	Deep      bool   `json:"deep"`
	Sessions  []struct {
		ID         string  `json:"id"`
		Version    string  `json:"version"`
		Duration   float64 `json:"duration"`
		Renditions int     `json:"renditions"`
		Playlists  int     `json:"playlists"`
		References int     `json:"references"`
		Probed     int     `json:"probed_segments"`
		Movies     int     `json:"mp4s"`
	} `json:"sessions"`
	Findings []struct {
		Severity  string `json:"severity"`
		Rule      string `json:"rule"`
		Reference string `json:"reference"`
		Session   string `json:"session"`
		Object    string `json:"object"`
		Line      int    `json:"line"`
		Text      string `json:"text"`
		Do        string `json:"do"`
		More      int    `json:"more"`
	} `json:"findings"`
	Errors   int            `json:"errors"`
	Warnings int            `json:"warnings"`
	Cost     map[string]int `json:"cost"`
	Error    string         `json:"error"`
}

// verifiedDocs reads one document a line, strictly.
func verifiedDocs(t *testing.T, r result) []verifyDoc {
	t.Helper()
	var all []verifyDoc
	for _, line := range strings.Split(strings.TrimSuffix(r.out, "\n"), "\n") {
		var doc verifyDoc
		d := json.NewDecoder(strings.NewReader(line))
		d.DisallowUnknownFields()
		if err := d.Decode(&doc); err != nil || doc.Version != 1 {
			t.Fatalf("%v in %s", err, line)
		}
		all = append(all, doc)
	}
	return all
}

// finalizedFolder lays out a folder with finalized recordings.
func finalizedFolder(t *testing.T, args []string, ids ...string) string {
	t.Helper()
	dir := t.TempDir()
	for _, id := range ids {
		layTwoRenditions(t, broadcast.Folder(dir), id, onAir)
	}
	mustRecfin(t, exitDone, slices.Concat([]string{"finalize", "--store", dir}, args, ids)...)
	return dir
}

// touchedTree are the files and folders of a folder, with their times and modes.
func touchedTree(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(dir, func(name string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		all[name] = info.ModTime().String() + info.Mode().String()
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// TestVerify: what was finalized reads back, by name or found, in either form; and not
// one file or folder is touched.
func TestVerify(t *testing.T) {
	t.Parallel()
	dir := finalizedFolder(t, []string{"--format", "hls,mp4"}, "bar", "foo")
	before := touchedTree(t, dir)
	for _, args := range [][]string{{}, {"foo", "bar"}, {"--deep"}, {"--hls", "copy", "foo"}} {
		r := mustRecfin(t, exitDone, append([]string{"verify", "--store", dir}, args...)...)
		r.says(t, "foo: sound: 1 session of 0:00:")
	}
	docs := verifiedDocs(t, mustRecfin(t, exitDone, "verify", "--store", dir, "--json"))
	if len(docs) != 2 || docs[0].Recording != "bar" || docs[1].Recording != "foo" || docs[0].Status != "sound" || docs[0].Cost["get"] == 0 {
		t.Fatalf("%+v", docs)
	}
	if s := docs[1].Sessions; len(s) != 1 || s[0].Renditions != 2 || s[0].Movies != 2 || s[0].Duration == 0 || s[0].Probed == 0 || s[0].Playlists == 0 || s[0].References == 0 {
		t.Errorf("%+v", s)
	}
	if after := touchedTree(t, dir); len(after) != len(before) {
		t.Errorf("%d files and folders became %d", len(before), len(after))
	} else {
		for name, is := range before {
			if after[name] != is {
				t.Errorf("%s was touched", name)
			}
		}
	}
}

// TestVerifyExitCodes: 1 where anything is wrong, 5 where it is damaged, 0 with
// warnings alone; and of several recordings the gravest.
func TestVerifyExitCodes(t *testing.T) {
	t.Parallel()
	dir := finalizedFolder(t, nil, "damaged", "fine", "gap", "stale")
	session := filepath.Base(filepath.Dir(glob(t, dir, "recordings/gap/*/index.m3u8")))
	mustRemove(t, filepath.Join(dir, "damaged/A/720p/1.ts"))
	door := filepath.Join(dir, "recordings/gap", session, "index.m3u8")
	mustRemove(t, door)
	door = filepath.Join(dir, "recordings/stale", session, "index.m3u8")
	raw, err := os.ReadFile(door)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(door, append(raw, "# by hand\n"...), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		names []string
		code  int
		says  []string
	}{
		{[]string{"fine"}, exitDone, []string{"fine: sound:"}},
		{[]string{"stale"}, exitDone, []string{"warning stale/" + session + "/index.m3u8: door-stale (recfin P8): ", "recfin finalize stale", "stale: warnings, 1 warning:"}},
		{[]string{"gap"}, exitFailed, []string{"error   gap/" + session + "/index.m3u8: door-gone (recfin P8): ", "gap: broken, 1 error:"}},
		{[]string{"damaged"}, exitRefused, []string{"reference-gone (recfin I11): damaged/A/720p/1.ts is not there: restore it", "damaged: damaged, 1 error:", ".m3u8:"}},
		{[]string{"nobody"}, exitFailed, []string{"nobody: failed: no such recording"}},
		{[]string{"fine", "gap", "stale"}, exitFailed, []string{"fine: sound", "gap: broken", "stale: warnings"}},
		{[]string{"gap", "damaged"}, exitRefused, nil},
		{[]string{"nobody", "damaged", "fine"}, exitRefused, nil},
		{nil, exitRefused, []string{"damaged: damaged", "fine: sound", "gap: broken", "stale: warnings"}},
		{[]string{"fi/"}, exitUsage, nil},
	} {
		r := mustRecfin(t, c.code, append([]string{"verify", "--store", dir}, c.names...)...)
		r.says(t, c.says...)
	}
	docs := verifiedDocs(t, mustRecfin(t, exitRefused, "verify", "--json", "--store", dir, "damaged", "gap", "stale", "fine", "nobody"))
	var got []string
	for _, d := range docs {
		got = append(got, d.Recording+" "+d.Status)
	}
	if want := []string{"damaged damaged", "gap broken", "stale warnings", "fine sound", "nobody unread"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if f := docs[0].Findings; len(f) != 1 || f[0].Severity != "error" || f[0].Rule != "reference-gone" || f[0].Line == 0 || f[0].Session != session || f[0].Do == "" || docs[0].Errors != 1 || docs[4].Error == "" {
		t.Errorf("%+v", docs)
	}
	mustRecfin(t, exitFailed, "verify", "--store", t.TempDir()).says(t, "there is no marker")
	mustRecfin(t, exitUsage, "verify", "--store", filepath.Join(dir, "none"))
}

// TestVerifyElsewhere: outputs in another store than the segments, which are gone.
func TestVerifyElsewhere(t *testing.T) {
	t.Parallel()
	out := t.TempDir()
	dir := finalizedFolder(t, []string{"--format", "hls,mp4", "--hls", "copy", "--out", out}, "foo")
	mustRecfin(t, exitDone, "verify", "--deep", "--store", dir, "--out", out).says(t, "foo: sound")
	if err := os.RemoveAll(filepath.Join(dir, "foo")); err != nil {
		t.Fatal(err)
	}
	mustRecfin(t, exitDone, "verify", "--deep", "--store", dir, "--out", out).says(t, "foo: sound")
}

// TestVerifyUnavailable: a store that does not answer says nothing about a recording,
// and no credential is printed.
func TestVerifyUnavailable(t *testing.T) {
	t.Parallel()
	hurry(t, secretURL("127.0.0.1:1"))
	dir := finalizedFolder(t, nil, "foo")
	for _, args := range [][]string{
		{"--store", secretURL("127.0.0.1:1"), "foo"},
		{"--store", secretURL("127.0.0.1:1")},
		{"--store", dir, "--out", secretURL("127.0.0.1:1"), "--json", "foo"},
	} {
		mustRecfin(t, exitUnavailable, append([]string{"verify"}, args...)...).hides(t, secret)
	}
}

func mustRemove(t *testing.T, name string) {
	t.Helper()
	if err := os.Remove(name); err != nil {
		t.Fatal(err)
	}
}

// glob finds the one file of a folder that a pattern means.
func glob(t *testing.T, dir, pattern string) string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, filepath.FromSlash(pattern)))
	if err != nil || len(names) != 1 {
		t.Fatalf("%s: %v, %v", pattern, names, err)
	}
	return names[0]
}
