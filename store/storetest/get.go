package storetest

import (
	"context"
	"errors"
	"io"
	"math"
	"time"

	"recfin/store"
)

func testHead(t *suite) {
	o := t.put("a/b", "12345")
	if info := t.head("a/b"); !info.Same(o) || info.Size != 5 {
		t.Errorf("head %+v, put returned %+v", info, o)
	}
	t.absent("a/c")
	t.absent("a")
	t.absent("a/b/c")
	_, err := t.s.Head(t.ctx, "a/c")
	t.want("head of nothing", err, store.ErrNotExist)
	_, err = t.s.Head(t.ctx, "")
	t.want("head of the empty key", err, store.ErrInvalid)
}

func testGetRanges(t *suite) {
	const body = "0123456789"
	t.put("r", body)
	for _, c := range []struct {
		r    store.Range
		want string
	}{
		{store.Whole, body},
		{store.Head(3), "012"},
		{store.Head(10), body},
		{store.Head(11), body},
		{store.Head(math.MaxInt64), body},
		{store.Range{Off: 4}, "456789"},
		{store.Range{Off: 4, Len: 2}, "45"},
		{store.Range{Off: 9, Len: 1}, "9"},
		{store.Range{Off: 9, Len: 100}, "9"},
		{store.Range{Off: 9, Len: math.MaxInt64}, "9"},
		{store.Range{Off: -3}, "789"},
		{store.Range{Off: -3, Len: 1}, "789"},
		{store.Range{Off: -10}, body},
		{store.Range{Off: -11}, body},
	} {
		b, err := t.s.Get(t.ctx, "r", c.r, store.GetOptions{})
		if err != nil {
			t.Errorf("get %+v: %v", c.r, err)
			continue
		}
		got, err := io.ReadAll(b)
		if err != nil || string(got) != c.want || b.Length != int64(len(c.want)) || b.Info.Size != 10 || b.Info.Key != "r" {
			t.Errorf("get %+v: %q, %v, length %d of %+v; want %q", c.r, got, err, b.Length, b.Info, c.want)
		}
		if err := b.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	}
	for _, r := range []store.Range{{Off: 10}, {Off: 10, Len: 1}, {Off: 11}, {Off: math.MaxInt64, Len: math.MaxInt64}} {
		_, err := t.read("r", r, store.GetOptions{})
		t.want("a range behind the end", err, store.ErrRange)
	}
	_, err := t.read("r", store.Range{Len: -1}, store.GetOptions{})
	t.want("a negative length", err, store.ErrInvalid)
}

func testGetEmpty(t *suite) {
	o := t.put("empty", "")
	for _, r := range []store.Range{store.Whole, store.Head(5), {Off: -5}} {
		if got, err := t.read("empty", r, store.Pinned(o)); err != nil || len(got) != 0 {
			t.Errorf("get %+v of an empty object: %q, %v", r, got, err)
		}
	}
	if info := t.head("empty"); info.Size != 0 {
		t.Errorf("head: %+v", info)
	}
}

func testGetPinned(t *suite) {
	old := t.put("p", "first")
	if got, err := t.read("p", store.Whole, store.Pinned(old)); err != nil || string(got) != "first" {
		t.Errorf("pinned: %q, %v", got, err)
	}
	if got, err := t.read("p", store.Range{Off: 1, Len: 2}, store.Pinned(t.list("p")[0])); err != nil || string(got) != "ir" {
		t.Errorf("pinned range: %q, %v", got, err)
	}
	if got, err := t.read("p", store.Head(2), store.GetOptions{Size: 5, Sized: true}); err != nil || string(got) != "fi" {
		t.Errorf("pinned to its size: %q, %v", got, err)
	}
	_, err := t.read("p", store.Head(2), store.GetOptions{Size: 4, Sized: true})
	t.want("pinned to another size", err, store.ErrChanged)
	wrong := store.Pinned(old)
	wrong.Size++
	_, err = t.read("p", store.Whole, wrong)
	t.want("pinned to its ETag and another size", err, store.ErrChanged)

	t.put("p", "later") // of the same size
	for _, r := range []store.Range{store.Whole, store.Head(2), {Off: -2}} {
		_, err = t.read("p", r, store.Pinned(old))
		t.want("pinned to a version that was replaced", err, store.ErrChanged)
	}
	t.outcomes(t.head("p").Object)
	_, err = t.read("p", store.Whole, store.Pinned(old))
	t.want("pinned to what was deleted", err, store.ErrNotExist)
}

func testGetMissing(t *suite) {
	t.put("a/b", "x")
	for _, key := range []string{"b", "a", "a/b/c"} {
		_, err := t.read(key, store.Whole, store.GetOptions{})
		t.want("get of nothing", err, store.ErrNotExist)
	}
	for _, key := range []string{"", "/a", "a\xff"} {
		_, err := t.read(key, store.Whole, store.GetOptions{})
		t.want("get of a bad key", err, store.ErrInvalid)
	}
}

func testNow(t *suite) {
	before, err := t.s.Now(t.ctx)
	if err != nil || before.IsZero() || before.Location() != time.UTC {
		t.Fatalf("now: %v, %v", before, err)
	}
	o := t.put("n", "x")
	after, err := t.s.Now(t.ctx)
	if err != nil || after.Before(before.Add(-2*time.Second)) {
		t.Errorf("now: %v, %v, and %v before", after, err, before)
	}
	if o.Modified.Before(before.Add(-2*time.Second)) || o.Modified.After(after.Add(2*time.Second)) {
		t.Errorf("uploaded between %v and %v, modified %v", before, after, o.Modified)
	}
	if got := t.keys(""); len(got) != 1 {
		t.Errorf("asking the time left %q", got)
	}
}

// testCancelled: a context that is done ends every call, and nothing happens.
func testCancelled(t *suite) {
	kept := t.put("kept", "x")
	u, err := t.s.Create(t.ctx, "up", store.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer u.Abort()
	live, err := t.s.Get(t.ctx, "kept", store.Whole, store.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	live.Close()

	ctx, cancel := context.WithCancel(t.ctx)
	doomed, err := t.s.Create(ctx, "doomed", store.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := doomed.Write([]byte("x")); err != nil {
		t.Fatal(err)
	}
	cancel()
	calls := map[string]func() error{
		"list":    func() error { _, err := collect(t.s.List(ctx, "")); return err },
		"folders": func() error { _, err := collect(t.s.Folders(ctx, "")); return err },
		"head":    func() error { _, err := t.s.Head(ctx, "kept"); return err },
		"get":     func() error { _, err := t.s.Get(ctx, "kept", store.Whole, store.GetOptions{}); return err },
		"now":     func() error { _, err := t.s.Now(ctx); return err },
		"put":     func() error { _, err := t.s.Put(ctx, "new", nil, store.PutOptions{}); return err },
		"copy":    func() error { _, err := t.s.Copy(ctx, kept, "new", store.PutOptions{}); return err },
		"create":  func() error { _, err := t.s.Create(ctx, "new", store.CreateOptions{}); return err },
		"commit":  func() error { _, err := u.Commit(ctx, zeros(0)); return err },
		"doomed":  func() error { _, err := doomed.Commit(ctx, zeros(0)); return err },
		"sweep":   func() error { _, err := t.s.Sweep(ctx, "", 0); return err },
		"delete": func() error {
			err := errors.New("no outcome")
			for _, err = range t.s.Delete(ctx, []store.Object{kept}, store.DeleteOptions{}) {
			}
			return err
		},
	}
	for name, call := range calls {
		if err := call(); !errors.Is(err, context.Canceled) {
			t.Errorf("%s with a context that is done: %v", name, err)
		}
	}
	if err := doomed.Abort(); err != nil {
		t.Errorf("abort after cancellation: %v", err)
	}
	if got := t.keys(""); len(got) != 1 || got[0] != "kept" {
		t.Errorf("after cancellation: %q", got)
	}
}
