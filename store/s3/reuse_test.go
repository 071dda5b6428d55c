package s3

import (
	"bytes"
	"fmt"
	"io"
	"sync"
	"testing"

	"recfin/store"
	"recfin/store/storetest/s3double"
)

// TestConnectionsAreUsedAgain: reading many objects while a large one is written
// dials no more often than there are requests under way at the same time.
func TestConnectionsAreUsedAgain(t *testing.T) {
	const readers, each = 24, 20
	d, tune := newDouble(t), quick()
	s := connect(t, d, tune)
	body := bytes.Repeat([]byte("segment "), 4096)
	for i := range each {
		d.Set(fmt.Sprintf("pre/%d", i), string(body))
	}
	var mu sync.Mutex
	dialled := map[string]bool{}
	d.Hook(func(x *s3double.Exchange) bool {
		mu.Lock()
		defer mu.Unlock()
		dialled[x.R.RemoteAddr] = true
		return false
	})
	read := func(key string) {
		b, err := s.Get(t.Context(), key, store.Whole, store.GetOptions{Prove: true})
		if err != nil {
			t.Error(err)
			return
		}
		defer b.Close()
		if got, err := io.ReadAll(b); err != nil || !bytes.Equal(got, body) {
			t.Errorf("%d bytes, %v", len(got), err)
		}
	}
	var g sync.WaitGroup
	g.Go(func() {
		for i := range each { // between two of them all connections are idle
			var round sync.WaitGroup
			for range readers {
				round.Go(func() { read(fmt.Sprint(i)) })
			}
			round.Wait()
		}
	})
	g.Go(func() {
		u, err := s.Create(t.Context(), "large", store.CreateOptions{Room: 1})
		for range 40 {
			if err == nil {
				_, err = u.Write(bytes.Repeat([]byte("x"), int(tune.minPart)))
			}
		}
		if err == nil {
			_, err = u.Commit(t.Context(), bytes.NewReader([]byte("h")))
		}
		if err != nil {
			t.Error(err)
		}
	})
	g.Wait()
	// One of its own for each that is under way, and now and then one more that was
	// dialled while another came back.
	if most := 2 * (readers + maxPartWorkers); len(dialled) > most {
		t.Errorf("%d connections for %d requests at once", len(dialled), readers+maxPartWorkers)
	}
	if n := d.Count("GetObject"); n != readers*each {
		t.Errorf("%d reads for %d objects", n, readers*each)
	}
}
