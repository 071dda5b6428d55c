package store_test

import (
	"bytes"
	"fmt"
	"io"
	"testing"
	"time"

	"recfin/store"
	"recfin/store/mem"
)

// TestCountPages: a listing costs one request for each 1,000 keys, and one at least.
func TestCountPages(t *testing.T) {
	for keys, want := range map[int]int64{0: 1, 1: 1, 1000: 1, 1001: 2, 2000: 2, 2001: 3} {
		m := mem.New(mem.Options{})
		for i := range keys {
			m.Set(fmt.Sprint(i), nil, time.Time{}, nil)
		}
		s, c := store.Count(m)
		n := 0
		for range s.List(t.Context(), "") {
			n++
		}
		if n != keys || c.List.Load() != want {
			t.Errorf("%d keys: %d listed in %d requests, want %d", keys, n, c.List.Load(), want)
		}
	}
}

func TestCount(t *testing.T) {
	s, c := store.Count(mem.New(mem.Options{Name: "x"}))
	ctx := t.Context()
	if s.Label() != "mem://x/" {
		t.Error(s.Label())
	}
	o, err := s.Put(ctx, "a", []byte("12345"), store.PutOptions{})
	if err != nil {
		t.Fatal(err)
	}
	u, err := s.Create(ctx, "b", store.CreateOptions{Room: 2})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := u.Write([]byte("678")); err != nil {
		t.Fatal(err)
	}
	if _, err := u.Commit(ctx, bytes.NewReader([]byte("he"))); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Get(ctx, "none", store.Whole, store.GetOptions{}); err == nil {
		t.Fatal("there is something")
	}
	b, err := s.Get(ctx, "a", store.Head(3), store.GetOptions{})
	if err != nil || b.Length != 3 || b.Info.Size != 5 {
		t.Fatal(b, err)
	}
	if _, err := io.CopyN(io.Discard, b, 2); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Head(ctx, "a"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Sweep(ctx, "", time.Hour); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Copy(ctx, o, "c", store.PutOptions{}); err != nil {
		t.Fatal(err)
	}
	for range s.Delete(ctx, []store.Object{o, o}, store.DeleteOptions{}) {
	}
	got := [8]int64{c.List.Load(), c.Get.Load(), c.Head.Load(), c.Put.Load(), c.Copy.Load(), c.Delete.Load(), c.BytesRead.Load(), c.BytesWritten.Load()}
	if want := [8]int64{1, 2, 1, 2, 1, 2, 2, 10}; got != want {
		t.Errorf("list, get, head, put, copy, delete, read, written: %v, want %v", got, want)
	}
}
