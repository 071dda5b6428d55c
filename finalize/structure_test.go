package finalize_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"recfin/finalize"
	"recfin/finalize/timeline"
)

// rowsOf gives the chosen segments of a rendition as "number key", and the part.
func rowsOf(t testing.TB, r *finalize.Report, name string) []string {
	t.Helper()
	var out []string
	for _, s := range r.Plan.Sessions {
		for _, q := range s.Record.Renditions {
			if q.Name != name {
				continue
			}
			for i := range q.Key {
				row := fmt.Sprintf("%d %s", q.Seq[i], q.Key[i])
				if p := q.Part(i); p.Length > 0 {
					row += fmt.Sprintf(" %d@%d", p.Length, p.Offset)
				}
				out = append(out, row)
			}
		}
	}
	return out
}

// mediaPlaylist is a media playlist of segments of 2 s.
func mediaPlaylist(first int, uris ...string) []byte {
	return fmt.Appendf(nil, "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:2\n#EXT-X-MEDIA-SEQUENCE:%d\n#EXTINF:2.000,\n%s\n", first, strings.Join(uris, "\n#EXTINF:2.000,\n"))
}

// TestRollingWindow: a playlist that lists the last few segments teaches the
// numbers of those that it listed before, and of one that it never came to list.
func TestRollingWindow(t *testing.T) {
	w := newWorld(false)
	for n := range 11 {
		w.Set(fmt.Sprintf("rec/live%d.ts", n+5), high.segment(n), uploaded(n), nil)
	}
	w.Set("rec/index.m3u8", mediaPlaylist(104, "live9.ts", "live10.ts", "live11.ts", "live12.ts", "live13.ts", "live14.ts"), uploaded(9).Add(time.Second), nil)
	r := mustPlan(t, laid(t, "hls", w), "rec")
	var want []string
	for n := range 11 {
		want = append(want, fmt.Sprintf("%d rec/live%d.ts", n+100, n+5))
	}
	same(t, "rows", rowsOf(t, r, "source"), want)
	everyObjectOnce(t, r, w)
}

// TestNamesByTime: names that count time are numbered by the playlist; those that
// it does not list stand before and behind.
func TestNamesByTime(t *testing.T) {
	w := newWorld(false)
	name := func(n int) string { return onAir.Add(time.Duration(n)*2*time.Second).Format("20060102150405") + ".ts" }
	var listed, want []string
	for n := range 12 {
		w.Set("rec/720p/s-"+name(n), high.segment(n), uploaded(n), nil)
		if n >= 3 && n < 10 {
			listed = append(listed, "s-"+name(n))
		}
		want = append(want, fmt.Sprintf("%d rec/720p/s-%s", n+17, name(n)))
	}
	w.Set("rec/720p/index.m3u8", mediaPlaylist(20, listed...), uploaded(9).Add(time.Second), nil)
	r := mustPlan(t, laid(t, "hls", w), "rec")
	same(t, "rows", rowsOf(t, r, "720p"), want)
	everyObjectOnce(t, r, w)
}

// TestRenditionsByPlaylist: playlists that lie together tell which rendition a
// segment is of, by their names or by what a multivariant playlist calls them.
func TestRenditionsByPlaylist(t *testing.T) {
	w := newWorld(false)
	var big, small []string
	for n := range 5 {
		w.Set(fmt.Sprintf("rec/seg_%03d.ts", 2*n), high.segment(n), uploaded(n), nil)
		w.Set(fmt.Sprintf("rec/small_%d.ts", n), low.segment(n), uploaded(n), nil)
		big, small = append(big, fmt.Sprintf("seg_%03d.ts", 2*n)), append(small, fmt.Sprintf("small_%d.ts", n))
	}
	w.Set("rec/master.m3u8", []byte("#EXTM3U\n#EXT-X-MEDIA:TYPE=VIDEO,GROUP-ID=\"g\",NAME=\"big\",URI=\"index.m3u8\"\n#EXT-X-STREAM-INF:BANDWIDTH=100000\nlow.m3u8\n"), uploaded(9), nil)
	w.Set("rec/index.m3u8", mediaPlaylist(0, big...), uploaded(9), nil)
	w.Set("rec/low.m3u8", mediaPlaylist(0, small...), uploaded(9), nil)
	r := mustPlan(t, laid(t, "hls", w), "rec")
	for name, keys := range map[string][]string{"big": big, "low": small} {
		var want []string
		for n, k := range keys {
			want = append(want, fmt.Sprintf("%d rec/%s", n, k))
		}
		same(t, name, rowsOf(t, r, name), want)
	}
	if len(r.Plan.Sessions) != 1 || len(r.Plan.Uncertain) > 0 {
		t.Errorf("%d sessions, uncertain %v", len(r.Plan.Sessions), r.Plan.Uncertain)
	}
	everyObjectOnce(t, r, w)
}

// TestTwoPlaylistsOfOneRendition: a live window and a copy for later that counts
// from 0 list the same segments; each is there once.
func TestTwoPlaylistsOfOneRendition(t *testing.T) {
	w := newWorld(false)
	var all, want []string
	for n := range 10 {
		key := fmt.Sprintf("%c%d.ts", 'a'+n, n%3) // names that do not count
		w.Set("rec/"+key, high.segment(n), uploaded(n), nil)
		all = append(all, key)
		want = append(want, fmt.Sprintf("%d rec/%s", n+30, key))
	}
	w.Set("rec/playlist.m3u8", mediaPlaylist(0, all...), uploaded(9), nil)
	w.Set("rec/index.m3u8", mediaPlaylist(36, all[6:]...), uploaded(9).Add(time.Second), nil)
	r := mustPlan(t, laid(t, "hls", w), "rec")
	same(t, "rows", rowsOf(t, r, "source"), want)
	everyObjectOnce(t, r, w)
}

// oneFile lays ten segments in one object. The playlist lists those from first to
// last.
func oneFile(first, last int) (w *world, offsets []int64) {
	w = newWorld(false)
	var body []byte
	var list strings.Builder
	fmt.Fprintf(&list, "#EXTM3U\n#EXT-X-VERSION:4\n#EXT-X-TARGETDURATION:2\n#EXT-X-MEDIA-SEQUENCE:%d\n", first)
	for n := range 10 {
		offsets = append(offsets, int64(len(body)))
		if n >= first && n <= last {
			fmt.Fprintf(&list, "#EXTINF:2.000,\n#EXT-X-BYTERANGE:%d@%d\nall.ts\n", len(high.segment(n)), len(body))
		}
		body = append(body, high.segment(n)...)
	}
	w.Set("rec/all.ts", body, uploaded(9), nil)
	w.Set("rec/index.m3u8", []byte(list.String()), uploaded(last).Add(time.Second), nil)
	return w, append(offsets, int64(len(body)))
}

// TestByteRanges: the parts of one object are segments; the object is chosen as
// a whole, and playlist and movie are of its parts.
func TestByteRanges(t *testing.T) {
	w, at := oneFile(0, 9)
	before := w.Snapshot()
	cfg := with(laid(t, "hls", w), func(c *finalize.Config) {
		c.Formats, c.Delete = finalize.Formats{HLS: true, MP4: true}, finalize.DeleteLeftovers
	})
	r := mustRun(t, cfg, "rec")
	var want []string
	for n := range 10 {
		want = append(want, fmt.Sprintf("%d rec/all.ts %d@%d", n, at[n+1]-at[n], at[n]))
	}
	same(t, "rows", rowsOf(t, r, "source"), want)
	everyObjectOnce(t, r, w)
	after := w.Snapshot()
	same(t, "gone", gone(before, after), []string{})
	var text, movie string
	for key, e := range after {
		switch {
		case strings.HasSuffix(key, "/source.m3u8"):
			text = string(e.Body)
		case strings.HasSuffix(key, "/source.mp4"):
			movie = key
		}
	}
	for n := range 10 {
		if line := fmt.Sprintf("#EXT-X-BYTERANGE:%d@%d\n", at[n+1]-at[n], at[n]); !strings.Contains(text, line) {
			t.Errorf("the playlist lacks %s:\n%s", line, text)
		}
	}
	if !strings.Contains(text, "#EXT-X-VERSION:4\n") || movie == "" {
		t.Errorf("movie %q, playlist:\n%s", movie, text)
	}
	// The same segments as objects of their own make the same movie.
	plain := newWorld(false)
	for n := range 10 {
		plain.Set(fmt.Sprintf("rec/source/%d.ts", n), high.segment(n), uploaded(9), nil)
	}
	mustRun(t, only(plain, finalize.Formats{MP4: true}), "rec")
	for key, e := range plain.Snapshot() {
		if strings.HasSuffix(key, "/source.mp4") && !slices.Equal(e.Body, after[movie].Body) {
			t.Errorf("the movie of the parts has %d bytes and differs from that of the objects with %d", len(after[movie].Body), len(e.Body))
		}
	}
	again := mustRun(t, cfg, "rec")
	if !again.Done() || len(again.Plan.Dropped) > 0 {
		t.Errorf("a second run is not done: %+v", again.Plan)
	}
}

// TestByteRangesUnlisted: what stands before the first and behind the last part
// of a playlist that rolled on, or died, is kept.
func TestByteRangesUnlisted(t *testing.T) {
	w, at := oneFile(3, 7)
	r := mustPlan(t, laid(t, "hls", w), "rec")
	got := rowsOf(t, r, "source")
	if len(got) != 7 {
		t.Fatalf("rows %v", got)
	}
	first, last := fmt.Sprintf("2 rec/all.ts %d@0", at[3]), fmt.Sprintf("8 rec/all.ts %d@%d", at[10]-at[8], at[8])
	if got[0] != first || got[6] != last {
		t.Errorf("from %s to %s", got[0], got[6])
	}
	if d := r.Plan.Sessions[0].Record.End.Sub(r.Plan.Sessions[0].Record.Start); d != 20*time.Second || len(r.Plan.Sessions[0].Record.Slots.Discontinuity) > 0 {
		t.Errorf("it lasts %s, discontinuities %v", d, r.Plan.Sessions[0].Record.Slots.Discontinuity)
	}
}

// TestCase31: the JSON of one hour is missing, another is yesterday's and says
// other things of the same keys: that hour is probed, the old one ignored.
func TestCase31(t *testing.T) {
	w := newWorld(false)
	w.lay("rec/n1/source", high, 0, 29, 0)
	wrong := []byte(strings.ReplaceAll(string(livepeerJSON("rec/n1", map[string][]int{"source": upTo(0, 29)})), "2000", "1500"))
	w.Set("rec/n1/playlist_1.json", wrong, uploaded(4), nil) // yesterday's, but for its time: it is older than what it lists from 5 on
	w.Set("rec/n1/playlist_2.json", livepeerJSON("rec/n1", map[string][]int{"source": upTo(0, 9)}), uploaded(9).Add(time.Second), nil)
	w.Set("rec/n1/playlist_4.json", livepeerJSON("rec/n1", map[string][]int{"source": upTo(20, 29)}), uploaded(29).Add(time.Second), nil)
	r := mustPlan(t, laid(t, "livepeer", w), "rec")
	q := r.Plan.Sessions[0].Record.Renditions[0]
	for i := range q.Key {
		if time.Duration(q.DurationNS[i]) != 2*time.Second {
			t.Errorf("%s lasts %s by %s", q.Key[i], time.Duration(q.DurationNS[i]), q.Source[i])
		}
		if hour := i / 10; (q.Source[i] == timeline.FromSidecar) != (hour != 1) && i != 0 && i != 9 && i != 20 && i != 29 {
			t.Errorf("%s: its duration comes from %s", q.Key[i], q.Source[i])
		}
	}
	if q.Len() != 30 {
		t.Errorf("%d rows", q.Len())
	}
}

// TestDiscontinuityIsMeasured: where a playlist says that a stream breaks, both
// sides are read; a join is not taken for a continuation.
func TestDiscontinuityIsMeasured(t *testing.T) {
	w := newWorld(false)
	restarted := high
	restarted.Content, restarted.Clock = "after the break", 7777777
	var uris []string
	for n := range 20 {
		f, k := high, n
		if n >= 10 {
			f, k = restarted, n-10
		}
		w.Set(fmt.Sprintf("show/S1/source/%d.ts", n), f.segment(k), uploaded(n), nil)
		uris = append(uris, fmt.Sprintf("source/%d.ts", n))
	}
	uris[9] += "\n#EXT-X-DISCONTINUITY"
	w.Set("show/S1/output.m3u8", mediaPlaylist(0, uris...), uploaded(20), nil)
	r := mustPlan(t, laid(t, "catalyst", w), "show")
	if got := r.Plan.Sessions[0].Record.Slots.Discontinuity; !slices.Equal(got, []int{10}) {
		t.Errorf("discontinuities %v", got)
	}
}

// TestUnreadableSidecar: it is a warning that names it, and what it cannot say is
// measured.
func TestUnreadableSidecar(t *testing.T) {
	w := newWorld(false)
	w.lay("rec/n1/source", high, 0, 5, 0)
	w.Set("rec/n1/playlist_9.json", []byte(`{"segments":{"source":[{"uri":`), uploaded(7), nil)
	r := mustPlan(t, laid(t, "livepeer", w), "rec")
	n := r.Plan.Notes
	if len(n) != 1 || n[0].What != "sidecar" || n[0].Keys[0] != "rec/n1/playlist_9.json" || !slices.Contains(r.Plan.Warnings, "sidecar-unreadable") {
		t.Errorf("notes %v, warnings %v", n, r.Plan.Warnings)
	}
	if len(rowsOf(t, r, "source")) != 6 {
		t.Error("segments are missing")
	}
}

// TestPlaylistsInTwoStores: a backup that has some of the same objects, and a
// playlist of its own, is no other writer.
func TestPlaylistsInTwoStores(t *testing.T) {
	a := newWorld(false)
	b := a.named("backup")
	var uris, want []string
	for n := range 12 {
		key := fmt.Sprintf("rec/s%d.ts", n)
		if n < 8 {
			a.Set(key, high.segment(n), uploaded(n), nil)
		}
		if n > 5 {
			b.Set(key, high.segment(n), uploaded(n).Add(time.Second), nil)
		}
		uris = append(uris, fmt.Sprintf("s%d.ts", n))
		want = append(want, fmt.Sprintf("%d %s", n, key))
	}
	a.Set("rec/index.m3u8", mediaPlaylist(0, uris[:8]...), uploaded(7).Add(time.Second), nil)
	b.Set("rec/index.m3u8", mediaPlaylist(0, uris...), uploaded(12), nil)
	r := mustPlan(t, laid(t, "hls", a, b), "rec")
	same(t, "rows", rowsOf(t, r, "source"), want)
	if d := r.Plan.Dropped; len(d) != 2 || d[0].Reason != "identical" || len(r.Plan.Notes)+len(r.Plan.Uncertain) > 0 {
		t.Errorf("dropped %v, notes %v, uncertain %v", d, r.Plan.Notes, r.Plan.Uncertain)
	}
	everyObjectOnce(t, r, a, b)
}

// TestByteRangesWithoutSequence: a playlist that rolled on and says nothing of
// numbers; what stands before its first part is a segment all the same. What is
// left out between two parts is said.
func TestByteRangesWithoutSequence(t *testing.T) {
	w, at := oneFile(3, 9)
	list := strings.Replace(string(w.Snapshot()["rec/index.m3u8"].Body), "#EXT-X-MEDIA-SEQUENCE:3\n", "", 1)
	gap := fmt.Sprintf("#EXTINF:2.000,\n#EXT-X-BYTERANGE:%d@%d\nall.ts\n", at[7]-at[6], at[6])
	if !strings.Contains(list, gap) {
		t.Fatalf("no %s in %s", gap, list)
	}
	w.Set("rec/index.m3u8", []byte(strings.Replace(list, gap, "", 1)), uploaded(9), nil)
	r := mustPlan(t, laid(t, "hls", w), "rec")
	got := rowsOf(t, r, "source")
	if want := fmt.Sprintf("-1 rec/all.ts %d@0", at[3]); len(got) != 7 || got[0] != want {
		t.Errorf("rows %v, the first should be %s", got, want)
	}
	if n := r.Plan.Notes; len(n) != 1 || n[0].What != "unlisted" || n[0].Why != fmt.Sprintf("%d bytes between its segments are in no playlist", at[7]-at[6]) {
		t.Errorf("notes %v", n)
	}
	everyByteOnce(t, r)
}

// TestMapOfASegment: a playlist that names a segment as an init segment does not
// take it out of the recording.
func TestMapOfASegment(t *testing.T) {
	w := newWorld(false)
	var uris []string
	for n := range 6 {
		w.Set(fmt.Sprintf("rec/s%d.ts", n), high.segment(n), uploaded(n), nil)
		uris = append(uris, fmt.Sprintf("s%d.ts", n))
	}
	w.Set("rec/index.m3u8", mediaPlaylist(0, uris...), uploaded(6), nil)
	w.Set("rec/other.m3u8", []byte("#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXT-X-MAP:URI=\"s3.ts\"\n#EXTINF:2,\ngone.ts\n"), uploaded(7), nil)
	if got := rowsOf(t, mustPlan(t, laid(t, "hls", w), "rec"), "source"); len(got) != 6 {
		t.Errorf("rows %v", got)
	}
}
