package s3

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"recfin/store"
	"recfin/store/storetest/s3double"
)

// large is a body that takes several of the small parts.
var large = strings.Repeat("0123456789abcdef", 20)

func finish(t *testing.T, s *Store, opt store.CreateOptions, head, body string) (store.Object, error) {
	t.Helper()
	u, err := s.Create(t.Context(), "x", opt)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := u.Write([]byte(body)); err != nil {
		t.Fatalf("write: %v", err)
	}
	return u.Commit(t.Context(), strings.NewReader(head))
}

// trouble makes a double misbehave.
type trouble func(d *s3double.Server)

// answers refuses the first n requests of an operation.
func answers(n, status int, op, code string) trouble {
	return func(d *s3double.Server) {
		d.Fault(s3double.Fault{Op: op, Times: n, Do: s3double.Error(status, code)})
	}
}

// cuts loses the first n answers of an operation, which takes effect.
func cuts(n int, op string) trouble {
	return func(d *s3double.Server) { d.Fault(s3double.Fault{Op: op, Times: n, Do: s3double.Lose()}) }
}

// stolen loses the answer of an operation, and then another writes.
func stolen(op, body string) trouble {
	return func(d *s3double.Server) {
		d.Fault(s3double.Fault{Op: op, Times: 1, Do: func(x *s3double.Exchange) {
			x.Effect()
			d.Set("pre/x", body)
			x.Drop()
		}})
	}
}

// deaf loses every answer from the first of an operation on.
func deaf(from string) trouble {
	return func(d *s3double.Server) {
		gone := false
		d.Fault(s3double.Fault{Do: s3double.Lose(), Match: func(r s3double.Request) bool {
			gone = gone || r.Op == from
			return gone
		}})
	}
}

const complete, putOne, onePart = "CompleteMultipartUpload", "PutObject", "UploadPart"

// another is as long as what the tests commit.
var another = strings.Repeat("x", 4+len(large))

var commitTroubles = []struct {
	name    string
	trouble trouble
	body    string
	want    error
	there   string // what is under the key in the end
}{
	{"nothing", func(*s3double.Server) {}, large, nil, "HEAD" + large},
	{"lost answer", cuts(1, complete), large, nil, "HEAD" + large},
	{"lost answer of a small one", cuts(1, putOne), "b", nil, "HEADb"},
	{"200 with an error", answers(1, http.StatusOK, complete, "InternalError"), large, nil, "HEAD" + large},
	{"200 with an error for ever", answers(99, http.StatusOK, complete, "InternalError"), large, store.ErrUnknown, ""},
	{"409", answers(1, http.StatusConflict, complete, "ConditionalRequestConflict"), large, store.ErrConflict, ""},
	{"412", answers(1, http.StatusPreconditionFailed, complete, "PreconditionFailed"), large, store.ErrConflict, ""},
	{"412 of a small one", answers(1, http.StatusPreconditionFailed, putOne, "PreconditionFailed"), "b", store.ErrConflict, ""},
	{"503 then well", answers(2, http.StatusServiceUnavailable, complete, "SlowDown"), large, nil, "HEAD" + large},
	{"503 for ever", answers(99, http.StatusServiceUnavailable, complete, "SlowDown"), large, store.ErrUnavailable, ""},
	{"denied", answers(1, http.StatusForbidden, complete, "AccessDenied"), large, store.ErrDenied, ""},
	{"upload gone", answers(1, http.StatusNotFound, complete, "NoSuchUpload"), large, store.ErrUnavailable, ""},
	{"begin denied", answers(1, http.StatusForbidden, "CreateMultipartUpload", "AccessDenied"), large, store.ErrDenied, ""},
	{"part refused", answers(1, http.StatusBadRequest, onePart, "EntityTooSmall"), large, store.ErrInvalid, ""},
	{"part slow", answers(2, http.StatusServiceUnavailable, onePart, "SlowDown"), large, nil, "HEAD" + large},
	{"part lost", cuts(2, onePart), large, nil, "HEAD" + large},
	{"lost and overwritten", stolen(complete, another), large, store.ErrUnknown, another},
	{"small, lost and overwritten", stolen(putOne, "other"), "b", store.ErrConflict, "other"},
	{"deaf", deaf(complete), large, store.ErrUnknown, "HEAD" + large},
}

// TestCommitTrouble: whatever the store does at the end of an upload, what
// Commit says is what is there.
func TestCommitTrouble(t *testing.T) {
	for _, c := range commitTroubles {
		t.Run(c.name, func(t *testing.T) {
			d := newDouble(t)
			s := connect(t, d, quick())
			c.trouble(d)
			opt := store.CreateOptions{PutOptions: store.PutOptions{IfAbsent: true}, Room: 4}
			u, err := s.Create(t.Context(), "x", opt)
			if err != nil {
				t.Fatal(err)
			}
			_, werr := u.Write([]byte(c.body))
			o, err := u.Commit(t.Context(), strings.NewReader("HEAD"))
			if werr != nil && err == nil {
				t.Errorf("write: %v, and commit is happy", werr)
			}
			if !errors.Is(err, c.want) || (c.want == nil && err != nil) {
				t.Errorf("commit: %v, want %v", err, c.want)
			}
			if c.want != store.ErrUnknown && errors.Is(err, store.ErrUnknown) {
				t.Errorf("commit: %v, although it is known", err)
			}
			if err == nil && (o.Size != int64(4+len(c.body)) || !o.Strong() || o.Key != "x") {
				t.Errorf("commit returned %+v", o)
			}
			got, found := there(d, "x")
			if got != c.there || found != (c.there != "") {
				t.Errorf("there is %q, want %q", got, c.there)
			}
			if len(d.Uploads()) != 0 {
				t.Errorf("%d uploads are left", len(d.Uploads()))
			}
			if n := d.Count(complete); c.name == "lost answer" && n != 1 {
				t.Errorf("%d attempts to complete what a look finds", n)
			}
		})
	}
}

// TestCommitRepeated: a Complete that is repeated behind a lost answer meets an
// upload that is gone, or its own object; the token tells.
func TestCommitRepeated(t *testing.T) {
	d := newDouble(t)
	s := connect(t, d, quick())
	cuts(1, complete)(d)
	answers(1, http.StatusServiceUnavailable, "HeadObject", "SlowDown")(d)
	o, err := finish(t, s, store.CreateOptions{PutOptions: store.PutOptions{IfAbsent: true}}, "", large)
	if err != nil || o.Size != int64(len(large)) {
		t.Fatalf("commit: %+v, %v", o, err)
	}
	if n := d.Count("CompleteMultipartUpload"); n != 2 {
		t.Errorf("%d attempts to complete, want 2", n)
	}
	info, err := s.Head(t.Context(), "x")
	if err != nil || !info.Same(o) || len(info.Metadata) != 0 {
		t.Errorf("head: %+v, %v, want %+v without metadata", info, err, o)
	}
}

// TestCommitCancelled: after cancellation there is no object, and no upload.
func TestCommitCancelled(t *testing.T) {
	d := newDouble(t)
	s := connect(t, d, quick())
	ctx, cancel := context.WithCancel(t.Context())
	var asked atomic.Int32
	d.Hook(func(x *s3double.Exchange) bool {
		if x.Op != onePart || x.Query.Get("partNumber") != "1" {
			return false
		}
		asked.Add(1)
		cancel()
		x.Hang() // a part that is under way is broken off
		return true
	})
	u, err := s.Create(t.Context(), "x", store.CreateOptions{Room: 4})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := u.Write([]byte(large)); err != nil {
		t.Fatal(err)
	}
	_, err = u.Commit(ctx, strings.NewReader("HEAD"))
	if _, found := there(d, "x"); !errors.Is(err, context.Canceled) || found || len(d.Uploads()) != 0 || asked.Load() != 1 {
		t.Errorf("commit: %v; object there: %v; uploads left: %d; part 1 sent %d times", err, found, len(d.Uploads()), asked.Load())
	}
}
