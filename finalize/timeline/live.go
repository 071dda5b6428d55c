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
	if r.stamped = len(up) > 0; !r.stamped {
		r.live = no
		return
	}
	if len(up) < fewest {
		return
	}
	switch n := votes(at, up); {
	case n > 0 || spansLive(at, up):
		r.live = yes
	case n < 0:
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
		switch looksLive(at[lo:hi], up[lo:hi]) {
		case yes:
			votes++
		case no:
			votes--
		}
		if hi == len(up) {
			break
		}
	}
	return votes
}

// spansLive tells whether the uploads of a whole run take as long as its media
// and come in order, but for retries: an outage may have hit most of it.
func spansLive(at []time.Duration, up []int64) bool {
	last := len(up) - 1
	media, whole := at[last]-at[0], time.Duration(up[last]-up[0])
	low, odd := up[last], 0 // those that lie far behind one of a higher number
	for i := last; i >= 0; i-- {
		if low = min(low, up[i]); time.Duration(up[i]-low) > whole/8 {
			odd++
		}
	}
	return odd*20 <= last && (whole+resolution)*2 >= media && whole <= media*2+resolution
}

// looksLive compares the middle half of a piece. A piece so short that nothing
// is left of it without its longest pause may say nothing.
func looksLive(at []time.Duration, up []int64) verdict {
	var few [2 * window]int64
	sorted := append(few[:0], up...)
	slices.Sort(sorted)
	lo, hi := len(up)/4, len(up)-1-len(up)/4
	if lo >= hi {
		return unknown
	}
	media := at[hi] - at[lo]
	whole := time.Duration(sorted[hi] - sorted[lo])
	pause := time.Duration(0)
	for i := lo; i < hi; i++ {
		pause = max(pause, time.Duration(sorted[i+1]-sorted[i]))
	}
	fits := func(d, media time.Duration) bool { return (d+resolution)*2 >= media && d <= media*2+resolution }
	switch {
	case fits(whole, media):
		return yes
	case !fits(whole-pause, media/time.Duration(hi-lo)*time.Duration(hi-lo-1)):
		return no
	case hi-lo < lasting:
		return unknown
	}
	return yes
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
