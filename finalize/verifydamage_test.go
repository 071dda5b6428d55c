package finalize_test

import (
	"bytes"
	"context"
	"fmt"
	"path"
	"slices"
	"strings"
	"testing"
	"time"

	"recfin/finalize"
	"recfin/internal/condemn"
	"recfin/internal/tswriter"
	"recfin/store"
)

// ill is something that is wrong with a finalized recording, and what verifying says
// of it.
type ill struct {
	name string
	lay  func(t testing.TB) *world // finalized
	do   func(t testing.TB, w *world)
	see  func(s store.Store) store.Store // nil: as it is
	deep bool
	want []string // the rules that are broken, sorted, those of texts apart
	more bool     // rules of texts are broken too
	hurt bool     // it is damaged
}

// both formats of the takeover; nothing is deleted.
func finished(formats finalize.Formats) func(testing.TB) *world {
	return func(t testing.TB) *world {
		w := newWorld(false)
		w.takeover("foo")
		mustRun(t, only(w, formats), "foo")
		return w
	}
}

func finishedCopies(t testing.TB) *world {
	w := newWorld(false)
	w.takeover("foo")
	mustRun(t, with(only(w, finalize.Formats{HLS: true}), func(c *finalize.Config) { c.HLS = finalize.HLSCopy }), "foo")
	return w
}

func finishedSingle(t testing.TB) *world {
	w := newWorld(false)
	w.takeover("foo")
	mustRun(t, with(only(w, finalize.Formats{HLS: true}), func(c *finalize.Config) { c.HLS = finalize.HLSSingle }), "foo")
	return w
}

var (
	asPlaylists = finished(finalize.Formats{HLS: true})
	asMovies    = finished(finalize.Formats{MP4: true})
	asAll       = finished(finalize.Formats{HLS: true, MP4: true})
)

// gone is an ill of which an object is not there any more.
func lost(suffixes ...string) func(testing.TB, *world) {
	return func(t testing.TB, w *world) {
		for _, suffix := range suffixes {
			w.remove(t, find(t, w.Snapshot(), suffix))
		}
	}
}

// other puts another body in the place of an object.
func other(suffix string, change func([]byte) []byte) func(testing.TB, *world) {
	return func(t testing.TB, w *world) {
		key := find(t, w.Snapshot(), suffix)
		w.Set(key, change(bytes.Clone(w.Snapshot()[key].Body)), w.clock.now(), nil)
	}
}

func longer(b []byte) []byte { return append(b, 0) }

// rotten flips a bit where the disk does not tell.
func rotten(suffix string, at int64) func(testing.TB, *world) {
	return func(t testing.TB, w *world) {
		key := find(t, w.Snapshot(), suffix)
		if at < 0 {
			at += int64(len(w.Snapshot()[key].Body))
		}
		if !w.Rot(key, at) {
			t.Fatalf("%s cannot rot", key)
		}
	}
}

func forged(f forgery) func(testing.TB, *world) {
	return func(t testing.TB, w *world) { w.forge(t, f) }
}

// doomed condemns an object that is there.
func doom(suffix, kind string) func(testing.TB, *world) {
	return func(t testing.TB, w *world) {
		info, err := w.Head(context.Background(), find(t, w.Snapshot(), suffix))
		if err == nil {
			err = condemn.Set(context.Background(), w, outPath+"foo/", kind, []store.Object{info.Object})
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// touchedTwice has a list of what came later: of what was uploaded anew.
func touchedTwice(t testing.TB) *world {
	w := newWorld(true)
	w.takeover("foo")
	cfg := only(w, finalize.Formats{HLS: true, MP4: true})
	mustRun(t, cfg, "foo")
	w.Set("foo/A/720p/2.ts", w.Snapshot()["foo/A/720p/2.ts"].Body, w.clock.now(), nil)
	w.clock.advance(day)
	w.Set("foo/B/720p/2.ts", high.segment(2), w.clock.now().Add(-3*time.Hour), nil)
	mustRun(t, cfg, "foo")
	if read(t, w.Snapshot(), "foo").Seen == nil {
		t.Fatal("nothing was seen")
	}
	return w
}

// joined is a recording of two IDs.
func joined(t testing.TB) *world {
	w := halves(false)
	if _, err := runAs(only(w, finalize.Formats{HLS: true}), "foo", "foo", "bar"); err != nil {
		t.Fatal(err)
	}
	return w
}

// restarted has a clock that begins again at segment 3.
func restarted(t testing.TB) *world {
	w := newWorld(false)
	w.lay("foo/A/720p", high, 0, 2, 0)
	second := high
	second.Content, second.Clock = "the second half", 12345678
	for n := 3; n < 6; n++ {
		w.Set(fmt.Sprintf("foo/B/720p/%d.ts", n), second.segment(n), uploaded(n), nil)
	}
	mustRun(t, only(w, finalize.Formats{HLS: true}), "foo")
	return w
}

func ills() []ill {
	return []ill{
		{name: "half a marker", lay: asAll, do: other("foo/recording.json", func(b []byte) []byte { return b[:len(b)/2] }), want: []string{"marker"}, hurt: true},
		{name: "the marker of another", lay: asAll, do: func(t testing.TB, w *world) {
			w.forge(t, forgery{marker: func(m map[string]any) { m["recording"] = "bar" }})
		}, want: []string{"marker"}, hurt: true},
		{name: "a part without its claim", lay: joined, do: lost("bar/recording.json"), want: []string{"claim"}},
		{name: "a part with a marker of its own", lay: joined, do: other("bar/recording.json", func(b []byte) []byte { return bytes.Replace(b, []byte(`"as": "foo"`), []byte(`"as": "baz"`), 1) }), want: []string{"claim"}},
		{name: "no record", lay: asMovies, do: lost("/segments.json.gz"), want: []string{"record"}, hurt: true},
		{name: "no record of playlists", lay: asPlaylists, do: lost("/segments.json.gz"), want: []string{"record"}, hurt: true},
		{name: "another record", lay: asMovies, do: rotten("/segments.json.gz", 60), want: []string{"record"}, hurt: true},
		{name: "a marker that says another thing than the record", lay: asMovies, do: forged(forgery{marker: func(m map[string]any) {
			list(m["sessions"])[0].(map[string]any)["end"] = "2026-03-01T21:00:00Z"
		}}), want: []string{"entry"}},
		{name: "no list of condemned", lay: func(t testing.TB) *world { w := asPlaylists(t); doom("foo/notes.txt", "leftovers")(t, w); return w }, do: func(t testing.TB, w *world) {
			for key := range w.Snapshot() {
				if strings.HasPrefix(path.Base(key), "leftovers-") {
					w.remove(t, key)
				}
			}
		}, want: []string{"condemned-list"}, hurt: true},
		{name: "another list of what was seen", lay: touchedTwice, do: func(t testing.TB, w *world) {
			for key := range w.Snapshot() {
				if strings.HasPrefix(path.Base(key), "seen-") {
					w.Rot(key, 40)
				}
			}
		}, want: []string{"seen-list", "touched"}, hurt: true},

		{name: "no movie", lay: asAll, do: lost("/720p.mp4"), want: []string{"output-gone"}},
		{name: "no playlist", lay: asPlaylists, do: lost("/720p.m3u8"), want: []string{"output-gone"}},
		{name: "no movie and not all of its segments", lay: asMovies, do: lost("/720p.mp4", "foo/A/720p/2.ts"), want: []string{"output-lost"}, hurt: true},
		{name: "no copy", lay: finishedCopies, do: lost("/720p/000002.ts"), want: []string{"output-gone"}},
		{name: "no copy and no original", lay: finishedCopies, do: lost("/720p/000002.ts", "foo/A/720p/2.ts"), want: []string{"output-lost"}, hurt: true},
		{name: "no media object", lay: finishedSingle, do: lost("/720p.media.ts"), want: []string{"output-gone"}},
		{name: "a movie cut off", lay: asAll, do: other("/720p.mp4", func(b []byte) []byte { return b[:len(b)/2] }), want: []string{"output-changed"}, hurt: true},
		{name: "another copy", lay: finishedCopies, do: other("/720p/000002.ts", longer), want: []string{"output-changed"}, hurt: true},
		{name: "another playlist", lay: asPlaylists, do: other("/720p.m3u8", func(b []byte) []byte { return append(b, "#\n"...) }), want: []string{"output-changed"}, hurt: true},
		{name: "a rotten movie", lay: asAll, do: rotten("/720p.mp4", -40), deep: true, want: []string{"output-content"}, hurt: true},
		{name: "a rotten movie at a glance", lay: asAll, do: rotten("/720p.mp4", -40)},
		{name: "a rotten head", lay: asAll, do: rotten("/720p.mp4", 5), want: []string{"mp4-head"}, hurt: true},
		{name: "a rotten copy", lay: finishedCopies, do: rotten("/720p/000002.ts", -3), deep: true, want: []string{"output-content"}, hurt: true},
		{name: "a rotten media object", lay: finishedSingle, do: rotten("/720p.media.ts", -3), deep: true, want: []string{"output-content"}, hurt: true},
		{name: "a rotten playlist", lay: asPlaylists, do: rotten("/720p.m3u8", -3), want: []string{"output-content"}, more: true, hurt: true},
		{name: "a condemned movie", lay: asAll, do: doom("/720p.mp4", "outputs"), want: []string{"output-condemned"}},
		{name: "uploaded anew", lay: func(t testing.TB) *world {
			w := newWorld(true)
			w.takeover("foo")
			mustRun(t, only(w, finalize.Formats{HLS: true, MP4: true}), "foo")
			return w
		}, do: func(t testing.TB, w *world) {
			other("foo/A/720p/2.ts", bytes.Clone)(t, w)
			other("/360p.mp4", bytes.Clone)(t, w)
		}, want: []string{"touched"}},
		{name: "a lifecycle rule", lay: asMovies, see: func(s store.Store) store.Store {
			return &expiring{s, outPath, map[string]time.Time{"": onAir.AddDate(0, 1, 0)}}
		}, want: []string{"expires"}},

		{name: "no door", lay: asPlaylists, do: lost("/index.m3u8"), want: []string{"door-gone"}},
		{name: "another door", lay: asPlaylists, do: other("/index.m3u8", func(b []byte) []byte { return append(b, "#\n"...) }), want: []string{"door-stale"}},
		{name: "a door to nowhere", lay: asPlaylists, do: other("/index.m3u8", func(b []byte) []byte { return bytes.ReplaceAll(b, []byte("\n1-"), []byte("\n9-")) }), want: []string{"door-stale", "reference-lost"}},

		{name: "a reference to elsewhere", lay: asPlaylists, do: forged(replaced("/720p.m3u8", "\n../../../../foo/A/720p/2.ts", "\nhttps://example.com/2.ts", 1)), want: []string{"reference-outside"}},
		{name: "no segment", lay: asPlaylists, do: lost("foo/A/720p/2.ts"), want: []string{"reference-gone"}, hurt: true},
		{name: "another segment", lay: asPlaylists, do: other("foo/A/720p/2.ts", func(b []byte) []byte { return append(b, b[len(b)-188:]...) }), want: []string{"reference-changed"}, more: true, hurt: true},
		{name: "a range behind the end", lay: finishedSingle, do: func(t testing.TB, w *world) {
			w.forge(t, forgery{text: func(key, text string) string {
				if !strings.HasSuffix(key, "/720p.m3u8") {
					return ""
				}
				at := strings.LastIndex(text, "#EXT-X-BYTERANGE:") + len("#EXT-X-BYTERANGE:")
				return text[:at] + "9" + text[at:]
			}})
		}, want: []string{"reference-range", "rows"}, more: true},
		{name: "a condemned segment", lay: asPlaylists, do: doom("foo/A/720p/2.ts", "leftovers"), want: []string{"reference-condemned"}},
		{name: "a segment that was not chosen", lay: asPlaylists, do: forged(replaced("/720p.m3u8", "foo/A/720p/4.ts", "foo/B/720p/4.ts", 1)), want: []string{"reference-unknown", "rows"}},
		{name: "something in a gap", lay: asPlaylists, do: func(t testing.TB, w *world) {
			w.Set(path.Dir(find(t, w.Snapshot(), "/360p.m3u8"))+"/gap.ts", []byte("?"), w.clock.now(), nil)
		}, want: []string{"gap-exists"}},

		{name: "two segments change places", lay: asPlaylists, do: forged(forgery{text: func(key, text string) string {
			if !strings.HasSuffix(key, "/720p.m3u8") {
				return ""
			}
			return strings.NewReplacer("A/720p/1.ts", "A/720p/2.ts", "A/720p/2.ts", "A/720p/1.ts").Replace(text)
		}}), want: []string{"probe-discontinuity", "rows"}},
		{name: "a segment too few", lay: asPlaylists, do: forged(forgery{text: func(key, text string) string {
			if strings.HasSuffix(key, "/index.m3u8") {
				return ""
			}
			at := strings.LastIndex(text, "#EXTINF")
			return text[:at] + "#EXT-X-ENDLIST\n"
		}}), want: []string{"rows"}, more: true},
		{name: "EXTINF too short", lay: asPlaylists, do: forged(replaced("/720p.m3u8", "#EXTINF:2.0", "#EXTINF:1.9", 1)), want: []string{"duration-extinf", "duration-sum"}, more: true},
		{name: "a record of another movie", lay: asAll, do: forged(forgery{record: func(r map[string]any) {
			for _, x := range list(r["outputs"]) {
				if o := x.(map[string]any); o["kind"] == "mp4" && o["rendition"] == "720p" {
					o["video_samples"] = 7
				}
			}
		}}), want: []string{"mp4-head"}, hurt: true},
		{name: "a movie of half the segments", lay: asMovies, do: forged(forgery{record: func(r map[string]any) {
			q := rendition(r, "720p")
			ns := list(q["duration_ns"])
			for i := range ns {
				ns[i] = 4_000_000_000
			}
		}}), want: []string{"mp4-duration"}},

		{name: "garbage in a segment", lay: asPlaylists, do: func(t testing.TB, w *world) {
			body := bytes.Repeat([]byte("garbage "), len(w.Snapshot()["foo/A/720p/0.ts"].Body)/8)
			w.Set("foo/A/720p/0.ts", body, uploaded(0), nil)
			w.forge(t, forgery{record: func(r map[string]any) {
				q := rendition(r, "720p")
				list(q["etag"])[0], list(q["size"])[0] = w.Snapshot()["foo/A/720p/0.ts"].ETag, len(body)
			}})
		}, want: []string{"probe"}},
		{name: "EXTINF of another segment", lay: restarted, do: func(t testing.TB, w *world) {
			f := replaced("/720p.m3u8", "#EXTINF:2.0", "#EXTINF:1.5", 1)
			f.record = func(r map[string]any) { list(rendition(r, "720p")["duration_ns"])[0] = 1_500_000_000 }
			w.forge(t, f)
		}, want: []string{"probe-duration"}, more: true},
		{name: "CODECS of another profile", lay: asPlaylists, do: func(t testing.TB, w *world) { changeDoor(t, w, "avc1.", "avc1.99") }, want: []string{"entry", "probe-codecs"}, more: true},
		{name: "RESOLUTION too small", lay: asPlaylists, do: func(t testing.TB, w *world) { changeDoor(t, w, "1280", "320") }, want: []string{"entry", "probe-resolution"}},
		{name: "FRAME-RATE of something else", lay: asPlaylists, do: forged(forgery{marker: func(m map[string]any) {
			list(list(m["sessions"])[0].(map[string]any)["variants"])[0].(map[string]any)["frame_rate_num"] = 240
		}}), want: []string{"door-stale", "entry"}},
		{name: "a door that will be wrong", lay: asPlaylists, do: forged(forgery{marker: func(m map[string]any) {
			list(list(m["sessions"])[0].(map[string]any)["variants"])[0].(map[string]any)["average_bandwidth"] = 1 << 30
		}}), want: []string{"door-stale"}, more: true},
		{name: "no IDR", lay: asRecovery, do: forged(replaced("/720p.m3u8", "#EXTM3U\n", "#EXTM3U\n#EXT-X-INDEPENDENT-SEGMENTS\n", 1)), want: []string{"probe-independent"}},
		{name: "no discontinuity", lay: restarted, do: func(t testing.TB, w *world) {
			f := replaced("/720p.m3u8", "#EXT-X-DISCONTINUITY\n", "", 1)
			f.record = func(r map[string]any) { delete(r["slots"].(map[string]any), "discontinuity") }
			w.forge(t, f)
		}, want: []string{"probe-discontinuity"}},
		{name: "another init segment", lay: inFragments, do: func(t testing.TB, w *world) {
			w.forge(t, forgery{record: func(r map[string]any) {
				x := r["inits"].(map[string]any)
				list(x["sha256"])[0] = strings.Repeat("0", 64)
			}})
		}, want: []string{"probe-init"}, hurt: true},
		{name: "no picture in a range", lay: asAll, do: forged(forgery{text: func(key, text string) string {
			if !strings.HasSuffix(key, "/720p/iframes.m3u8") {
				return ""
			}
			at := strings.Index(text, "#EXT-X-BYTERANGE:")
			end := at + strings.IndexByte(text[at:], '\n')
			return text[:at] + "#EXT-X-BYTERANGE:188@0" + text[end:]
		}}), deep: true, want: []string{"probe-iframe"}, more: true},
		{name: "a rotten segment", lay: asAll, do: rotten("foo/A/720p/2.ts", 700), deep: true, want: []string{"probe-checksum"}, hurt: true},
		{name: "a rotten segment at a glance", lay: asAll, do: rotten("foo/A/720p/3.ts", -3)},
	}
}

// changeDoor changes a word in the marker's variants and in the door.
func changeDoor(t testing.TB, w *world, old, text string) {
	f := replaced("/index.m3u8", old, text, -1)
	w.forge(t, f)
	key := markerKey("foo")
	w.Set(key, bytes.ReplaceAll(w.Snapshot()[key].Body, []byte(old), []byte(text)), w.clock.now(), nil)
}

// TestVerifyFinds: each thing that is wrong is found, and nothing beside it.
func TestVerifyFinds(t *testing.T) {
	own := map[string]bool{}
	for _, r := range finalize.VerifyRules() {
		own[r.Name] = true
	}
	met := map[string]bool{}
	for _, x := range ills() {
		t.Run(x.name, func(t *testing.T) {
			w := x.lay(t)
			var s store.Store = w
			if v, err := verify(s, "foo", x.deep); err != nil || v.Failed() || v.Count(finalize.SeverityWarning) > 0 {
				t.Fatalf("before: %v\n%s", err, strings.Join(found(v), "\n"))
			}
			if x.do != nil {
				x.do(t, w)
			}
			if x.see != nil {
				s = x.see(w)
			}
			before := w.Snapshot()
			v, err := verify(s, "foo", x.deep)
			if err != nil {
				t.Fatal(err)
			}
			noDifference(t, w.Snapshot(), before, false)
			var got []string
			texts := 0
			for _, f := range v.Findings {
				met[f.Rule] = true
				if own[f.Rule] {
					got = append(got, f.Rule)
				} else {
					texts++
				}
				if f.Text == "" || f.Reference == "" {
					t.Errorf("%+v", f)
				}
			}
			slices.Sort(got)
			got = slices.Compact(got)
			if !slices.Equal(got, x.want) || (texts > 0) != x.more || v.Damaged != x.hurt {
				t.Errorf("damaged %v, rules %v, want %v and damaged %v:\n%s", v.Damaged, got, x.want, x.hurt, strings.Join(found(v), "\n"))
			}
		})
	}
	for name := range own {
		if !met[name] {
			t.Errorf("nothing breaks the rule %s", name)
		}
	}
}

// inFragments is a broadcast in fragments with an init segment.
func inFragments(t testing.TB) *world {
	from, init := fragments(t.(*testing.T))
	w := newWorld(false)
	for key, e := range from.Snapshot() {
		w.Set("foo/"+strings.TrimPrefix(key, "rec/"), e.Body, e.Modified, nil)
	}
	w.Set("foo/A/720p/init.mp4", init, onAir, nil)
	w.Set("foo/B/720p/init.mp4", init, onAir, nil)
	mustRun(t, only(w, finalize.Formats{HLS: true}), "foo")
	return w
}

// asRecovery begins its segments with recovery points, and the first with an IDR.
func asRecovery(t testing.TB) *world {
	l := tswriter.Live{Pictures: 60, GOP: 10, Step: pictureTicks, From: 90000, Recovery: true}
	tw := tswriter.New(tswriter.Stream{PID: videoPID, Type: tswriter.TypeH264})
	w := newWorld(false)
	var begins []int
	for i, p := range l.PESPackets() {
		if i%10 == 0 {
			begins = append(begins, len(tw.Packets()))
			tw.Tables()
		}
		tw.PES(videoPID, p)
	}
	for n, from := range begins {
		to := len(tw.Packets())
		if n+1 < len(begins) {
			to = begins[n+1]
		}
		w.Set(fmt.Sprintf("foo/A/720p/%d.ts", n), bytes.Join(tw.Packets()[from:to], nil), uploaded(n), nil)
	}
	mustRun(t, only(w, finalize.Formats{HLS: true}), "foo")
	return w
}
