package finalize_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"runtime"
	"strings"
	"testing"

	"recfin/finalize"
	"recfin/store"
)

// TestInflatedList: a list that the marker vouches for, and that is a bomb, is
// refused before it has filled the memory, and nothing is written or deleted.
func TestInflatedList(t *testing.T) {
	w := newWorld(false)
	w.takeover("foo")
	mustRun(t, only(w, finalize.Formats{MP4: true}), "foo")
	all := w.Snapshot()
	a := read(t, all, "foo")
	var z bytes.Buffer
	g := gzip.NewWriter(&z)
	g.Write(bytes.Repeat([]byte(" "), 200<<20))
	g.Close()
	key := outPath + "foo/" + a.Sessions[0].ID + "/" + a.Sessions[0].Version + "/segments.json.gz"
	sum := sha256.Sum256(z.Bytes())
	w.Set(key, z.Bytes(), all[key].Modified, nil)
	m := all[markerKey("foo")]
	w.Set(markerKey("foo"), bytes.ReplaceAll(m.Body, []byte(a.Sessions[0].Segments), []byte(hex.EncodeToString(sum[:]))), m.Modified, nil)
	before := w.Snapshot()
	var from, to runtime.MemStats
	runtime.ReadMemStats(&from)
	_, err := run(settings(w), "foo")
	runtime.ReadMemStats(&to)
	if !errors.Is(err, finalize.ErrRefused) || !strings.Contains(err.Error(), key) {
		t.Errorf("the error is %v", err)
	}
	if n := to.TotalAlloc - from.TotalAlloc; n > 300<<20 {
		t.Errorf("%d MiB were allocated for %d KiB", n>>20, z.Len()>>10)
	}
	noDifference(t, w.Snapshot(), before, false)
}

// huge is a store in which the marker is said to have a terabyte. It is not read.
type huge struct {
	store.Store
	t *testing.T
}

func (h *huge) Get(ctx context.Context, key string, r store.Range, opt store.GetOptions) (store.Body, error) {
	b, err := h.Store.Get(ctx, key, r, opt)
	if err == nil && strings.HasSuffix(key, "/recording.json") {
		b.Info.Size = 1 << 40
		b.ReadCloser = io.NopCloser(untouched{h.t})
	}
	return b, err
}

type untouched struct{ t *testing.T }

func (u untouched) Read([]byte) (int, error) {
	u.t.Error("it is read")
	return 0, io.EOF
}

// TestHugeMarker: what is too large to be a marker is not read to see.
func TestHugeMarker(t *testing.T) {
	w := newWorld(false)
	w.takeover("foo")
	mustRun(t, only(w, finalize.Formats{MP4: true}), "foo")
	if _, err := run(settings(&huge{w, t}), "foo"); !errors.Is(err, finalize.ErrRefused) || !strings.Contains(err.Error(), markerKey("foo")) {
		t.Errorf("the error is %v", err)
	}
}
