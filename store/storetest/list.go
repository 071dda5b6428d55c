package storetest

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"recfin/store"
)

func testLabel(t *suite) {
	label := t.s.Label()
	if !strings.HasSuffix(label, "/") || strings.ContainsAny(label, "?@") {
		t.Errorf("label %q: want a URL without credentials and query, with a slash at the end", label)
	}
	o := t.put("a", "x")
	if o.Store != label || t.list("")[0].Store != label || t.head("a").Store != label {
		t.Errorf("an object does not carry the label %q", label)
	}
}

func testListEmpty(t *suite) {
	for _, prefix := range []string{"", "foo", "foo/", "foo/bar/"} {
		if got := t.list(prefix); len(got) != 0 {
			t.Errorf("list %q of an empty store: %v", prefix, got)
		}
	}
}

func testListOrder(t *suite) {
	keys := []string{
		"foo/b", "foo-2/a", "foo.x", "foo/a/z", "foo/a.b", "foo/a-b/c", "foo0", "foo/a/0",
		"B", "a", "é", "z", "foo/10.ts", "foo/9.ts", "foo-", "foo/a", "~",
	}
	keys = slices.DeleteFunc(keys, func(k string) bool { return k == "foo/a" }) // a folder cannot hold foo/a and foo/a/z
	t.putAll(keys...)
	want := slices.Sorted(slices.Values(keys))
	if got := t.keys(""); !slices.Equal(got, want) {
		t.Errorf("list: %q, want %q", got, want)
	}
	for _, o := range t.list("") {
		info := t.head(o.Key)
		if !o.Same(info.Object) || o.Modified.Sub(info.Modified).Abs() >= time.Second {
			t.Errorf("listed %+v, head %+v", o, info.Object)
		}
		if o.Size != int64(len("body of "+o.Key)) || !o.Strong() || o.Modified.IsZero() || o.Modified.Location() != time.UTC {
			t.Errorf("listed %+v", o)
		}
	}
}

func testListPrefix(t *suite) {
	t.putAll("foo/A/1.ts", "foo/A/10.ts", "foo/A/2.ts", "foo/B/1.ts", "foo-2/A/1.ts", "fo", "foo.ts", "bar")
	for prefix, want := range map[string][]string{
		"foo/":        {"foo/A/1.ts", "foo/A/10.ts", "foo/A/2.ts", "foo/B/1.ts"},
		"foo/A/1":     {"foo/A/1.ts", "foo/A/10.ts"},
		"foo/A/1.ts":  {"foo/A/1.ts"},
		"foo/A/1.ts/": {},
		"foo":         {"foo-2/A/1.ts", "foo.ts", "foo/A/1.ts", "foo/A/10.ts", "foo/A/2.ts", "foo/B/1.ts"},
		"foo/A":       {"foo/A/1.ts", "foo/A/10.ts", "foo/A/2.ts"},
		"foo/C/":      {},
		"foo//":       {},
		"fo/":         {},
		"g":           {},
		"foo/A/../B/": {},
		"../":         {},
	} {
		if got := t.keys(prefix); !slices.Equal(got, want) {
			t.Errorf("list %q: %q, want %q", prefix, got, want)
		}
	}
}

// testListMany needs more than one page of an S3 listing.
func testListMany(t *suite) {
	const n = 1005
	var g errgroup.Group
	g.SetLimit(32)
	want := []string{}
	for i := range n {
		key := fmt.Sprintf("many/%d/%d.ts", i%3, i)
		want = append(want, key)
		g.Go(func() error {
			_, err := t.s.Put(t.ctx, key, []byte("x"), store.PutOptions{})
			return err
		})
	}
	if err := g.Wait(); err != nil {
		t.Fatal(err)
	}
	slices.Sort(want)
	if got := t.keys("many/"); !slices.Equal(got, want) {
		t.Errorf("list: %d keys, want %d, or another order", len(got), len(want))
	}
	if got := t.keys("many/1/"); len(got) != (n+1)/3 {
		t.Errorf("list many/1/: %d keys, want %d", len(got), (n+1)/3)
	}
}

func testListPrivate(t *suite) {
	t.putAll(".recfin/probe/x", ".recfin/state/00", "a", "out/.recfin/probe/x", ".recfinx", ".a", "z")
	if got, want := t.keys(""), []string{".a", ".recfinx", "a", "out/.recfin/probe/x", "z"}; !slices.Equal(got, want) {
		t.Errorf("list: %q, want %q", got, want)
	}
	for prefix, want := range map[string][]string{
		".recfin/": nil, ".recfin/prob": nil, // no folder in it is named
		".recfin/probe/": {".recfin/probe/x"}, ".recfin/probe/x": {".recfin/probe/x"}, ".recfin/state/": {".recfin/state/00"}, ".recfin/none/": nil,
	} {
		if got := t.keys(prefix); !slices.Equal(got, want) {
			t.Errorf("list %q: %q, want %q", prefix, got, want)
		}
	}
	t.putAll(".recfin/days/2026-01-02/x")
	if got, err := collect(t.s.Folders(t.ctx, ".recfin/days/")); err != nil || !slices.Equal(got, []string{"2026-01-02"}) {
		t.Errorf("folders: %q, %v", got, err)
	}
	if got := t.keys(".recfin"); !slices.Equal(got, []string{".recfinx"}) {
		t.Errorf("list .recfin: %q", got)
	}
	if got, err := collect(t.s.Folders(t.ctx, "")); err != nil || !slices.Equal(got, []string{"out"}) {
		t.Errorf("folders: %q, %v", got, err)
	}
	t.holds(".recfin/probe/x", "body of .recfin/probe/x")
	if err := t.outcomes(t.head(".recfin/probe/x").Object)[".recfin/probe/x"]; err != nil {
		t.Errorf("delete below .recfin/: %v", err)
	}
}

// oddKeys hold what some encoding of keys stumbles over.
var oddKeys = []string{"odd/a b", "odd/a+b", "odd/a%20b", "odd/a#b", "odd/a?b", "odd/a&b", "odd/a\nb", "odd/a\\b", "odd/ü:日", "odd/'\"<>"}

func testListOddKeys(t *suite) {
	keys := oddKeys
	t.putAll(keys...)
	if got, want := t.keys("odd/"), slices.Sorted(slices.Values(keys)); !slices.Equal(got, want) {
		t.Errorf("list: %q, want %q", got, want)
	}
	for _, key := range keys {
		t.holds(key, "body of "+key)
	}
}

// testListDeleted: what goes during a listing may or may not be in it; the rest is.
func testListDeleted(t *suite) {
	t.putAll("d/1", "d/2", "d/3", "d/e/4", "d/f")
	var got []string
	for o, err := range t.s.List(t.ctx, "d/") {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, o.Key)
		if o.Key == "d/1" {
			t.outcomes(t.head("d/2").Object, t.head("d/e/4").Object)
		}
	}
	for _, key := range []string{"d/1", "d/3", "d/f"} {
		if !slices.Contains(got, key) {
			t.Errorf("list during deletes: %q lacks %q", got, key)
		}
	}
	if !slices.IsSorted(got) {
		t.Errorf("list during deletes: %q is not in order", got)
	}
	if got := t.keys("d/"); !slices.Equal(got, []string{"d/1", "d/3", "d/f"}) {
		t.Errorf("list after deletes: %q", got)
	}
}

// testListStopped: the caller may stop, and may range again.
func testListStopped(t *suite) {
	t.putAll("s/1", "s/2/x", "s/3")
	seq := t.s.List(t.ctx, "s/")
	for range 2 {
		n := 0
		for _, err := range seq {
			if err != nil {
				t.Fatal(err)
			}
			if n++; n == 2 {
				break
			}
		}
		if n != 2 {
			t.Errorf("list: %d objects before the stop, want 2", n)
		}
	}
}

func testFolders(t *suite) {
	t.putAll("foo/A/0", "foo/A/1", "foo/A/x/y", "foo/B/0", "foo/file", "foo-2/A/0", "foo.x/y", "bar", "foo0/a/b")
	for prefix, want := range map[string][]string{
		"":           {"foo-2", "foo.x", "foo", "foo0"},
		"foo/":       {"A", "B"},
		"foo/A/":     {"x"},
		"foo/B/":     {},
		"none/":      {},
		"foo/file/":  {},
		"foo/A/x/y/": {},
	} {
		got, err := collect(t.s.Folders(t.ctx, prefix))
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("folders of %q: %q, %v, want %q", prefix, got, err, want)
		}
	}
	_, err := collect(t.s.Folders(t.ctx, "foo"))
	t.want("folders of a prefix without a slash", err, store.ErrInvalid)
	for range t.s.Folders(t.ctx, "") {
		break
	}
	t.outcomes(t.head("foo/B/0").Object)
	if got, err := collect(t.s.Folders(t.ctx, "foo/")); err != nil || !slices.Equal(got, []string{"A"}) {
		t.Errorf("folders after the last object of B went: %q, %v", got, err)
	}
}
