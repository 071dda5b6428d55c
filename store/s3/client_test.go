package s3

import (
	"context"
	"encoding/pem"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"recfin/store"
	"recfin/store/storetest/s3double"
)

// TestCABundle: a store behind a private authority is reached with
// AWS_CA_BUNDLE and refused, at once and clearly, without.
func TestCABundle(t *testing.T) {
	d := s3double.New(t, s3double.Options{AccessKey: testKey, SecretKey: testSecret, MinPart: 64, TLS: true})
	bundle := filepath.Join(t.TempDir(), "bundle.pem")
	block := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: d.HTTP().Certificate().Raw})
	if err := os.WriteFile(bundle, block, 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("AWS_CA_BUNDLE", bundle)
	s := connect(t, d, quick())
	if _, err := finish(t, s, store.CreateOptions{Room: 1}, "h", large); err != nil {
		t.Fatal(err)
	}
	if got, _ := there(d, "x"); got != "h"+large {
		t.Errorf("stored %q", got)
	}

	t.Setenv("AWS_CA_BUNDLE", "")
	_, err := connect(t, d, quick()).Head(t.Context(), "x")
	if !errors.Is(err, store.ErrInvalid) || !strings.Contains(err.Error(), "AWS_CA_BUNDLE") {
		t.Errorf("without the bundle: %v", err)
	}
	t.Setenv("AWS_CA_BUNDLE", filepath.Join(t.TempDir(), "missing.pem"))
	if _, err := New(t.Context(), Options{Bucket: "b", Endpoint: d.Endpoint}); !errors.Is(err, store.ErrInvalid) {
		t.Errorf("with a bundle that is missing: %v", err)
	}
}

// TestChecksumByEndpoint: AWS gets CRC64NVME, whoever else is meant Content-MD5.
func TestChecksumByEndpoint(t *testing.T) {
	for _, c := range []struct {
		env, endpoint string
		want          checksum
	}{
		{"", "", sumCRC64},
		{"", "https://minio.example", sumMD5},
		{"https://minio.example", "", sumMD5},
	} {
		t.Setenv("AWS_ENDPOINT_URL", c.env)
		s, err := New(t.Context(), Options{Bucket: "b", Endpoint: c.endpoint, AccessKey: "k", SecretKey: "s"})
		if err != nil || s.tune.checksum != c.want {
			t.Errorf("%+v: %v", c, err)
		}
	}
}

func TestChecksums(t *testing.T) {
	// The check value of CRC-64/NVME is ae8b14860a799888; the MD5 is of RFC 1321.
	for c, want := range map[checksum]string{sumCRC64: "rosUhgp5mIg=", sumMD5: "JfnnlDI7RTiF9RgfG2JNCw=="} {
		r := strings.NewReader("123456789")
		got, err := c.sum(r)
		if err != nil || r.Len() != 9 {
			t.Fatalf("%v, %d bytes left", err, r.Len())
		}
		text := got.crc64
		if c == sumMD5 {
			text = got.md5
		}
		if text == nil || *text != want || (got.crc64 != nil && got.md5 != nil) {
			t.Errorf("checksum %d: %v, want %s", c, got, want)
		}
	}
}

func TestNormalize(t *testing.T) {
	for _, c := range []struct {
		opt    Options
		label  string
		prefix string
	}{
		{Options{Bucket: "b"}, "s3://b/", ""},
		{Options{Bucket: "b", Prefix: "p/q"}, "s3://b/p/q/", "p/q/"},
		{Options{Bucket: "b", Prefix: "/p/"}, "s3://b/p/", "p/"},
		{Options{Bucket: "b", Endpoint: "http://h:9000/"}, "s3+http://h:9000/b/", ""},
		{Options{Bucket: "b", Endpoint: "https://h", Prefix: "p", AccessKey: "k", SecretKey: "s"}, "s3+https://h/b/p/", "p/"},
		{Options{Bucket: "b", Label: "mine"}, "mine", ""},
	} {
		got, err := c.opt.normalize()
		if err != nil || got.Label != c.label || got.Prefix != c.prefix {
			t.Errorf("%+v: %+v, %v", c.opt, got, err)
		}
	}
	for _, opt := range []Options{
		{}, {Bucket: "a/b"}, {Bucket: "b", Endpoint: "h:9000"}, {Bucket: "b", Endpoint: "http://h/path"},
		{Bucket: "b", AccessKey: "k"}, {Bucket: "b", Concurrency: -1},
	} {
		if _, err := New(t.Context(), opt); !errors.Is(err, store.ErrInvalid) {
			t.Errorf("%+v: %v, want ErrInvalid", opt, err)
		}
	}
}

// TestNoCredentials: an empty chain is a denial, not an outage.
func TestNoCredentials(t *testing.T) {
	for _, name := range []string{"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE", "AWS_WEB_IDENTITY_TOKEN_FILE",
		"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_ROLE_ARN"} {
		t.Setenv(name, "")
	}
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	missing := filepath.Join(t.TempDir(), "none")
	t.Setenv("AWS_CONFIG_FILE", missing)
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", missing)
	d := newDouble(t)
	s, err := newStore(t.Context(), Options{Endpoint: d.Endpoint, Bucket: d.Bucket, PathStyle: true}, quick())
	if err != nil {
		t.Fatal(err)
	}
	if _, err = s.Head(t.Context(), "x"); !errors.Is(err, store.ErrDenied) || d.Count("HeadObject") != 0 {
		t.Errorf("head: %v, want ErrDenied", err)
	}
}

// TestKeysNeedNothing: with keys given, neither files nor instance metadata are
// needed or asked for.
func TestKeysNeedNothing(t *testing.T) {
	asked := make(chan string, 10)
	imds := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { asked <- r.URL.Path }))
	defer imds.Close()
	t.Setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", imds.URL)
	missing := filepath.Join(t.TempDir(), "none")
	t.Setenv("AWS_CONFIG_FILE", missing)
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", missing)
	d := newDouble(t)
	s := connect(t, d, quick())
	if _, err := s.Put(t.Context(), "x", nil, store.PutOptions{}); err != nil {
		t.Error(err)
	}
	select {
	case path := <-asked:
		t.Errorf("instance metadata was asked for %s", path)
	default:
	}
}

// TestIdleConn: a connection fails when nothing moves, and not before.
func TestIdleConn(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		c, err := l.Accept()
		if err == nil {
			defer c.Close()
			<-t.Context().Done()
		}
	}()
	c, err := dialIdle(time.Second, 30*time.Millisecond)(t.Context(), "tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	var timeout net.Error
	if _, err := c.Read(make([]byte, 1)); !errors.As(err, &timeout) || !timeout.Timeout() {
		t.Errorf("read: %v, want a timeout", err)
	}
	n, err := c.Write(make([]byte, 64<<20)) // more than the kernel takes
	if !errors.As(err, &timeout) || !timeout.Timeout() || n == 64<<20 {
		t.Errorf("write: %d, %v, want a timeout", n, err)
	}
}

// TestDelay holds the bounds of the jitter.
func TestDelay(t *testing.T) {
	s := &Store{tune: defaults()}
	for n := 1; n < 100; n++ {
		bound := min(s.tune.maxBackoff, s.tune.backoff<<min(n-1, 20))
		if d := s.delay(n); d < 0 || d > bound {
			t.Errorf("delay %d: %v, bound %v", n, d, bound)
		}
	}
}

// TestCallLimit: a peer that drips keeps its connection alive, not the call.
func TestCallLimit(t *testing.T) {
	d := newDouble(t)
	tune := quick()
	tune.giveUp = 400 * time.Millisecond
	s := connect(t, d, tune)
	d.Hook(func(x *s3double.Exchange) bool {
		for x.R.Context().Err() == nil {
			if _, err := x.W.Write([]byte(" ")); err != nil {
				break
			}
			x.W.(http.Flusher).Flush()
			time.Sleep(10 * time.Millisecond)
		}
		return true
	})
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	for _, err := range s.List(ctx, "") {
		if !errors.Is(err, store.ErrUnavailable) {
			t.Errorf("list: %v, want ErrUnavailable", err)
		}
	}
	d.Hook(func(x *s3double.Exchange) bool { // the head of an answer, without an end
		c, _, err := x.W.(http.Hijacker).Hijack()
		if err != nil {
			return false
		}
		defer c.Close()
		for text := "HTTP/1.1 200 OK\r\nX-Drip: "; err == nil; text = "." {
			_, err = c.Write([]byte(text))
			time.Sleep(10 * time.Millisecond)
		}
		return true
	})
	if _, err := s.Get(ctx, "x", store.Whole, store.GetOptions{}); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("get: %v, want ErrUnavailable", err)
	}
	if ctx.Err() != nil {
		t.Error("only the caller ended it")
	}
}
