package timeline

import (
	"testing"
	"time"
)

// cutTo keeps the first access units of each track; the last one kept is hit by
// the cut if torn.
func cutTo(s flat, video, audio int, torn bool) flat {
	var c Content
	for i, n := range []int{video, audio} {
		ds := append([]Digest(nil), s.Media.Content.Tracks[i][:n]...)
		if torn && n > 0 {
			ds[n-1][0] ^= 1
		}
		c.Tracks = append(c.Tracks, ds)
	}
	s.Media.Content = c
	s.Size = int64(video+audio) * 10
	s.Media.Duration = time.Duration(video) * frame
	return s
}

func TestCompare(t *testing.T) {
	whole := feed{nonce: "A"}.make()[0]
	whole.Size = 1e6
	other := feed{nonce: "B", stream: "other"}.make()[0]
	unread := whole
	unread.Media = limited(whole.Media, ReadHead)
	silent := cutTo(whole, pictures, 0, false)
	silent.Media.Content.Tracks = silent.Media.Content.Tracks[:1]
	for _, c := range []struct {
		name       string
		a, b       flat
		want, back likeness
	}{
		{"itself", whole, whole, equal, equal},
		{"other", whole, other, different, different},
		{"unread", whole, unread, incomparable, incomparable},
		{"cut", cutTo(whole, 5, 8, false), whole, prefix, extension},
		{"cut inside access units", cutTo(whole, 5, 8, true), whole, prefix, extension},
		{"cut inside the last", cutTo(whole, pictures, pictures+7, true), whole, prefix, extension},
		{"longer in one track", cutTo(whole, 5, 9, false), cutTo(whole, 6, 8, false), different, different},
		{"without the sound", silent, whole, prefix, extension},
		{"sound cut, picture other", cutTo(other, 5, 8, false), whole, different, different},
		{"too short to prove", cutTo(whole, 1, 1, false), whole, incomparable, incomparable},
	} {
		both := compact([]flat{c.a, c.b})
		if got, back := compare(both[0], both[1]), compare(both[1], both[0]); got != c.want || back != c.back {
			t.Errorf("%s: %d and %d back; want %d and %d", c.name, got, back, c.want, c.back)
		}
	}
}

// jumps and advance over the end of the clock and for swapped ids.
func TestClock(t *testing.T) {
	a := feed{nonce: "A", clock: turn - time.Second}.make()[0].Media
	b := feed{nonce: "B", clock: time.Second, pids: [2]int{257, 256}}.make()[0].Media
	if d, known := advance(&a, &b, two); d != two || !known {
		t.Errorf("advance over the wrap: %v, %v", d, known)
	}
	if d, fits, known := jumps(&a, &b, 0); d != 0 || !fits || !known {
		t.Errorf("jump over the wrap to swapped ids: %v, %v, %v", d, fits, known)
	}
	if _, known := advance(&a, &b, turn+1); known {
		t.Error("the distance is known although it is longer than a turn")
	}
	for _, c := range []struct {
		off  time.Duration
		fits bool
	}{{0, true}, {60 * time.Millisecond, true}, {-60 * time.Millisecond, true}, {61 * time.Millisecond, false}, {-61 * time.Millisecond, false}} {
		// 1.5 pictures of 40 ms are more than 50 ms; the sound is far off.
		b := feed{nonce: "B", clock: time.Second + c.off}.make()[0].Media
		b.Tracks[1].First += 600 * time.Millisecond
		if _, fits, _ := jumps(&a, &b, 0); fits != c.fits {
			t.Errorf("a picture that is %v off fits: %v", c.off, fits)
		}
	}
	// Files that begin at zero, each, and the sound of one ends early.
	a, b = feed{nonce: "A"}.make()[0].Media, feed{nonce: "A"}.make()[0].Media
	a.Tracks[1].Last = b.Tracks[1].First - a.Tracks[1].Delta
	if d, fits, known := jumps(&a, &b, 0); d != -two || fits || !known {
		t.Errorf("pictures go back and fit: %v, %v, %v", d, fits, known)
	}
	if span(1e18, time.Hour) != farthest || span(-1, 1) != 0 || span(3, two) != 3*two {
		t.Error("span")
	}
}
