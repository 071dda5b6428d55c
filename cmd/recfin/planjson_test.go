package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"recfin/internal/broadcast"
)

// planExample is the documented form of an object of `plan --json`, and a slot
// that a rendition lacks.
const (
	planExample = `{"version":1,"recording":"foo","layout":"nonce","status":"ready",
 "sessions":[{"id":"20261121T210405Z","start":"2026-11-21T21:04:05Z","end":"2026-11-21T21:05:05Z","duration":60.0,
   "renditions":[{"name":"720p","duration":60.0,"codecs":"avc1.42c01f,mp4a.40.2",
     "segments":[{"store":"file:///data","key":"foo/A/720p/0.ts","nonce":"A","seq":0,"size":1000,"etag":"x","uploaded":"2026-11-21T21:04:05Z","start":0.0,"duration":2.0,
                  "duration_source":"metadata","discontinuity":false,"gap":false}],
     "holes":[{"after_seq":5,"before_seq":9,"duration":6.0}]}]}],
 "dropped":[{"store":"file:///data","key":"foo/B/720p/9.ts","reason":"truncated","kept":"foo/A/720p/9.ts"}],
 "leftovers":[{"store":"file:///data","key":"foo/B/720p/9.ts","size":1000,"why":"truncated"}],
 "unknown":["foo/notes.txt"],
 "uncertain":[{"what":"order","keys":["foo/B/720p/9.ts"],"why":"x"}],
 "warnings":["uploads-not-live"],
 "cost":{"list":1,"get":20,"head":0,"put":0,"bytes_read":20000}}`
	gapExample = `{"seq":0,"start":0.0,"duration":2.0,"discontinuity":false,"gap":true}`
)

// vocabularies are the words that a field may hold.
var vocabularies = map[string]string{
	"status":          "ready not-settled done damaged refused",
	"reason":          "identical duplicate truncated partial overlap empty unreadable gone changed late temporary tombstone excluded undecodable",
	"why":             "identical duplicate truncated partial overlap", // of leftovers
	"what":            "order copy session",
	"duration_source": "key sidecar metadata neighbour probe",
}

var instant = regexp.MustCompile(`^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?Z$`)

// form holds JSON against an example: the same names at every place, the same
// types, a decimal where the example has one.
type form struct{ bad []string }

func (f *form) add(path, format string, args ...any) {
	f.bad = append(f.bad, path+": "+fmt.Sprintf(format, args...))
}

func (f *form) check(path, name string, want, got any) {
	switch w := want.(type) {
	case map[string]any:
		g, ok := got.(map[string]any)
		if !ok {
			f.add(path, "%T is no object", got)
			return
		}
		f.object(path, w, g)
	case []any:
		g, ok := got.([]any)
		if !ok {
			f.add(path, "%T is no list", got)
		}
		for i, e := range g {
			f.check(fmt.Sprintf("%s[%d]", path, i), name, w[0], e)
		}
	case json.Number:
		g, ok := got.(json.Number)
		if !ok || strings.Contains(w.String(), ".") != strings.Contains(g.String(), ".") || strings.ContainsAny(g.String(), "eE-") {
			f.add(path, "%v is no number like %v", got, w)
		}
	case bool:
		if _, ok := got.(bool); !ok {
			f.add(path, "%v is no bool", got)
		}
	case string:
		g, ok := got.(string)
		if !ok || g == "" || instant.MatchString(w) != instant.MatchString(g) {
			f.add(path, "%v is no string like %q", got, w)
		}
		words := vocabularies[name]
		if strings.HasPrefix(path, "uncertain") && name == "why" {
			words = "" // a sentence
		}
		if words != "" && !slices.Contains(strings.Fields(words), g) {
			f.add(path, "%q is none of %s", g, words)
		}
	}
}

func (f *form) object(path string, want, got map[string]any) {
	if got["gap"] == true {
		want = decoded(gapExample).(map[string]any)
	}
	for _, k := range slices.Sorted(maps.Keys(want)) {
		v, ok := got[k]
		switch {
		case ok:
			f.check(strings.TrimPrefix(path+"."+k, "."), k, want[k], v)
		case k == "kept" && got["reason"] != "identical" && got["reason"] != "duplicate" && got["reason"] != "truncated":
			// nothing has its place
		default:
			f.add(path, "%s is missing", k)
		}
	}
	for _, k := range slices.Sorted(maps.Keys(got)) {
		if _, ok := want[k]; !ok {
			f.add(path, "%s is not documented", k)
		}
	}
}

func decoded(text string) any {
	d := json.NewDecoder(bytes.NewReader([]byte(text)))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return err.Error()
	}
	return v
}

// mustForm holds every line of an output against the example.
func mustForm(t *testing.T, r result) planDoc {
	t.Helper()
	var f form
	f.check("", "", decoded(planExample), decoded(r.out))
	if len(f.bad) > 0 {
		t.Fatalf("recfin %q:\n%s\nin %s", r.args, strings.Join(f.bad, "\n"), r.out)
	}
	return document[planDoc](t, r)
}

// The check itself notices what it is there for.
func TestFormNotices(t *testing.T) {
	for _, c := range []struct{ old, new string }{
		{`"version":1,`, ``}, {`"size":1000`, `"size":"1000"`}, {`60.0`, `60`}, {`"seq":0`, `"seq":0.0`},
		{`"gap":false`, `"gap":true`}, {`"truncated"`, `"short"`}, {`"sessions":[`, `"sessions":[null,`},
		{`"cost":{`, `"cost":{"more":1,`}, {`21:04:05Z","end"`, `21:04:05+01:00","end"`}, {`"unknown":["foo/notes.txt"]`, `"unknown":null`},
	} {
		var f form
		f.check("", "", decoded(planExample), decoded(strings.Replace(planExample, c.old, c.new, 1)))
		if len(f.bad) == 0 {
			t.Errorf("%q for %q is not noticed", c.new, c.old)
		}
	}
	var f form
	if f.check("", "", decoded(planExample), decoded(planExample)); len(f.bad) > 0 {
		t.Errorf("the example is not like itself: %q", f.bad)
	}
}

// layTwoRenditions stores a recording in two renditions: A 0 to 7 and B 6 to 9,
// 360p without 2 and both without 4, an empty and a truncated copy, and notes.
func layTwoRenditions(t *testing.T, put broadcast.Put, recording string, start time.Time) {
	t.Helper()
	for _, name := range []string{"720p", "360p"} {
		opt := broadcast.Options{Seconds: 20}
		lost := []int{4}
		if name == "360p" {
			opt.Width, opt.Height = 160, 90
			lost = append(lost, 2)
		}
		s := broadcast.Make(t, opt)
		a := broadcast.Without(s.Uploads(recording+"/A/"+name, 0, 7, start), lost...)
		a[len(a)-1].Keep = 188 * 60
		b := s.Uploads(recording+"/B/"+name, 6, 9, start)
		for i := range b {
			b[i].At = b[i].At.Add(time.Duration(4-i) * time.Second)
		}
		broadcast.Lay(t, put, append(a, b...))
		if err := put(recording+"/C/"+name+"/3.ts", nil, start.Add(9*time.Second)); err != nil {
			t.Fatal(err)
		}
	}
	if err := put(recording+"/notes.txt", []byte("A went down\n"), start.Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
}

func TestPlanJSON(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	layTwoRenditions(t, broadcast.Folder(dir), "foo", onAir)
	layTwoRenditions(t, broadcast.Folder(dir), "live", time.Now().Add(-time.Minute))
	mustRecfin(t, exitDone, "finalize", "--store", dir, "foo") // private folders are there now
	layTwoRenditions(t, broadcast.Folder(dir), "bar", onAir)
	before := tree(t, dir)

	t.Run("ready", func(t *testing.T) {
		p := mustForm(t, mustRecfin(t, exitDone, "plan", "--json", "--store", dir, "bar"))
		checkTwoRenditions(t, p, "bar", "ready")
	})
	t.Run("done", func(t *testing.T) {
		p := mustForm(t, mustRecfin(t, exitDone, "plan", "--json", "--store", dir, "foo"))
		checkTwoRenditions(t, p, "foo", "done")
	})
	t.Run("not settled", func(t *testing.T) {
		r := recfin("plan", "--json", "--store", dir, "live")
		checkTwoRenditions(t, mustForm(t, r), "live", "not-settled")
		if p := mustForm(t, mustRecfin(t, exitDone, "plan", "--json", "--store", dir, "--force", "live")); p.Status != "ready" {
			t.Errorf("with --force: %q", p.Status)
		}
	})
	t.Run("all", func(t *testing.T) {
		got := map[string]string{}
		for _, p := range documents[planDoc](t, mustRecfin(t, exitDone, "plan", "--json", "--store", dir)) {
			got[p.Recording] = p.Status
		}
		if want := map[string]string{"foo": "done", "bar": "ready", "live": "not-settled"}; !maps.Equal(got, want) {
			t.Errorf("statuses: %v", got)
		}
	})
	t.Run("text", func(t *testing.T) {
		mustRecfin(t, exitDone, "plan", "--store", dir, "bar").says(t, "between 3 and 5", "bar/notes.txt", "C 3 in 2 renditions", "write")
	})
	unchanged(t, before, dir, "plans")
}

func checkTwoRenditions(t *testing.T, p planDoc, name, status string) {
	t.Helper()
	if p.Version != 1 || p.Recording != name || p.Layout != "nonce" || p.Status != status {
		t.Errorf("version %d, recording %q, layout %q, status %q", p.Version, p.Recording, p.Layout, p.Status)
	}
	if len(p.Sessions) != 1 || len(p.Sessions[0].Renditions) != 2 {
		t.Fatalf("sessions: %+v", p.Sessions)
	}
	for _, q := range p.Sessions[0].Renditions {
		var want []string
		for _, k := range strings.Fields("A/0 A/1 A/2 A/3 A/5 A/6 B/7 B/8 B/9") {
			nonce, seq, _ := strings.Cut(k, "/")
			if q.Name == "360p" && k == "A/2" {
				want = append(want, "gap")
				continue
			}
			want = append(want, name+"/"+nonce+"/"+q.Name+"/"+seq+".ts")
		}
		if got := q.keys(); !slices.Equal(got, want) {
			t.Errorf("%s: %q", q.Name, got)
		}
		at := 0.0
		for _, s := range q.Segments {
			if !near(s.Start, at, 0.05) || !near(s.Duration, 2, 0.05) {
				t.Errorf("%s %d: %v + %v", q.Name, s.Seq, s.Start, s.Duration)
			}
			at += s.Duration
		}
		holes := len(q.Holes)
		if all := slices.ContainsFunc(q.Holes, func(h holeDoc) bool { return h.AfterSeq == 3 && h.BeforeSeq == 5 && near(h.Duration, 2, 0.05) }); !all || holes != map[string]int{"720p": 1, "360p": 2}[q.Name] {
			t.Errorf("%s: holes %+v", q.Name, q.Holes)
		}
	}
	want := map[string]string{}
	for _, q := range []string{"720p", "360p"} {
		want[name+"/B/"+q+"/6.ts"] = "identical"
		want[name+"/A/"+q+"/7.ts"] = "truncated"
		want[name+"/C/"+q+"/3.ts"] = "empty"
	}
	if got := p.reasons(); !maps.Equal(got, want) {
		t.Errorf("dropped: %v", got)
	}
	left := map[string]string{}
	for _, l := range p.Leftovers {
		left[l.Key] = l.Why
		if l.Size <= 0 {
			t.Errorf("leftover of %d bytes: %s", l.Size, l.Key)
		}
	}
	if maps.DeleteFunc(want, func(_, why string) bool { return why == "empty" }); !maps.Equal(left, want) {
		t.Errorf("leftovers: %v", left)
	}
	if !slices.Equal(p.Unknown, []string{name + "/notes.txt"}) {
		t.Errorf("unknown: %q", p.Unknown)
	}
	if p.Cost.List == 0 || p.Cost.Get == 0 || p.Cost.BytesRead == 0 || p.Cost.Put != 0 {
		t.Errorf("cost: %+v", p.Cost)
	}
}

// Two streams under the same numbers in a folder that was copied: nothing tells
// which was first. Both are kept, and the doubt is said in the documented form.
func TestPlanUncertain(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	put := broadcast.Folder(dir)
	copied := func(key string, body []byte, _ time.Time) error { return put(key, body, onAir) }
	one := broadcast.Make(t, broadcast.Options{Seconds: 20})
	two := broadcast.Make(t, broadcast.Options{Seconds: 20, Source: "testsrc2", Tone: 880})
	broadcast.Lay(t, copied, one.Uploads("foo/A/720p", 0, 9, onAir))
	broadcast.Lay(t, copied, two.Uploads("foo/B/720p", 0, 9, onAir))
	p := mustForm(t, mustRecfin(t, exitDone, "plan", "--json", "--store", dir, "foo"))
	if len(p.Uncertain) == 0 || len(p.Leftovers) != 0 || len(p.Dropped) != 0 || !slices.Contains(p.Warnings, "uploads-not-live") {
		t.Errorf("uncertain %+v, leftovers %+v, dropped %v, warnings %q", p.Uncertain, p.Leftovers, p.reasons(), p.Warnings)
	}
	before := files(t, dir, "foo/")
	r := document[reportDoc](t, mustRecfin(t, exitDone, "finalize", "--json", "--store", dir, "--delete", "leftovers", "--delete-delay", "0", "foo"))
	if got := gone(t, before, files(t, dir, "foo/")); len(got) > 0 || len(r.Deleted) > 0 {
		t.Errorf("gone: %q, reported: %v", got, r.Deleted)
	}
	mustRecfin(t, exitDone, "plan", "--store", dir, "foo").says(t, "uncertain (order)")
}
