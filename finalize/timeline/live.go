package timeline

import (
	"slices"
	"time"
)

// Warnings, in constant words.
const (
	warnNotLive  = "uploads-not-live"
	warnDisagree = "durations-disagree"
)

const (
	windows    = 16          // in how many pieces a run is looked at
	window     = 8           // fewest segments in a piece
	fewest     = 4           // fewest segments that say anything
	resolution = time.Second // of upload times on S3
)

// judgeUploads decides whether the upload times of a run look live: whether they
// span 0.5 to 2 times its media time. A run is looked at in pieces, of each the
// middle half without its longest pause, and most pieces decide, so that retries,
// a burst after an outage and a source that paused change nothing.
func (b *builder) judgeUploads(r *run) {
	at, up := b.stamps(r, false)
	switch r.stamped = len(up) > 0; {
	case !r.stamped:
		r.live = no
	case len(up) < fewest:
	case votes(at, up) >= 0:
		r.live = yes
	default:
		r.live = no
	}
}

// votes is by how many more of its pieces a stretch looks live than not. at are
// places on the media clock, in any constant distance from the starts.
func votes(at []time.Duration, up []int64) int {
	size := max(window, len(up)/windows)
	votes := 0
	for lo := 0; lo < len(up); lo += size {
		hi := lo + size
		if len(up)-hi < fewest {
			hi = len(up)
		}
		if looksLive(at[lo:hi], up[lo:hi]) {
			votes++
		} else {
			votes--
		}
		if hi == len(up) {
			break
		}
	}
	return votes
}

// looksLive compares the middle half of a piece.
func looksLive(at []time.Duration, up []int64) bool {
	var few [2 * window]int64
	sorted := append(few[:0], up...)
	slices.Sort(sorted)
	lo, hi := len(up)/4, len(up)-1-len(up)/4
	if lo >= hi {
		return true
	}
	media := at[hi] - at[lo]
	whole := time.Duration(sorted[hi] - sorted[lo])
	pause := time.Duration(0)
	for i := lo; i < hi; i++ {
		pause = max(pause, time.Duration(sorted[i+1]-sorted[i]))
	}
	fits := func(d, media time.Duration) bool { return (d+resolution)*2 >= media && d <= media*2+resolution }
	return fits(whole, media) || fits(whole-pause, media/time.Duration(hi-lo)*time.Duration(hi-lo-1))
}

// inheritLiveness decides for runs that are too short to tell: most of the
// others, by their number of segments, decide; with none, nothing speaks
// against the upload times.
func (b *builder) inheritLiveness() {
	balance := 0
	for _, r := range b.runs {
		switch r.live {
		case yes:
			balance += len(r.strands[0].items)
		case no:
			balance -= len(r.strands[0].items)
			b.warnings[warnNotLive] = true
		}
	}
	for _, r := range b.runs {
		if r.live == unknown {
			if r.live = yes; balance < 0 {
				r.live = no
			}
		}
	}
}
