package finalize_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"recfin/finalize"
)

// inOne asks for one media object a rendition.
func inOne(c *finalize.Config) { c.HLS = finalize.HLSSingle }

// singleRecord is what the record says of the media objects, by rendition.
type singleRecord struct {
	Renditions []struct {
		Name, Output string
		Slot         []int
		Key          []string
		Single       struct {
			Offset, Length []int64
			Front          []int64 `json:"front_bytes"`
			Cut            []int64 `json:"cut_bytes"`
			InitOffset     []int64 `json:"init_offset"`
			InitLength     []int64 `json:"init_length"`
			InitOf         []int   `json:"init_of"`
		}
	}
}

// oneObject gives the media object of a rendition of the only session, and what the
// record says of it.
func oneObject(t testing.TB, all snapshot, recording string) (singleRecord, map[string][]byte) {
	t.Helper()
	a := read(t, all, recording)
	if a == nil || len(a.Sessions) != 1 {
		t.Fatal("there is not one session")
	}
	s := a.Sessions[0]
	dir := outPath + recording + "/" + s.ID + "/" + s.Version + "/"
	var r singleRecord
	if err := json.Unmarshal(unzip(t, all[dir+"segments.json.gz"].Body), &r); err != nil {
		t.Fatal(err)
	}
	bodies := map[string][]byte{}
	for key, e := range all {
		if strings.HasPrefix(key, dir) && strings.Contains(key, ".media.") {
			for _, q := range r.Renditions {
				if strings.HasPrefix(key, dir+q.Output+".media.") {
					bodies[q.Name] = e.Body
				}
			}
		}
	}
	return r, bodies
}

// TestSingle: the media object is the segments, one behind the other.
func TestSingle(t *testing.T) {
	w := newWorld(false)
	w.takeover("foo")
	mustRun(t, with(only(w, finalize.Formats{HLS: true}), inOne), "foo")
	all := w.Snapshot()
	r, bodies := oneObject(t, all, "foo")
	for _, q := range r.Renditions {
		var want []byte
		for _, key := range q.Key {
			want = append(want, all[key].Body...)
		}
		if !bytes.Equal(bodies[q.Name], want) {
			t.Errorf("%s: %d bytes, the segments have %d", q.Name, len(bodies[q.Name]), len(want))
		}
	}
}
