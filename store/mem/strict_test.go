package mem_test

import (
	"errors"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"recfin/store"
	"recfin/store/mem"
)

func TestMetadata(t *testing.T) {
	s := mem.New(mem.Options{})
	for _, m := range []map[string]string{
		{"Duration": "1"}, {"": "x"}, {"a b": "x"}, {"a:b": "x"}, {"ü": "x"}, {"a": "ü"}, {"a": "x\n"}, {"a": " x"},
		{"a": strings.Repeat("x", 2048)},
	} {
		if _, err := s.Put(t.Context(), "k", nil, store.PutOptions{Metadata: m}); !errors.Is(err, store.ErrInvalid) {
			t.Errorf("metadata %.40q: %v", m, err)
		}
	}
	m := map[string]string{"a": "1"}
	s.Set("k", nil, mem.Start, m)
	m["a"] = "2"
	info, err := s.Head(t.Context(), "k")
	if err != nil || info.Metadata["a"] != "1" {
		t.Errorf("%+v, %v", info, err)
	}
	info.Metadata["a"] = "3"
	if info, _ := s.Head(t.Context(), "k"); info.Metadata["a"] != "1" {
		t.Errorf("a caller changed the store: %v", info.Metadata)
	}
}

func TestSetPanicsOnABadKey(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	mem.New(mem.Options{}).Set("/a", nil, mem.Start, nil)
}

// TestDeterminism: the same calls give the same store, clock and ETags included.
func TestDeterminism(t *testing.T) {
	for _, opaque := range []bool{false, true} {
		run := func() (map[string]mem.Entry, time.Time) {
			s := mem.New(mem.Options{Opaque: opaque})
			s.Set("a", []byte("1"), mem.Start, nil)
			if _, err := s.Put(t.Context(), "b", []byte("1"), store.PutOptions{ContentType: "t", CacheControl: "c"}); err != nil {
				t.Fatal(err)
			}
			now, err := s.Now(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			return s.Snapshot(), now
		}
		one, t1 := run()
		two, t2 := run()
		if !maps.EqualFunc(one, two, same) || !t1.Equal(t2) || !t1.After(one["b"].Modified) {
			t.Errorf("%v at %v and %v at %v", one, t1, two, t2)
		}
		if (one["a"].ETag == one["b"].ETag) == opaque || one["b"].CacheControl != "c" {
			t.Errorf("opaque %v: %v", opaque, one)
		}
	}
}

func same(a, b mem.Entry) bool {
	return string(a.Body) == string(b.Body) && a.ETag == b.ETag && a.Modified.Equal(b.Modified) &&
		a.ContentType == b.ContentType && a.CacheControl == b.CacheControl && maps.Equal(a.Metadata, b.Metadata)
}

func TestClone(t *testing.T) {
	s := mem.New(mem.Options{Name: "n", Opaque: true})
	s.Set("a", []byte("1"), mem.Start, nil)
	if _, err := s.Create(t.Context(), "u", store.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	c := s.Clone()
	if c.Label() != s.Label() || !maps.EqualFunc(c.Snapshot(), s.Snapshot(), same) || len(c.Uploads()) != 0 {
		t.Errorf("%v %v", c.Snapshot(), c.Uploads())
	}
	o1, _ := s.Put(t.Context(), "b", nil, store.PutOptions{})
	o2, _ := c.Put(t.Context(), "b", nil, store.PutOptions{})
	if !o1.Same(o2) || !o1.Modified.Equal(o2.Modified) {
		t.Errorf("%+v, and in the clone %+v", o1, o2)
	}
	for range c.Delete(t.Context(), []store.Object{o2}, store.DeleteOptions{}) {
	}
	if _, err := s.Head(t.Context(), "b"); err != nil {
		t.Errorf("a delete in the clone: %v", err)
	}
}

func TestClock(t *testing.T) {
	now := time.Date(2026, 11, 21, 21, 4, 5, 0, time.FixedZone("", 3600))
	s := mem.New(mem.Options{Clock: func() time.Time { return now }})
	o, err := s.Put(t.Context(), "a", nil, store.PutOptions{})
	if err != nil || !o.Modified.Equal(now) || o.Modified.Location() != time.UTC {
		t.Errorf("%+v, %v", o, err)
	}
	u, err := s.Create(t.Context(), "up", store.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	begun := now
	now = now.Add(time.Hour)
	if n, err := s.Sweep(t.Context(), "up", time.Hour); err != nil || n != 0 || !slices.Equal(s.Uploads(), []string{"up"}) {
		t.Errorf("as old as that, not older: %d, %v, %q", n, err, s.Uploads())
	}
	if o, err := u.Commit(t.Context(), strings.NewReader("x")); err != nil || !o.Modified.Equal(begun) {
		t.Errorf("an upload has the time of its start: %+v, %v", o, err)
	}
	u, _ = s.Create(t.Context(), "up", store.CreateOptions{})
	now = now.Add(time.Hour)
	if n, err := s.Sweep(t.Context(), "other", 0); err != nil || n != 0 {
		t.Errorf("another prefix: %d, %v", n, err)
	}
	if n, err := s.Sweep(t.Context(), "u", time.Minute); err != nil || n != 1 || len(s.Uploads()) != 0 {
		t.Errorf("sweep: %d, %v, %q", n, err, s.Uploads())
	}
	if _, err := u.Write([]byte("x")); !errors.Is(err, store.ErrInvalid) {
		t.Errorf("write after a sweep: %v", err)
	}
}

func TestSizeHintIsABound(t *testing.T) {
	s := mem.New(mem.Options{})
	u, err := s.Create(t.Context(), "a", store.CreateOptions{Room: 2, SizeHint: 4})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := u.Write([]byte("12")); err != nil {
		t.Errorf("up to the hint: %v", err)
	}
	if _, err := u.Write([]byte("3")); !errors.Is(err, store.ErrInvalid) {
		t.Errorf("above the hint: %v", err)
	}
}

// TestPinnedToTheLastByte: a pinned read fails when it was overtaken.
func TestPinnedToTheLastByte(t *testing.T) {
	s := mem.New(mem.Options{})
	o := s.Set("a", []byte("12"), mem.Start, nil)
	b, err := s.Get(t.Context(), "a", store.Whole, store.Pinned(o))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(b, make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	s.Set("a", []byte("34"), mem.Start, nil)
	for range 2 {
		if _, err := io.ReadFull(b, make([]byte, 1)); !errors.Is(err, store.ErrChanged) {
			t.Errorf("%v, want ErrChanged", err)
		}
	}
}

func TestOpen(t *testing.T) {
	first, again := mem.Open("x"), mem.Open("x")
	if first != again || first == mem.Open("y") || first.Label() != "mem://x/" {
		t.Error("a name is not one store")
	}
}
