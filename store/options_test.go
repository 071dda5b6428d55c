package store_test

import (
	"errors"
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"recfin/store"
)

func TestCheckKey(t *testing.T) {
	for _, key := range []string{"a", "a/b", "a//b", " ", "ü", "a\nb", ".recfin/x", strings.Repeat("k", store.MaxKey)} {
		if err := store.CheckKey(key); err != nil {
			t.Errorf("%q: %v", key, err)
		}
	}
	for _, key := range []string{"", "/", "/a", "a\xff", strings.Repeat("k", store.MaxKey+1)} {
		if err := store.CheckKey(key); !errors.Is(err, store.ErrInvalid) {
			t.Errorf("%q: %v", key, err)
		}
	}
}

func TestAdmits(t *testing.T) {
	o := store.Object{Size: 5, ETag: "e"}
	for opt, want := range map[store.GetOptions]bool{
		{}:                                     true,
		{IfMatch: "e"}:                         true,
		{IfMatch: "f"}:                         false,
		{IfMatch: "e", Size: 5}:                true,
		{IfMatch: "e", Size: 4}:                false,
		{IfMatch: "e", Sized: true}:            false,
		{Size: 4}:                              true,
		{Size: 5, Sized: true}:                 true,
		{Size: 4, Sized: true}:                 false,
		store.Pinned(o):                        true,
		store.Pinned(store.Object{Size: 5}):    true,
		store.Pinned(store.Object{ETag: "e"}):  false,
		store.Pinned(store.Object{ETag: "W/"}): false,
	} {
		if got := opt.Admits(o); got != want {
			t.Errorf("%+v: %v, want %v", opt, got, want)
		}
	}
}

// TestBounds: whatever the range, the bounds are inside of the object, and a
// range that passes Check and does not begin behind the end is what it says.
func TestBounds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.OneOf(rapid.Int64Range(-20, 20), rapid.SampledFrom([]int64{math.MinInt64, math.MaxInt64 - 1, math.MaxInt64}))
		r := store.Range{Off: n.Draw(t, "off"), Len: n.Draw(t, "len")}
		size := rapid.Int64Range(0, 15).Draw(t, "size")
		lo, hi := r.Bounds(size)
		if lo < 0 || lo > hi || hi > size {
			t.Fatalf("%+v of %d: [%d, %d)", r, size, lo, hi)
		}
		if r.Check(size) != nil {
			return
		}
		want := size - max(0, r.Off)
		switch {
		case r.Off < 0 && r.Off > -size:
			want = -r.Off
		case r.Off < 0:
			want = size
		case r.Len > 0:
			want = min(want, r.Len)
		}
		if hi-lo != want {
			t.Fatalf("%+v of %d: [%d, %d), want %d bytes", r, size, lo, hi, want)
		}
	})
}

func TestOptionsCheck(t *testing.T) {
	for name, err := range map[string]error{
		"two conditions":  store.PutOptions{IfAbsent: true, IfMatch: "e"}.Check(),
		"upload if match": store.CreateOptions{PutOptions: store.PutOptions{IfMatch: "e"}}.Check(),
		"room":            store.CreateOptions{Room: -1}.Check(),
		"hint":            store.CreateOptions{Room: 2, SizeHint: 1}.Check(),
		"length":          store.Range{Len: -1}.Check(10),
	} {
		if !errors.Is(err, store.ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, err := range map[string]error{
		"at the end":     store.Range{Off: 10}.Check(10),
		"behind the end": store.Range{Off: 11, Len: 1}.Check(10),
		"of nothing":     store.Range{Off: 1}.Check(0),
	} {
		if !errors.Is(err, store.ErrRange) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := (store.CreateOptions{Room: 2, SizeHint: 2}).Check(); err != nil {
		t.Error(err)
	}
}

func TestErrorText(t *testing.T) {
	err := error(&store.Error{Op: "get", Store: "s3://bucket/", Key: "foo/A\n0.ts", Err: store.ErrNotExist})
	if got, want := err.Error(), `get "foo/A\n0.ts" in s3://bucket/: no such object`; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if !errors.Is(err, store.ErrNotExist) {
		t.Error("it does not wrap its cause")
	}
}
