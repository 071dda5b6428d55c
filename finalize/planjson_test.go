package finalize_test

import (
	"bytes"
	"encoding/json"
	"io"
	"regexp"
	"testing"
	"time"

	"recfin/finalize"
)

// The form of `plan --json`, written from its documentation alone.

type planForm struct {
	Version   *int
	Recording *string
	Layout    *string
	Status    *string
	Sessions  *[]struct {
		ID         *string
		Start, End *time.Time
		Duration   *json.Number
		Renditions *[]struct {
			Name     *string
			Duration *json.Number
			Codecs   *string
			Segments *[]segmentForm
			Holes    *[]struct {
				After    *json.Number `json:"after_seq"`
				Before   *json.Number `json:"before_seq"`
				Duration *json.Number
			}
		}
	}
	Dropped *[]struct {
		Store, Key, Reason *string
		Kept               *string
	}
	Leftovers *[]struct {
		Store, Key *string
		Size       *json.Number
		Why        *string
	}
	Unknown   *[]string
	Uncertain *[]struct {
		What *string
		Keys *[]string
		Why  *string
	}
	Warnings *[]string
	Cost     *struct {
		List, Get, Head, Put *json.Number
		BytesRead            *json.Number `json:"bytes_read"`
	}
}

type segmentForm struct {
	Store         *string
	Key           *string
	Nonce         *string
	Seq           *json.Number
	Size          *json.Number
	ETag          *string
	Uploaded      *time.Time
	Start         *json.Number
	Duration      *json.Number
	Source        *string `json:"duration_source"`
	Discontinuity *bool
	Gap           *bool
}

var (
	integer = regexp.MustCompile(`^[0-9]+$`)
	decimal = regexp.MustCompile(`^[0-9]+\.[0-9]{1,9}$`)
)

// form checks that every field is there, and its numbers.
type form struct{ t *testing.T }

func (f form) word(what string, s *string, allowed ...string) {
	f.t.Helper()
	if s == nil || *s == "" {
		f.t.Errorf("%s is missing", what)
		return
	}
	for _, a := range allowed {
		if *s == a {
			return
		}
	}
	if len(allowed) > 0 {
		f.t.Errorf("%s is %q", what, *s)
	}
}

func (f form) number(what string, n *json.Number, like *regexp.Regexp) {
	f.t.Helper()
	if n == nil || !like.MatchString(n.String()) {
		f.t.Errorf("%s is %v, and should look like %s", what, n, like)
	}
}

func (f form) there(what string, ok bool) {
	f.t.Helper()
	if !ok {
		f.t.Errorf("%s is missing", what)
	}
}

func TestPlanJSON(t *testing.T) {
	w := newWorld(false)
	w.takeover("foo")
	for _, when := range []string{"before a run", "after it"} {
		t.Run(when, func(t *testing.T) {
			raw, err := json.Marshal(mustPlan(t, settings(w), "foo").PlanJSON())
			if err != nil {
				t.Fatal(err)
			}
			checkPlanForm(t, raw)
			mustRun(t, only(w, finalize.Formats{HLS: true, MP4: true}), "foo")
		})
	}
}

func checkPlanForm(t *testing.T, raw []byte) {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	var p planForm
	if err := d.Decode(&p); err != nil {
		t.Fatalf("%v in %s", err, raw)
	}
	if _, err := d.Token(); err != io.EOF {
		t.Error("there is more than one object")
	}
	f := form{t}
	f.there("version 1", p.Version != nil && *p.Version == 1)
	f.word("recording", p.Recording, "foo")
	f.word("layout", p.Layout, "nonce")
	f.word("status", p.Status, "ready", "not-settled", "done", "damaged", "refused")
	f.there("a list", p.Sessions != nil && p.Dropped != nil && p.Leftovers != nil && p.Unknown != nil && p.Uncertain != nil && p.Warnings != nil && p.Cost != nil)
	if t.Failed() {
		t.Fatalf("%s", raw)
	}
	for _, n := range []*json.Number{p.Cost.List, p.Cost.Get, p.Cost.Head, p.Cost.Put, p.Cost.BytesRead} {
		f.number("a cost", n, integer)
	}
	gaps := 0
	for _, s := range *p.Sessions {
		f.word("id", s.ID)
		f.there("start and end", s.Start != nil && s.End != nil)
		f.number("duration of the session", s.Duration, decimal)
		f.there("renditions", s.Renditions != nil && len(*s.Renditions) == 2)
		for _, q := range *s.Renditions {
			f.word("name", q.Name, "720p", "360p")
			f.word("codecs", q.Codecs)
			f.number("duration of the rendition", q.Duration, decimal)
			f.there("segments, one for each slot", q.Segments != nil && len(*q.Segments) == 9)
			for _, g := range *q.Segments {
				gaps += f.segment(g)
			}
			f.there("holes", q.Holes != nil && len(*q.Holes) > 0)
			for _, h := range *q.Holes {
				f.number("after_seq", h.After, integer)
				f.number("before_seq", h.Before, integer)
				f.number("duration of the hole", h.Duration, decimal)
			}
		}
	}
	if gaps != 1 {
		t.Errorf("%d gap slots", gaps)
	}
	for _, x := range *p.Dropped {
		f.word("store of a dropped one", x.Store, "mem://test/")
		f.word("key of a dropped one", x.Key)
		f.word("reason", x.Reason, "identical", "truncated", "empty")
	}
	for _, x := range *p.Leftovers {
		f.word("store of a leftover", x.Store, "mem://test/")
		f.word("key of a leftover", x.Key)
		f.word("why", x.Why, "identical", "truncated")
		f.number("size", x.Size, integer)
	}
	f.there("5 dropped", len(*p.Dropped) == 5)
	f.there("notes.txt among the unknown", len(*p.Unknown) == 1 && (*p.Unknown)[0] == "foo/notes.txt")
}

// segment checks a slot and returns 1 for a gap.
func (f form) segment(g segmentForm) int {
	f.t.Helper()
	f.number("seq", g.Seq, integer)
	f.number("start", g.Start, decimal)
	f.number("duration of a segment", g.Duration, decimal)
	f.there("discontinuity and gap", g.Discontinuity != nil && g.Gap != nil)
	if *g.Gap {
		f.there("a gap without key", g.Key == nil && g.ETag == nil && g.Size == nil)
		return 1
	}
	f.word("store", g.Store, "mem://test/")
	f.word("key", g.Key)
	f.word("nonce", g.Nonce, "A", "B")
	f.word("etag", g.ETag)
	f.word("duration_source", g.Source, "key", "sidecar", "metadata", "neighbour", "probe")
	f.number("size of a segment", g.Size, integer)
	f.there("uploaded", g.Uploaded != nil)
	return 0
}
