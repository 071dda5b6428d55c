package s3

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"recfin/store"
	"recfin/store/storetest/s3double"
)

const copyOne, copyPart = "CopyObject", "UploadPartCopy"

// asAmazon takes a double for AWS itself.
func asAmazon(s *Store) *Store {
	s.amazon = true
	return s
}

// small is a tuning that copies in parts of 64 bytes what has more than 128.
func small() tuning {
	t := quick()
	t.maxCopy, t.copyPart = 128, 64
	return t
}

// listed gives what is under a key as a listing shows it.
func listed(t testing.TB, s *Store, key string) store.Object {
	t.Helper()
	info, err := s.Head(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	return info.Object
}

// TestCopyRequests: one request to AWS; a look before and one behind for others. The
// key of the source is encoded, and what the copy is told replaces what the source had.
func TestCopyRequests(t *testing.T) {
	for _, amazon := range []bool{true, false} {
		d := newDouble(t)
		tune := quick()
		if amazon {
			tune.checksum = sumCRC64
		}
		s := connect(t, d, tune)
		s.amazon = amazon
		d.SetObject(s3double.Object{Key: "pre/a b+%/ü", Body: []byte("body"), Metadata: map[string]string{"old": "1"}})
		from := listed(t, s, "a b+%/ü")
		var header http.Header
		d.Hook(func(x *s3double.Exchange) bool {
			if x.Op == copyOne {
				header = x.Header
			}
			return false
		})
		before := len(d.Log())
		o, err := s.Copy(t.Context(), from, "x", store.PutOptions{IfAbsent: true, ContentType: "video/mp2t", CacheControl: "immutable"})
		if err != nil || o.Size != 4 {
			t.Fatalf("copy: %+v, %v", o, err)
		}
		want := []string{"HeadObject", copyOne, "HeadObject"}
		if amazon {
			want = want[1:2]
		}
		var got []string
		for _, r := range d.Log()[before:] {
			got = append(got, r.Op)
		}
		if !slices.Equal(got, want) {
			t.Errorf("AWS %v: %v, want %v", amazon, got, want)
		}
		if src := header.Get("X-Amz-Copy-Source"); src != "bucket/pre/a%20b%2B%25/%C3%BC" {
			t.Errorf("source %q", src)
		}
		if tags, sum := header.Get("X-Amz-Tagging-Directive"), header.Get("X-Amz-Checksum-Algorithm"); (tags == "REPLACE") != amazon || (sum == "CRC64NVME") != amazon {
			t.Errorf("AWS %v: tagging directive %q, checksum %q", amazon, tags, sum)
		}
		made, _ := d.Get("pre/x")
		if made.ContentType != "video/mp2t" || made.Metadata["old"] != "" || made.ETag != o.ETag {
			t.Errorf("the copy is %+v", made)
		}
		if info, err := s.Head(t.Context(), "x"); err != nil || len(info.Metadata) != 0 {
			t.Errorf("the token is shown: %v, %v", info.Metadata, err)
		}
	}
}

var copyTroubles = []struct {
	name    string
	trouble trouble
	body    string
	want    error
	there   string // what is under the key in the end
}{
	{"nothing", func(*s3double.Server) {}, "small", nil, "small"},
	{"lost answer", cuts(1, copyOne), "small", nil, "small"},
	{"two lost answers", cuts(2, copyOne), "small", nil, "small"},
	{"200 with an error", answers(1, http.StatusOK, copyOne, "InternalError"), "small", nil, "small"},
	{"200 with an error for ever", answers(99, http.StatusOK, copyOne, "InternalError"), "small", store.ErrUnknown, ""},
	{"409", answers(1, http.StatusConflict, copyOne, "ConditionalRequestConflict"), "small", store.ErrConflict, ""},
	{"412", answers(1, http.StatusPreconditionFailed, copyOne, "PreconditionFailed"), "small", store.ErrConflict, ""},
	{"503 then well", answers(2, http.StatusServiceUnavailable, copyOne, "SlowDown"), "small", nil, "small"},
	{"503 for ever", answers(99, http.StatusServiceUnavailable, copyOne, "SlowDown"), "small", store.ErrUnavailable, ""},
	{"denied", answers(1, http.StatusForbidden, copyOne, "AccessDenied"), "small", store.ErrDenied, ""},
	{"archived", answers(1, http.StatusForbidden, copyOne, "ObjectNotInActiveTierError"), "small", store.ErrArchived, ""},
	{"lost and overwritten", stolen(copyOne, "other"), "small", store.ErrConflict, "other"},
	{"deaf", deaf(copyOne), "small", store.ErrUnknown, "small"},
	{"parts", func(*s3double.Server) {}, large, nil, large},
	{"parts, lost answer", cuts(1, complete), large, nil, large},
	{"parts, 200 with an error", answers(1, http.StatusOK, complete, "InternalError"), large, nil, large},
	{"parts, 412", answers(1, http.StatusPreconditionFailed, complete, "PreconditionFailed"), large, store.ErrConflict, ""},
	{"parts, begin denied", answers(1, http.StatusForbidden, "CreateMultipartUpload", "AccessDenied"), large, store.ErrDenied, ""},
	{"parts, one refused", answers(1, http.StatusBadRequest, copyPart, "EntityTooSmall"), large, store.ErrInvalid, ""},
	{"parts, one slow", answers(2, http.StatusServiceUnavailable, copyPart, "SlowDown"), large, nil, large},
	{"parts, 200 with an error in one", answers(1, http.StatusOK, copyPart, "InternalError"), large, nil, large},
	{"parts, one lost", cuts(2, copyPart), large, nil, large},
	{"parts, lost and overwritten", stolen(complete, strings.Repeat("x", len(large))), large, store.ErrUnknown, strings.Repeat("x", len(large))},
	{"parts, deaf", deaf(complete), large, store.ErrUnknown, large},
}

// TestCopyTrouble: whatever the store does, what Copy says is what is there, and no
// upload is left.
func TestCopyTrouble(t *testing.T) {
	for _, amazon := range []bool{true, false} {
		for _, c := range copyTroubles {
			t.Run(fmt.Sprintf("%s, AWS %v", c.name, amazon), func(t *testing.T) {
				d := newDouble(t)
				s := connect(t, d, small())
				s.amazon = amazon
				d.Set("pre/in", c.body)
				from := listed(t, s, "in")
				c.trouble(d)
				o, err := s.Copy(t.Context(), from, "x", store.PutOptions{IfAbsent: true})
				if !errors.Is(err, c.want) || (c.want == nil && err != nil) {
					t.Errorf("copy: %v, want %v", err, c.want)
				}
				if c.want != store.ErrUnknown && errors.Is(err, store.ErrUnknown) {
					t.Errorf("copy: %v, although it is known", err)
				}
				if err == nil && (o.Size != int64(len(c.body)) || !o.Strong() || o.Key != "x") {
					t.Errorf("copy returned %+v", o)
				}
				if got, found := there(d, "x"); got != c.there || found != (c.there != "") {
					t.Errorf("there is %q, want %q", got, c.there)
				}
				if n := len(d.Uploads()); n != 0 {
					t.Errorf("%d uploads are left", n)
				}
				if d.Count("GetObject") != 0 || d.Count("PutObject")+d.Count("UploadPart") != 0 {
					t.Error("a body went over the wire")
				}
			})
		}
	}
}

// TestCopyParts holds the shape of a large copy: parts of one size but the last, over
// all of the source, each pinned to it.
func TestCopyParts(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		d := newDouble(t)
		defer d.Close()
		s := connect(t, d, small())
		s.amazon = rapid.Bool().Draw(rt, "AWS")
		size := rapid.IntRange(0, 700).Draw(rt, "size")
		body := strings.Repeat("0123456789a", 70)[:size]
		d.Set("pre/in", body)
		from := listed(t, s, "in")
		var mu sync.Mutex
		spans := map[string]string{}
		d.Hook(func(x *s3double.Exchange) bool {
			if x.Op == copyPart {
				mu.Lock()
				defer mu.Unlock()
				spans[x.Query.Get("partNumber")] = x.R.Header.Get("X-Amz-Copy-Source-Range")
				if x.R.Header.Get("X-Amz-Copy-Source-If-Match") == "" {
					rt.Errorf("part %s is not pinned", x.Query.Get("partNumber"))
				}
			}
			return false
		})
		o, err := s.Copy(t.Context(), from, "x", store.PutOptions{IfAbsent: true})
		if err != nil || o.Size != int64(size) {
			rt.Fatalf("copy: %+v, %v", o, err)
		}
		if got, _ := there(d, "x"); got != body {
			rt.Fatalf("%d bytes, want %d", len(got), size)
		}
		want := 0
		if size > 128 {
			want = (size + 63) / 64
		}
		if len(spans) != want || (d.Count(copyOne) == 1) != (want == 0) {
			rt.Fatalf("parts %v, want %d", spans, want)
		}
		for n := range want {
			if span := fmt.Sprintf("bytes=%d-%d", n*64, min(n*64+63, size-1)); spans[fmt.Sprint(n+1)] != span {
				rt.Fatalf("part %d is %s, want %s", n+1, spans[fmt.Sprint(n+1)], span)
			}
		}
	})
}

// TestCopyPartSize: the parts of what is very large grow with it.
func TestCopyPartSize(t *testing.T) {
	const tib = 1 << 40
	for _, c := range []struct {
		size, want int64
		parts      int64
	}{
		{maxPart + 1, 512 * mib, 11},
		{4 * tib, 512 * mib, 8192},
		{5 * tib, 1024 * mib, 5120},
		{48 * tib, maxPart, 9831},
		{49 * tib, 0, 0},
	} {
		size, err := defaults().copySize(c.size)
		if c.want == 0 {
			if !errors.Is(err, store.ErrInvalid) {
				t.Errorf("%d bytes: parts of %d, %v", c.size, size, err)
			}
			continue
		}
		if err != nil || size != c.want || (c.size+size-1)/size != c.parts {
			t.Errorf("%d bytes: parts of %d, %v; want %d of %d", c.size, size, err, c.parts, c.want)
		}
	}
}

// TestCopySourceMoves: the source is replaced or goes while it is copied, also where
// the store takes no notice of the condition.
func TestCopySourceMoves(t *testing.T) {
	for _, c := range []struct {
		name   string
		opt    s3double.Options
		amazon bool
		body   string
		at     string // operation ahead of which it moves
		gone   bool
		want   error
	}{
		{"AWS", s3double.Options{}, true, "small", copyOne, false, store.ErrChanged},
		{"AWS, gone", s3double.Options{}, true, "small", copyOne, true, store.ErrNotExist},
		{"other", s3double.Options{}, false, "small", copyOne, false, store.ErrChanged},
		{"other, gone", s3double.Options{}, false, "small", copyOne, true, store.ErrNotExist},
		{"deaf", s3double.Options{Deaf: s3double.Deaf{Source: true}}, false, "small", copyOne, false, store.ErrChanged},
		{"AWS, in parts", s3double.Options{}, true, large, complete, false, nil},
		{"AWS, parts", s3double.Options{}, true, large, copyPart, false, store.ErrChanged},
		{"AWS, parts, gone", s3double.Options{}, true, large, copyPart, true, store.ErrNotExist},
		{"unknown, parts", s3double.Options{NoCopyIf: true}, false, large, copyPart, false, store.ErrChanged},
		{"deaf, parts", s3double.Options{Deaf: s3double.Deaf{Source: true}}, false, large, copyPart, false, store.ErrChanged},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.opt.AccessKey, c.opt.SecretKey, c.opt.MinPart = testKey, testSecret, 40
			d := s3double.New(t, c.opt)
			s := connect(t, d, small())
			s.amazon = c.amazon
			d.Set("pre/in", c.body)
			from := listed(t, s, "in")
			d.Fault(s3double.Fault{Op: c.at, Times: 1, Do: func(x *s3double.Exchange) {
				if c.gone {
					d.Remove("pre/in")
				} else {
					d.Set("pre/in", strings.ToUpper(c.body))
				}
				x.Send(x.Effect())
			}})
			_, err := s.Copy(t.Context(), from, "x", store.PutOptions{IfAbsent: true})
			if !errors.Is(err, c.want) || (c.want == nil && err != nil) || err != nil && c.want != nil && !strings.Contains(err.Error(), "in: ") {
				t.Errorf("copy: %v, want %v of the source", err, c.want)
			}
			if got, found := there(d, "x"); found && err != nil && !c.opt.Deaf.Source && !c.opt.NoCopyIf {
				t.Errorf("there is %q", got)
			}
			if len(d.Uploads()) != 0 {
				t.Error("an upload is left")
			}
		})
	}
}

// TestCopyOverSomething: a store that knows no If-None-Match here, or passes it over,
// replaces nothing all the same.
func TestCopyOverSomething(t *testing.T) {
	for name, opt := range map[string]s3double.Options{
		"knows it":      {},
		"refuses it":    {NoCopyIf: true},
		"passes over":   {Deaf: s3double.Deaf{Copy: true}},
		"deaf as a rod": {Deaf: s3double.Deaf{Copy: true, Create: true}},
	} {
		t.Run(name, func(t *testing.T) {
			opt.AccessKey, opt.SecretKey, opt.MinPart = testKey, testSecret, 40
			d := s3double.New(t, opt)
			s := connect(t, d, small())
			d.Set("pre/in", "small")
			d.Set("pre/long", large)
			d.Set("pre/there", "kept")
			for _, key := range []string{"in", "long"} {
				from := listed(t, s, key)
				if _, err := s.Copy(t.Context(), from, "there", store.PutOptions{IfAbsent: true}); !errors.Is(err, store.ErrConflict) {
					t.Errorf("copy over an object: %v", err)
				}
				for n := range 2 {
					if _, err := s.Copy(t.Context(), from, fmt.Sprint(key, n), store.PutOptions{IfAbsent: true}); err != nil {
						t.Errorf("copy: %v", err)
					}
				}
			}
			if got, _ := there(d, "there"); got != "kept" {
				t.Errorf("it was overwritten: %q", got)
			}
			if n := d.Count(copyOne); opt.NoCopyIf && n != 3 {
				t.Errorf("%d requests: what is refused is asked for once", n)
			}
		})
	}
}

// TestCopyCancelled: after cancellation there is no object, and no upload.
func TestCopyCancelled(t *testing.T) {
	d := newDouble(t)
	s := connect(t, d, small())
	d.Set("pre/in", large)
	from := listed(t, s, "in")
	ctx, cancel := context.WithCancel(t.Context())
	d.Hook(func(x *s3double.Exchange) bool {
		if x.Op != copyPart || x.Query.Get("partNumber") != "3" {
			return false
		}
		cancel()
		x.Hang()
		return true
	})
	_, err := s.Copy(ctx, from, "x", store.PutOptions{IfAbsent: true})
	if _, found := there(d, "x"); !errors.Is(err, context.Canceled) || found || len(d.Uploads()) != 0 {
		t.Errorf("copy: %v; object there: %v; uploads left: %d", err, found, len(d.Uploads()))
	}
}

// TestCopyIsSwept: the upload of a copy whose process died is found under its key.
func TestCopyIsSwept(t *testing.T) {
	d := newDouble(t)
	s := asAmazon(connect(t, d, small()))
	d.Set("pre/in", large)
	from := listed(t, s, "in")
	answers(99, http.StatusForbidden, "AbortMultipartUpload", "AccessDenied")(d)
	answers(1, http.StatusForbidden, copyPart, "AccessDenied")(d)
	_, err := s.Copy(t.Context(), from, "out/x", store.PutOptions{IfAbsent: true})
	if !errors.Is(err, store.ErrDenied) || !strings.Contains(err.Error(), "until a sweep") || len(d.Uploads()) != 1 {
		t.Fatalf("copy: %v; uploads left: %d", err, len(d.Uploads()))
	}
	d.Calm()
	if n, err := s.Sweep(t.Context(), "out/", -1e12); err != nil || n != 1 || len(d.Uploads()) != 0 {
		t.Errorf("sweep: %d, %v", n, err)
	}
}
