package s3

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"recfin/store"
	"recfin/store/storetest/s3double"
)

// calls is every way to ask a store, for tests that concern all of them.
func calls(ctx context.Context, s *Store) map[string]func() error {
	o := store.Object{Store: s.Label(), Key: "x", Size: 1, ETag: "e"}
	return map[string]func() error{
		"list": func() error {
			for _, err := range s.List(ctx, "") {
				return err
			}
			return errors.New("an empty listing")
		},
		"folders": func() error {
			for _, err := range s.Folders(ctx, "") {
				return err
			}
			return errors.New("an empty listing")
		},
		"head": func() error { _, err := s.Head(ctx, "x"); return err },
		"get":  func() error { _, err := s.Get(ctx, "x", store.Whole, store.Pinned(o)); return err },
		"now":  func() error { _, err := s.Now(ctx); return err },
		"put":  func() error { _, err := s.Put(ctx, "x", []byte("x"), store.PutOptions{}); return err },
		"upload": func() error {
			u, err := s.Create(ctx, "x", store.CreateOptions{})
			if err != nil {
				return err
			}
			if _, err := u.Write(make([]byte, 4*s.tune.minPart)); err != nil {
				return errors.Join(err, ignore(u.Abort()))
			}
			_, err = u.Commit(ctx, bytes.NewReader(nil))
			return err
		},
		"sweep": func() error { _, err := s.Sweep(ctx, "", 0); return err },
		"delete": func() error {
			for _, err := range s.Delete(ctx, []store.Object{o}, store.DeleteOptions{}) {
				return err
			}
			return errors.New("no outcome")
		},
	}
}

func ignore(error) error { return nil }

// TestSilentPeer: a peer that accepts and never answers is given up.
func TestSilentPeer(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			defer c.Close()
		}
	}()
	tune := quick()
	tune.idle, tune.patience, tune.giveUp, tune.settle = 20*time.Millisecond, 20*time.Millisecond, 60*time.Millisecond, 40*time.Millisecond
	s := connectTo(t, "http://"+l.Addr().String(), tune)
	for name, call := range calls(t.Context(), s) {
		if err := call(); !errors.Is(err, store.ErrUnavailable) {
			t.Errorf("%s: %v, want ErrUnavailable", name, err)
		}
	}
}

// TestRefused: nobody listens.
func TestRefused(t *testing.T) {
	d := newDouble(t)
	s := connect(t, d, quick())
	d.Close()
	for name, call := range calls(t.Context(), s) {
		if err := call(); !errors.Is(err, store.ErrUnavailable) || errors.Is(err, store.ErrUnknown) {
			t.Errorf("%s: %v, want ErrUnavailable", name, err)
		}
	}
}

// TestSlowPeer: what moves, however slowly, is not given up.
func TestSlowPeer(t *testing.T) {
	d := newDouble(t)
	tune := quick()
	tune.idle = 400 * time.Millisecond
	s := connect(t, d, tune)
	d.Hook(func(x *s3double.Exchange) bool {
		if x.Op != "GetObject" {
			return false
		}
		x.W.Header().Set("Content-Length", "10")
		x.W.Header().Set("ETag", `"e"`)
		for i := range 10 {
			fmt.Fprint(x.W, i)
			x.W.(http.Flusher).Flush()
			time.Sleep(tune.idle / 8)
		}
		return true
	})
	b, err := s.Get(t.Context(), "x", store.Whole, store.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	one := make([]byte, 1)
	if _, err := io.ReadFull(b, one); err != nil {
		t.Fatal(err)
	}
	time.Sleep(2 * tune.idle) // a reader that has other things to do
	if rest, err := io.ReadAll(b); err != nil || string(rest) != "123456789" {
		t.Errorf("read %q, %v", rest, err)
	}
}

// TestTricklingPeer: a byte now and then, each well within the idle deadline, is
// given up when the whole takes longer than the worst rate allows.
func TestTricklingPeer(t *testing.T) {
	d := newDouble(t)
	d.Set("pre/x", strings.Repeat("x", 10_000))
	gate := make(chan struct{})
	d.Fault(s3double.Fault{Op: "GetObject", Do: s3double.Trickle(1, gate)})
	tune := quick()
	tune.giveUp = 2 * time.Second
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go func() {
		for range time.Tick(5 * time.Millisecond) {
			select {
			case gate <- struct{}{}:
			case <-ctx.Done():
				close(gate)
				return
			}
		}
	}()
	s := connect(t, d, tune)
	b, err := s.Get(t.Context(), "x", store.Whole, store.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	got, err := io.ReadAll(b)
	if !errors.Is(err, store.ErrUnavailable) || len(got) == 0 || len(got) == 10_000 {
		t.Errorf("%d bytes, %v", len(got), err)
	}
}

// TestKinds: what the store says becomes a sentinel, and is tried again only
// where that can help.
func TestKinds(t *testing.T) {
	for _, c := range []struct {
		status int
		code   string
		want   error
		again  bool
	}{
		{403, "AccessDenied", store.ErrDenied, false},
		{403, "InvalidAccessKeyId", store.ErrDenied, false},
		{403, "SignatureDoesNotMatch", store.ErrDenied, false},
		{400, "ExpiredToken", store.ErrDenied, false},
		{403, "InvalidObjectState", store.ErrArchived, false},
		{404, "NoSuchBucket", store.ErrNoStore, false},
		{404, "NoSuchKey", store.ErrNotExist, false},
		{404, "XAdminUserNotFound", store.ErrDenied, false},
		{404, "Whatever", store.ErrInvalid, false},
		{503, "SlowDown", store.ErrUnavailable, true},
		{500, "InternalError", store.ErrUnavailable, true},
		{429, "TooMany", store.ErrUnavailable, true},
		{502, "", store.ErrUnavailable, true},
		{507, "", store.ErrFull, false},
		{301, "PermanentRedirect", store.ErrNoStore, false},
		{501, "NotImplemented", store.ErrInvalid, false},
		{400, "InvalidArgument", store.ErrInvalid, false},
	} {
		d := newDouble(t)
		s := connect(t, d, quick())
		d.Hook(func(x *s3double.Exchange) bool {
			x.W.Header().Set("X-Amz-Bucket-Region", "mars-1")
			x.Refuse(c.status, c.code)
			return true
		})
		_, err := s.Get(t.Context(), "x", store.Whole, store.GetOptions{})
		if !errors.Is(err, c.want) {
			t.Errorf("%d %s: %v, want %v", c.status, c.code, err, c.want)
		}
		if again := d.Count("GetObject") > 1; again != c.again {
			t.Errorf("%d %s: tried again: %v", c.status, c.code, again)
		}
		if c.code != "" && !strings.Contains(err.Error(), c.code) || !strings.Contains(err.Error(), "request REQ") {
			t.Errorf("%d %s: %v does not name code and request", c.status, c.code, err)
		}
		if c.status == 301 && !strings.Contains(err.Error(), "mars-1") {
			t.Errorf("%v does not name the region", err)
		}
	}
}

// TestRecovers: two bad answers, then a good one.
func TestRecovers(t *testing.T) {
	d := newDouble(t)
	s := connect(t, d, quick())
	for _, op := range []string{"PutObject", "HeadObject", "GetObject", "ListObjectsV2", "DeleteObject"} {
		answers(2, http.StatusServiceUnavailable, op, "SlowDown")(d)
		o, err := s.Put(t.Context(), "x", []byte("x"), store.PutOptions{})
		if err != nil {
			t.Fatalf("%s: %v", op, err)
		}
		if _, err := s.Get(t.Context(), "x", store.Head(1), store.Pinned(o)); err != nil {
			t.Errorf("%s: %v", op, err)
		}
		n := 0
		for _, err := range s.List(t.Context(), "") {
			if err != nil {
				t.Errorf("%s: %v", op, err)
			}
			n++
		}
		for _, err := range s.Delete(t.Context(), []store.Object{o}, store.DeleteOptions{}) {
			if err != nil {
				t.Errorf("%s: %v", op, err)
			}
		}
		if _, found := there(d, "x"); found || n != 1 {
			t.Errorf("%s: %d keys listed, object there after its delete: %v", op, n, found)
		}
	}
}

// TestNoSecrets: no error of any call holds a key, also where the store echoes it.
func TestNoSecrets(t *testing.T) {
	d := newDouble(t)
	s := connect(t, d, quick())
	for _, status := range []int{400, 403, 404, 500} {
		d.Hook(func(x *s3double.Exchange) bool {
			x.W.WriteHeader(status)
			fmt.Fprintf(x.W, "<Error><Code>Odd</Code><Message>key %s with %s: %s</Message><AWSAccessKeyId>%s</AWSAccessKeyId></Error>",
				testKey, testSecret, x.R.Header.Get("Authorization"), testKey)
			return true
		})
		for name, call := range calls(t.Context(), s) {
			err := call()
			if err == nil {
				if name != "now" && !(status == 404 && name == "delete") {
					t.Errorf("%s, status %d: no error", name, status)
				}
				continue
			}
			for _, secret := range []string{testKey, testSecret} {
				if strings.Contains(err.Error(), secret) || strings.Contains(fmt.Sprintf("%+v", err), secret) {
					t.Errorf("%s, status %d: a secret in %v", name, status, err)
				}
			}
		}
	}
	for _, opt := range []Options{
		{Bucket: "b", Endpoint: "http://k:" + testSecret + "@host"},
		{Bucket: "b", Endpoint: "http://k:" + testSecret + "@host:bad%zz"},
		{Bucket: "b", Endpoint: "ftp://host/" + testSecret},
		{Bucket: "b", SecretKey: testSecret},
		{Bucket: "b/" + "c", SecretKey: testSecret, AccessKey: testKey},
	} {
		_, err := New(t.Context(), opt)
		if !errors.Is(err, store.ErrInvalid) || strings.Contains(err.Error(), testSecret) {
			t.Errorf("new: %v", err)
		}
	}
}
