package finalize_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"recfin/finalize"
	"recfin/internal/mp4check"
	"recfin/internal/testenv"
)

// otherCuts lays out 20 s that two writers push on one clock. A cuts at even
// seconds and lacks 8 to 14; B, another transcode, cuts at odd ones.
func otherCuts(t *testing.T) *world {
	t.Helper()
	w := newWorld(false)
	for _, x := range []struct {
		nonce, quality string
		first          int // second of the first cut
	}{{"A", "20", 2}, {"B", "30", 1}} {
		var cuts []string
		for s := x.first; s < 20; s += 2 {
			cuts = append(cuts, fmt.Sprint(s))
		}
		dir := encode(t, 20, "-map", "0:v", "-map", "1:a", "-g", "25", "-keyint_min", "25", "-crf", x.quality,
			"-f", "segment", "-segment_times", strings.Join(cuts, ","), "-segment_format", "mpegts", "%d.ts")
		for n := range 11 {
			body, err := os.ReadFile(filepath.Join(dir, fmt.Sprintf("%d.ts", n)))
			if err != nil {
				break
			}
			seq := n
			if x.nonce == "B" {
				seq += 5000
			}
			end := min(x.first+2*n, 20)
			if x.nonce == "A" && n >= 4 && n < 7 || x.nonce == "B" && (n < 3 || n > 8) {
				continue
			}
			w.Set(fmt.Sprintf("rec/%s/720p/%d.ts", x.nonce, seq), body, onAir.Add(time.Duration(end)*time.Second+400*time.Millisecond), nil)
		}
	}
	return w
}

// TestFills: where two writers cut at other times, a playlist keeps the edges of a
// hole that whole segments cannot close; an MP4 has every picture, and the plan
// says of which segments a part is taken.
func TestFills(t *testing.T) {
	w := otherCuts(t)
	cfg := with(settings(w), func(c *finalize.Config) { c.Formats = finalize.Formats{HLS: true, MP4: true} })
	r := mustRun(t, cfg, "rec")
	rec := r.Committed[0].Record
	q := &rec.Renditions[0]
	if q.Fills.Len() != 2 || len(rec.Holes) != 2 {
		t.Fatalf("fills %+v, holes %+v, %v", q.Fills, rec.Holes, q.Key)
	}
	same(t, "fills", q.Fills.Key, []string{"rec/B/720p/5004.ts", "rec/B/720p/5007.ts"})
	for i, want := range []string{"rec/A/720p/3.ts", "rec/B/720p/5006.ts"} {
		if got := q.Key[q.Fills.After[i]]; got != want || !q.Fills.Meets[i] || time.Duration(q.Fills.UncoveredNS[i]-1e9).Abs() > 50*time.Millisecond {
			t.Errorf("fill %d stands behind %s, want %s: %+v", i, got, want, q.Fills)
		}
	}
	for _, d := range r.Plan.Dropped {
		fill := d.Key == q.Fills.Key[0] || d.Key == q.Fills.Key[1]
		if fill != strings.Contains(d.Why, "an MP4 takes") || fill != (d.MP4Takes > 900*time.Millisecond) || fill && (d.Leftover || d.Reason != "overlap") {
			t.Errorf("%s: %s, %q, leftover %v", d.Key, d.Reason, d.Why, d.Leftover)
		}
	}
	for i, ns := range q.DurationNS { // as a playlist needs them: whole segments
		if d := time.Duration(ns - 2e9).Abs(); d > 50*time.Millisecond {
			t.Errorf("%s lasts %v", q.Key[i], time.Duration(ns))
		}
	}
	for _, key := range q.Fills.Key {
		if !w.has(key) {
			t.Errorf("%s was deleted", key)
		}
	}
	body := movieOf(t, w, r)
	m, err := mp4check.Open(bytes.NewReader(body), int64(len(body)))
	if err != nil {
		t.Fatal(err)
	}
	if n := len(m.Samples(0)); n != 500 || m.Samples(0)[499].PTS-m.Samples(0)[0].PTS != 499*3600 {
		t.Errorf("%d pictures in %d ticks", n, m.Samples(0)[n-1].PTS)
	}
	name := filepath.Join(t.TempDir(), "out.mp4")
	if err := os.WriteFile(name, body, 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(testenv.Need(t, "ffmpeg"), "-v", "warning", "-nostdin", "-i", name, "-f", "null", "-").CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("%v: %s", err, out)
	}
	if r, err := run(cfg, "rec"); err != nil || len(r.Committed) > 0 {
		t.Errorf("again: %v", err)
	}
}

// TestFillGone: what only filled is not missed when an MP4 is made of a recording
// that stands.
func TestFillGone(t *testing.T) {
	w := otherCuts(t)
	r := mustRun(t, only(w, finalize.Formats{HLS: true}), "rec")
	w.remove(t, r.Committed[0].Record.Renditions[0].Fills.Key[0])
	r = mustRun(t, only(w, finalize.Formats{HLS: true, MP4: true}), "rec")
	q := &r.Committed[0].Record.Renditions[0]
	body := movieOf(t, w, r)
	m, err := mp4check.Open(bytes.NewReader(body), int64(len(body)))
	if err != nil || q.Fills.Len() != 1 {
		t.Fatalf("%v: %+v", err, q.Fills)
	}
	if n := len(m.Samples(0)); n != 475 {
		t.Errorf("%d pictures", n)
	}
}

// movieOf gives the bytes of the only MP4 of a run.
func movieOf(t *testing.T, w *world, r *finalize.Report) []byte {
	t.Helper()
	for _, o := range r.Committed[0].Record.Outputs {
		if o.Kind == "mp4" {
			return w.Snapshot()[o.Key].Body
		}
	}
	t.Fatal("no MP4")
	return nil
}
