package main

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"
	"time"

	"recfin/internal/broadcast"
	"recfin/internal/golden"
)

// layExplained is a broadcast in which one key of each fate stands.
func layExplained(t *testing.T, dir string) {
	t.Helper()
	put := broadcast.Folder(dir)
	a := stream(t).Uploads("foo/A/720p", 0, 9, onAir)
	a[9].Keep = 12000
	broadcast.Lay(t, put, a)
	broadcast.Lay(t, put, late(stream(t).Uploads("foo/B/720p", 8, 19, onAir), 3*time.Second))
	for key, body := range map[string]string{"foo/A/720p/10.ts": "", "foo/notes.txt": "a note"} {
		if err := put(key, []byte(body), onAir.Add(30*time.Second)); err != nil {
			t.Fatal(err)
		}
	}
}

// sizes depend on the encoder that made the media.
var sizes = regexp.MustCompile(`[0-9.]+ (KiB|MiB|B), `)

func TestExplainText(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	layExplained(t, dir)
	var b strings.Builder
	for _, key := range []string{"foo/A/720p/0.ts", "foo/B/720p/9.ts", "foo/A/720p/9.ts", "foo/B/720p/8.ts", "foo/A/720p/10.ts", "foo/notes.txt"} {
		b.WriteString("$ recfin plan --explain " + key + " foo\n")
		b.WriteString(mustRecfin(t, exitDone, "plan", "--store", dir, "--explain", key, "foo").out)
	}
	got := sizes.ReplaceAllString(strings.ReplaceAll(b.String(), dir, "DIR"), "SIZE, ")
	got = regexp.MustCompile(`cut off: [0-9]+ of`).ReplaceAllString(got, "cut off: N of")
	golden.Check(t, "explain.txt", got)
}

// The recording need not be named where the layout reads it from the key, and
// a key may stand behind the label of its store.
func TestExplainFindsTheRecording(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	layExplained(t, dir)
	want := mustRecfin(t, exitDone, "plan", "--store", dir, "--explain", "foo/B/720p/8.ts", "foo").out
	for _, key := range []string{"foo/B/720p/8.ts", "file://" + dir + "/foo/B/720p/8.ts"} {
		if got := mustRecfin(t, exitDone, "plan", "--store", dir, "--explain", key).out; got != want {
			t.Errorf("%s:\n%s\nwant\n%s", key, got, want)
		}
	}
	mustRecfin(t, exitFailed, "plan", "--store", dir, "--explain", "foo/B/720p/88.ts").says(t, "foo/B/720p/88.ts", "no such object", "foo/B/720p/8.ts")
	mustRecfin(t, exitUsage, "plan", "--store", dir, "--explain", "notes.txt").says(t, "give the ID too")
}

func TestExplainJSON(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	layExplained(t, dir)
	r := mustRecfin(t, exitDone, "plan", "--json", "--store", dir, "--explain", "foo/A/720p/9.ts", "--explain", "foo/B/720p/9.ts", "foo")
	type rival struct {
		Store, Key, Reason, Why string
		Size                    int64
		Duration                float64
	}
	type doc struct {
		Recording, Store, Key, Verdict, Session, Rendition, Nonce, Reason, Why, Before string
		Slot                                                                           int
		Start, Duration                                                                float64
		Leftover                                                                       bool
		Kept                                                                           *rival
		Rivals                                                                         []rival
		Uncertain                                                                      []any
	}
	var docs []doc
	for d := json.NewDecoder(strings.NewReader(r.out)); d.More(); {
		var x doc
		if err := d.Decode(&x); err != nil {
			t.Fatal(err)
		}
		docs = append(docs, x)
	}
	if len(docs) != 2 {
		t.Fatalf("%d documents: %s", len(docs), r.out)
	}
	lost, won := docs[0], docs[1]
	if lost.Verdict != "dropped" || lost.Reason != "truncated" || lost.Why == "" || !lost.Leftover || lost.Kept == nil || lost.Kept.Key != won.Key || lost.Kept.Duration < 1.9 {
		t.Errorf("the one that lost: %+v, %+v", lost, lost.Kept)
	}
	if won.Verdict != "chosen" || won.Slot != 9 || won.Session != "20250601T180000Z" || won.Before != "foo/A/720p/8.ts" || len(won.Rivals) != 1 || won.Rivals[0].Key != lost.Key {
		t.Errorf("the one that won: %+v", won)
	}
}
