package serve

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"testing"

	"recfin/finalize"
	"recfin/store"
	"recfin/store/mem"
)

// vast is a store of one object without end.
type vast struct {
	store.Store
	asked []store.Range
}

const vastSize = 1 << 40

func (s *vast) Get(_ context.Context, key string, r store.Range, _ store.GetOptions) (store.Body, error) {
	s.asked = append(s.asked, r)
	lo, hi := r.Bounds(vastSize)
	return store.Body{ReadCloser: io.NopCloser(io.LimitReader(zeros{}, hi-lo)), Length: hi - lo, Info: store.Info{Object: store.Object{Key: key, Size: vastSize}}}, nil
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { return len(p), nil }

// discards counts a body.
type discards struct {
	*httptest.ResponseRecorder
	n int64
}

func (d *discards) Write(p []byte) (int, error) {
	d.n += int64(len(p))
	return len(p), nil
}

// TestStreamMemory: of a body no more is held than what is on its way, and no more is
// asked of the store than what was asked for.
func TestStreamMemory(t *testing.T) {
	layouts, err := finalize.ParseLayouts([]string{"nonce"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	from := &vast{Store: mem.New(mem.Options{})}
	s, err := New(Options{Config: finalize.Config{Sources: []store.Store{from}, OutPath: "recordings/", Layouts: layouts, Formats: finalize.Formats{HLS: true}}})
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.Header.Set("Range", "bytes=1000000000000-1000268435455") // 256 MiB
	w := &discards{ResponseRecorder: httptest.NewRecorder()}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	a := &answer{ResponseWriter: w, idle: s.opt.Idle}
	if err := s.stream(a, r, store.Object{Store: from.Label(), Key: "a.mp4", ETag: "x", Size: vastSize}); err != nil {
		t.Fatal(err)
	}
	runtime.ReadMemStats(&after)
	if used := after.TotalAlloc - before.TotalAlloc; used > 4<<20 || w.n != 256<<20 || w.Code != http.StatusPartialContent {
		t.Errorf("%d bytes allocated for a body of %d, status %d", used, w.n, w.Code)
	}
	if len(from.asked) != 1 || from.asked[0] != (store.Range{Off: 1000000000000, Len: 256 << 20}) {
		t.Errorf("the store was asked for %v", from.asked)
	}
}
