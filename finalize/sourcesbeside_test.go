package finalize_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"recfin/finalize"
	"recfin/store/mem"
)

// letGoIn are settings with playlists alone, that let the sources go at once.
func letGoIn(hls finalize.HLSMode) func(*finalize.Config) {
	return func(c *finalize.Config) {
		letGo(c)
		c.Formats, c.HLS = finalize.Formats{HLS: true}, hls
	}
}

// TestSourcesStayBesidePlaylists: copies hold segments whatever is in them, and one
// media object each that is in it byte for byte; so damage and data keep nothing back
// where only samples would be lost in an MP4. All other reasons are the same.
func TestSourcesStayBesidePlaylists(t *testing.T) {
	cut := map[string][]string{"a tail cut off": keysOf("foo/A/720p", 9)} // by --hls single, to whole packets
	for _, hls := range []finalize.HLSMode{finalize.HLSCopy, finalize.HLSSingle} {
		for _, s := range stayers() {
			t.Run(string(hls)+"/"+s.name, func(t *testing.T) {
				w := newWorld(false)
				s.make(w)
				want := s.left
				if slices.Contains([]string{"--drop-data", "damage inside", "not known to be held whole"}, s.says) {
					want = []string{}
				}
				if hls == finalize.HLSSingle && cut[s.name] != nil {
					want = cut[s.name]
				}
				if want == nil {
					want = []string{}
				}
				x := newWatch(w)
				x.uploads()
				cfg := with(settings(x.on()), letGoIn(hls))
				if s.set != nil {
					s.set(&cfg)
				}
				before := w.Snapshot()
				r := mustRun(t, cfg, "foo")
				x.right(t, s.name)
				audit(t, before, w.Snapshot(), "foo")
				same(t, "left", inputs(w.Snapshot()), want)
				if t.Failed() {
					t.Logf("problems %q", r.Problems)
				}
			})
		}
	}
}

// TestFragmentsGoBesidePlaylists: fragments go with their init segment, which both
// ways hold; one that a session of another day needs stays with the last of them.
func TestFragmentsGoBesidePlaylists(t *testing.T) {
	many := encode(t, 20, "-f", "hls", "-hls_time", "2", "-hls_list_size", "0", "-hls_segment_type", "fmp4", "-hls_fmp4_init_filename", "init.mp4", "-hls_segment_filename", "%d.m4s", "x.m3u8")
	own := fragmentsOf(t, "frag_keyframe+empty_moov+default_base_moof")
	for _, hls := range []finalize.HLSMode{finalize.HLSCopy, finalize.HLSSingle} {
		for _, c := range []struct {
			name string
			lay  func(t *testing.T) (*world, finalize.Config, string)
			left []string
		}{
			{"an init segment", func(t *testing.T) (*world, finalize.Config, string) {
				w := fragmentFolder(t, many, func(n int) time.Time { return uploaded(n) })
				return w, settings(w), "rec"
			}, []string{}},
			{"an init segment that two sessions need", func(t *testing.T) (*world, finalize.Config, string) {
				w := fragmentFolder(t, many, func(n int) time.Time { return uploaded(n).Add(time.Duration(n/5) * day) })
				return w, settings(w), "rec"
			}, []string{"rec/A/720p/init.mp4"}},
			{"a header in each", func(t *testing.T) (*world, finalize.Config, string) {
				w := &world{own.Clone(), own.clock}
				return w, settings(w), "foo"
			}, []string{}},
			{"parts of one file, and a playlist that names them", func(t *testing.T) (*world, finalize.Config, string) {
				w, _ := oneFile(0, 9)
				return w, laid(t, "hls", w), "rec"
			}, []string{}},
		} {
			t.Run(string(hls)+"/"+c.name, func(t *testing.T) {
				w, cfg, id := c.lay(t)
				before := w.Snapshot()
				cfg = with(with(cfg, letGoIn(hls)), func(c *finalize.Config) { c.Accept = []string{id} })
				r := mustRun(t, cfg, id)
				after := w.Snapshot()
				audit(t, before, after, id)
				same(t, "left", inputs(after), c.left)
				if t.Failed() {
					t.Logf("problems %q, kept %v", r.Problems, r.Kept)
				}
				x := newWatch(w)
				for key, e := range after {
					if strings.HasSuffix(key, ".m3u8") && strings.HasPrefix(key, outPath) {
						for _, n := range x.references(key, e.Body) {
							if int64(len(after[n.key].Body)) < n.end {
								t.Errorf("%s names %d bytes of %s, which has %d", key, n.end, n.key, len(after[n.key].Body))
							}
						}
					}
				}
				x.right(t, c.name)
				w.clock.advance(time.Hour)
				if r := mustRun(t, cfg, id); !r.Done() {
					t.Errorf("once more: %v, deleted %v", r.Problems, r.Deleted)
				}
			})
		}
	}
}

// fragmentFolder lays a folder of fragments, each at the time of its number.
func fragmentFolder(t *testing.T, dir string, at func(n int) time.Time) *world {
	t.Helper()
	w := newWorld(false)
	w.clock.advance(3 * day)
	w.upload(t, dir, "rec/A/720p/", func(name string) time.Time {
		n, _ := strconv.Atoi(strings.TrimSuffix(name, ".m4s"))
		return at(n)
	})
	w.remove(t, "rec/A/720p/x.m3u8")
	return w
}

// TestSinglesAreProved: a media object that was spoilt since it was written is found
// before anything is marked, and again before anything goes.
func TestSinglesAreProved(t *testing.T) {
	for _, sums := range []bool{false, true} {
		for _, when := range []string{"before the mark", "before the delete"} {
			t.Run(fmt.Sprintf("%s, checksums %v", when, sums), func(t *testing.T) {
				w := takeoverIn(mem.Options{Opaque: true, NoChecksums: !sums})
				cfg := with(with(settings(w), letGoIn(finalize.HLSSingle)), func(c *finalize.Config) {
					c.DeleteDelay, c.Accept = time.Hour, []string{"foo"}
				})
				first := cfg
				if when == "before the mark" {
					first.Delete = finalize.DeleteNone
				}
				mustRun(t, first, "foo")
				w.clock.advance(2 * time.Hour)
				if !w.Rot(find(t, w.Snapshot(), "/720p.media.ts"), 700) {
					t.Fatal("no rot")
				}
				before := w.Snapshot()
				r, err := run(cfg, "foo")
				if !errors.Is(err, finalize.ErrRefused) || r.Condemned > 0 || len(r.Deleted) > 0 {
					t.Errorf("%d condemned, %d deleted: %v", r.Condemned, len(r.Deleted), err)
				}
				same(t, "gone", gone(before, w.Snapshot()), nil)
			})
		}
	}
}

// TestDoorsThatLeadAstray: an older marker is put back, which knows nothing of the
// playlists that came since and to which the door leads. What those name stays: it is
// not marked, and where it was marked before it is not deleted.
func TestDoorsThatLeadAstray(t *testing.T) {
	lay := func(t *testing.T) (*world, *watch) {
		w := newWorld(false)
		w.lay("foo/A/720p", high, 0, 9, 0)
		x := newWatch(w)
		x.uploads()
		return w, x
	}
	check := func(t *testing.T, w *world, x *watch, word string) {
		t.Helper()
		all := w.Snapshot()
		r, err := run(with(settings(x.on()), letGo), "foo")
		x.right(t, "delete")
		said := strings.Join(r.Problems, "\n")
		for _, k := range r.Kept {
			said += "\n" + k.Why
		}
		if !strings.Contains(said, word) {
			t.Errorf("%v, it says %s", err, said)
		}
		for key := range all {
			if strings.HasPrefix(key, "foo/") && !w.has(key) {
				t.Errorf("%s is gone", key)
			}
		}
	}
	t.Run("before the mark", func(t *testing.T) {
		w, x := lay(t)
		mustRun(t, only(w, finalize.Formats{MP4: true}), "foo")
		older := w.Snapshot()[markerKey("foo")].Body
		mustRun(t, only(w, finalize.Formats{HLS: true}), "foo")
		w.Set(markerKey("foo"), older, w.clock.now(), nil)
		check(t, w, x, "leads to a version that the marker does not name")
		if n := read(t, w.Snapshot(), "foo").departed(); n > 0 {
			t.Errorf("%d sources are condemned", n)
		}
	})
	t.Run("before the delete", func(t *testing.T) {
		w, x := lay(t)
		cfg := with(settings(w), func(c *finalize.Config) { letGo(c); c.DeleteDelay = day })
		mustRun(t, only(w, finalize.Formats{MP4: true}), "foo")
		other := &world{w.Clone(), w.clock} // where playlists were written and nothing was marked
		mustRun(t, only(other, finalize.Formats{HLS: true}), "foo")
		mustRun(t, cfg, "foo")
		if n := read(t, w.Snapshot(), "foo").departed(); n != 10 {
			t.Fatalf("%d sources are condemned", n)
		}
		all := other.Snapshot()
		for _, key := range slices.Sorted(maps.Keys(all)) {
			if strings.HasPrefix(key, outPath) && !strings.HasPrefix(key, private) && !w.has(key) {
				w.Set(key, all[key].Body, w.clock.now(), nil)
			}
		}
		w.clock.advance(2 * day)
		check(t, w, x, "a door of its session leads to another version")
	})
}

// TestOtherModeIsTold: with --delete sources one line says why the sources of sessions
// stay whose playlists name them, however many sessions there are.
func TestOtherModeIsTold(t *testing.T) {
	w := newWorld(false)
	w.lay("foo/A/720p", high, 0, 9, 0)
	w.evening("B", 1)
	w.clock.advance(26 * time.Hour)
	mustRun(t, only(w, finalize.Formats{HLS: true}), "foo")
	w.evening("C", 2)
	w.clock.advance(26 * time.Hour)
	r := mustRun(t, with(settings(w), letGoIn(finalize.HLSCopy)), "foo")
	same(t, "problems", r.Problems, []string{"the sources of 2 sessions, of 20260301T200000Z the first, stay: its playlists name them where they lie, and a later --hls does not change that: sources go where playlists name copies (--hls copy or single from the start), or an MP4 is all that was ever wanted"})
	if left := inputs(w.Snapshot()); len(left) != 20 || len(r.Deleted) != 10 {
		t.Errorf("left %v", left)
	}
}
