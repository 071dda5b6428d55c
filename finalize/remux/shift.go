package remux

import "recfin/mp4"

// joinTolerance is the part of the grid tolerance, in a second's parts, that a
// join may use up so that a rounded timestamp costs no frame of silence: 1 ms.
const joinTolerance = 1000

// shift finds by how much a part moves, in ticks of clock. The first part of a
// file moves to zero. A later one moves by the least that lets no track start
// before its own end, by what is kept of a hole, and on to the frame grid of the
// sound.
func shift(lanes []*lane, tracks []*track, keep int64) int64 {
	first := true
	var need, start int64
	started, common := false, false
	for _, l := range lanes {
		if !l.shown {
			continue
		}
		if !started || l.start < start {
			started, start = true, l.start
		}
		if l.continues() {
			end := rescaleUp(l.track.end(), l.track.scale, clock)
			if n := end - l.start; !common || n > need {
				need, common = n, true
			}
		}
	}
	var end int64
	for _, t := range tracks {
		if t.placed {
			end, first = max(end, rescaleUp(t.end(), t.scale, clock)), false
		}
	}
	switch {
	case first:
		return -start
	case !common:
		return end - start + keep
	}
	return onGrid(need+keep, lanes)
}

// continues says whether the lane goes on with a track that has samples.
func (l *lane) continues() bool { return l.track != nil && l.track.placed }

// onGrid rounds a shift up so that the first sound of the part begins a whole
// number of frames after the last.
func onGrid(need int64, lanes []*lane) int64 {
	for _, l := range lanes {
		if l.kind != mp4.Audio || !l.shown || !l.continues() {
			continue
		}
		frame := l.track.engine.(*grid).quantum()
		gap := rescale(l.start+need, clock, l.track.scale) - l.track.end()
		short := gap - int64(l.track.scale)/joinTolerance
		if short <= 0 {
			return need
		}
		whole := (short + frame - 1) / frame * frame
		if whole <= gap {
			return need
		}
		return need + rescaleUp(whole-gap, l.track.scale, clock)
	}
	return need
}
