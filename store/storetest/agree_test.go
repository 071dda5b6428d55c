package storetest_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"recfin/store"
	"recfin/store/file"
	"recfin/store/mem"
)

// Keys and prefixes whose order and boundaries are easy to get wrong. No key is
// a folder of another, which a file system could not hold.
var (
	agreeKeys     = []string{"a", "a-b/c", "a.b", "b/a", "b/a-/x", "b/a.x", "b/c/d", "b/c0", "b0/a", ".recfin/x/y", "b/.recfin/z"}
	agreePrefixes = []string{"", "a", "a-", "b", "b/", "b/a", "b/c", "b/c/", "b/c/d", "b/c/d/", ".recfin/", ".rec", "z", "b//", "b/../"}
)

// world is one store with the versions that it gave to each key so far, so
// that two stores can be asked for the same old version.
type world struct {
	store.Store
	versions map[string][]store.Object
}

// outcome names the sentinel of an error.
func outcome(err error) string {
	for _, s := range []error{store.ErrNotExist, store.ErrConflict, store.ErrChanged, store.ErrRange, store.ErrWeak, store.ErrInvalid} {
		if errors.Is(err, s) {
			return s.Error()
		}
	}
	return fmt.Sprint(err)
}

// pick gives an old version of a key, 0 the newest; an object of nowhere if there is none.
func (w *world) pick(key string, back int) store.Object {
	v := w.versions[key]
	if back >= len(v) {
		return store.Object{Store: w.Label(), Key: key, Size: 1, ETag: "1-1"}
	}
	return v[len(v)-1-back]
}

// step is one operation; it gives what a caller can see of it.
type step func(ctx context.Context, w *world) string

func drawStep(t *rapid.T) step {
	key := rapid.SampledFrom(agreeKeys).Draw(t, "key")
	body := strings.Repeat("x", rapid.IntRange(0, 12).Draw(t, "size"))
	back := rapid.IntRange(0, 2).Draw(t, "back")
	switch rapid.IntRange(0, 7).Draw(t, "op") {
	case 0, 1:
		return drawPut(t, key, body, back)
	case 2:
		return func(ctx context.Context, w *world) string {
			victim := w.pick(key, back)
			for _, err := range w.Delete(ctx, []store.Object{victim}, store.DeleteOptions{}) {
				return "delete " + outcome(err)
			}
			return "no outcome"
		}
	case 3:
		r := store.Range{Off: rapid.Int64Range(-14, 14).Draw(t, "off"), Len: rapid.Int64Range(0, 14).Draw(t, "len")}
		pinned := rapid.Bool().Draw(t, "pinned")
		return func(ctx context.Context, w *world) string { return get(ctx, w, key, r, pinned, back) }
	case 4:
		return func(ctx context.Context, w *world) string { return upload2(ctx, w, key, body, back) }
	case 5:
		to := rapid.SampledFrom(agreeKeys).Draw(t, "to")
		return func(ctx context.Context, w *world) string {
			o, err := w.Copy(ctx, w.pick(key, back), to, store.PutOptions{IfAbsent: back == 1})
			if err == nil {
				w.versions[to] = append(w.versions[to], o)
			}
			return fmt.Sprint("copy ", o.Key, o.Size, outcome(err))
		}
	}
	prefix := rapid.SampledFrom(agreePrefixes).Draw(t, "prefix")
	return func(ctx context.Context, w *world) string { return listing(ctx, w, prefix) }
}

func drawPut(t *rapid.T, key, body string, back int) step {
	kind := rapid.IntRange(0, 2).Draw(t, "condition")
	return func(ctx context.Context, w *world) string {
		opt := store.PutOptions{IfAbsent: kind == 1}
		if kind == 2 {
			opt.IfMatch = w.pick(key, back).ETag
		}
		o, err := w.Put(ctx, key, []byte(body), opt)
		if err == nil {
			w.versions[key] = append(w.versions[key], o)
		}
		return fmt.Sprint("put ", o.Key, o.Size, outcome(err))
	}
}

func upload2(ctx context.Context, w *world, key, body string, end int) string {
	u, err := w.Create(ctx, key, store.CreateOptions{Room: 2, PutOptions: store.PutOptions{IfAbsent: end == 1}})
	if err != nil {
		return outcome(err)
	}
	if _, err := u.Write([]byte(body)); err != nil {
		return outcome(err)
	}
	if end == 2 {
		return outcome(u.Abort())
	}
	o, err := u.Commit(ctx, strings.NewReader("hd"+body))
	if err == nil {
		w.versions[key] = append(w.versions[key], o)
	}
	return fmt.Sprint("upload ", o.Size, outcome(err))
}

func get(ctx context.Context, w *world, key string, r store.Range, pinned bool, back int) string {
	opt := store.GetOptions{}
	if pinned {
		opt = store.Pinned(w.pick(key, back))
	}
	b, err := w.Get(ctx, key, r, opt)
	if err != nil {
		return outcome(err)
	}
	defer b.Close()
	body, err := io.ReadAll(b)
	return fmt.Sprint("get ", string(body), b.Length, b.Info.Size, outcome(err))
}

func listing(ctx context.Context, w *world, prefix string) string {
	var out strings.Builder
	for o, err := range w.List(ctx, prefix) {
		fmt.Fprint(&out, o.Key, " ", o.Size, " ", outcome(err), "\n")
	}
	for name, err := range w.Folders(ctx, prefix) {
		fmt.Fprint(&out, name, "/ ", outcome(err), "\n")
	}
	return out.String()
}

// TestFileAgreesWithMem: whatever is done, a folder shows what the reference shows.
func TestFileAgreesWithMem(t *testing.T) {
	dir := t.TempDir()
	n := 0
	rapid.Check(t, func(t *rapid.T) {
		n++
		folder := fmt.Sprintf("%s/%d", dir, n) // of its own
		f := newFolder(t, folder)
		worlds := []*world{
			{Store: mem.New(mem.Options{Opaque: true}), versions: map[string][]store.Object{}},
			{Store: f, versions: map[string][]store.Object{}},
		}
		for range rapid.IntRange(1, 25).Draw(t, "steps") {
			do := drawStep(t)
			want, got := do(context.Background(), worlds[0]), do(context.Background(), worlds[1])
			if got != want {
				t.Fatalf("file: %s\nmem:  %s", got, want)
			}
		}
	})
}

func newFolder(t *rapid.T, path string) *file.Store {
	if err := os.MkdirAll(path, 0o777); err != nil {
		t.Fatal(err)
	}
	s, err := file.New(path)
	if err != nil {
		t.Fatal(err)
	}
	return s
}
