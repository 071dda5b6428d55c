package s3

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"recfin/store"
	"recfin/store/storetest/s3double"
)

// TestRetryAfter: the store says how long it wants to be left alone, within reason.
func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for header, want := range map[string]time.Duration{
		"": 0, "soon": 0, "-3": 0, "0": 0, "7": 7 * time.Second, "100000": time.Hour, "99999999999999999999": 0,
		now.Add(9 * time.Second).Format(http.TimeFormat):  9 * time.Second,
		now.Add(-9 * time.Second).Format(http.TimeFormat): 0,
	} {
		if got := retryAfter(header, now); got != want {
			t.Errorf("%q: %v, want %v", header, got, want)
		}
	}
	s := &Store{tune: defaults(), limit: newLimiter(1, time.Hour)}
	for after, want := range map[time.Duration]time.Duration{0: 0, 5 * time.Second: 5 * time.Second, time.Hour: s.tune.maxWait} {
		c := calling{s: s, tries: tries{count: 1}}
		wait, again := c.failed(&fault{transient: true, after: after, status: 503}, 0)
		if !again || wait < want || wait > max(want, s.tune.backoff) {
			t.Errorf("asked for %v: wait %v, again %v", after, wait, again)
		}
	}
}

// TestFreshConnection: behind a connection that broke or fell silent the next
// attempt has one of its own; behind an answer it need not.
func TestFreshConnection(t *testing.T) {
	for _, c := range []struct {
		name string
		do   s3double.Effect
	}{{"reset", s3double.Reset()}, {"silent", s3double.Hang()}, {"closed", s3double.Lose()}} {
		d := newDouble(t)
		tune := quick()
		tune.idle = 200 * time.Millisecond
		s := connect(t, d, tune)
		d.Set("pre/x", "x")
		var mu sync.Mutex
		var seen []string
		d.Hook(func(x *s3double.Exchange) bool {
			mu.Lock()
			defer mu.Unlock()
			seen = append(seen, x.R.RemoteAddr)
			return false
		})
		// Three connections in the pool: the others are as good as they look, but who
		// knows that.
		var looks sync.WaitGroup
		gate := make(chan struct{})
		d.Fault(s3double.Fault{Op: "HeadObject", Times: 3, Do: s3double.Wait(gate)})
		for range 3 {
			looks.Go(func() {
				if _, err := s.Head(t.Context(), "x"); err != nil {
					t.Error(err)
				}
			})
		}
		for d.Count("HeadObject") < 3 {
			time.Sleep(time.Millisecond)
		}
		close(gate)
		looks.Wait()
		d.Fault(s3double.Fault{Op: "GetObject", Times: 1, Do: c.do})
		b, err := s.Get(t.Context(), "x", store.Whole, store.GetOptions{})
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		if got, err := io.ReadAll(b); err != nil || string(got) != "x" {
			t.Errorf("%s: %q, %v", c.name, got, err)
		}
		b.Close()
		// Three looks, a read over one of their connections, perhaps what package http
		// makes of it, and the read again.
		last := len(seen) - 1
		if last < 4 || !slices.Contains(seen[:3], seen[3]) || slices.Contains(seen[:last], seen[last]) {
			t.Errorf("%s: connections %q: want the last one to be fresh", c.name, seen)
		}
	}
}

// TestSkew: a store whose clock differs says no, and the message says by how much.
func TestSkew(t *testing.T) {
	d := newDouble(t)
	s := connect(t, d, quick())
	d.Fault(s3double.Fault{Do: func(x *s3double.Exchange) {
		x.W = &overrides{x.W, map[string]string{"Date": time.Now().Add(-20 * time.Minute).UTC().Format(http.TimeFormat)}}
		x.Refuse(403, "RequestTimeTooSkewed")
	}})
	for name, call := range map[string]func() error{
		"get":  func() error { _, err := s.Get(t.Context(), "x", store.Whole, store.GetOptions{}); return err },
		"head": func() error { _, err := s.Head(t.Context(), "x"); return err }, // without a code
	} {
		err := call()
		if !errors.Is(err, store.ErrDenied) || !strings.Contains(err.Error(), "our clock is 20m") || !strings.Contains(err.Error(), "ahead of") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if got := skew(-3*time.Minute, true); !strings.Contains(got, "3m0s behind") {
		t.Errorf("%q", got)
	}
	if got := skew(3*time.Minute, false); got != "" {
		t.Errorf("%q", got)
	}
}

// chain writes a configuration whose credentials come from a file by way of a
// process, with a date until which they are good.
func chain(t *testing.T, key string) (file string) {
	t.Helper()
	dir := t.TempDir()
	file = filepath.Join(dir, "keys.json")
	writeKeys(t, file, key)
	config := filepath.Join(dir, "config")
	text := fmt.Sprintf("[default]\ncredential_process = /bin/cat %s\n", file)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"} {
		t.Setenv(name, "")
	}
	t.Setenv("AWS_CONFIG_FILE", config)
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", filepath.Join(dir, "none"))
	return file
}

func writeKeys(t *testing.T, file, key string) {
	t.Helper()
	text := fmt.Sprintf(`{"Version":1,"AccessKeyId":%q,"SecretAccessKey":%q,"SessionToken":"t","Expiration":"2099-01-01T00:00:00Z"}`, key, testSecret)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestExpired: credentials that a chain gives are asked for again, once; those that
// were typed in are a denial that says what is needed.
func TestExpired(t *testing.T) {
	const old = "AKIAOLD"
	file := chain(t, old)
	d := newDouble(t)
	expired := d.Fault(s3double.Fault{
		Match: func(r s3double.Request) bool { return strings.Contains(r.Header.Get("Authorization"), old) },
		Do:    s3double.Error(400, "ExpiredToken"),
	})
	fresh := func() *Store {
		s, err := newStore(t.Context(), Options{Endpoint: d.Endpoint, Bucket: d.Bucket, PathStyle: true}, quick())
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	s := fresh()
	if _, err := s.Put(t.Context(), "x", nil, store.PutOptions{}); !errors.Is(err, store.ErrDenied) || expired.Met() != 2 {
		t.Errorf("no newer ones: %v, %d requests, want 2", err, expired.Met())
	}
	s = fresh()
	if _, err := s.Head(t.Context(), "x"); !errors.Is(err, store.ErrInvalid) && !errors.Is(err, store.ErrDenied) {
		t.Errorf("no newer ones for a look: %v", err)
	}
	s = fresh()
	if _, err := s.keys.cache.Retrieve(t.Context()); err != nil {
		t.Fatal(err)
	}
	writeKeys(t, file, testKey)
	if _, err := s.Put(t.Context(), "x", nil, store.PutOptions{}); err != nil {
		t.Errorf("newer ones: %v", err)
	}

	d.Fault(s3double.Fault{Do: s3double.Error(400, "ExpiredToken")})
	n := len(d.Log())
	typed := connect(t, d, quick())
	_, err := typed.Put(t.Context(), "x", nil, store.PutOptions{})
	if !errors.Is(err, store.ErrDenied) || len(d.Log()) != n+1 || !strings.Contains(err.Error(), "credentials that are valid now") {
		t.Errorf("typed in: %v, %d requests", err, len(d.Log())-n)
	}
}
