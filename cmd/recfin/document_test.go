package main

import (
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"recfin/internal/schemas"
)

// planDoc is an object of `plan --json`, from its documentation.
type planDoc struct {
	Version   int            `json:"version"`
	Recording string         `json:"recording"`
	Layout    string         `json:"layout"`
	Status    string         `json:"status"`
	Sessions  []sessionDoc   `json:"sessions"`
	Dropped   []droppedDoc   `json:"dropped"`
	Leftovers []leftoverDoc  `json:"leftovers"`
	Unknown   []string       `json:"unknown"`
	Notes     []noteDoc      `json:"notes"` // absent where there are none
	Uncertain []uncertainDoc `json:"uncertain"`
	Warnings  []string       `json:"warnings"`
	Cost      costDoc        `json:"cost"`
}

type noteDoc struct {
	What string   `json:"what"`
	Keys []string `json:"keys"`
	Why  string   `json:"why"`
}

type sessionDoc struct {
	ID         string         `json:"id"`
	Start      time.Time      `json:"start"`
	End        time.Time      `json:"end"`
	Duration   float64        `json:"duration"`
	Renditions []renditionDoc `json:"renditions"`
	Unmade     []unmadeDoc    `json:"unmade"` // absent: all was made
}

type unmadeDoc struct {
	Rendition string `json:"rendition"`
	Format    string `json:"format"`
	Why       string `json:"why"`
}

type renditionDoc struct {
	Name     string       `json:"name"`
	Duration float64      `json:"duration"`
	Codecs   string       `json:"codecs"`
	Segments []segmentDoc `json:"segments"`
	Holes    []holeDoc    `json:"holes"`
}

type segmentDoc struct {
	Store         string    `json:"store"`
	Key           string    `json:"key"`
	Nonce         string    `json:"nonce"`
	Seq           int64     `json:"seq"`
	Size          int64     `json:"size"`
	ETag          string    `json:"etag"`
	Uploaded      time.Time `json:"uploaded"`
	Start         float64   `json:"start"`
	Duration      float64   `json:"duration"`
	Source        string    `json:"duration_source"`
	Discontinuity bool      `json:"discontinuity"`
	Gap           bool      `json:"gap"`
}

type holeDoc struct {
	AfterSeq  int64   `json:"after_seq"`
	BeforeSeq int64   `json:"before_seq"`
	Duration  float64 `json:"duration"`
}

type droppedDoc struct {
	Store  string `json:"store"`
	Key    string `json:"key"`
	Reason string `json:"reason"`
	Kept   string `json:"kept"`
	KeptIn string `json:"kept_store"` // where it is not Store
}

type leftoverDoc struct {
	Store string `json:"store"`
	Key   string `json:"key"`
	Size  int64  `json:"size"`
	Why   string `json:"why"`
}

type uncertainDoc struct {
	What string   `json:"what"`
	Keys []string `json:"keys"`
	Why  string   `json:"why"`
}

type costDoc struct {
	List         int64 `json:"list"`
	Get          int64 `json:"get"`
	Head         int64 `json:"head"`
	Put          int64 `json:"put"`
	Copy         int64 `json:"copy"`
	Delete       int64 `json:"delete"`
	BytesRead    int64 `json:"bytes_read"`
	BytesWritten int64 `json:"bytes_written"`
}

// reportDoc is an object of `finalize --json`: the plan and what became of it.
type reportDoc struct {
	planDoc
	Committed []committedDoc `json:"committed"`
	Deleted   []objectDoc    `json:"deleted"`
	Kept      []keptDoc      `json:"kept"`
	Due       *time.Time     `json:"due"`
	Problems  []string       `json:"problems"`
	Error     string         `json:"error"`
}

type committedDoc struct {
	Session string      `json:"session"`
	Version string      `json:"version"`
	Outputs []outputDoc `json:"outputs"`
}

type outputDoc struct {
	Rendition  string `json:"rendition"`
	Kind       string `json:"kind"`
	Store      string `json:"store"`
	Key        string `json:"key"`
	Size       int64  `json:"size"`
	ETag       string `json:"etag"`
	Checksum   string `json:"checksum"`
	DurationNS int64  `json:"duration_ns"`
	Segments   int    `json:"segments"`
	Video      int    `json:"video_samples"`
	Audio      int    `json:"audio_samples"`
	Silent     int    `json:"silent_frames"`
	Skipped    int    `json:"skipped_samples"`
}

type objectDoc struct {
	Store string `json:"store"`
	Key   string `json:"key"`
	Size  int64  `json:"size"`
}

type keptDoc struct {
	objectDoc
	Why string `json:"why"`
}

// documents reads standard output as JSON objects of one known form, one a line.
func documents[T any](t *testing.T, r result) []T {
	t.Helper()
	var all []T
	for _, line := range strings.Split(strings.TrimSuffix(r.out, "\n"), "\n") {
		if name := schemaOf(r.args); name != "" {
			schemas.Check(t, name, []byte(line))
		}
		d := json.NewDecoder(strings.NewReader(line))
		d.DisallowUnknownFields()
		var one T
		if err := d.Decode(&one); err != nil {
			t.Fatalf("recfin %q: %v in %q", r.args, err, line)
		}
		if _, err := d.Token(); !errors.Is(err, io.EOF) {
			t.Fatalf("recfin %q: more than one object in %q", r.args, line)
		}
		all = append(all, one)
	}
	return all
}

// schemaOf is the published form of what a command line prints; empty: none.
func schemaOf(args []string) string {
	switch {
	case len(args) == 0 || !slices.Contains(args, "--json"):
		return ""
	case slices.ContainsFunc(args, func(a string) bool { return strings.HasPrefix(a, "--explain") }):
		return "explain"
	}
	return map[string]string{"plan": "plan", "run": "report", "finalize": "report", "recover": "report", "keep": "report", "verify": "verify", "list": "list"}[args[0]]
}

// document reads standard output that is one JSON object.
func document[T any](t *testing.T, r result) T {
	t.Helper()
	all := documents[T](t, r)
	if len(all) != 1 {
		t.Fatalf("recfin %q gave %d objects", r.args, len(all))
	}
	return all[0]
}

// keys are the chosen segments in order; "gap" for a slot that is one.
func (q renditionDoc) keys() []string {
	var all []string
	for _, s := range q.Segments {
		if s.Gap {
			all = append(all, "gap")
			continue
		}
		all = append(all, s.Key)
	}
	return all
}

// reasons gives the reason of each dropped key.
func (p planDoc) reasons() map[string]string {
	all := map[string]string{}
	for _, d := range p.Dropped {
		all[d.Key] = d.Reason
	}
	return all
}

// output gives the one output of a kind and a rendition.
func (r reportDoc) output(t *testing.T, kind, rendition string) outputDoc {
	t.Helper()
	var found []outputDoc
	for _, c := range r.Committed {
		for _, o := range c.Outputs {
			if o.Kind == kind && o.Rendition == rendition {
				found = append(found, o)
			}
		}
	}
	if len(found) != 1 {
		t.Fatalf("%d outputs are %s of %s: %+v", len(found), kind, rendition, r.Committed)
	}
	return found[0]
}
