package storetest

import (
	"errors"
	"fmt"
	"maps"
	"strings"

	"recfin/store"
)

func testCopy(t *suite) {
	from, err := t.s.Put(t.ctx, "in/0.ts", []byte("hello"), store.PutOptions{
		ContentType: "text/plain", Metadata: map[string]string{"who": "a b", "old": "1"},
	})
	if err != nil {
		t.Fatal(err)
	}
	o, err := t.s.Copy(t.ctx, from, "out/dir/0.ts", store.PutOptions{
		ContentType: "video/mp2t", CacheControl: "immutable", Metadata: map[string]string{"who": "c"},
	})
	if err != nil {
		t.Fatal(err)
	}
	if o.Store != t.s.Label() || o.Key != "out/dir/0.ts" || o.Size != 5 || !o.Strong() {
		t.Errorf("copy returned %+v", o)
	}
	info := t.head("out/dir/0.ts")
	if !info.Same(o) {
		t.Errorf("head %+v, copy returned %+v", info.Object, o)
	}
	if !t.f.NoMetadata && (info.ContentType != "video/mp2t" || !maps.Equal(info.Metadata, map[string]string{"who": "c"})) {
		t.Errorf("content type %q, metadata %v: some are those of the source", info.ContentType, info.Metadata)
	}
	t.holds("out/dir/0.ts", "hello")
	t.put("in/0.ts", "other") // a copy is an object of its own
	t.holds("out/dir/0.ts", "hello")
	t.outcomes(t.head("in/0.ts").Object)
	t.holds("out/dir/0.ts", "hello")
	if !t.head("out/dir/0.ts").Same(o) {
		t.Errorf("the copy changed with its source: %+v", t.head("out/dir/0.ts"))
	}
	again, err := t.s.Copy(t.ctx, o, "in/0.ts", store.PutOptions{})
	if err != nil || again.Size != 5 {
		t.Errorf("copy of a copy: %+v, %v", again, err)
	}
	t.holds("in/0.ts", "hello")
	empty := t.put("in/empty", "")
	if o, err := t.s.Copy(t.ctx, empty, "out/empty", store.PutOptions{IfAbsent: true}); err != nil || o.Size != 0 {
		t.Errorf("copy of an empty object: %+v, %v", o, err)
	}
	t.holds("out/empty", "")
}

// testCopyPinned: another version than the one that was named is not copied, and
// what the key held stays.
func testCopyPinned(t *suite) {
	was := t.put("in", "first")
	now := t.put("in", "later")
	longer := now
	longer.Size++
	t.put("kept", "kept")
	gone := was
	gone.Key = "nothing"
	weak := now
	weak.ETag = "W/" + now.ETag
	none := now
	none.ETag = ""
	for _, c := range []struct {
		name string
		from store.Object
		want error
	}{
		{"a version that was replaced", was, store.ErrChanged},
		{"what is not there", gone, store.ErrNotExist},
		{"a weak ETag", weak, store.ErrWeak},
		{"no ETag", none, store.ErrWeak},
	} {
		_, err := t.s.Copy(t.ctx, c.from, "out", store.PutOptions{IfAbsent: true})
		t.want("copy of "+c.name, err, c.want)
		t.absent("out")
		_, err = t.s.Copy(t.ctx, c.from, "kept", store.PutOptions{})
		t.want("copy of "+c.name+" over an object", err, c.want)
		t.holds("kept", "kept")
	}
	_, err := t.s.Copy(t.ctx, longer, "odd", store.PutOptions{})
	t.want("copy of another size", err, store.ErrChanged)
	if _, err := t.s.Copy(t.ctx, now, "kept", store.PutOptions{}); err != nil {
		t.Errorf("copy over an object: %v", err)
	}
	t.holds("kept", "later")
}

func testCopyIfAbsent(t *suite) {
	from := t.put("in", "first")
	only := store.PutOptions{IfAbsent: true}
	if _, err := t.s.Copy(t.ctx, from, "out", only); err != nil {
		t.Fatal(err)
	}
	_, err := t.s.Copy(t.ctx, t.put("in2", "other"), "out", only)
	t.want("copy over an object", err, store.ErrConflict)
	t.holds("out", "first")
	t.outcomes(t.head("out").Object)
	if _, err := t.s.Copy(t.ctx, from, "out", only); err != nil {
		t.Errorf("copy after a delete: %v", err)
	}
	t.holds("out", "first")
}

// testCopyOneWinner: of copies that race for a key where the store can tell, one wins;
// and all of what is there is of one of them.
func testCopyOneWinner(t *suite) {
	var from []store.Object
	for i := range racers {
		from = append(from, t.put(fmt.Sprintf("in/%d", i), fmt.Sprintf("racer %d", i)))
	}
	for round := range 5 {
		key := fmt.Sprintf("race/%d/x", round)
		winners := t.race(func(i int) error {
			_, err := t.s.Copy(t.ctx, from[i], key, store.PutOptions{IfAbsent: true})
			return err
		})
		if len(winners) == 0 || len(winners) > 1 && !t.f.CopiesRace {
			t.Fatalf("round %d: winners %v, want one", round, winners)
		}
		got, err := t.read(key, store.Whole, store.GetOptions{})
		if err != nil || !strings.HasPrefix(string(got), "racer ") || len(got) != len("racer 0") {
			t.Errorf("round %d: %q, %v", round, got, err)
		}
	}
}

func testCopyOddKeys(t *suite) {
	for i, key := range oddKeys {
		from := t.put(key, "body of "+key)
		to := fmt.Sprintf("out/%d/%s", i, key)
		if _, err := t.s.Copy(t.ctx, from, to, store.PutOptions{IfAbsent: true}); err != nil {
			t.Errorf("copy %q: %v", key, err)
			continue
		}
		t.holds(to, "body of "+key)
	}
}

// testCopyLarge: more than one step of whatever a store copies in.
func testCopyLarge(t *suite) {
	size := 22<<20 + 7
	if t.f.Small {
		size = 1<<20 + 7
	}
	body := pattern(size, 3)
	from, err := t.upload("in", store.CreateOptions{SizeHint: int64(size)}, nil, body)
	if err != nil {
		t.Fatal(err)
	}
	o, err := t.s.Copy(t.ctx, from, "out", store.PutOptions{IfAbsent: true, ContentType: "video/mp4"})
	if err != nil || o.Size != int64(size) {
		t.Fatalf("copy: %+v, %v", o, err)
	}
	t.holds("out", string(body))
	if was, is := t.head("in").CRC64, t.head("out").CRC64; is != "" && was != "" && is != was {
		t.Errorf("CRC-64 of the copy %s, of its source %s", is, was)
	}
}

func testCopyInvalid(t *suite) {
	from := t.put("in", "x")
	elsewhere := from
	elsewhere.Store = "s3://somewhere-else/"
	for _, c := range []struct {
		name string
		from store.Object
		key  string
		opt  store.PutOptions
	}{
		{"out of another store", elsewhere, "out", store.PutOptions{}},
		{"onto itself", from, "in", store.PutOptions{}},
		{"to no key", from, "", store.PutOptions{}},
		{"to a bad key", from, "a\xffb", store.PutOptions{}},
		{"tied to an ETag", from, "out", store.PutOptions{IfMatch: from.ETag}},
		{"with a checksum", from, "out", store.PutOptions{CRC64: store.CRC64([]byte("x"))}},
		{"from a bad key", store.Object{Store: from.Store, Key: "a\xffb", Size: 1, ETag: "e"}, "out", store.PutOptions{}},
	} {
		_, err := t.s.Copy(t.ctx, c.from, c.key, c.opt)
		t.want("copy "+c.name, err, store.ErrInvalid)
	}
	if got := t.keys(""); len(got) != 1 {
		t.Errorf("refused copies left %q", got)
	}
	var e *store.Error
	_, err := t.s.Copy(t.ctx, elsewhere, "out", store.PutOptions{})
	if errors.As(err, &e) && (e.Op != "copy" || e.Key != "out") {
		t.Errorf("the error is of op %q and key %q", e.Op, e.Key)
	}
}
