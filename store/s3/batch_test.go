package s3

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"recfin/store"
	"recfin/store/storetest/s3double"
)

// deleted runs a batch delete and gives the outcome of each key.
func deleted(t *testing.T, s *Store, victims ...store.Object) map[string]error {
	t.Helper()
	got := map[string]error{}
	n := 0
	for o, err := range s.Delete(t.Context(), victims, store.DeleteOptions{Batch: true}) {
		got[o.Key] = err
		n++
	}
	if n != len(victims) {
		t.Errorf("%d outcomes for %d victims", n, len(victims))
	}
	return got
}

func victim(s *Store, d *s3double.Server, key, body string) store.Object {
	o := d.Set("pre/"+key, body)
	return store.Object{Store: s.Label(), Key: key, Size: int64(len(body)), ETag: unquote(o.ETag)}
}

// TestBatchOutcomes: each key has its own, in one request without a look at them.
func TestBatchOutcomes(t *testing.T) {
	d := newDouble(t)
	s := connect(t, d, quick())
	fine, other := victim(s, d, "fine & <b>", "1"), victim(s, d, "other", "1")
	stale := victim(s, d, "stale", "1")
	d.Set("pre/stale", "2")
	gone := victim(s, d, "gone", "1")
	d.Remove("pre/gone")
	denied := victim(s, d, "locked/x", "1")
	d.Deny("s3:DeleteObject", "pre/locked/")
	weak, foreign := other, other
	weak.Key, weak.ETag = "weak", "W/x"
	foreign.Key, foreign.Store = "foreign", "mem://x/"
	got := deleted(t, s, fine, stale, other, gone, denied, weak, foreign)
	for key, want := range map[string]error{
		fine.Key: nil, "other": nil, "gone": nil,
		"stale": store.ErrChanged, "locked/x": store.ErrDenied, "weak": store.ErrWeak, "foreign": store.ErrInvalid,
	} {
		if !errors.Is(got[key], want) || want == nil && got[key] != nil {
			t.Errorf("%s: %v, want %v", key, got[key], want)
		}
	}
	for key, want := range map[string]bool{fine.Key: false, "other": false, "stale": true, "locked/x": true} {
		if _, found := there(d, key); found != want {
			t.Errorf("%s is there: %v", key, found)
		}
	}
	if d.Count("DeleteObjects") != 1 || len(d.Log()) != 1 {
		t.Errorf("requests: %+v", d.Log())
	}
}

// TestBatchSizes: a thousand keys a request, and what XML or a batch cannot hold
// goes by itself.
func TestBatchSizes(t *testing.T) {
	d := newDouble(t)
	tune := quick()
	tune.idle = 20 * time.Second // a busy machine needs its time for a thousand keys
	s := connect(t, d, tune)
	var victims []store.Object
	for i := range 2001 {
		victims = append(victims, victim(s, d, fmt.Sprintf("k/%04d", i), "x"))
	}
	odd := victim(s, d, "k/a\x01b", "x")
	neighbour := victim(s, d, "k/a�b", "x") // what a careless encoder makes of it
	victims = append(victims, odd, victims[7])
	for key, err := range deleted(t, s, victims...) {
		if err != nil {
			t.Errorf("%q: %v", key, err)
		}
	}
	if got := d.Keys(""); len(got) != 1 || got[0] != "pre/"+neighbour.Key {
		t.Errorf("left: %q", got)
	}
	if n := d.Count("DeleteObjects"); n != 3 || d.Count("DeleteObject") != 1 {
		t.Errorf("%d batches, %d single deletes", n, d.Count("DeleteObject"))
	}
}

// TestBatchTwice: a key that is named twice has two outcomes, each its own.
func TestBatchTwice(t *testing.T) {
	d := newDouble(t)
	s := connect(t, d, quick())
	stale := victim(s, d, "x", "1")
	fresh := victim(s, d, "x", "2")
	var got []error
	for _, err := range s.Delete(t.Context(), []store.Object{stale, fresh, stale}, store.DeleteOptions{Batch: true}) {
		got = append(got, err)
	}
	if _, found := there(d, "x"); len(got) != 3 || !errors.Is(got[0], store.ErrChanged) || got[1] != nil || found {
		t.Errorf("%v, there %v", got, found)
	}
}

// TestBatchTrouble: a lost answer, a key or a request that fails for a while, an
// answer that leaves a key out, and a store without the form.
func TestBatchTrouble(t *testing.T) {
	keyError := func(code string) s3double.Effect {
		return func(x *s3double.Exchange) {
			x.W.WriteHeader(http.StatusOK)
			fmt.Fprintf(x.W, "<DeleteResult><Error><Key>pre/a</Key><Code>%s</Code></Error><Error><Key>pre/elsewhere</Key><Code>AccessDenied</Code></Error></DeleteResult>", code)
		}
	}
	for _, c := range []struct {
		name  string
		do    s3double.Effect
		times int
		a, b  error
		left  string
		sent  int
	}{
		{"lost answer", s3double.Lose(), 1, nil, nil, "", 2},
		{"slow down", s3double.Error(503, "SlowDown"), 2, nil, nil, "", 3},
		{"late", s3double.ErrorAfter(500, "InternalError"), 1, nil, nil, "", 2},
		{"one key fails for a while", keyError("InternalError"), 2, nil, nil, "", 3},
		{"one key fails for ever", keyError("InternalError"), 0, store.ErrUnavailable, store.ErrUnknown, "a b", 5},
		{"one key is locked", keyError("AccessDenied"), 0, store.ErrDenied, store.ErrUnknown, "a b", 1},
		{"an odd code", keyError("Odd"), 0, store.ErrInvalid, store.ErrUnknown, "a b", 1},
		{"denied", s3double.Error(403, "AccessDenied"), 0, store.ErrDenied, store.ErrDenied, "a b", 1},
		{"no such form", s3double.Error(501, "NotImplemented"), 0, store.ErrInvalid, store.ErrInvalid, "a b", 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := newDouble(t)
			s := connect(t, d, quick())
			a, b := victim(s, d, "a", "1"), victim(s, d, "b", "1")
			d.Fault(s3double.Fault{Op: "DeleteObjects", Times: c.times, Do: c.do})
			got := deleted(t, s, a, b)
			for key, want := range map[string]error{"a": c.a, "b": c.b} {
				if !errors.Is(got[key], want) || want == nil && got[key] != nil {
					t.Errorf("%s: %v, want %v", key, got[key], want)
				}
			}
			var left []string
			for _, key := range d.Keys("") {
				left = append(left, strings.TrimPrefix(key, "pre/"))
			}
			if strings.Join(left, " ") != c.left || d.Count("DeleteObjects") != c.sent {
				t.Errorf("left %q, %d requests; want %q, %d", left, d.Count("DeleteObjects"), c.left, c.sent)
			}
		})
	}
}

// TestBatchOnVersions: a delete of a batch only hides, whatever the bucket.
func TestBatchOnVersions(t *testing.T) {
	d := s3double.New(t, s3double.Options{AccessKey: testKey, SecretKey: testSecret, Versioning: s3double.VersioningOn})
	s := connect(t, d, quick())
	v := victim(s, d, "a", "precious")
	if err := deleted(t, s, v)["a"]; err != nil {
		t.Fatal(err)
	}
	found := false
	for _, old := range d.Versions("pre/a") {
		found = found || string(old.Body) == "precious"
	}
	if _, now := there(d, "a"); now || !found {
		t.Errorf("there %v, kept %v", now, found)
	}
}
