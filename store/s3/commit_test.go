package s3

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"pgregory.net/rapid"

	"recfin/store"
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
type trouble func(d *double)

// answers refuses the first n requests of an operation.
func answers(n, status int, op, code string) trouble {
	return func(d *double) {
		hit := first(n, op)
		d.hook = func(op string, w http.ResponseWriter, r *http.Request) bool {
			if hit(op) {
				refuse(w, status, code)
				return true
			}
			return false
		}
	}
}

// cuts loses the first n answers of an operation, which takes effect.
func cuts(n int, op string) trouble {
	return func(d *double) { d.cut = first(n, op) }
}

// stolen loses the answer of an operation, and then another writes.
func stolen(op, body string) trouble {
	return func(d *double) {
		hit := first(1, op)
		d.cut = func(op string) bool {
			if !hit(op) {
				return false
			}
			d.mu.Lock()
			defer d.mu.Unlock()
			d.set("pre/x", []byte(body), nil)
			return true
		}
	}
}

// deaf loses every answer from the first of an operation on.
func deaf(from string) trouble {
	return func(d *double) {
		gone := false
		d.cut = func(op string) bool {
			d.mu.Lock()
			defer d.mu.Unlock()
			gone = gone || op == from
			return gone
		}
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
	{"nothing", func(*double) {}, large, nil, "HEAD" + large},
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
			d, srv := newDouble(t)
			s := connect(t, srv, quick())
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
			got, there := d.body("x")
			if got != c.there || there != (c.there != "") {
				t.Errorf("there is %q, want %q", got, c.there)
			}
			if d.left() != 0 {
				t.Errorf("%d uploads are left", d.left())
			}
			if n := d.count(complete); c.name == "lost answer" && n != 1 {
				t.Errorf("%d attempts to complete what a look finds", n)
			}
		})
	}
}

// TestCommitRepeated: a Complete that is repeated behind a lost answer meets an
// upload that is gone, or its own object; the token tells.
func TestCommitRepeated(t *testing.T) {
	d, srv := newDouble(t)
	s := connect(t, srv, quick())
	d.cut = first(1, "CompleteMultipartUpload")
	blind := first(1, "HeadObject")
	d.hook = func(op string, w http.ResponseWriter, r *http.Request) bool {
		if !blind(op) {
			return false
		}
		w.WriteHeader(http.StatusServiceUnavailable)
		return true
	}
	o, err := finish(t, s, store.CreateOptions{PutOptions: store.PutOptions{IfAbsent: true}}, "", large)
	if err != nil || o.Size != int64(len(large)) {
		t.Fatalf("commit: %+v, %v", o, err)
	}
	if n := d.count("CompleteMultipartUpload"); n != 2 {
		t.Errorf("%d attempts to complete, want 2", n)
	}
	info, err := s.Head(t.Context(), "x")
	if err != nil || !info.Same(o) || len(info.Metadata) != 0 {
		t.Errorf("head: %+v, %v, want %+v without metadata", info, err, o)
	}
}

// TestCommitCancelled: after cancellation there is no object, and no upload.
func TestCommitCancelled(t *testing.T) {
	d, srv := newDouble(t)
	s := connect(t, srv, quick())
	ctx, cancel := context.WithCancel(t.Context())
	var asked atomic.Int32
	d.hook = func(op string, w http.ResponseWriter, r *http.Request) bool {
		if op != onePart || r.URL.Query().Get("partNumber") != "1" {
			return false
		}
		asked.Add(1)
		cancel()
		_, _ = io.Copy(io.Discard, r.Body)
		<-r.Context().Done() // a part that is under way is broken off
		return true
	}
	u, err := s.Create(t.Context(), "x", store.CreateOptions{Room: 4})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := u.Write([]byte(large)); err != nil {
		t.Fatal(err)
	}
	_, err = u.Commit(ctx, strings.NewReader("HEAD"))
	if _, there := d.body("x"); !errors.Is(err, context.Canceled) || there || d.left() != 0 || asked.Load() != 1 {
		t.Errorf("commit: %v; object there: %v; uploads left: %d; part 1 sent %d times", err, there, d.left(), asked.Load())
	}
}

// TestParts holds the shape of an upload: equal parts but the last, numbered
// from 1 without a gap, the front sent last, and one Put where one part does.
func TestParts(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		d, srv := newDouble(t)
		defer srv.Close()
		s := connect(t, srv, quick())
		const part = 64
		room := rapid.IntRange(0, 3*part).Draw(rt, "room")
		extra := rapid.SampledFrom([]int{0, 0, 0, 1, part, 5 * part}).Draw(rt, "extra")
		body := bytes.Repeat([]byte("body"), part)[:rapid.IntRange(0, 4*part).Draw(rt, "body")]
		head := bytes.Repeat([]byte("h"), room+extra)
		var sizes []int
		d.hook = func(op string, w http.ResponseWriter, r *http.Request) bool {
			if op == "CompleteMultipartUpload" {
				d.mu.Lock()
				defer d.mu.Unlock()
				for _, up := range d.uploads {
					for n := 1; n <= len(up.parts); n++ {
						sizes = append(sizes, len(up.parts[n]))
					}
				}
			}
			return false
		}
		u, err := s.Create(t.Context(), "x", store.CreateOptions{Room: int64(room)})
		if err != nil {
			rt.Fatal(err)
		}
		for rest := body; len(rest) > 0; {
			n := rapid.IntRange(1, len(rest)).Draw(rt, "write")
			if _, err := u.Write(rest[:n]); err != nil {
				rt.Fatal(err)
			}
			rest = rest[n:]
		}
		o, err := u.Commit(t.Context(), bytes.NewReader(head))
		if err != nil {
			rt.Fatal(err)
		}
		want := string(head) + string(body)
		if got, _ := d.body("x"); got != want || o.Size != int64(len(want)) {
			rt.Fatalf("stored %d bytes, want %d; commit returned %+v", len(got), len(want), o)
		}
		if single := d.count("PutObject") == 1; single != (len(want) <= part) {
			rt.Fatalf("one Put: %v, for %d bytes", single, len(want))
		}
		if extra == 0 && len(sizes) > 1 {
			equal := slices.Repeat([]int{part}, len(sizes)-1)
			if last := sizes[len(sizes)-1]; !slices.Equal(sizes[:len(sizes)-1], equal) || last > part {
				rt.Fatalf("parts of %v bytes", sizes)
			}
		}
	})
}

// TestMemory: buffers are reused, and there are never more than workers + 1
// beside the one that is held back.
func TestMemory(t *testing.T) {
	_, srv := newDouble(t)
	s := connect(t, srv, quick())
	made, err := s.Create(t.Context(), "x", store.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	u := made.(*upload)
	seen := map[*byte]bool{}
	for range 200 * 64 {
		if _, err := u.Write([]byte{1}); err != nil {
			t.Fatal(err)
		}
		if len(u.cur) > 0 {
			seen[&u.cur[0]] = true
		}
	}
	if len(seen) > maxPartWorkers+1 || len(seen) == 0 {
		t.Errorf("%d buffers for parts, want at most %d", len(seen), maxPartWorkers+1)
	}
	if _, err := u.Commit(t.Context(), strings.NewReader("")); err != nil {
		t.Fatal(err)
	}
}

// TestFront: the parts held back are as few as hold the room.
func TestFront(t *testing.T) {
	_, srv := newDouble(t)
	s := connect(t, srv, quick())
	for _, c := range []struct {
		room  int64
		front int32
		limit int
	}{{0, 1, 64}, {1, 1, 63}, {63, 1, 1}, {64, 1, 0}, {65, 2, 63}, {128, 2, 0}, {129, 3, 63}} {
		made, err := s.Create(t.Context(), "x", store.CreateOptions{Room: c.room})
		if err != nil {
			t.Fatal(err)
		}
		if u := made.(*upload); u.front != c.front || u.limit != c.limit || u.next != c.front+1 {
			t.Errorf("room %d: %d parts, %d bytes of body; want %d, %d", c.room, u.front, u.limit, c.front, c.limit)
		}
	}
}

func TestPartSize(t *testing.T) {
	const gib = 1 << 30
	for _, c := range []struct{ room, hint, want int64 }{
		{0, 0, 8 * mib},
		{0, 100 * mib, 8 * mib},
		{0, 9000*8*mib - 1, 8 * mib},
		{0, 9000*8*mib + 1, 16 * mib},
		{0, 9000*16*mib + 1, 32 * mib},
		{9000*8*mib + 1, 0, 16 * mib},
		{0, 40 << 40, 8 * gib},
	} {
		got, err := defaults().partSize(store.CreateOptions{Room: c.room, SizeHint: c.hint})
		if c.want > maxPart {
			if !errors.Is(err, store.ErrInvalid) {
				t.Errorf("part size for %d: %d, %v, want ErrInvalid", c.hint, got, err)
			}
			continue
		}
		if err != nil || got != c.want {
			t.Errorf("part size for room %d and hint %d: %d, %v, want %d", c.room, c.hint, got, err, c.want)
		}
	}
}

// TestTooManyParts: an object that outgrows what was announced is refused
// before its parts are no longer taken.
func TestTooManyParts(t *testing.T) {
	d, srv := newDouble(t)
	tune := quick()
	tune.minPart = 1
	s := connect(t, srv, tune)
	p, err := s.beginParts(t.Context(), "x", store.PutOptions{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.send(maxParts+1, strings.NewReader("x"), 1, func() {}); !errors.Is(err, store.ErrInvalid) {
		t.Errorf("part %d: %v", maxParts+1, err)
	}
	if err := p.wait(); err != nil || d.count("UploadPart") != 0 {
		t.Errorf("%v, %d parts sent", err, d.count("UploadPart"))
	}
}

// TestPutLostAnswer: a conditional put that meets itself is success, and one
// that meets another is not.
func TestPutLostAnswer(t *testing.T) {
	for name, c := range map[string]struct {
		trouble trouble
		want    error
	}{
		"itself":         {cuts(1, putOne), nil},
		"another":        {stolen(putOne, "thief"), store.ErrConflict},
		"its own double": {stolen(putOne, "owner"), nil},
	} {
		t.Run(name, func(t *testing.T) {
			d, srv := newDouble(t)
			s := connect(t, srv, quick())
			c.trouble(d)
			o, err := s.Put(t.Context(), "x", []byte("owner"), store.PutOptions{IfAbsent: true})
			if !errors.Is(err, c.want) || (c.want == nil && err != nil) {
				t.Errorf("put: %v, want %v", err, c.want)
			}
			if err == nil && (!o.Strong() || o.Size != 5) {
				t.Errorf("put returned %+v", o)
			}
			if n := d.count(putOne); n != 2 {
				t.Errorf("%d attempts, want 2", n)
			}
		})
	}
}
