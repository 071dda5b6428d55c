package main

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"recfin/internal/broadcast"
	"recfin/internal/tswriter"
	"recfin/store/storetest/s3double"
)

// foreign is a segment of a codec that no output of ours holds.
func foreign() []byte {
	const mpeg2 = 0x02 // ISO/IEC 13818-1 table 2-34
	w := tswriter.New(tswriter.Stream{PID: 0x100, Type: mpeg2})
	w.Tables()
	for i := range int64(10) {
		at := i * 18000
		w.PES(0x100, tswriter.PES{PTS: at, DTS: at, Data: []byte{0, 0, 1, 0xb3, 0, 0, 1, 0}})
	}
	return w.Bytes()
}

// unlike are recordings of which each fails in another way, and what is said of it:
// a key, and what to do. One of them hangs until its deadline.
var unlike = []struct {
	recording string
	status    string
	spoil     func(d *s3double.Server)
	says      []string
}{
	{"archived", "failed", func(d *s3double.Server) {
		d.SetObject(s3double.Object{Key: "live/archived/A/720p/2.ts", Body: []byte("cold"), Modified: onAir, Class: "GLACIER"})
	}, []string{"archived/A/720p/2.ts", "restore it"}},
	{"broken", "refused", func(d *s3double.Server) {
		for _, n := range []string{"0", "1", "2", "3"} {
			d.SetObject(s3double.Object{Key: "live/broken/A/720p/" + n + ".ts", Body: noise(9000), Modified: onAir})
		}
	}, []string{"broken/A/720p/0.ts", "recfin probe"}},
	{"denied", "failed", func(d *s3double.Server) {
		d.Fault(s3double.Fault{Op: "ListObjectsV2", Match: func(r s3double.Request) bool {
			return strings.HasPrefix(r.Key, "live/denied/")
		}, Do: s3double.Error(403, "AccessDenied")})
	}, []string{"denied/", "credentials"}},
	{"foreign", "refused", func(d *s3double.Server) {
		for _, n := range []string{"0", "1", "2", "3"} {
			d.SetObject(s3double.Object{Key: "live/foreign/A/720p/" + n + ".ts", Body: foreign(), Modified: onAir})
		}
	}, []string{"foreign/A/720p/0.ts", "MPEG-2 video", "recfin probe"}},
	{"hostile", "refused", func(d *s3double.Server) {
		marker := `{"format":"recfin/recording","version":1,"recording":"hostile","generation":1,"sessions":[{"id":"../../x","version":"1-0"}]}`
		d.SetObject(s3double.Object{Key: "live/recordings/hostile/recording.json", Body: []byte(marker), Modified: onAir})
	}, []string{"recordings/hostile/recording.json", "../../x"}},
	{"hung", "failed", func(d *s3double.Server) {
		d.Fault(s3double.Fault{Key: "live/hung/A/720p/*", Do: s3double.Hang()})
	}, []string{"hung/A/720p/", "run again later"}},
}

// TestIsolation: recordings that fail, each in another way, keep none of the others
// from being finished, not even one of which a segment is broken. At the end each
// is named with what is wrong, and each has its object.
func TestIsolation(t *testing.T) {
	t.Parallel()
	d := s3double.New(t, s3double.Options{MinPart: 10 << 10})
	hurry(t, d.URL("live"))
	s := broadcast.Make(t, broadcast.Options{})
	put := func(key string, body []byte, at time.Time) error {
		d.SetObject(s3double.Object{Key: "live/" + key, Body: body, Modified: at})
		return nil
	}
	good := []string{"a-good-one", "partly", "z-good-one"}
	for _, name := range good {
		broadcast.Lay(t, put, s.Uploads(name+"/A/720p", 0, 3, onAir))
	}
	d.SetObject(s3double.Object{Key: "live/partly/A/720p/2.ts", Body: noise(9000), Modified: onAir.Add(6 * time.Second)})
	for _, u := range unlike {
		broadcast.Lay(t, put, s.Uploads(u.recording+"/A/720p", 0, 3, onAir))
		u.spoil(d)
	}
	r := mustRecfin(t, exitPartly, "run", "--json", "--log-format", "json", "--store", d.URL("live"), "--format", "hls,mp4", "--delete", "leftovers", "--delete-delay", "0")
	r.hides(t, d.SecretKey)
	of := map[string]reportDoc{}
	for _, doc := range documents[reportDoc](t, r) {
		if _, twice := of[doc.Recording]; twice {
			t.Errorf("%s has two objects", doc.Recording)
		}
		of[doc.Recording] = doc
	}
	if len(of) != len(good)+len(unlike) {
		t.Errorf("%d objects", len(of))
	}
	for _, name := range good {
		if doc := of[name]; len(doc.Committed) != 1 || doc.Error != "" || doc.Status != "done" {
			t.Errorf("%s: %s, %d sessions committed, error %q", name, doc.Status, len(doc.Committed), doc.Error)
		}
	}
	failures := logged(t, r)
	for _, u := range unlike {
		doc := of[u.recording]
		if doc.Status != u.status || len(doc.Committed) > 0 || len(doc.Deleted) > 0 {
			t.Errorf("%s: %s, %d sessions committed, %d objects deleted", u.recording, doc.Status, len(doc.Committed), len(doc.Deleted))
		}
		for _, word := range u.says {
			if !strings.Contains(failures[u.recording], word) {
				t.Errorf("%s: the log does not say %q: %s", u.recording, word, failures[u.recording])
			}
		}
	}
	markers := slices.DeleteFunc(d.Keys("live/recordings/"), func(key string) bool { return !strings.HasSuffix(key, "/recording.json") })
	if len(markers) != len(good)+1 { // the hostile one is there as it was
		t.Errorf("markers %q", markers)
	}
}

// logged are the errors of recordings in the log.
func logged(t *testing.T, r result) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, line := range strings.Split(r.err, "\n") {
		var x struct{ Recording, Error string }
		if json.Unmarshal([]byte(line), &x) == nil && x.Error != "" {
			all[x.Recording] = x.Error
		}
	}
	return all
}
