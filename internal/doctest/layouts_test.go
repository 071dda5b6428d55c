package doctest

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"recfin/internal/demo"
	"recfin/internal/testenv"
)

// The same broadcast as other systems would have stored it.

// clip is segment seq of the broadcast, as broadcaster B sent it or, what B never sent,
// as A did: whole, and in its place on the timeline.
type clip struct {
	seq  int
	body []byte
}

const clipLength = 2 * time.Second

// start is when the clip was on air, uploaded when it was stored.
func (c clip) start() time.Time    { return demo.Start.Add(time.Duration(c.seq) * clipLength) }
func (c clip) uploaded() time.Time { return c.start().Add(clipLength + 400*time.Millisecond) }

// clips are the whole segments of the demo; 14 is nowhere.
func clips(t testing.TB) []clip {
	t.Helper()
	whole := map[int]clip{}
	for _, o := range demoObjects(t) {
		part := strings.Split(o.key, "/")
		seq, err := strconv.Atoi(strings.TrimSuffix(part[len(part)-1], ".ts"))
		if err == nil && len(o.body) > len(whole[seq].body) {
			whole[seq] = clip{seq, o.body}
		}
	}
	var all []clip
	for _, c := range whole {
		all = append(all, c)
	}
	slices.SortFunc(all, func(a, b clip) int { return a.seq - b.seq })
	return all
}

func marshal(t testing.TB, v any) []byte {
	t.Helper()
	raw, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// livepeer is a bucket of go-livepeer with -recordStore: one node fails after 9, another
// goes on from 8; each writes a playlist.
func livepeer(t testing.TB) world {
	w := world{buckets: map[string][]object{}}
	type entry struct {
		Seq int    `json:"seq_no"`
		URI string `json:"uri"`
		MS  int    `json:"duration_ms"`
	}
	names := map[string][]entry{}
	put := func(o object) { w.buckets["lp-records"] = append(w.buckets["lp-records"], o) }
	for _, c := range clips(t) {
		for _, node := range []string{"9f3c77aa", "ac155e12"} {
			if node == "ac155e12" && c.seq > 9 || node == "9f3c77aa" && c.seq < 8 {
				continue
			}
			late := time.Duration(0)
			if node == "9f3c77aa" && c.seq < 10 {
				late = 3 * time.Second
			}
			key := fmt.Sprintf("concert/%s/source/%d.ts", node, c.seq)
			put(object{key, c.body, c.uploaded().Add(late)})
			names[node] = append(names[node], entry{c.seq, "https://lp-records.s3.amazonaws.com/" + key, 2000})
		}
	}
	for i, node := range []string{"ac155e12", "9f3c77aa"} {
		at := demo.Start.Add(time.Duration(i+1) * time.Minute)
		put(object{fmt.Sprintf("concert/%s/playlist_%d.json", node, at.UnixNano()), marshal(t, map[string]any{
			"duration_ms": 2000 * len(names[node]), "tracks": []map[string]any{{"name": "source", "bandwidth": 100000, "resolution": "320x180"}},
			"segments": map[string]any{"source": names[node]},
		}), at})
	}
	return w
}

// wubloader is a tree of wubloader: a suspect copy, a temporary file, one that an editor
// has hidden.
func wubloader(t testing.TB) world {
	var w world
	put := func(c clip, kind, hash, end string, body []byte) {
		name := fmt.Sprintf("segments/bus/source/%s/%s-2.0-%s-%s.ts%s", c.start().Format("2006-01-02T15"), c.start().Format("04:05.000000"), kind, hash, end)
		w.files = append(w.files, object{name, body, c.uploaded()})
	}
	for _, c := range clips(t) {
		put(c, "full", fmt.Sprintf("kX%02d-aQ", c.seq), "", c.body)
	}
	all := clips(t)
	put(all[4], "suspect", "u7Zp3W", "", all[4].body)
	put(all[9], "temp", "bT55_1", "", all[9].body[:188*40])
	put(all[len(all)-1], "full", fmt.Sprintf("kX%02d-aQ", all[len(all)-1].seq), ".tombstone", nil)
	return w
}

// ivs is a bucket that Amazon IVS records to: a channel that was interrupted once.
func ivs(t testing.TB) world {
	w := world{buckets: map[string][]object{}}
	put := func(key string, body []byte, at time.Time) {
		w.buckets["ivs-archive"] = append(w.buckets["ivs-archive"], object{"ivs/v1/123456789012/AsXego4U6tnj/2025/6/1/" + key, body, at})
	}
	at := map[string]string{"first": "18/0/KZ4VbVnX", "second": "18/0/Qm81xTzP"}
	n := map[string]int{}
	for _, c := range clips(t) {
		part := "first"
		if c.seq > 13 {
			part = "second"
		}
		put(fmt.Sprintf("%s/media/hls/180p30/%d.ts", at[part], n[part]), c.body, c.uploaded())
		n[part]++
	}
	for part, dir := range at {
		when := demo.Start.Add(time.Minute)
		began := demo.Start
		if part == "second" {
			began = began.Add(15 * clipLength)
		}
		event := map[string]string{"version": "v1", "recording_status": "RECORDING_STARTED", "recording_started_at": began.Format(time.RFC3339)}
		put(dir+"/events/recording-started.json", marshal(t, event), began)
		event["recording_status"] = "RECORDING_ENDED"
		put(dir+"/events/recording-ended.json", marshal(t, event), when)
		var list strings.Builder
		list.WriteString("#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:2\n#EXT-X-PLAYLIST-TYPE:VOD\n")
		for i := range n[part] {
			fmt.Fprintf(&list, "#EXTINF:2.000,\n%d.ts\n", i)
		}
		put(dir+"/media/hls/180p30/playlist.m3u8", []byte(list.String()+"#EXT-X-ENDLIST\n"), when)
		put(dir+"/media/thumbnails/thumb0.jpg", []byte("\xff\xd8\xff"), when)
	}
	return w
}

// mediamtx is a folder of MediaMTX: two files of fragmented MP4, 20 s each, in the local
// time of Berlin.
func mediamtx(t testing.TB) world {
	ffmpeg := testenv.Need(t, "ffmpeg")
	dir := t.TempDir()
	var w world
	for i, first := range []int{0, 7} {
		in, out := filepath.Join(dir, "in.ts"), filepath.Join(dir, "out.mp4")
		var joined []byte
		for _, c := range clips(t)[first : first+7] {
			joined = append(joined, c.body...)
		}
		if err := os.WriteFile(in, joined, 0o644); err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command(ffmpeg, "-v", "error", "-y", "-copyts", "-i", in, "-c", "copy", "-bsf:a", "aac_adtstoasc",
			"-movflags", "+frag_keyframe+delay_moov+default_base_moof", out)
		if said, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, said)
		}
		body, err := os.ReadFile(out)
		if err != nil {
			t.Fatal(err)
		}
		start := demo.Start.Add(time.Duration(i) * 7 * clipLength)
		name := start.Add(2*time.Hour).Format("2006-01-02_15-04-05") + "-000000.mp4"
		w.files = append(w.files, object{"recordings/cam/front/" + name, body, start.Add(7*clipLength + time.Second)})
	}
	return w
}
