package storetest

import (
	"errors"
	"fmt"
	"maps"
	"strings"
	"sync"

	"recfin/store"
)

func testPut(t *suite) {
	body := []byte("hello")
	o, err := t.s.Put(t.ctx, "dir/sub/x.m3u8", body, store.PutOptions{
		ContentType: "application/vnd.apple.mpegurl", CacheControl: "max-age=2",
		Metadata: map[string]string{"duration-ms": "2000", "who": "a b"},
	})
	if err != nil {
		t.Fatal(err)
	}
	copy(body, "XXXXX") // the body is not kept
	t.holds("dir/sub/x.m3u8", "hello")
	if o.Key != "dir/sub/x.m3u8" || o.Size != 5 || !o.Strong() {
		t.Errorf("put returned %+v", o)
	}
	if t.f.NoMetadata {
		return
	}
	info := t.head("dir/sub/x.m3u8")
	b, err := t.s.Get(t.ctx, o.Key, store.Head(1), store.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	for what, got := range map[string]store.Info{"head": info, "get": b.Info} {
		if got.ContentType != "application/vnd.apple.mpegurl" ||
			!maps.Equal(got.Metadata, map[string]string{"duration-ms": "2000", "who": "a b"}) {
			t.Errorf("%s: content type %q, metadata %v", what, got.ContentType, got.Metadata)
		}
	}
	t.put(o.Key, "without")
	if info := t.head(o.Key); len(info.Metadata) != 0 {
		t.Errorf("metadata %v outlived its object", info.Metadata)
	}
}

func testPutIfAbsent(t *suite) {
	only := store.PutOptions{IfAbsent: true}
	if _, err := t.s.Put(t.ctx, "c/x", []byte("first"), only); err != nil {
		t.Fatal(err)
	}
	_, err := t.s.Put(t.ctx, "c/x", []byte("other"), only)
	t.want("put over an object", err, store.ErrConflict)
	t.holds("c/x", "first")
	t.outcomes(t.head("c/x").Object)
	if _, err := t.s.Put(t.ctx, "c/x", []byte("again"), only); err != nil {
		t.Errorf("put after a delete: %v", err)
	}
	t.holds("c/x", "again")
}

func testPutIfMatch(t *suite) {
	first := t.put("m", "first")
	second, err := t.s.Put(t.ctx, "m", []byte("later"), store.PutOptions{IfMatch: first.ETag})
	if err != nil {
		t.Fatal(err)
	}
	t.holds("m", "later")
	_, err = t.s.Put(t.ctx, "m", []byte("third"), store.PutOptions{IfMatch: first.ETag})
	t.want("put on an ETag that was replaced", err, store.ErrConflict)
	t.holds("m", "later")
	if !t.head("m").Same(second) {
		t.Errorf("head %+v, put returned %+v", t.head("m"), second)
	}
	_, err = t.s.Put(t.ctx, "none", []byte("x"), store.PutOptions{IfMatch: first.ETag})
	t.want("put on an ETag where nothing is", err, store.ErrConflict)
	t.absent("none")
	t.outcomes(second)
	_, err = t.s.Put(t.ctx, "m", []byte("x"), store.PutOptions{IfMatch: second.ETag})
	t.want("put on an ETag that was deleted", err, store.ErrConflict)
	t.absent("m")
}

// testPutETag: an ETag changes with the contents, also at the same size and in
// the same instant, and over a delete.
func testPutETag(t *suite) {
	seen := map[string]string{}
	for i := range 20 {
		body := fmt.Sprintf("%02d", i)
		o := t.put("e", body)
		if was, twice := seen[o.ETag]; twice {
			t.Errorf("ETag %q stood for %q and stands for %q", o.ETag, was, body)
		}
		seen[o.ETag] = body
		if got := t.head("e").ETag; got != o.ETag {
			t.Errorf("head: ETag %q, put returned %q", got, o.ETag)
		}
		if i%3 == 0 {
			t.outcomes(o)
		}
	}
}

func testPutInvalid(t *suite) {
	for _, key := range []string{"", "/a", strings.Repeat("k", store.MaxKey+1), "a\xffb"} {
		_, err := t.s.Put(t.ctx, key, []byte("x"), store.PutOptions{})
		t.want(fmt.Sprintf("put %.10q", key), err, store.ErrInvalid)
	}
	_, err := t.s.Put(t.ctx, "a", []byte("x"), store.PutOptions{IfAbsent: true, IfMatch: "e"})
	t.want("put with two conditions", err, store.ErrInvalid)
	if got := t.keys(""); len(got) != 0 {
		t.Errorf("refused puts left %q", got)
	}
}

const racers = 8

// race runs n puts at once and gives the numbers of those that won.
func (t *suite) race(put func(i int) error) []int {
	t.Helper()
	var mu sync.Mutex
	var winners []int
	var wg sync.WaitGroup
	start := make(chan struct{})
	for i := range racers {
		wg.Go(func() {
			<-start
			err := put(i)
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err == nil:
				winners = append(winners, i)
			case !errors.Is(err, store.ErrConflict):
				t.Errorf("racer %d: %v, want ErrConflict", i, err)
			}
		})
	}
	close(start)
	wg.Wait()
	return winners
}

func testPutOneWinner(t *suite) {
	for round := range 10 {
		key := fmt.Sprintf("race/%d/x", round)
		winners := t.race(func(i int) error {
			_, err := t.s.Put(t.ctx, key, fmt.Appendf(nil, "racer %d", i), store.PutOptions{IfAbsent: true})
			return err
		})
		if len(winners) != 1 {
			t.Fatalf("round %d: winners %v, want one", round, winners)
		}
		t.holds(key, fmt.Sprintf("racer %d", winners[0]))
	}
}

func testPutOneSuccessor(t *suite) {
	etag := t.put("race", "racer -").ETag
	for round := range 10 {
		winners := t.race(func(i int) error {
			_, err := t.s.Put(t.ctx, "race", fmt.Appendf(nil, "racer %d of %d", i, round), store.PutOptions{IfMatch: etag})
			return err
		})
		if len(winners) != 1 {
			t.Fatalf("round %d: winners %v, want one", round, winners)
		}
		t.holds("race", fmt.Sprintf("racer %d of %d", winners[0], round))
		etag = t.head("race").ETag
	}
}
