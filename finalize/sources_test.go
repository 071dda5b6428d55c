package finalize_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"recfin/finalize"
	"recfin/internal/tswriter"
	"recfin/store/mem"
)

// letGo are settings that write MP4s and let the sources go at once.
func letGo(c *finalize.Config) {
	c.Formats, c.Delete, c.DeleteDelay = finalize.Formats{MP4: true}, finalize.DeleteSources, 0
}

// sourceSettings are those of the tests with letGo.
func sourceSettings(w *world) finalize.Config { return with(settings(w), letGo) }

// keysOf gives <prefix>/<n>.ts for numbers.
func keysOf(prefix string, numbers ...int) []string {
	var keys []string
	for _, n := range numbers {
		keys = append(keys, fmt.Sprintf("%s/%d.ts", prefix, n))
	}
	slices.Sort(keys)
	return keys
}

// inputs are the keys that no run of ours wrote.
func inputs(all snapshot) []string {
	keys := []string{}
	for key := range all {
		if !strings.HasPrefix(key, outPath) {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return keys
}

// TestSourcesGo: every segment that the MP4s hold goes, copies that lost too, and
// then there is nothing to do, without a request for any of them.
func TestSourcesGo(t *testing.T) {
	w := newWorld(false)
	w.takeover("foo")
	cfg := with(sourceSettings(w), func(c *finalize.Config) { c.Accept = []string{"foo"} }) // it has holes
	before := w.Snapshot()
	r := mustRun(t, cfg, "foo")
	after := w.Snapshot()
	audit(t, before, after, "foo")
	// What is cut off where nothing follows, empty or unknown stays.
	same(t, "left", inputs(after), []string{"foo/A/720p/6.ts", "foo/notes.txt"})
	if r.Condemned != len(r.Deleted) || r.Condemned != len(before)-2 {
		t.Errorf("%d condemned, %d deleted of %d", r.Condemned, len(r.Deleted), len(before))
	}
	w.clock.advance(48 * time.Hour)
	for range 2 {
		again := mustRun(t, cfg, "foo")
		if !again.Done() || again.Status() != finalize.Done || again.Cost.Put != 0 || again.Cost.Delete != 0 {
			t.Errorf("nothing was to be done: %s, %+v", again.Status(), again.Cost)
		}
	}
	equalSnapshots(t, after, w.Snapshot())
}

// equalSnapshots fails where two differ, private keys apart.
func equalSnapshots(t *testing.T, a, b snapshot) {
	t.Helper()
	for key := range a {
		if e, ok := b[key]; !strings.HasPrefix(key, private) && (!ok || !bytes.Equal(e.Body, a[key].Body)) {
			t.Errorf("%s is not what it was", key)
		}
	}
	for key := range b {
		if _, ok := a[key]; !ok && !strings.HasPrefix(key, private) {
			t.Errorf("%s is new", key)
		}
	}
}

// TestSourcesWait: they are marked first, go after the delay, and only under the
// mode that marked them.
func TestSourcesWait(t *testing.T) {
	w := newWorld(false)
	w.lay("foo/A/720p", high, 0, 9, 0)
	cfg := with(sourceSettings(w), func(c *finalize.Config) { c.DeleteDelay = 24 * time.Hour })
	if r := mustRun(t, cfg, "foo"); r.Condemned != 10 || len(r.Deleted) != 0 || r.Due == nil {
		t.Errorf("at first: %d condemned, %d deleted, due %v", r.Condemned, len(r.Deleted), r.Due)
	}
	w.clock.advance(25 * time.Hour)
	leftovers := with(cfg, func(c *finalize.Config) { c.Delete = finalize.DeleteLeftovers })
	for _, other := range []finalize.Config{leftovers, with(cfg, func(c *finalize.Config) { c.Delete = finalize.DeleteNone })} {
		if r := mustRun(t, other, "foo"); !r.Done() || len(inputs(w.Snapshot())) != 10 {
			t.Errorf("with --delete %s: %+v", other.Delete, r.Deleted)
		}
	}
	if r := mustRun(t, cfg, "foo"); len(r.Deleted) != 10 || len(inputs(w.Snapshot())) != 0 {
		t.Errorf("in the end: %d deleted, left %v", len(r.Deleted), inputs(w.Snapshot()))
	}
}

// withID3 is a segment of the feed that has a packet of data beside its media.
func withID3(body []byte) []byte {
	w := tswriter.New(
		tswriter.Stream{PID: videoPID, Type: tswriter.TypeH264},
		tswriter.Stream{PID: audioPID, Type: tswriter.TypeADTS, StreamID: 0xc0},
		tswriter.Stream{PID: 0x102, Type: tswriter.TypeID3, StreamID: 0xbd},
	)
	w.Tables()
	w.PES(0x102, tswriter.PES{PTS: 1, DTS: 1, Bounded: true, Data: []byte("ID3 and what it says")})
	return slices.Concat(w.Bytes(), body[2*188:]) // instead of its own tables
}

// without takes out one packet of pictures in the middle of a segment.
func withoutPacket(body []byte) []byte {
	for at := len(body) / 2 / 188 * 188; at < len(body); at += 188 {
		if p := body[at : at+188]; int(p[1]&0x1f)<<8|int(p[2]) == videoPID {
			return slices.Concat(body[:at], body[at+188:])
		}
	}
	panic("no packet of pictures")
}

// muxedApart is a segment whose counters begin anew, as those of a segment that was muxed
// by itself.
func muxedApart(body []byte) []byte {
	body = bytes.Clone(body)
	next := map[uint16]byte{}
	for at := 0; at < len(body); at += 188 {
		p := body[at : at+188]
		pid := uint16(p[1]&0x1f)<<8 | uint16(p[2])
		p[3] = p[3]&0xf0 | next[pid]
		next[pid] = (next[pid] + 1) & 15
	}
	return body
}

// staying is a recording of which not all may go.
type staying struct {
	name string
	make func(w *world)
	set  func(c *finalize.Config)
	left []string // of the sources
	says string   // in a problem
}

func stayers() []staying {
	all := upTo(0, 9)
	replace := func(n int, body []byte) func(w *world) {
		return func(w *world) {
			w.lay("foo/A/720p", high, 0, 9, 0)
			w.Set(fmt.Sprintf("foo/A/720p/%d.ts", n), body, uploaded(n), nil)
		}
	}
	plain := func(w *world) { w.lay("foo/A/720p", high, 0, 9, 0) }
	return []staying{
		{name: "all", make: plain},
		{name: "each segment muxed apart", make: func(w *world) {
			for n := range 10 {
				w.Set(fmt.Sprintf("foo/A/720p/%d.ts", n), muxedApart(high.segment(n)), uploaded(n), nil)
			}
		}},
		{name: "data", make: replace(4, withID3(high.segment(4))), left: keysOf("foo/A/720p", 0, 1, 2, 3, 4), says: "--drop-data"},
		{name: "data dropped", make: replace(4, withID3(high.segment(4))), set: func(c *finalize.Config) { c.DropData = true }},
		{name: "a packet lost", make: replace(4, withoutPacket(high.segment(4))), left: keysOf("foo/A/720p", 3, 4), says: "damage inside"},
		{name: "bytes between packets", make: replace(4, slices.Concat(high.segment(4)[:188*8], []byte("what is this"), high.segment(4)[188*8:])), left: keysOf("foo/A/720p", 3, 4), says: "damage inside"},
		{name: "a tail cut off", make: replace(9, high.segment(9)[:len(high.segment(9))-100]), left: keysOf("foo/A/720p", 8, 9), says: "damage inside"},
		{name: "an unknown stream", make: replace(4, slices.Concat(high.segment(4), stranger())), left: keysOf("foo/A/720p", 3, 4), says: "damage inside"},
		{name: "pictures dropped at the start", make: replace(0, headless()), left: keysOf("foo/A/720p", 0, 1), says: "not known to be held whole"},
		{name: "rendition excluded", make: func(w *world) {
			plain(w)
			w.lay("foo/A/360p", low, 0, 9, 0)
		}, set: func(c *finalize.Config) { c.Selection.Exclude = []string{"360p"} }, left: keysOf("foo/A/360p", all...)},
		{name: "a hole", make: func(w *world) {
			w.lay("foo/A/720p", high, 0, 4, 0)
			w.lay("foo/A/720p", high, 6, 9, 0)
		}, left: keysOf("foo/A/720p", upTo(0, 9, 5)...), says: "give --accept foo"},
		{name: "a hole accepted", make: func(w *world) {
			w.lay("foo/A/720p", high, 0, 4, 0)
			w.lay("foo/A/720p", high, 6, 9, 0)
		}, set: func(c *finalize.Config) { c.Accept = []string{"bar", "foo"} }},
		{name: "a hole accepted of another", make: func(w *world) {
			w.lay("foo/A/720p", high, 0, 4, 0)
			w.lay("foo/A/720p", high, 6, 9, 0)
		}, set: func(c *finalize.Config) { c.Accept = []string{"bar"} }, left: keysOf("foo/A/720p", upTo(0, 9, 5)...), says: "give --accept foo"},
		{name: "a hole in one rendition", make: func(w *world) {
			plain(w)
			w.lay("foo/A/360p", low, 0, 4, 0)
			w.lay("foo/A/360p", low, 6, 9, 0)
		}, left: slices.Concat(keysOf("foo/A/360p", upTo(0, 9, 5)...), keysOf("foo/A/720p", all...)), says: "in 360p"},
		{name: "unreadable segments", make: replace(9, bytes.Repeat([]byte("noise"), 4000)), left: keysOf("foo/A/720p", all...), says: "--accept foo"},
		{name: "named by a playlist", make: func(w *world) {
			plain(w)
			w.Set("foo/highlights.m3u8", []byte("#EXTM3U\n#EXTINF:2,\nA/720p/3.ts\n#EXTINF:2,\nA/720p/7.ts\n"), uploaded(3), nil)
		}, left: append(keysOf("foo/A/720p", 3, 7), "foo/highlights.m3u8"), says: "a playlist or manifest of others"},
		{name: "a playlist too large", make: func(w *world) {
			plain(w)
			w.Set("foo/highlights.m3u8", make([]byte, 9<<20), uploaded(3), nil)
		}, left: append(keysOf("foo/A/720p", all...), "foo/highlights.m3u8"), says: "nothing is marked"},
		{name: "not settled", make: plain, set: func(c *finalize.Config) { c.Force, c.Settle = true, 5*time.Hour }, left: keysOf("foo/A/720p", all...)},
	}
}

// stranger is a packet of a PID that no map names.
func stranger() []byte {
	w := tswriter.New()
	w.Payload(0x333, []byte("nobody knows"), true)
	return w.Bytes()
}

// headless is segment 0 of the feed, but what comes before its second picture.
func headless() []byte {
	w := tswriter.New(
		tswriter.Stream{PID: videoPID, Type: tswriter.TypeH264},
		tswriter.Stream{PID: audioPID, Type: tswriter.TypeADTS, StreamID: 0xc0},
	)
	w.Tables()
	frame := int64(0)
	for i := range int64(10) {
		at := i * pictureTicks
		data := high.picture(0, int(i))
		if i == 0 { // parameter sets, and a picture that refers to what is not there
			sps := tswriter.SPS{Width: high.Width, Height: high.Height, FrameTicks: pictureTicks}.NAL()
			p := tswriter.Slice{Type: tswriter.P, FrameNum: 1, POC: 2, Data: []byte("refers to nothing")}
			data = tswriter.AnnexB(false, tswriter.Delimiter, sps, tswriter.PPS(0, 0, 0), p.NAL())
		}
		w.PES(videoPID, tswriter.PES{PTS: at, DTS: at, Data: data})
		high.sound(w, &frame, (i+1)*pictureTicks)
	}
	return w.Bytes()
}

// TestSourcesStay: what an MP4 does not hold whole, or something needs, stays, and
// the report says why.
func TestSourcesStay(t *testing.T) {
	for _, s := range stayers() {
		t.Run(s.name, func(t *testing.T) {
			w := newWorld(false)
			s.make(w)
			cfg := sourceSettings(w)
			if s.set != nil {
				s.set(&cfg)
			}
			before := w.Snapshot()
			r := mustRun(t, cfg, "foo")
			audit(t, before, w.Snapshot(), "foo")
			if s.left == nil {
				s.left = []string{}
			}
			same(t, "left", inputs(w.Snapshot()), s.left)
			if all := strings.Join(r.Problems, "\n"); s.says != "" && !strings.Contains(all, s.says) {
				t.Errorf("the problems do not say %q:\n%s", s.says, all)
			}
			middle := w.Snapshot()
			w.clock.advance(time.Hour)
			if r := mustRun(t, cfg, "foo"); len(r.Committed) > 0 || s.set == nil && !r.Done() {
				t.Errorf("once more: %+v", r)
			}
			audit(t, middle, w.Snapshot(), "foo")
		})
	}
}

// TestSourcesBesidePlaylists: a playlist that references the sources keeps them:
// as a setting it is refused, in a committed version they stay.
func TestSourcesBesidePlaylists(t *testing.T) {
	w := newWorld(false)
	w.lay("foo/A/720p", high, 0, 9, 0)
	for _, f := range []finalize.Formats{{HLS: true}, {HLS: true, MP4: true}} {
		cfg := with(sourceSettings(w), func(c *finalize.Config) { c.Formats = f })
		if _, err := finalize.New(cfg); !errors.Is(err, finalize.ErrUsage) || !strings.Contains(err.Error(), "--delete sources") {
			t.Errorf("%s: %v", f, err)
		}
	}
	mustRun(t, only(w, finalize.Formats{HLS: true}), "foo")
	r := mustRun(t, sourceSettings(w), "foo")
	if n := len(inputs(w.Snapshot())); n != 10 || r.Condemned != 0 && len(r.Deleted) != r.Condemned || !strings.Contains(strings.Join(r.Problems, "\n"), "its playlists name them") {
		t.Errorf("%d sources left of 10, problems %q", n, r.Problems)
	}
}

// TestSourcesProof: a body that is not what was written is found before anything is
// condemned, in the run that wrote it and in any later one; and so is a source that
// was read wrong.
func TestSourcesProof(t *testing.T) {
	for _, sums := range []bool{false, true} {
		for _, spoil := range []string{"mp4", "source"} {
			t.Run(fmt.Sprintf("%s, checksums %v", spoil, sums), func(t *testing.T) {
				c := &clock{}
				c.set(onAir.Add(2 * time.Hour))
				w := &world{mem.New(mem.Options{Clock: c.now, Opaque: true, NoChecksums: !sums}), c}
				w.lay("foo/A/720p", high, 0, 9, 0)
				none := with(sourceSettings(w), func(c *finalize.Config) { c.Delete = finalize.DeleteNone })
				mustRun(t, none, "foo")
				for key, e := range w.Snapshot() {
					if spoil == "mp4" && strings.HasSuffix(key, ".mp4") || spoil == "source" && key == "foo/A/720p/4.ts" {
						w.Rot(key, int64(len(e.Body)-100))
					}
				}
				before := w.Snapshot()
				_, err := run(sourceSettings(w), "foo")
				if !errors.Is(err, finalize.ErrRefused) || !strings.Contains(err.Error(), "spoilt") && !strings.Contains(err.Error(), "not what was written") {
					t.Errorf("error %v", err)
				}
				same(t, "left", inputs(w.Snapshot()), keysOf("foo/A/720p", upTo(0, 9)...))
				if a := read(t, w.Snapshot(), "foo"); len(a.Condemned) > 0 {
					t.Errorf("condemned: %+v", a.Condemned)
				}
				audit(t, before, w.Snapshot(), "foo")
			})
		}
	}
}

// TestSourcesOfAnOlderVersion: a later run proves the outputs of an earlier one; what
// was written before records noted what an MP4 holds stays.
func TestSourcesOfAnOlderVersion(t *testing.T) {
	w := newWorld(false)
	w.lay("foo/A/720p", high, 0, 9, 0)
	mustRun(t, with(sourceSettings(w), func(c *finalize.Config) { c.Delete = finalize.DeleteLeftovers }), "foo")
	w.clock.advance(24 * time.Hour)
	old := &world{w.Clone(), w.clock}
	forgetHeld(t, old, "foo")
	if r := mustRun(t, sourceSettings(old), "foo"); r.Condemned > 0 || len(inputs(old.Snapshot())) != 10 || !strings.Contains(strings.Join(r.Problems, "\n"), "written before that was noted") {
		t.Errorf("older record: %d condemned, problems %q", r.Condemned, r.Problems)
	}
	if r := mustRun(t, sourceSettings(w), "foo"); r.Condemned != 10 || len(r.Deleted) != 10 {
		t.Errorf("%d condemned, %d deleted", r.Condemned, len(r.Deleted))
	}
}

// forgetHeld makes the archive of a recording one of a program that did not note
// what of each segment an MP4 holds.
func forgetHeld(t *testing.T, w *world, recording string) {
	t.Helper()
	all := w.Snapshot()
	a := read(t, all, recording)
	marker := string(a.raw)
	for _, s := range a.Sessions {
		key := outPath + recording + "/" + s.ID + "/" + s.Version + "/segments.json.gz"
		var rec map[string]any
		decode(t, key, unzip(t, all[key].Body), &rec)
		for _, q := range rec["renditions"].([]any) {
			if q.(map[string]any)["held"] == nil {
				t.Fatal("the record does not say what is held: the test proves nothing")
			}
			delete(q.(map[string]any), "held")
		}
		raw, err := json.Marshal(rec)
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		if _, err := z.Write(raw); err != nil || z.Close() != nil {
			t.Fatal(err)
		}
		w.Set(key, b.Bytes(), all[key].Modified, nil)
		marker = strings.ReplaceAll(marker, s.Segments, hexSum(b.Bytes()))
	}
	w.Set(markerKey(recording), []byte(marker), all[markerKey(recording)].Modified, nil)
}
