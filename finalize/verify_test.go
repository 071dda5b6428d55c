package finalize_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"recfin/finalize"
	"recfin/store"
)

// rotting gives other bytes than it took: one bit of each read of an MP4 that
// begins at a byte below reach is another one.
type rotting struct {
	store.Store
	at int64
}

func (r *rotting) Get(ctx context.Context, key string, rg store.Range, opt store.GetOptions) (store.Body, error) {
	body, err := r.Store.Get(ctx, key, rg, opt)
	if err != nil || !strings.HasSuffix(key, ".mp4") || rg.Off > r.at {
		return body, err
	}
	raw, err := io.ReadAll(body)
	if err != nil {
		return body, err
	}
	if i := r.at - rg.Off; i < int64(len(raw)) {
		raw[i] ^= 4
	}
	body.ReadCloser = io.NopCloser(bytes.NewReader(raw))
	return body, nil
}

// TestVerificationFails: an MP4 whose head reads back otherwise than it was
// written commits nothing and deletes nothing; the next run writes a version of
// its own and condemns the one that was abandoned.
func TestVerificationFails(t *testing.T) {
	for _, at := range []int64{0, 8, 40, 60, 100, 140, 200, 300, 400, 1000} { // boxes, tables, and what is free
		w := scenes[0].lay(t, false)
		before := w.Snapshot()
		r, err := run(settings(&rotting{w, at}), "foo")
		if !errors.Is(err, finalize.ErrVerify) || errors.Is(err, finalize.ErrRefused) || finalize.Retry(err) {
			t.Errorf("byte %d: error %v, want %v", at, err, finalize.ErrVerify)
		}
		if r.Status() != finalize.Failed {
			t.Errorf("byte %d: status %v", at, r.Status())
		}
		if string(w.Snapshot()[markerKey("foo")].Body) != string(before[markerKey("foo")].Body) {
			t.Errorf("byte %d: the marker was swapped", at)
		}
		same(t, "gone", gone(before, w.Snapshot()), nil)
		if _, err := run(settings(w), "foo"); err != nil {
			t.Errorf("byte %d: the run after: %v", at, err)
		}
		audit(t, before, w.Snapshot(), "foo")
	}
}
