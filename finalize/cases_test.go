package finalize_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"recfin/finalize"
)

// livepeerJSON is a playlist_*.json as go-livepeer writes it: zeros are left
// out, URIs are absolute, the order is that of the uploads.
func livepeerJSON(prefix string, numbers map[string][]int) []byte {
	type entry struct {
		Seq      int    `json:"seq_no,omitempty"`
		URI      string `json:"uri"`
		Duration int    `json:"duration_ms"`
	}
	segments := map[string][]entry{}
	total := 0
	for track, ns := range numbers {
		for _, n := range ns {
			segments[track] = append(segments[track], entry{n, fmt.Sprintf("https://storage.example/bucket/%s/%s/%d.ts", prefix, track, n), 2000})
			total += 2000
		}
	}
	raw, err := json.Marshal(map[string]any{"duration_ms": total, "segments": segments})
	if err != nil {
		panic(err)
	}
	return raw
}

func upTo(first, last int, without ...int) []int {
	var out []int
	for n := first; n <= last; n++ {
		out = append(out, n)
		for _, x := range without {
			if x == n {
				out = out[:len(out)-1]
			}
		}
	}
	return out
}

// livepeerBucket: node ac155 sends 0 to 9 and dies, bd201 takes over with 8. Each
// rolls its JSON; none lists bd201's 15, and one lists a 20 that is not there.
func livepeerBucket() *world {
	w := newWorld(false)
	for _, q := range []struct {
		name string
		feed
	}{{"source", high}, {"P360p30fps16x9", low}} {
		w.lay("video+rec/ac155/"+q.name, q.feed, 0, 9, 0)
		w.lay("video+rec/bd201/"+q.name, q.feed, 8, 9, 6*time.Second)
		w.lay("video+rec/bd201/"+q.name, q.feed, 10, 19, 0)
	}
	add := func(node string, at time.Time, ns []int) {
		body := livepeerJSON("video+rec/"+node, map[string][]int{"source": ns, "P360p30fps16x9": ns})
		w.Set(fmt.Sprintf("video+rec/%s/playlist_%d.json", node, at.UnixNano()), body, at, nil)
	}
	add("ac155", uploaded(5).Add(time.Second), upTo(0, 5))
	add("ac155", uploaded(9).Add(time.Second), upTo(6, 9))
	add("bd201", uploaded(20), upTo(8, 20, 15))
	return w
}

// Two nodes, hourly playlists, one segment that none lists and one that is missing.
func TestGoldenLivepeer(t *testing.T) {
	w := livepeerBucket()
	r := goldenCase(t, "livepeer", laid(t, "livepeer", w), "video+rec", w)
	for _, s := range r.Plan.Sessions {
		for _, q := range s.Record.Renditions {
			if q.Len() != 20 {
				t.Errorf("%s has %d segments", q.Name, q.Len())
			}
		}
	}
	if n := r.Plan.Notes; len(n) != 1 || strings.Join(n[0].Keys, " ") != "video+rec/bd201/P360p30fps16x9/20.ts video+rec/bd201/source/20.ts" {
		t.Errorf("notes %v", n)
	}
}

// catalystPair: the primary bucket has 0 to 11, the backup 10 to 19, 10 and 11
// the very same; each has its playlist.
func catalystPair() (primary, backup *world) {
	primary = newWorld(false)
	backup = primary.named("backup")
	primary.lay("hls/show/S1/source", high, 0, 11, 0)
	backup.lay("hls/show/S1/source", high, 10, 19, time.Second)
	write := func(w *world, last int) {
		var b strings.Builder
		b.WriteString("#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-PLAYLIST-TYPE:EVENT\n#EXT-X-TARGETDURATION:2.5\n#EXT-X-MEDIA-SEQUENCE:0\n")
		for n := 0; n <= last; n++ {
			fmt.Fprintf(&b, "#EXT-X-PROGRAM-DATE-TIME:%s\n#EXTINF:2.000,\nsource/%d.ts\n", onAir.Add(time.Duration(n)*2*time.Second).Format("2006-01-02T15:04:05.000Z"), n)
		}
		w.Set("hls/show/S1/output.m3u8", []byte(b.String()), uploaded(last).Add(2*time.Second), nil)
	}
	write(primary, 11)
	write(backup, 19)
	primary.Set("hls/show/S1/source/latest.png", []byte("png"), uploaded(11), nil)
	return primary, backup
}

// One recording in two stores: the order of the flags changes nothing.
func TestGoldenCatalyst(t *testing.T) {
	primary, backup := catalystPair()
	a := goldenCase(t, "catalyst", laid(t, "catalyst", primary, backup), "show", primary, backup)
	b := mustPlan(t, with(laid(t, "catalyst", backup, primary), func(c *finalize.Config) { c.Out = primary }), "show")
	if one, two := decisionText(a), decisionText(b); one != two {
		t.Errorf("the order of the stores matters:\n%s\n%s", one, two)
	}
	if n := a.Plan.Sessions[0].Record.Renditions[0].Len(); n != 20 {
		t.Errorf("%d segments", n)
	}
}

// ivsBucket: the channel reconnects after five minutes, under an id of its own.
func ivsBucket() *world {
	w := newWorld(false)
	for k, id := range []string{"AAAA1111", "BBBB2222"} {
		gap := time.Duration(k) * 5 * time.Minute
		root := fmt.Sprintf("ivs/v1/123456789012/chan/2026/3/1/20/%d/%s", 5*k, id)
		f := high
		f.Content = "show " + id
		var b strings.Builder
		b.WriteString("#EXTM3U\n#EXT-X-VERSION:4\n#EXT-X-TARGETDURATION:2\n#EXT-X-MEDIA-SEQUENCE:0\n#EXT-X-PLAYLIST-TYPE:VOD\n")
		for n := range 8 {
			w.Set(fmt.Sprintf("%s/media/hls/720p30/%d.ts", root, n), f.segment(n), uploaded(n).Add(gap), nil)
			fmt.Fprintf(&b, "#EXTINF:2.000,\n%d.ts\n", n)
		}
		b.WriteString("#EXT-X-ENDLIST\n")
		w.Set(root+"/media/hls/720p30/playlist.m3u8", []byte(b.String()), uploaded(8).Add(gap), nil)
		event := func(name, status string, at time.Time, extra string) {
			w.Set(root+"/events/recording-"+name+".json", fmt.Appendf(nil, `{"version":"v1","recording_started_at":%q,%s"recording_status":%q,"media":{"hls":{"path":"media/hls","playlist":"master.m3u8","renditions":[{"path":"720p30","playlist":"playlist.m3u8"}]}}}`,
				onAir.Add(gap).Format(time.RFC3339), extra, status), at, nil)
		}
		event("started", "RECORDING_STARTED", onAir.Add(gap+time.Second), "")
		event("ended", "RECORDING_ENDED", uploaded(9).Add(gap), fmt.Sprintf(`"recording_ended_at":%q,`, onAir.Add(gap+16*time.Second).Format(time.RFC3339)))
	}
	return w
}

// Two ids inside the session gap are one session.
func TestGoldenIVS(t *testing.T) {
	w := ivsBucket()
	r := goldenCase(t, "ivs", laid(t, "ivs", w), "chan", w)
	if len(r.Plan.Sessions) != 1 {
		t.Errorf("%d sessions of two ids inside the gap", len(r.Plan.Sessions))
	}
}

// wubloaderTree: two recorders, half a second apart in what they cut; one has a
// part of a segment, one was being written, one was hidden.
func wubloaderTree() *world {
	w := newWorld(false)
	set := func(n int, quality, hash string, body []byte) string {
		at := onAir.Add(time.Duration(n) * 2 * time.Second)
		key := fmt.Sprintf("chan/source/%s/%s-2.000-%s-%s.ts", at.Format("2006-01-02T15"), at.Format("04:05.000000"), quality, hash)
		w.Set(key, body, uploaded(n), nil)
		return key
	}
	other := high
	other.Content = "hidden"
	for n := range 10 {
		switch n {
		case 3:
			set(n, "partial", "-aGFzaDM", high.cut(n))
			set(n, "full", "aGF-zaDM_", high.segment(n))
		case 5:
			set(n, "suspect", "c3VzcGVjdA", high.segment(n))
		case 6:
			set(n, "temp", "1b4e28ba-2fa1-11d2-883f-0016d3cca427", high.cut(n))
			set(n, "full", "aGFzaDY", high.segment(n))
		case 8:
			hidden := set(n, "full", "aGlkZGVu", other.segment(n))
			w.Set(strings.TrimSuffix(hidden, ".ts")+".tombstone", nil, uploaded(12), nil)
			set(n, "full", "aGFzaDg", high.segment(n))
		default:
			set(n, "full", fmt.Sprintf("aGFzaA%d", n), high.segment(n))
		}
	}
	return w
}

// Qualities, twins and a tombstone, by the times in the keys.
func TestGoldenWubloader(t *testing.T) {
	w := wubloaderTree()
	r := goldenCase(t, "wubloader", laid(t, "wubloader", w), "chan", w)
	if n := r.Plan.Sessions[0].Record.Renditions[0].Len(); n != 10 {
		t.Errorf("%d segments", n)
	}
}
