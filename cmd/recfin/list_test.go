package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mattn/go-runewidth"
	"pgregory.net/rapid"

	"recfin/finalize"
	"recfin/internal/broadcast"
)

// listDoc is an object of `list --json`, from its documentation.
type listDoc struct {
	Version    int              `json:"version"`
	Recording  string           `json:"recording"`
	Status     string           `json:"status"`
	IDs        []string         `json:"ids"`
	Generation int64            `json:"generation"`
	Committed  *time.Time       `json:"committed"`
	Duration   float64          `json:"duration"`
	Size       int64            `json:"size"`
	Sessions   []listSessionDoc `json:"sessions"`
	Late       []droppedSumDoc  `json:"late"`
	Due        []dueDoc         `json:"due"`
	Error      string           `json:"error"`
}

type listSessionDoc struct {
	ID         string             `json:"id"`
	Version    string             `json:"version"`
	Start      time.Time          `json:"start"`
	End        time.Time          `json:"end"`
	Duration   float64            `json:"duration"`
	Formats    string             `json:"formats"`
	Absorbed   []string           `json:"absorbed"`
	Door       *objectDoc         `json:"door"`
	Renditions []listRenditionDoc `json:"renditions"`
	Holes      []listHoleDoc      `json:"holes"`
	Dropped    []droppedSumDoc    `json:"dropped"`
	Uncertain  []uncertainDoc     `json:"uncertain"`
	Unmade     []any              `json:"unmade"`
	Outputs    []listOutputDoc    `json:"outputs"`
}

type listRenditionDoc struct {
	Name     string  `json:"name"`
	Codecs   string  `json:"codecs"`
	Width    int     `json:"width"`
	Height   int     `json:"height"`
	Duration float64 `json:"duration"`
	Segments int     `json:"segments"`
	Gaps     int     `json:"gaps"`
}

type listHoleDoc struct {
	Rendition string `json:"rendition"`
	holeDoc
}

type droppedSumDoc struct {
	Reason   string `json:"reason"`
	Segments int    `json:"segments"`
	Size     int64  `json:"size"`
}

type listOutputDoc struct {
	Rendition string  `json:"rendition"`
	Kind      string  `json:"kind"`
	Store     string  `json:"store"`
	Key       string  `json:"key"`
	Objects   int     `json:"objects"`
	Size      int64   `json:"size"`
	Duration  float64 `json:"duration"`
}

type dueDoc struct {
	Session string     `json:"session"`
	Kind    string     `json:"kind"`
	Objects int        `json:"objects"`
	Size    int64      `json:"size"`
	Since   time.Time  `json:"since"`
	At      *time.Time `json:"at"`
	Kept    bool       `json:"kept"`
}

// layTakeover lays out two broadcasters of one recording: a copy, and a hole.
func layTakeover(t *testing.T, dir, name string) {
	t.Helper()
	s := broadcast.Make(t, broadcast.Options{Seconds: 20})
	broadcast.Lay(t, broadcast.Folder(dir), s.Uploads(name+"/A/720p", 0, 4, onAir))
	broadcast.Lay(t, broadcast.Folder(dir), s.Uploads(name+"/B/720p", 4, 5, onAir))
	broadcast.Lay(t, broadcast.Folder(dir), s.Uploads(name+"/B/720p", 8, 9, onAir))
}

// What is finalized is told in the order of names, as text and as JSON; nothing is
// written, and what is not finalized is not told.
func TestList(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	layTakeover(t, dir, "foo")
	laySmall(t, dir, "bar", "baz", "never")
	mustRecfin(t, exitDone, "finalize", "--store", dir, "--format", "hls,mp4", "--delete", "leftovers", "foo", "bar", "baz")
	before := tree(t, dir)
	r := mustRecfin(t, exitDone, "list", "--store", dir)
	r.says(t, "foo: finalized, marked 20", "1 session of 0:00:16.000", "session 20250601T180000Z", "for players: file://", "/index.m3u8\n", "    mp4  file://", "hole in all renditions between 5 and 8: 0:00:04.000",
		"dropped: 1 identical", "marked for deletion: leftovers of 20250601T180000Z (1 object, ", "with --delete leftovers")
	if at := []int{strings.Index(r.out, "bar: "), strings.Index(r.out, "baz: "), strings.Index(r.out, "foo: ")}; !slices.IsSorted(at) || at[0] < 0 || strings.Contains(r.out, "never") {
		t.Errorf("order %v:\n%s", at, r.out)
	}
	all := documents[listDoc](t, mustRecfin(t, exitDone, "list", "--store", dir, "--json", "--delete-delay", "48h"))
	if len(all) != 3 || all[2].Recording != "foo" || all[2].Status != "finalized" || all[2].Generation != 1 || len(all[2].Sessions) != 1 || len(all[2].Due) != 1 || len(all[0].Due) != 0 {
		t.Fatalf("%+v", all)
	}
	foo := all[2]
	if due := foo.Due[0]; due.Objects != 1 || due.Kind != "leftovers" || due.At == nil || due.At.Sub(due.Since) != 48*time.Hour || !due.Since.Equal(*foo.Committed) {
		t.Errorf("due %+v", due)
	}
	one := foo.Sessions[0]
	kinds := map[string]int{}
	for _, o := range one.Outputs {
		info, err := os.Stat(filepath.Join(dir, o.Key))
		if err != nil || info.Size() != o.Size || o.Objects != 1 {
			t.Errorf("output %+v: %v", o, err)
		}
		kinds[o.Kind]++
	}
	door, err := os.Stat(filepath.Join(dir, one.Door.Key))
	if err != nil || door.Size() != one.Door.Size || kinds["hls"] != 1 || kinds["mp4"] != 1 || len(one.Renditions) != 1 || one.Renditions[0].Segments != 8 || len(one.Holes) != 1 || len(one.Dropped) != 1 {
		t.Errorf("door %v, outputs %v, session %+v", err, kinds, one)
	}
	named := documents[listDoc](t, mustRecfin(t, exitDone, "list", "--store", dir, "--json", "foo", "bar", "foo"))
	if len(named) != 2 || named[0].Recording != "foo" || named[1].Recording != "bar" {
		t.Errorf("named: %+v", named)
	}
	unchanged(t, before, dir, "lists")
	mustRecfin(t, exitDone, "keep", "--store", dir, "foo")
	mustRecfin(t, exitDone, "list", "--store", dir, "foo").says(t, "kept: leftovers of")
}

// Copies of segments are one output.
func TestListCopies(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	laySmall(t, dir, "foo")
	mustRecfin(t, exitDone, "finalize", "--store", dir, "--hls", "copy", "foo")
	j := documents[listDoc](t, mustRecfin(t, exitDone, "list", "--store", dir, "--json"))
	at := slices.IndexFunc(j[0].Sessions[0].Outputs, func(o listOutputDoc) bool { return o.Kind == "copy" })
	if at < 0 {
		t.Fatalf("%+v", j[0])
	}
	o := j[0].Sessions[0].Outputs[at]
	files, err := os.ReadDir(filepath.Join(dir, o.Key))
	if err != nil || o.Objects != 4 || !strings.HasSuffix(o.Key, "/") || len(files) < 4 || o.Duration < 7.9 {
		t.Errorf("%+v: %d files, %v", o, len(files), err)
	}
	mustRecfin(t, exitDone, "list", "--store", dir, "foo").says(t, "in 4 objects")
}

// An ID that is a part of a recording stands for all of it, once.
func TestListOfSeveralIDs(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	laySmall(t, dir, "foo", "bar")
	mustRecfin(t, exitDone, "finalize", "--store", dir, "--as", "match", "foo", "bar")
	for _, args := range [][]string{nil, {"foo"}, {"foo", "bar"}, {"bar", "match"}} {
		j := documents[listDoc](t, mustRecfin(t, exitDone, append([]string{"list", "--store", dir, "--json"}, args...)...))
		if len(j) != 1 || j[0].Recording != "match" || !slices.Equal(j[0].IDs, []string{"bar", "foo", "match"}) {
			t.Errorf("%q: %+v", args, j)
		}
	}
	mustRecfin(t, exitDone, "list", "--store", dir, "foo").says(t, "match: finalized", "of several IDs: bar, foo, match")
}

// Of what nothing can be told is told why, with a code; the others are told all the
// same.
func TestListFails(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	mustRecfin(t, exitFailed, "list", "--store", dir).says(t, "there is no marker", "--out")
	laySmall(t, dir, "bad", "foo", "never")
	mustRecfin(t, exitDone, "finalize", "--store", dir, "bad", "foo")
	mustRecfin(t, exitFailed, "list", "--store", dir, "never", "foo").says(t, "never: no such recording: there is no marker of never", "foo: finalized")
	mustRecfin(t, exitUsage, "list", "--store", dir, "a//b", "foo").says(t, "foo: finalized")
	marker := filepath.Join(dir, "recordings", "bad", "recording.json")
	if err := os.WriteFile(marker, []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	mustRecfin(t, exitRefused, "list", "--store", dir).says(t, "bad: refused: ", "foo: finalized")
	mustRecfin(t, exitRefused, "list", "--store", dir, "never", "bad").says(t, "bad: refused: ")
	j := documents[listDoc](t, recfin("list", "--store", dir, "--json"))
	if len(j) != 2 || j[0].Status != "unread" || j[0].Error == "" || j[0].Generation != 0 || j[1].Status != "finalized" {
		t.Errorf("%+v", j)
	}
}

// A name is a name, whatever it is made of.
func TestListHostile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	name := "a\x1b[31m\u202eb c"
	laySmall(t, dir, name)
	mustRecfin(t, exitDone, "finalize", "--store", dir, name)
	for _, args := range [][]string{nil, {name}, {"--json"}} {
		r := mustRecfin(t, exitDone, append([]string{"list", "--store", dir}, args...)...)
		if strings.ContainsAny(r.out, "\x1b\u202e") {
			t.Errorf("%q", r.out)
		}
	}
}

// The lines of a table keep to the terminal, whatever stands in them, as long as there
// is room for a name and a session.
func TestListTable(t *testing.T) {
	at := onAir.Add(time.Hour)
	rapid.Check(t, func(t *rapid.T) {
		width := rapid.IntRange(leastName+2+listColumns[0].width, 200).Draw(t, "width")
		names := rapid.SliceOfN(rapid.StringMatching(`[a-z日本é\x1b]{1,60}`), 1, 5).Draw(t, "names")
		table := newListTable(names, width)
		lines := []string{table.title()}
		for _, name := range names {
			x := &standing{recording: name, json: finalize.StandingJSON{Status: finalize.ListFinalized, Late: make([]finalize.DroppedCountJSON, rapid.IntRange(0, 1).Draw(t, "late"))}}
			for range rapid.IntRange(0, 3).Draw(t, "sessions") {
				x.json.Sessions = append(x.json.Sessions, finalize.StandingSessionJSON{
					ID: "20250601T180000Z", Formats: "hls,mp4", Duration: 40 * 24 * 3600e9,
					Outputs:   []finalize.StandingOutputJSON{{Size: rapid.Int64Range(0, 1<<60).Draw(t, "size")}},
					Holes:     make([]finalize.StandingHoleJSON, rapid.IntRange(0, 12345).Draw(t, "holes")),
					Dropped:   []finalize.DroppedCountJSON{{Segments: rapid.IntRange(0, 1e9).Draw(t, "dropped")}},
					Uncertain: make([]finalize.UncertainJSON, rapid.IntRange(0, 2).Draw(t, "uncertain")),
					Unmade:    make([]finalize.UnmadeRow, rapid.IntRange(0, 2).Draw(t, "unmade")),
				})
			}
			if rapid.Bool().Draw(t, "due") {
				x.json.Due = []finalize.StandingDueJSON{{At: &at}, {Kept: true}}
			}
			if rapid.Bool().Draw(t, "unread") {
				x.err = finalize.ErrNothing
			}
			lines = append(lines, table.text(x))
		}
		for _, text := range lines {
			for _, line := range strings.Split(strings.TrimSuffix(text, "\n"), "\n") {
				if w := runewidth.StringWidth(line); w > width || strings.ContainsAny(line, "\x1b\t\r") {
					t.Fatalf("%d columns wide, the terminal has %d: %q", w, width, line)
				}
			}
		}
	})
	table := newListTable([]string{"foo"}, 150)
	if got := table.title(); !strings.HasPrefix(got, "RECORDING  SESSION           ") || !strings.HasSuffix(got, "DELETION DUE\n") {
		t.Errorf("%q", got)
	}
	x := &standing{recording: "foo", json: finalize.StandingJSON{Sessions: []finalize.StandingSessionJSON{{
		ID: "20250601T180000Z", Duration: 95e9, Formats: "hls", Outputs: []finalize.StandingOutputJSON{{Size: 2048}, {Size: 1024}},
		Holes: []finalize.StandingHoleJSON{{Duration: 4e9}}, Dropped: []finalize.DroppedCountJSON{{Segments: 2}, {Segments: 1}}, Unmade: make([]finalize.UnmadeRow, 1),
	}}, Late: make([]finalize.DroppedCountJSON, 1), Due: []finalize.StandingDueJSON{{At: &at}}}}
	if got, want := table.text(x), "foo        20250601T180000Z     0:01:35  hls          3.0 KiB  1 (0:00:04)           3  not made, late     2025-06-01T19:00Z\n"; got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}
