package finalize_test

import (
	"bytes"
	"cmp"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"recfin/finalize"
	"recfin/internal/mp4check"
	"recfin/internal/testenv"
)

// Ways in which ffmpeg cuts one track into segments.
const (
	asFragments = "-f hls -hls_list_size 0 -hls_segment_type fmp4 -hls_fmp4_init_filename init.mp4 -hls_segment_filename %d.m4s -hls_time"
	asTransport = "-f hls -hls_list_size 0 -hls_segment_filename %d.ts -hls_time"
)

// apartFrom is a rendition of pictures or of sound alone, as ffmpeg cuts it.
type apartFrom struct {
	name, how string
	stream    string // "0:v", "1:a", "both"
	every     int    // seconds a segment
	offset    string // of the timestamps; for transport streams
	args      []string
	without   []string // files that got lost
}

// lay makes six seconds of the rendition and uploads them from a time on. The
// folder holds the files as they were made.
func (a apartFrom) lay(t *testing.T, w *world, nonce string, late time.Duration) {
	t.Helper()
	args := []string{"-map", "0:v", "-map", "1:a"}
	if a.stream != "both" {
		args = []string{"-map", a.stream}
	}
	args = append(args, a.args...)
	if a.offset != "" {
		args = append(args, "-output_ts_offset", a.offset)
	}
	args = append(args, strings.Fields(a.how)...)
	dir := encode(t, 6, append(args, strconv.Itoa(a.every), "x.m3u8")...)
	for _, name := range append([]string{"x.m3u8"}, a.without...) {
		os.Remove(filepath.Join(dir, name))
	}
	w.upload(t, dir, "rec/"+nonce+"/"+a.name+"/", func(name string) time.Time {
		n, _ := strconv.Atoi(strings.TrimSuffix(name, path.Ext(name)))
		return onAir.Add(late + time.Duration(n+1)*time.Duration(a.every)*time.Second + 400*time.Millisecond)
	})
}

// inputUnits is what ffmpeg reads from a part of a rendition: its segments joined by
// cat. Times are those of the presentation, in ticks of 90 kHz.
type inputUnits struct {
	payload []string
	pts     []int64
}

func readInput(t *testing.T, w *world, prefix, stream string) inputUnits {
	t.Helper()
	var names []string
	all := w.Snapshot()
	for key := range all {
		if strings.HasPrefix(key, prefix) && !strings.HasSuffix(key, "init.mp4") {
			names = append(names, key)
		}
	}
	slices.SortFunc(names, func(a, b string) int { return cmp.Or(cmp.Compare(len(a), len(b)), strings.Compare(a, b)) })
	cat := slices.Clone(all[prefix+"init.mp4"].Body)
	for _, key := range names {
		cat = append(cat, all[key].Body...)
	}
	name := filepath.Join(t.TempDir(), "part")
	if err := os.WriteFile(name, cat, 0o600); err != nil {
		t.Fatal(err)
	}
	kind, format := stream[:1]+":0", "h264"
	if stream == "a" {
		format = "adts"
	}
	out, err := exec.Command(testenv.Need(t, "ffprobe"), "-v", "error", "-ignore_editlist", "1", "-select_streams", kind, "-show_entries", "packet=pts_time", "-of", "csv=p=0", name).Output()
	if err != nil {
		t.Fatal(err)
	}
	var u inputUnits
	for _, line := range strings.Fields(string(out)) {
		at, err := time.ParseDuration(strings.Trim(line, ",") + "s")
		if err != nil {
			t.Fatal(err)
		}
		u.pts = append(u.pts, (int64(at)*9+50000)/100000)
	}
	var raw bytes.Buffer
	cmd := exec.Command(testenv.Need(t, "ffmpeg"), "-v", "error", "-i", name, "-map", "0:"+kind, "-c", "copy", "-copyinkf", "-f", format, "-")
	cmd.Stdout = &raw
	if err := cmd.Run(); err != nil {
		t.Fatal(err)
	}
	if stream == "a" {
		u.payload = adtsFrames(t, raw.Bytes())
	} else {
		u.payload = annexB(raw.Bytes())
	}
	return u
}

// outputUnits is a track of a movie without silence.
func outputUnits(t *testing.T, m *mp4check.Movie, n int) (u inputUnits, silent int) {
	t.Helper()
	track := m.Tracks[n]
	offset := int64(0)
	if len(track.Edits) > 0 && track.Edits[0].MediaTime < 0 {
		offset = track.Edits[0].Duration * 90000 / int64(m.Timescale)
	}
	for _, s := range m.Samples(n) {
		p, err := m.Payload(s)
		if err != nil {
			t.Fatal(err)
		}
		if track.Handler == "soun" {
			if bytes.Equal(p, []byte{0, 0, 0, 7}) { // of one channel, in AAC-LC
				silent++
				continue
			}
			u.payload = append(u.payload, string(p))
		} else {
			nals, err := mp4check.NALUnits(p)
			if err != nil {
				t.Fatal(err)
			}
			for _, nal := range nals {
				if isSlice(nal) {
					u.payload = append(u.payload, string(bytes.TrimRight(nal, "\x00")))
				}
			}
		}
		u.pts = append(u.pts, offset+s.PTS*90000/int64(track.Timescale))
	}
	return u, silent
}

// TestSoundOfItsOwn: the sound of a rendition of its own stands beside the pictures
// that have none, where their common clock has it.
func TestSoundOfItsOwn(t *testing.T) {
	pictures := apartFrom{name: "video", how: asFragments, stream: "0:v", every: 2}
	sound := apartFrom{name: "audio", how: asFragments, stream: "1:a", every: 2}
	as := func(a apartFrom, change func(*apartFrom)) apartFrom { change(&a); return a }
	named := func(a apartFrom, name string) apartFrom { a.name = name; return a }
	transport := func(a apartFrom) apartFrom { a.how = asTransport; return a }
	for _, c := range []struct {
		name   string
		parts  [][]apartFrom
		movies map[string][]string // and the sounds in each
		silent bool
	}{
		{"fragments", [][]apartFrom{{pictures, sound}}, map[string][]string{"video": {"audio"}}, false},
		{"fragments of other lengths", [][]apartFrom{{pictures, as(sound, func(a *apartFrom) { a.every = 3 })}}, map[string][]string{"video": {"audio"}}, false},
		{"transport streams", [][]apartFrom{{transport(pictures), transport(sound)}}, map[string][]string{"video": {"audio"}}, false},
		{"two sounds, two qualities", [][]apartFrom{{named(pictures, "360p"), named(pictures, "720p"), named(sound, "eng"),
			as(sound, func(a *apartFrom) {
				a.name = "deu"
				a.args = []string{"-b:a", "64k", "-metadata:s:a:0", "language=deu"}
			})}},
			map[string][]string{"360p": {"deu", "eng"}, "720p": {"deu", "eng"}}, false},
		{"pictures with sound", [][]apartFrom{{as(pictures, func(a *apartFrom) { a.stream = "both" }), sound}}, map[string][]string{"video": nil, "audio": nil}, false},
		{"the clock begins anew", [][]apartFrom{
			{transport(as(pictures, func(a *apartFrom) { a.offset = "500" })), transport(as(sound, func(a *apartFrom) { a.offset = "500" }))},
			{transport(as(pictures, func(a *apartFrom) { a.args = []string{"-vf", "hue=h=90"} })), transport(as(sound, func(a *apartFrom) { a.args = []string{"-af", "volume=0.5"} }))}}, map[string][]string{"video": {"audio"}}, false},
		{"a hole in the pictures", [][]apartFrom{{transport(as(pictures, func(a *apartFrom) { a.without = []string{"1.ts"} })), transport(sound)}}, map[string][]string{"video": {"audio"}}, false},
		{"a hole in the sound", [][]apartFrom{{transport(pictures), transport(as(sound, func(a *apartFrom) { a.without = []string{"1.ts"} }))}}, map[string][]string{"video": {"audio"}}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(false)
			for p, part := range c.parts {
				for _, a := range part {
					a.lay(t, w, fmt.Sprintf("N%d", p), time.Duration(p)*12*time.Second)
				}
			}
			cfg := only(w, finalize.Formats{HLS: true, MP4: true})
			r := mustRun(t, cfg, "rec")
			rec := r.Committed[0].Record
			got := map[string][]string{}
			for _, o := range rec.Outputs {
				if o.Kind != "mp4" {
					continue
				}
				got[o.Rendition] = o.Sound
				inputs := append([]string{o.Rendition}, o.Sound...)
				rows := 0
				for i := range rec.Renditions {
					if q := &rec.Renditions[i]; slices.Contains(inputs, q.Name) {
						rows += q.Len()
						if len(q.CRC64) != q.Len() {
							t.Errorf("%s has %d checksums for %d rows", q.Name, len(q.CRC64), q.Len())
						}
					}
				}
				if o.Segments != rows {
					t.Errorf("%s holds %d segments, want %d", o.Key, o.Segments, rows)
				}
				if len(o.Sound) > 0 {
					holdsMerged(t, w, o, len(c.parts), c.silent)
				}
			}
			if len(got) != len(c.movies) {
				t.Errorf("movies %v, want %v", got, c.movies)
			}
			for name, want := range c.movies {
				same(t, name, got[name], want)
			}
			if len(r.Problems) > 0 || len(rec.Renditions) != len(c.parts[0]) {
				t.Errorf("%d renditions, problems %v", len(rec.Renditions), r.Problems)
			}
			if r, err := run(cfg, "rec"); err != nil || !r.Done() {
				t.Errorf("again: %v, %v", err, r.Committed)
			}
			soundly(t, cfg, "rec", false)
		})
	}
}

// holdsMerged holds a movie against what ffmpeg reads from each rendition: every
// unit, in order, and at one distance from its time there for all of a part.
func holdsMerged(t *testing.T, w *world, o finalize.Output, parts int, silent bool) {
	t.Helper()
	body := w.Snapshot()[o.Key].Body
	m, err := mp4check.Open(bytes.NewReader(body), int64(len(body)))
	if err != nil {
		t.Fatal(err)
	}
	tracks := slices.IndexFunc(append(m.Tracks, mp4check.Track{Handler: "text"}), func(x mp4check.Track) bool { return x.Handler == "text" })
	if tracks != 1+len(o.Sound) {
		t.Fatalf("%s has %d tracks", o.Key, tracks)
	}
	moved := make([]int64, parts)
	for n := range tracks {
		name, stream, slack := o.Rendition, "v", int64(1)
		if n > 0 {
			name, stream, slack = o.Sound[n-1], "a", 180
		}
		if lang := m.Tracks[n].Language; name == "deu" && lang != "deu" {
			t.Errorf("the sound %s speaks %q", name, lang)
		}
		got, quiet := outputUnits(t, m, n)
		if (quiet > 0) != (silent && n > 0) || n > 0 && len(o.Sound) == 1 && quiet != o.Silent {
			t.Errorf("%s: %d frames of silence, the record has %d", name, quiet, o.Silent)
		}
		for p := range parts {
			want := readInput(t, w, fmt.Sprintf("rec/N%d/%s/", p, name), stream)
			if len(want.pts) == 0 || len(got.pts) < len(want.pts) || len(got.payload) < len(want.payload) {
				t.Fatalf("%s: %d units left of %d", name, len(got.pts), len(want.pts))
			}
			if !slices.Equal(got.payload[:len(want.payload)], want.payload) {
				t.Fatalf("%s, part %d: other units", name, p)
			}
			for i := range want.pts {
				d := got.pts[i] - want.pts[i]
				if n == 0 && i == 0 {
					moved[p] = d
				}
				if off := d - moved[p]; off > slack || off < -slack {
					t.Fatalf("%s, part %d: unit %d is off by %d ticks", name, p, i, off)
				}
			}
			got.pts, got.payload = got.pts[len(want.pts):], got.payload[len(want.payload):]
		}
		if len(got.pts) > 0 || len(got.payload) > 0 {
			t.Errorf("%s: %d units too many", name, len(got.pts))
		}
	}
}
