package serve_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"recfin/serve"
	"recfin/store"
	"recfin/store/storetest"
)

// broken is a store whose reads of one key go wrong, as it was told last.
type broken struct {
	store.Store
	mu   sync.Mutex
	told trouble
}

type trouble struct {
	key   string
	err   error // of opening it; nil: it opens
	after int64 // bytes, then the body breaks off; negative: never
	late  bool  // behind the last byte it says that another version is there
}

func (s *broken) tell(now trouble) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.told = now
}

func (s *broken) Get(ctx context.Context, key string, r store.Range, opt store.GetOptions) (store.Body, error) {
	s.mu.Lock()
	now := s.told
	s.mu.Unlock()
	if key != now.key {
		return s.Store.Get(ctx, key, r, opt)
	}
	if now.err != nil {
		return store.Body{}, &store.Error{Op: "get", Store: s.Label(), Key: key, Err: now.err}
	}
	b, err := s.Store.Get(ctx, key, r, opt)
	if err == nil && now.after >= 0 {
		b.ReadCloser = &breaks{b.ReadCloser, now.after}
	}
	if err == nil && now.late {
		b.ReadCloser = &changes{b.ReadCloser}
	}
	return b, err
}

type changes struct{ io.ReadCloser }

func (c *changes) Read(p []byte) (int, error) {
	n, err := c.ReadCloser.Read(p)
	if errors.Is(err, io.EOF) {
		err = &store.Error{Op: "get", Err: store.ErrChanged}
	}
	return n, err
}

type breaks struct {
	io.ReadCloser
	left int64
}

func (b *breaks) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, &store.Error{Op: "get", Err: io.ErrUnexpectedEOF}
	}
	n, err := b.ReadCloser.Read(p[:min(int64(len(p)), b.left)])
	b.left -= int64(n)
	return n, err
}

// TestStoreTrouble: what a store says becomes a clear answer, and never a short body
// that looks whole.
func TestStoreTrouble(t *testing.T) {
	w := lay(t, "restart")
	from := &broken{Store: w.Store}
	w.Config.Sources = []store.Store{from}
	b := serving(t, w, nil)
	at := b.segments(play(w, "index.m3u8"))[0]
	body := b.get(at).body
	const key = "show/A/720p/0.ts"
	for err, want := range map[error]int{
		store.ErrNotExist: 404, store.ErrChanged: 409, store.ErrDenied: 502, store.ErrUnavailable: 503, store.ErrArchived: 409, store.ErrNoStore: 502, errors.New("odd"): 500,
	} {
		from.tell(trouble{key: key, err: err, after: -1})
		for _, accept := range []string{"text/html", "*/*"} {
			a := b.do(http.MethodGet, at, "Accept", accept, "Range", "bytes=0-99")
			if a.StatusCode != want || !strings.Contains(a.body, "show/A/720p/0.ts") || a.Header.Get("Content-Range") != "" || a.Header.Get("ETag") != "" {
				t.Errorf("%v: %s %v\n%s", err, a.Status, a.Header, a.body)
			}
			if (a.StatusCode == 503) != (a.Header.Get("Retry-After") != "") {
				t.Errorf("%v: Retry-After %q", err, a.Header.Get("Retry-After"))
			}
		}
	}
	for _, after := range []int64{0, 1, 50000} {
		from.tell(trouble{key: key, after: after})
		a, err := b.try(http.MethodGet, at)
		if after == 0 {
			if err != nil || a.StatusCode != http.StatusInternalServerError {
				t.Errorf("broken off at once: %v %v", a.Status, err)
			}
		} else if err == nil || int64(len(a.body)) > after || !strings.HasPrefix(body, a.body) {
			t.Errorf("broken off after %d: %d bytes, %v", after, len(a.body), err)
		}
	}
	from.tell(trouble{key: key, after: -1, late: true})
	for _, fields := range [][]string{nil, {"Range", "bytes=100-199"}} {
		if a, err := b.try(http.MethodGet, at, fields...); err == nil && a.StatusCode < 400 {
			t.Errorf("another version at its end: %s, %d bytes", a.Status, len(a.body))
		}
	}
	from.tell(trouble{})
	if a := b.get(at); a.body != body {
		t.Error("it does not recover")
	}
}

// TestVersions: bytes of another version than the planned one are never served.
func TestVersions(t *testing.T) {
	w := lay(t, "restart")
	b := serving(t, w, nil)
	media := b.segments(play(w, "index.m3u8"))
	body := b.get(media[2]).body
	w.Store.Set("show/A/720p/2.ts", []byte(strings.Repeat("x", len(body))), time.Now(), nil)
	for _, method := range []string{http.MethodGet, http.MethodHead} {
		if a := b.do(method, media[2]); a.StatusCode != http.StatusConflict || strings.Contains(a.body, "xxx") {
			t.Errorf("%s of what was replaced: %s %s", method, a.Status, a.body)
		}
	}
	if media := b.segments(play(w, "index.m3u8")); len(media) != 7 {
		t.Errorf("the next plan has %d segments", len(media))
	}
	for key := range w.Store.Snapshot() {
		info, err := w.Store.Head(t.Context(), key)
		if err != nil {
			t.Fatal(err)
		}
		for range w.Store.Delete(t.Context(), []store.Object{info.Object}, store.DeleteOptions{}) {
		}
	}
	for _, method := range []string{http.MethodGet, http.MethodHead} {
		if a := b.do(method, media[1]); a.StatusCode != http.StatusNotFound {
			t.Errorf("%s of what is gone: %s %s", method, a.Status, a.body)
		}
	}
}

// TestClientLeaves: what nobody waits for is given up, be it a body or a plan.
func TestClientLeaves(t *testing.T) {
	for _, op := range []string{"get", "read", "list"} {
		t.Run(op, func(t *testing.T) {
			w := lay(t, "restart")
			var hang atomic.Bool
			hung := storetest.NewHung(w.Store, func(_ context.Context, is, key string) bool { return hang.Load() && is == op })
			w.Config.Sources = []store.Store{hung}
			b := serving(t, w, func(o *serve.Options) { o.Refresh = time.Nanosecond })
			at := "/r/show"
			if op != "list" {
				at = b.segments(play(w, "index.m3u8"))[0]
			}
			hang.Store(true)
			ctx, cancel := context.WithCancel(t.Context())
			go func() {
				<-hung.Begun()
				cancel()
			}()
			r, err := http.NewRequestWithContext(ctx, http.MethodGet, b.at.URL+at, nil)
			if err != nil {
				t.Fatal(err)
			}
			if resp, err := http.DefaultClient.Do(r); err == nil {
				if _, err = io.ReadAll(resp.Body); err == nil {
					t.Error("it was answered")
				}
				resp.Body.Close()
			}
			until := time.Now().Add(20 * time.Second)
			for hung.Waiting() > 0 && time.Now().Before(until) {
				time.Sleep(time.Millisecond)
			}
			if n := hung.Waiting(); n > 0 {
				t.Errorf("%d operations still wait", n)
			}
			hang.Store(false)
			b.get(at)
		})
	}
}

// TestNothingMoves: a store that stops in the middle of a body does not hold a client
// for ever.
func TestNothingMoves(t *testing.T) {
	for _, op := range []string{"get", "read"} {
		w := lay(t, "restart")
		var hang atomic.Bool
		hung := storetest.NewHung(w.Store, func(_ context.Context, is, key string) bool { return hang.Load() && is == op })
		w.Config.Sources = []store.Store{hung}
		b := serving(t, w, func(o *serve.Options) { o.Idle = 100 * time.Millisecond })
		at := b.segments(play(w, "index.m3u8"))[0]
		hang.Store(true)
		if a, err := b.try(http.MethodGet, at); err == nil && a.StatusCode != http.StatusServiceUnavailable {
			t.Errorf("%s: %s %s", op, a.Status, a.body)
		}
	}
}

// TestBusy: many at once are served by few reads.
func TestBusy(t *testing.T) {
	w := lay(t, "restart")
	var now, most atomic.Int64
	from := &counted{Store: w.Store, now: &now, most: &most}
	w.Config.Sources = []store.Store{from}
	b := serving(t, w, func(o *serve.Options) { o.Reads, o.Plans = 2, 1 })
	media := b.segments(play(w, "index.m3u8"))
	most.Store(0)
	done := make(chan error)
	for i := range 40 {
		go func() {
			a, err := b.try(http.MethodGet, media[i%len(media)])
			if err == nil && a.StatusCode != 200 {
				err = errors.New(a.Status)
			}
			done <- err
		}()
	}
	for range 40 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	if n := most.Load(); n > 2 || n == 0 {
		t.Errorf("%d reads at once", n)
	}
}

// counted counts open bodies.
type counted struct {
	store.Store
	now, most *atomic.Int64
}

func (s *counted) Get(ctx context.Context, key string, r store.Range, opt store.GetOptions) (store.Body, error) {
	b, err := s.Store.Get(ctx, key, r, opt)
	if err == nil {
		n := s.now.Add(1)
		for m := s.most.Load(); n > m && !s.most.CompareAndSwap(m, n); m = s.most.Load() {
		}
		b.ReadCloser = &closing{b.ReadCloser, s.now}
	}
	return b, err
}

type closing struct {
	io.ReadCloser
	now *atomic.Int64
}

func (c *closing) Close() error {
	c.now.Add(-1)
	return c.ReadCloser.Close()
}
