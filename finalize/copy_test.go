package finalize_test

import (
	"context"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
	"testing"
	"time"

	"recfin/finalize"
	"recfin/store"
	"recfin/store/mem"
)

// copying gives settings with --hls copy and no MP4, which delete nothing.
func copying(s store.Store) finalize.Config {
	return with(only(s, finalize.Formats{HLS: true}), func(c *finalize.Config) { c.HLS = finalize.HLSCopy })
}

// tellings are stores in memory, by what can be told of a copy.
var tellings = map[string]mem.Options{
	"hashes":                  {},
	"checksums":               {Opaque: true},
	"neither":                 {Opaque: true, NoChecksums: true},
	"hashes and no checksums": {NoChecksums: true},
}

// takeoverIn is a takeover in a store of some kind.
func takeoverIn(opt mem.Options) *world {
	c := &clock{}
	c.set(onAir.Add(2 * time.Hour))
	opt.Clock = c.now
	w := &world{mem.New(opt), c}
	w.takeover("foo")
	return w
}

// TestCopyReadsNoBody: from the first copy on no segment and no copy is read, and
// nothing is uploaded but small files; the copies are the segments.
func TestCopyReadsNoBody(t *testing.T) {
	for name, opt := range tellings {
		t.Run(name, func(t *testing.T) {
			w := takeoverIn(opt)
			before := w.Snapshot()
			copies := 0
			h := &hook{Store: w}
			h.before = func(c call) error {
				media := path.Ext(c.key) == ".ts"
				switch {
				case c.op == "copy":
					copies++
				case media && (c.op == "create" || c.op == "put" || copies > 0 && c.op == "get"):
					t.Errorf("%s %s behind %d copies", c.op, c.key, copies)
				}
				return nil
			}
			r := mustRun(t, copying(h), "foo")
			if copies != 9+8 || r.Cost.Copy != int64(copies) {
				t.Errorf("%d copies, and the cost says %d", copies, r.Cost.Copy)
			}
			after := w.Snapshot()
			audit(t, before, after, "foo")
			areCopies(t, after, !opt.NoChecksums)
			mustRun(t, copying(h), "foo")
			if copies != 17 {
				t.Error("a second run copies again")
			}
		})
	}
}

// areCopies holds that every playlist names copies of the segments that were chosen,
// in their order.
func areCopies(t *testing.T, all snapshot, checksums bool) {
	t.Helper()
	a := read(t, all, "foo")
	s := a.Sessions[0]
	rec := a.records[s.ID]
	lists := played(t, all, "foo", s.ID)
	for _, q := range rec.Renditions {
		named := slices.DeleteFunc(lists[q.Name+".m3u8"], func(key string) bool { return key == "gap.ts" })
		if len(named) != len(q.Key) {
			t.Fatalf("%s names %d of %d segments", q.Name, len(named), len(q.Key))
		}
		for i, key := range named {
			if !strings.HasPrefix(key, outPath) || string(all[key].Body) != string(all[q.Key[i]].Body) || all[key].ContentType != "video/mp2t" {
				t.Errorf("%s is no copy of %s", key, q.Key[i])
			}
		}
	}
	n := 0
	for _, o := range rec.Outputs {
		if o.Kind != "copy" {
			continue
		}
		n++
		want := ""
		if checksums {
			want = "crc64nvme:" + store.CRC64(all[o.Key].Body)
		}
		if o.Checksum != want {
			t.Errorf("%s is recorded with %q, want %q", o.Key, o.Checksum, want)
		}
	}
	if n == 0 {
		t.Error("no copy is recorded")
	}
}

// TestCopyIsTaken: what a dead run has copied is taken, and nothing is read for it
// where the store can say what it is. Other bytes are not.
func TestCopyIsTaken(t *testing.T) {
	for name, opt := range tellings {
		t.Run(name, func(t *testing.T) {
			calm := takeoverIn(opt)
			mustRun(t, copying(calm), "foo")
			key := find(t, calm.Snapshot(), "/720p/000003.ts")
			right := calm.Snapshot()[key].Body
			for what, c := range map[string]struct {
				body []byte
				n    int
			}{
				"the same":    {right, 1},
				"other bytes": {append([]byte("x"), right[1:]...), 2},
				"shorter":     {right[:len(right)-188], 2},
			} {
				w := takeoverIn(opt)
				if _, err := w.Put(t.Context(), key, c.body, store.PutOptions{ContentType: "video/mp2t"}); err != nil {
					t.Fatal(err)
				}
				reads := 0
				h := &hook{Store: w, before: func(k call) error {
					if k.op == "get" && k.key == key {
						reads++
					}
					return nil
				}}
				r := mustRun(t, copying(h), "foo")
				if got := r.Committed[0].Version; !strings.HasPrefix(got, fmt.Sprintf("%d-", c.n)) {
					t.Errorf("%s: version %s, want %d", what, got, c.n)
				}
				if c.n > 1 && string(w.Snapshot()[key].Body) != string(c.body) {
					t.Errorf("%s: it was overwritten", what)
				}
				if told := !opt.Opaque || !opt.NoChecksums; told && reads > 1 { // one byte is asked for, to make it durable
					t.Errorf("%s: it was read %d times", what, reads)
				}
				areCopies(t, w.Snapshot(), !opt.NoChecksums)
			}
		})
	}
}

// TestCopyMeetsChange: a source that is another one, or gone, when it is to be copied
// is planned again.
func TestCopyMeetsChange(t *testing.T) {
	for name, change := range map[string]func(w *world){
		"changed": func(w *world) {
			f := high
			f.Content = "the match, sent again"
			w.Set("foo/A/720p/3.ts", f.segment(3), uploaded(3), nil)
		},
		"gone": func(w *world) { w.remove(t, "foo/A/720p/3.ts") },
	} {
		t.Run(name, func(t *testing.T) {
			w := takeoverIn(mem.Options{})
			h := &hook{Store: w}
			done := false
			h.before = func(c call) error {
				if c.op == "copy" && !done {
					done = true
					change(w)
				}
				return nil
			}
			mustRun(t, with(copying(h), func(c *finalize.Config) { c.Concurrency = 1 }), "foo")
			if !done {
				t.Fatal("nothing was copied")
			}
			after := w.Snapshot()
			areCopies(t, after, true)
		})
	}
}

// TestCopyLost: the answer to a copy is lost, before or after its effect.
func TestCopyLost(t *testing.T) {
	for name, opt := range tellings {
		for _, after := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, after %v", name, after), func(t *testing.T) {
				calm := takeoverIn(opt)
				mustRun(t, copying(calm), "foo")
				w := takeoverIn(opt)
				h := &hook{Store: w}
				cfg := copying(&unheard{h, after, map[string]bool{}})
				for n := 0; ; n++ {
					_, err := run(cfg, "foo")
					if err == nil {
						break
					}
					if !finalize.Retry(err) || n > 40 {
						t.Fatal(err)
					}
				}
				noDifference(t, w.Snapshot(), calm.Snapshot(), opt.Opaque)
			})
		}
	}
}

// unheard loses the answer to the first copy to each key.
type unheard struct {
	*hook
	after bool
	asked map[string]bool
}

func (u *unheard) Copy(ctx context.Context, from store.Object, key string, opt store.PutOptions) (store.Object, error) {
	u.mu.Lock()
	again := u.asked[key]
	u.asked[key] = true
	u.mu.Unlock()
	if again {
		return u.Store.Copy(ctx, from, key, opt)
	}
	if u.after {
		if _, err := u.Store.Copy(ctx, from, key, opt); err != nil {
			return store.Object{}, err
		}
	}
	return store.Object{}, &store.Error{Op: "copy", Store: u.Label(), Key: key, Err: fmt.Errorf("%w: %w", store.ErrUnknown, store.ErrUnavailable)}
}

// TestCopyOfASpoilingStore: a store that copies other bytes than it holds is found
// out where it says so by a size or a checksum.
func TestCopyOfASpoilingStore(t *testing.T) {
	for name, c := range map[string]struct {
		opt   mem.Options
		spoil func(body []byte) []byte
	}{
		"cut off":       {mem.Options{Opaque: true, NoChecksums: true}, func(b []byte) []byte { return b[:len(b)-188] }},
		"another byte":  {mem.Options{Opaque: true}, func(b []byte) []byte { b = slices.Clone(b); b[500] ^= 4; return b }},
		"with a hashes": {mem.Options{}, func(b []byte) []byte { b = slices.Clone(b); b[500] ^= 4; return b }},
	} {
		t.Run(name, func(t *testing.T) {
			w := takeoverIn(c.opt)
			_, err := run(copying(&spoilingCopies{w, c.spoil}), "foo")
			if !errors.Is(err, finalize.ErrVerify) {
				t.Errorf("run: %v, want ErrVerify", err)
			}
			if w.has(markerKey("foo")) {
				t.Error("it was committed")
			}
		})
	}
}

type spoilingCopies struct {
	*world
	spoil func([]byte) []byte
}

func (s *spoilingCopies) Copy(ctx context.Context, from store.Object, key string, opt store.PutOptions) (store.Object, error) {
	return s.Put(ctx, key, s.spoil(s.Snapshot()[from.Key].Body), opt)
}

// TestCopyOfTwoStores: what another store holds comes through this machine, and that
// is said.
func TestCopyOfTwoStores(t *testing.T) {
	p := splitTakeover(false)
	r := mustRun(t, with(p.settings(), func(c *finalize.Config) {
		c.HLS, c.Delete, c.Formats = finalize.HLSCopy, finalize.DeleteNone, finalize.Formats{HLS: true}
	}), "foo")
	if r.Cost.Copy == 0 || r.Cost.Put < 7 {
		t.Errorf("cost %+v", r.Cost)
	}
	if !slices.ContainsFunc(r.Problems, func(s string) bool { return strings.HasPrefix(s, "720p: 4 objects (") }) {
		t.Errorf("the report does not say what was streamed: %q", r.Problems)
	}
}

// TestCopyToAStoreOfItsOwn: the outputs may lie in a store that has no segments. All of
// them come through this machine then, and every playlist names what lies beside it.
func TestCopyToAStoreOfItsOwn(t *testing.T) {
	w := takeoverIn(mem.Options{})
	out := mem.New(mem.Options{Name: "out", Clock: w.clock.now})
	r := mustRun(t, with(copying(out), func(c *finalize.Config) { c.Sources, c.Out = []store.Store{w}, out }), "foo")
	if r.Cost.Copy != 0 {
		t.Errorf("%d copies: the store cannot make them", r.Cost.Copy)
	}
	all := snapshot{}
	for _, s := range []snapshot{w.Snapshot(), out.Snapshot()} {
		for key, e := range s {
			all[key] = e
		}
	}
	areCopies(t, all, true)
	for key := range out.Snapshot() {
		if strings.HasPrefix(key, "foo/") {
			t.Errorf("%s is not where outputs are", key)
		}
	}
}

// TestCopySources: what copies hold may go, whatever the store tells of them; and
// stays where a copy rots before.
func TestCopySources(t *testing.T) {
	for name, opt := range tellings {
		for _, rot := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, rot %v", name, rot), func(t *testing.T) {
				w := takeoverIn(opt)
				cfg := with(copying(w), func(c *finalize.Config) {
					c.Delete, c.DeleteDelay, c.Accept, c.MaxDeletePercent = finalize.DeleteSources, time.Hour, []string{"foo"}, 100
				})
				before := w.Snapshot()
				if r := mustRun(t, cfg, "foo"); r.Condemned == 0 || len(r.Deleted) > 0 {
					t.Fatalf("%d are marked, %d gone: %q", r.Condemned, len(r.Deleted), r.Problems)
				}
				w.clock.advance(2 * time.Hour)
				if rot && !w.Rot(find(t, w.Snapshot(), "/720p/000003.ts"), 700) {
					t.Fatal("no rot")
				}
				r, err := run(cfg, "foo")
				if rot {
					if !errors.Is(err, finalize.ErrRefused) || len(r.Deleted) > 0 {
						t.Errorf("deleted %d, %v", len(r.Deleted), err)
					}
					same(t, "gone", gone(before, w.Snapshot()), nil)
					return
				}
				if err != nil || !slices.Contains(gone(before, w.Snapshot()), "foo/A/720p/3.ts") {
					t.Errorf("%v: gone: %v, %q", err, gone(before, w.Snapshot()), r.Problems)
				}
				audit(t, before, w.Snapshot(), "foo")
				areCopiesOf(t, before, w.Snapshot())
			})
		}
	}
}

// areCopiesOf is areCopies where the segments are gone.
func areCopiesOf(t *testing.T, before, after snapshot) {
	t.Helper()
	all := snapshot{}
	for key, e := range before {
		all[key] = e
	}
	for key, e := range after {
		all[key] = e
	}
	rec := read(t, all, "foo")
	for _, q := range rec.records[rec.Sessions[0].ID].Renditions {
		for _, key := range q.Key {
			if _, there := after[key]; there {
				t.Errorf("%s stays", key)
			}
		}
	}
	for _, keys := range played(t, after, "foo", rec.Sessions[0].ID) {
		for _, key := range keys {
			if _, there := after[key]; key != "gap.ts" && !there {
				t.Errorf("a playlist names %s, which is not there", key)
			}
		}
	}
}
