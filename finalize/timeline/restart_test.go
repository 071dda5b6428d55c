package timeline

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// overwrite is a first stream of numbers 0–last, over whose keys a second one
// was written that began a pause after its end and got as far as number head.
func overwrite(last, head int64, pause, clock time.Duration) []flat {
	first := feed{nonce: "A", stream: "old", from: head + 1, to: last, at: time.Duration(head+1) * two, clock: time.Duration(head+1) * two}
	return list(feed{nonce: "A", stream: "new", to: head, at: time.Duration(last+1)*two + pause, clock: clock}, first)
}

// Case 8: old 50–99, then new 0–49. The lost head of the old stream is a warning,
// not a hole.
func TestCase8RestartOverOldKeys(t *testing.T) {
	tl := check(t, overwrite(99, 49, seconds(20), seconds(5000)), want{
		shown: "[" + seqs("A", 50, 99) + " | +20s" + seqs("A", 0, 49) + " ]", warnings: warnOverwritten})
	if s := tl.Sessions[0].Start; s != day.Add(seconds(100)+500*time.Millisecond) {
		t.Errorf("begins at %v", s)
	}
	check(t, overwrite(99, 49, 20*time.Minute, seconds(5000)), want{
		shown: "[" + seqs("A", 50, 99) + " ][" + seqs("A", 0, 49) + " ]", warnings: warnOverwritten})
}

// Case 8 with an encoder that starts over at the same timestamps: media runs on
// exactly from 49 to 50, and still the two are two; that is doubtful.
func TestCase8SameTimestamps(t *testing.T) {
	check(t, overwrite(99, 49, seconds(20), 0), want{
		shown: "[" + seqs("A", 50, 99) + " | +20s" + seqs("A", 0, 49) + " ]", uncertain: "order", warnings: warnOverwritten})
}

// Case 8 twice over, with transcodes that got one segment less far, and a key of
// the old stream that the new one failed to write.
func TestCase8TwiceWithTranscodesAndAStray(t *testing.T) {
	var segs []flat
	for _, r := range []string{"source", "720p"} {
		less := int64(0)
		if r == "720p" {
			less = 1
		}
		segs = append(segs, list(
			feed{nonce: "A", rendition: r, stream: "3", to: 19 - less, at: seconds(600), clock: seconds(9000)},
			feed{nonce: "A", rendition: r, stream: "2", from: 20 - less, to: 49 - less, at: seconds(300) + seconds(40) - time.Duration(less)*two, clock: seconds(5040) - time.Duration(less)*two},
			feed{nonce: "A", rendition: r, stream: "1", from: 50 - less, to: 99, at: seconds(100) - time.Duration(less)*two, clock: seconds(100) - time.Duration(less)*two})...)
	}
	for _, r := range []string{"source", "720p"} {
		stray := feed{nonce: "A", rendition: r, stream: "1", from: 30, to: 30, at: seconds(60), clock: seconds(60)}.make()[0]
		segs[find(t, segs, "A/"+r+"/30")] = stray
	}
	tl, _ := plan(t, segs, defaults)
	got, want := show(segs, tl), "[ A30 | +36s A49*"+seqs("A", 50, 99)+" | +2m18s"
	if len(tl.Dropped) > 0 || !slices.Contains(tl.Warnings, warnOverwritten) || got[:len(want)] != want {
		t.Errorf("%s\n%+v %v", got, tl.Uncertain, tl.Warnings)
	}
	for _, s := range tl.Sessions {
		for i := range s.Slots {
			for _, r := range s.Renditions {
				if i == 0 || s.Slots[i].Discontinuity || r.Picks[i].Segment < 0 || r.Picks[i-1].Segment < 0 {
					continue
				}
				x, y := &segs[r.Picks[i-1].Segment], &segs[r.Picks[i].Segment]
				if d := y.Media.Start - x.Media.Start; d != two {
					t.Errorf("%s joins %s without a discontinuity", x.Key, y.Key)
				}
			}
		}
	}
}

// What is no restart: a backlog that comes in a burst after the live segments, or
// beside them, or late retries.
func TestBacklogIsNoRestart(t *testing.T) {
	for name, late := range map[string]func(n int64, up time.Time) time.Time{
		"burst": func(n int64, up time.Time) time.Time {
			return day.Add(seconds(400) + time.Duration(n)*50*time.Millisecond)
		},
		"beside": func(n int64, up time.Time) time.Time { return up.Add(seconds(150)) },
		"retries": func(n int64, up time.Time) time.Time {
			if n%7 == 3 {
				return up.Add(8 * time.Minute)
			}
			return up
		},
	} {
		t.Run(name, func(t *testing.T) {
			segs := list(feed{nonce: "A", to: 149})
			for i := range 60 {
				segs[i].Uploaded = late(segs[i].Seq, segs[i].Uploaded)
			}
			check(t, segs, want{shown: "[" + seqs("A", 0, 149) + " ]"})
		})
	}
}

// Wherever the old stream is cut, however often, the parts come in order of time
// and nothing is dropped or out of order.
func TestRestartsOverOldKeys(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var segs []flat
		streams := rapid.IntRange(1, 4).Draw(t, "streams")
		at, from := time.Duration(0), int64(0)
		var lasts []int64
		for range streams { // of the newest first
			from += rapid.Int64Range(8, 40).Draw(t, "kept")
			lasts = append(lasts, from)
		}
		slices.Reverse(lasts)
		for k, last := range lasts {
			low := int64(0)
			if k+1 < len(lasts) {
				low = lasts[k+1]
			}
			segs = append(segs, feed{
				nonce: "A", stream: fmt.Sprint(k), from: low, to: last - 1, at: at + time.Duration(low)*two,
				clock: time.Duration(k+1)*time.Hour + time.Duration(low)*two,
				delay: time.Duration(rapid.IntRange(300, 2000).Draw(t, "delay")) * time.Millisecond,
			}.make()...)
			at += time.Duration(last)*two + time.Duration(rapid.IntRange(50, 3000).Draw(t, "pause"))*time.Second
		}
		tl, _ := plan(t, segs, defaults)
		var got []int
		for _, s := range tl.Sessions {
			for _, p := range s.Renditions[0].Picks {
				got = append(got, p.Segment)
			}
		}
		for i, s := range got {
			if s != i {
				t.Fatalf("%s\n%+v", show(segs, tl), tl.Uncertain)
			}
		}
		if len(got) != len(segs) || len(tl.Uncertain) > 0 || (streams > 1) != slices.Contains(tl.Warnings, warnOverwritten) {
			t.Fatalf("%s\n%+v %v", show(segs, tl), tl.Uncertain, tl.Warnings)
		}
	})
}

// Case 27: two encoders push one key by turns.
func TestCase27TwoEncodersByTurns(t *testing.T) {
	a := feed{nonce: "A", stream: "a", to: 29}.make()
	b := feed{nonce: "A", stream: "b", to: 29, clock: seconds(7000)}.make()
	var segs []flat
	for i := range a {
		segs = append(segs, [][]flat{a, b}[i%2][i])
	}
	tl, _ := plan(t, segs, defaults)
	if len(tl.Sessions) != 1 || len(tl.Dropped) > 0 || len(tl.Uncertain) != 1 || len(tl.Uncertain[0].Segments) != 30 {
		t.Fatalf("%s %+v", show(segs, tl), tl.Uncertain)
	}
	for i, slot := range tl.Sessions[0].Slots {
		if slot.Seq != int64(i) || slot.Join != (i > 0) {
			t.Errorf("slot %d: %+v", i, slot)
		}
	}
}
