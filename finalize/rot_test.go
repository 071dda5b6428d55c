package finalize_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"recfin/finalize"
	"recfin/store/mem"
)

// rot is one byte of one file that is not what was written.
type rot struct {
	name string
	key  string // its end
	at   int64  // from the end, where negative
	set  func(*finalize.Config)
	two  bool // with a backup, so that there are copies
}

func leftoversOnly(c *finalize.Config) { c.Delete = finalize.DeleteLeftovers }

func sourcesToo(c *finalize.Config) {
	c.Delete, c.Formats, c.Accept = finalize.DeleteSources, finalize.Formats{MP4: true}, []string{"foo"}
}

func singleToo(c *finalize.Config) {
	c.Delete, c.HLS, c.Formats = finalize.DeleteLeftovers, finalize.HLSSingle, finalize.Formats{HLS: true}
}

// rots are flips that have to be found. That of the body of an MP4 is, where its
// sources are to go.
var rots = []rot{
	{name: "head of an MP4", key: "/720p.mp4", at: 5, set: leftoversOnly},
	{name: "head of an MP4 whose sources go", key: "/720p.mp4", at: 60, set: sourcesToo},
	{name: "body of an MP4 whose sources go", key: "/360p.mp4", at: -40, set: sourcesToo},
	{name: "playlist", key: "/360p.m3u8", at: 30, set: leftoversOnly},
	{name: "record", key: "/segments.json.gz", at: 50, set: leftoversOnly},
	{name: "end of a record", key: "/segments.json.gz", at: -1, set: leftoversOnly},
	{name: "list of leftovers", key: "/leftovers-*.json.gz", at: 40, set: leftoversOnly},
	{name: "list of sources", key: "/sources-*.json.gz", at: 40, set: sourcesToo},
	{name: "media object", key: "/720p.media.ts", at: 5000, set: singleToo},
	{name: "end of a media object", key: "/360p.media.ts", at: -1, set: singleToo},
	{name: "copy", key: "/000006.ts", at: 100, set: leftoversOnly, two: true},
	{name: "end of a copy", key: "/000006.ts", at: -1, set: leftoversOnly, two: true},
}

// is reports whether a key of the outputs is meant.
func (r *rot) is(key string) bool {
	head, tail, star := strings.Cut(r.key, "*")
	if !star {
		head, tail = "", r.key
	}
	return strings.HasPrefix(key, outPath) && strings.Contains(key, head) && strings.HasSuffix(key, tail) &&
		(!r.two || strings.Contains(key, "/720p/"))
}

// spoil flips a bit in all files that are meant, and says how many.
func (r *rot) spoil(w *world) int {
	n := 0
	for key, e := range w.Snapshot() {
		at := r.at
		if at < 0 {
			at += int64(len(e.Body))
		}
		if r.is(key) && w.Rot(key, at) {
			n++
		}
	}
	return n
}

func (r *rot) lay(sums bool) pair {
	p := newPair(true)
	if !sums {
		p.primary.Store = mem.New(mem.Options{Clock: p.primary.clock.now, Opaque: true, NoChecksums: true})
	}
	if !r.two {
		p.primary.takeover("foo")
		p.backup = nil
		return p
	}
	w := newWorld(true)
	w.takeover("foo")
	return p.share(w, func(key string) (bool, bool) {
		b := strings.HasPrefix(key, "foo/B/")
		return !b, b
	})
}

func (r *rot) config(p pair, h *hook) finalize.Config {
	cfg := both(h, h)
	if p.backup != nil {
		cfg = both(h, h, p.backup)
	}
	return with(with(cfg, r.set), func(c *finalize.Config) { c.Concurrency = 1 })
}

func eachRot(t *testing.T, do func(t *testing.T, r rot, sums bool)) {
	for _, r := range rots {
		for _, sums := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, checksums %v", r.name, sums), func(t *testing.T) { do(t, r, sums) })
		}
	}
}

// TestRotAsItIsWritten flips a bit of a file right behind its upload. Either the run
// fails, and nothing is marked or gone; or it writes the file anew under another
// name, and commits that.
func TestRotAsItIsWritten(t *testing.T) {
	t.Parallel()
	eachRot(t, func(t *testing.T, r rot, sums bool) {
		p := r.lay(sums)
		before := p.snapshot()
		spoilt := ""
		h := &hook{Store: p.primary}
		h.after = func(c call) {
			if spoilt == "" && (c.op == "put" || c.op == "commit") && r.is(c.key) && r.spoil(p.primary) > 0 {
				spoilt = c.key
			}
		}
		report, err := run(r.config(p, h), "foo")
		if spoilt == "" {
			t.Fatal("nothing was spoilt: the test proves nothing")
		}
		after := p.snapshot()
		a := read(t, after[0], "foo")
		if a == nil || !a.has(spoilt) {
			delete(after[0], spoilt) // it is what no player is led to
		}
		p.audit(t, before, after)
		if err == nil {
			if a == nil || a.has(spoilt) || strings.Contains(spoilt, a.Sessions[0].Version) {
				t.Errorf("%s is spoilt, committed, and nothing is said", spoilt)
			}
			return
		}
		if a != nil && len(a.Condemned) > 0 || len(report.Deleted) > 0 {
			t.Errorf("%s is spoilt; condemned %d, deleted %d: %v", spoilt, len(a.Condemned), len(report.Deleted), err)
		}
		same(t, "gone", append(gone(before[0], after[0]), gone(before[1], after[1])...), nil)
	})
}

// TestRotBeforeTheDelete flips a bit of a file between the mark and the delete. It
// is found, a human is told, and nothing is deleted.
func TestRotBeforeTheDelete(t *testing.T) {
	t.Parallel()
	eachRot(t, func(t *testing.T, r rot, sums bool) {
		p := r.lay(sums)
		cfg := with(r.config(p, &hook{Store: p.primary}), later)
		if m := mustRun(t, cfg, "foo"); m.Condemned == 0 || len(m.Deleted) > 0 {
			t.Fatalf("%d objects marked, %d deleted: the test proves nothing", m.Condemned, len(m.Deleted))
		}
		p.primary.clock.advance(2 * day)
		if r.spoil(p.primary) == 0 {
			t.Fatal("nothing was spoilt: the test proves nothing")
		}
		before := p.snapshot()
		report, err := run(cfg, "foo")
		if !errors.Is(err, finalize.ErrRefused) || len(report.Deleted) > 0 {
			t.Errorf("deleted %d, %v", len(report.Deleted), err)
		}
		after := p.snapshot()
		same(t, "gone", append(gone(before[0], after[0]), gone(before[1], after[1])...), nil)
	})
}
