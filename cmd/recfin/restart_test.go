package main

import (
	"maps"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"recfin/internal/broadcast"
)

// Case 21: the same encoder restarts on B with the same numbers and the same
// timestamps, 12 s after A ended. Other pictures: nothing is a copy.
func TestRestart(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	a := broadcast.Make(t, broadcast.Options{Seconds: 20})
	b := broadcast.Make(t, broadcast.Options{Seconds: 20, Source: "testsrc2", Tone: 880})
	broadcast.Lay(t, broadcast.Folder(dir), a.Uploads("foo/A/720p", 0, 9, onAir))
	broadcast.Lay(t, broadcast.Folder(dir), b.Uploads("foo/B/720p", 0, 9, onAir.Add((20+12)*time.Second)))
	checkRestart(t, dir, document[reportDoc](t, mustRecfin(t, exitDone, "finalize", "--json", "--store", dir, "--format", "hls,mp4", "foo")))
}

// A died in the first picture of its last segment: that is too little to prove
// a copy, and proves no other stream either. The segments before it are equal,
// and they decide, also where upload times say nothing.
func TestDiedInFirstPicture(t *testing.T) {
	t.Parallel()
	for _, live := range []bool{true, false} {
		t.Run(map[bool]string{true: "live", false: "copied"}[live], func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			s := broadcast.Make(t, broadcast.Options{Seconds: 20})
			a := s.Uploads("foo/A/720p", 0, 6, onAir)
			a[6].Keep = 188 * 20
			all := append(a, s.Uploads("foo/B/720p", 4, 9, onAir.Add(time.Second))...)
			for i := range all {
				if !live {
					all[i].At = onAir
				}
			}
			broadcast.Lay(t, broadcast.Folder(dir), all)
			p := document[planDoc](t, mustRecfin(t, exitDone, "plan", "--json", "--store", dir, "foo"))
			want := map[string]string{"foo/B/720p/4.ts": "identical", "foo/B/720p/5.ts": "identical"}
			got := p.reasons()
			if why := got["foo/A/720p/6.ts"]; why != "truncated" && why != "duplicate" {
				t.Errorf("A's last segment: %q", why)
			}
			delete(got, "foo/A/720p/6.ts")
			if !maps.Equal(got, want) || len(p.Sessions) != 1 || !near(p.Sessions[0].Duration, 20, picture) {
				t.Errorf("dropped %v, sessions %+v, uncertain %+v", got, p.Sessions, p.Uncertain)
			}
		})
	}
}

func checkRestart(t *testing.T, dir string, r reportDoc) {
	t.Helper()
	if len(r.Sessions) != 1 || len(r.Sessions[0].Renditions) != 1 || len(r.Dropped) != 0 {
		t.Fatalf("sessions %+v, dropped %v", r.Sessions, r.reasons())
	}
	q := r.Sessions[0].Renditions[0]
	var first, second []string
	for _, s := range q.Segments {
		switch s.Nonce {
		case "A":
			first = append(first, s.Key)
		case "B":
			second = append(second, s.Key)
		}
	}
	if len(first) != 10 || len(second) != 10 || !slices.Equal(q.keys(), slices.Concat(first, second)) {
		t.Fatalf("chosen: %q", q.keys())
	}
	for i, s := range q.Segments {
		if s.Seq != int64(i%10) || s.Discontinuity != (i == 10) {
			t.Errorf("slot %d: number %d, discontinuity %v", i, s.Seq, s.Discontinuity)
		}
	}
	if !near(r.Sessions[0].Duration, 40, picture) {
		t.Errorf("duration %v", r.Sessions[0].Duration)
	}
	o := r.output(t, "mp4", "720p")
	name := filepath.Join(dir, filepath.FromSlash(o.Key))
	if got := decimal(t, ffprobe(t, name).Format.Duration); !near(got, 40, 2*(picture+aacFrame)) {
		t.Errorf("ffprobe reads %v s", got)
	}
	parts := []string{join(t, dir, first), join(t, dir, second)}
	if got, want := pictures(t, name), slices.Concat(pictures(t, parts[0]), pictures(t, parts[1])); !slices.Equal(got, want) {
		t.Errorf("%d pictures, want these %d", len(got), len(want))
	}
	before, after := sound(t, parts[0]), sound(t, parts[1])
	got := soundOfMP4(t, name)
	if len(got) != len(before)+o.Silent+len(after) || !slices.Equal(got[:len(before)], before) || !slices.Equal(got[len(before)+o.Silent:], after) {
		t.Errorf("%d frames of sound, want %d, %d silent ones and %d", len(got), len(before), o.Silent, len(after))
	}
}
