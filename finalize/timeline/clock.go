package timeline

import (
	"math"
	"slices"
	"time"
)

const (
	// tolerance is how far two times on one media clock may differ and still be
	// the same (50 ms: a frame or two, less than any segment).
	tolerance = 50 * time.Millisecond
	// fallback is the length of a segment where nothing at all is known.
	fallback = 2 * time.Second
	// longest is the longest segment that is believed; a declared or measured
	// length above it is nonsense.
	longest = 48 * time.Hour
	// farthest bounds every span that is made by multiplying a number: about 31
	// years, far from the end of int64 even after a hundred additions.
	farthest = time.Duration(1e18)
)

// span is count × each, bounded.
func span(count int64, each time.Duration) time.Duration {
	if count <= 0 || each <= 0 {
		return 0
	}
	if count > int64(farthest/each) {
		return farthest
	}
	return time.Duration(count) * each
}

// unwrap gives the value that is equal to d modulo the period and nearest to
// want. Without a period it is d.
func unwrap(d, want, period time.Duration) time.Duration {
	if period <= 0 {
		return d
	}
	off := (d - want) % period
	switch {
	case off > period/2:
		off -= period
	case off < -(period / 2):
		off += period
	}
	return want + off
}

// timed tells whether the start is known and a time that a clock can have.
func (m *Media) timed() bool { return m.Timed && m.Start.Abs() < farthest }

// period is the common period of two clocks; 0 where there is none.
func period(a, b *Media) time.Duration {
	if a.Wrap == b.Wrap {
		return a.Wrap
	}
	return 0
}

// advance is how much the media clock moved from the start of a to the start of
// b, which is expected to be want. It is unknown where a start is, or where want
// is too long to tell one turn of the clock from the next: an expectation from
// numbers is good to a quarter of itself, and a quarter of the period is needed.
func advance(a, b *Media, want time.Duration) (d time.Duration, known bool) {
	if !a.timed() || !b.timed() {
		return 0, false
	}
	w := period(a, b)
	if w > 0 && want > w {
		return 0, false
	}
	return unwrap(b.Start-a.Start, want, w), true
}

// jumps tells how far b begins after the end of a, track by track: the jump of
// the track that fits best is returned, with whether it fits. Pictures that go
// back by more than a second are on another clock, whatever the sound says: where
// every file begins at zero, a file whose sound ends early has sound that seems to
// go on into the next. gap is the time that is known to lie between. a must have
// been read to its end.
func jumps(a, b *Media, gap time.Duration) (best time.Duration, fits, known bool) {
	if a.Level < ReadWhole || !a.timed() || !b.timed() {
		return 0, false, false
	}
	w := period(a, b)
	if w > 0 && gap > w {
		return 0, false, false
	}
	best = math.MaxInt64
	back := time.Duration(0) // the furthest step back of pictures
	try := func(jump, allowed time.Duration, video bool) {
		jump = unwrap(jump, gap, w) - gap
		if video {
			back = min(back, jump)
		}
		if jump.Abs() < best.Abs() {
			best = jump
		}
		fits = fits || jump.Abs() <= allowed
	}
	pairs := common(a.Tracks, b.Tracks)
	for _, p := range pairs {
		from, to := &a.Tracks[p[0]], &b.Tracks[p[1]]
		try(to.First-from.Last-from.Delta, max(tolerance, from.Delta*3/2), from.Video)
	}
	if len(pairs) == 0 {
		try(b.Start-a.Start-a.Duration, tolerance, false)
	}
	if back < -time.Second {
		return back, false, true
	}
	return best, fits, true
}

// common pairs the tracks that two segments share: by id and kind, or, where
// no id is shared, by kind and order, because another writer may number them
// differently.
func common(a, b []TrackTime) [][2]int {
	var pairs [][2]int
	for i := range a {
		for j := range b {
			if a[i].ID == b[j].ID && a[i].Video == b[j].Video {
				pairs = append(pairs, [2]int{i, j})
				break
			}
		}
	}
	if len(pairs) > 0 {
		return pairs
	}
	for _, video := range []bool{true, false} {
		j := 0
		for i := range a {
			if a[i].Video != video {
				continue
			}
			for j < len(b) && b[j].Video != video {
				j++
			}
			if j < len(b) {
				pairs = append(pairs, [2]int{i, j})
				j++
			}
		}
	}
	return pairs
}

// median is the lower median; 0 of nothing. It reorders its argument.
func median(ds []time.Duration) time.Duration {
	if len(ds) == 0 {
		return 0
	}
	slices.Sort(ds)
	return ds[(len(ds)-1)/2]
}

// stamp is an upload time in nanoseconds since 1970; false where it is unknown
// or outside of what can be counted so.
func stamp(i Instant) (int64, bool) {
	const from, until = Instant(365 * 86400e9), Instant(7289654400e9) // 1971, 2201
	if i < from || i >= until {
		return 0, false
	}
	return int64(i), true
}

// later adds to a wall time; it ends in the year 2200.
func later(wall int64, d time.Duration) int64 {
	const end = int64(7.3e18)
	if wall >= end || d > time.Duration(end-wall) {
		return end
	}
	return wall + int64(d)
}
