package finalize_test

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"recfin/finalize"
	"recfin/finalize/layout"
	"recfin/internal/tswriter"
	"recfin/store"
	"recfin/store/mem"
)

// hugeStore is a store with a broadcast of any length, of which only the sidecars and what
// is written are in memory: the bytes of a segment are made when they are read. Each
// listing gives keys and ETags of its own, as one that comes over a network does, so
// that who lists it pays for them.
type hugeStore struct {
	*mem.Store
	objects []store.Object // segments and sidecars, by key
	feeds   map[string]feed
	runs    int
	lists   atomic.Int64 // listings, one for every 1,000 objects
	gets    atomic.Int64
	puts    atomic.Int64
}

const (
	vastWriters    = 40
	vastRenditions = 5
)

var vastStores = map[int]*hugeStore{}

// vastOf is a newVast that is kept, for who writes nothing into it.
func vastOf(segments int) *hugeStore {
	if vastStores[segments] == nil {
		vastStores[segments] = newVast(segments)
	}
	return vastStores[segments]
}

// newVast lays segments in five renditions of forty writers, one after the other, in
// the layout of a go-livepeer record store, and the JSON playlist of each.
func newVast(segments int) *hugeStore {
	each := segments / vastWriters / vastRenditions
	c := &clock{}
	c.set(uploaded(each * vastWriters).Add(2 * time.Hour))
	v := &hugeStore{Store: mem.New(mem.Options{Clock: c.now}), feeds: map[string]feed{}, runs: vastWriters * vastRenditions}
	for r := range vastRenditions {
		name := "source"
		if r > 0 {
			name = fmt.Sprintf("%dp", 144*r)
		}
		v.feeds[name] = feed{Content: "news", Width: 160 * (r + 1), Height: 96 * (r + 1), Clock: 90000}
	}
	for w := range vastWriters {
		node := fmt.Sprintf("rec/node-%02d", w)
		first, last := w*each, (w+1)*each-1
		numbers := map[string][]int{}
		for name := range v.feeds {
			numbers[name] = upTo(first, last)
			for n := first; n <= last; n++ {
				key := fmt.Sprintf("%s/%s/%d.ts", node, name, n)
				v.objects = append(v.objects, store.Object{Store: v.Label(), Key: key, Size: vastSize(n), ETag: vastETag(key), Modified: uploaded(n)})
			}
		}
		at := uploaded(last).Add(time.Second)
		v.objects = append(v.objects, v.Set(fmt.Sprintf("%s/playlist_%d.json", node, at.UnixNano()), livepeerJSON(node, numbers), at, nil))
	}
	slices.SortFunc(v.objects, func(a, b store.Object) int { return strings.Compare(a.Key, b.Key) })
	return v
}

// vastSize is how many bytes segment n has: they differ a little.
func vastSize(n int) int64 { return tswriter.PacketSize * int64(40+n*7%11) }

// vastETag is one as the MD5 of contents.
func vastETag(key string) string {
	var sum [16]byte
	for i := range key {
		sum[i%16] = sum[i%16]*31 + key[i]
	}
	return hex.EncodeToString(sum[:])
}

func (v *hugeStore) mine(prefix string) bool { return strings.HasPrefix(prefix, "rec/") }

func (v *hugeStore) List(ctx context.Context, prefix string) iter.Seq2[store.Object, error] {
	if !v.mine(prefix) {
		v.lists.Add(1)
		return v.Store.List(ctx, prefix)
	}
	return func(yield func(store.Object, error) bool) {
		from, _ := slices.BinarySearchFunc(v.objects, prefix, func(o store.Object, p string) int { return strings.Compare(o.Key, p) })
		for i, o := range v.objects[from:] {
			if !strings.HasPrefix(o.Key, prefix) {
				return
			}
			if i%1000 == 0 {
				v.lists.Add(1)
			}
			o.Key, o.ETag = strings.Clone(o.Key), strings.Clone(o.ETag)
			if !yield(o, nil) {
				return
			}
		}
	}
}

func (v *hugeStore) Get(ctx context.Context, key string, r store.Range, opt store.GetOptions) (store.Body, error) {
	v.gets.Add(1)
	if !v.mine(key) || !strings.HasSuffix(key, ".ts") {
		return v.Store.Get(ctx, key, r, opt)
	}
	k, ok := slices.BinarySearchFunc(v.objects, key, func(o store.Object, key string) int { return strings.Compare(o.Key, key) })
	if !ok {
		return store.Body{}, store.ErrNotExist
	}
	var n int
	parts := strings.Split(key, "/")
	if _, err := fmt.Sscanf(parts[3], "%d.ts", &n); err != nil {
		return store.Body{}, err
	}
	raw := vastSegment(v.feeds[parts[2]], n)
	if err := r.Check(int64(len(raw))); err != nil {
		return store.Body{}, err
	}
	lo, hi := r.Bounds(int64(len(raw)))
	return store.Body{ReadCloser: io.NopCloser(bytes.NewReader(raw[lo:hi])), Info: store.Info{Object: v.objects[k]}, Length: hi - lo}, nil
}

func (v *hugeStore) Put(ctx context.Context, key string, body []byte, opt store.PutOptions) (store.Object, error) {
	v.puts.Add(1)
	return v.Store.Put(ctx, key, body, opt)
}

// vastSegment makes segment n of a feed, with null packets behind it.
func vastSegment(f feed, n int) []byte {
	made.Lock()
	defer made.Unlock()
	delete(made.counters, f)
	raw := f.make(n)
	for int64(len(raw)) < vastSize(n) {
		p := bytes.Repeat([]byte{0xff}, tswriter.PacketSize)
		copy(p, []byte{0x47, 0x1f, 0xff, 0x10})
		raw = append(raw, p...)
	}
	return raw
}

// vastly gives the settings that write playlists of what is there.
func vastly(t testing.TB, s store.Store) finalize.Config {
	t.Helper()
	l, err := layout.Parse("livepeer", layout.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return with(only(s, finalize.Formats{HLS: true}), func(c *finalize.Config) { c.Out, c.Layouts = s, []*layout.Layout{l} })
}

// checkVast fails unless a plan has every segment.
func checkVast(t testing.TB, r *finalize.Report, segments int) {
	t.Helper()
	p := r.Plan
	if len(p.Sessions) != 1 || len(p.Dropped)+len(p.Notes)+len(p.Uncertain) > 0 || len(p.Sessions[0].Record.Renditions) != vastRenditions {
		t.Fatalf("%d sessions, %d dropped, notes %v, %d uncertain", len(p.Sessions), len(p.Dropped), p.Notes, len(p.Uncertain))
	}
	for i := range p.Sessions[0].Record.Renditions {
		if n := p.Sessions[0].Record.Renditions[i].Len(); n != segments/vastRenditions {
			t.Fatalf("rendition %d has %d rows", i, n)
		}
	}
}

// mustPlanOnly plans the huge recording.
func mustPlanOnly(t testing.TB, cfg finalize.Config) *finalize.Report {
	t.Helper()
	r, err := plan(cfg, "rec")
	if err != nil {
		t.Fatal(err)
	}
	return r
}
