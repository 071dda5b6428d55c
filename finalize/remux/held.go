package remux

import (
	"recfin/mp4"
	"recfin/probe"
)

// Held says how much of a segment the output has. It answers whether the segment
// may go, so in doubt it says less.
type Held int8 // signed, so that JSON writes a list of them as numbers

// What the output has of a segment.
const (
	Partly     Held = iota // something was left out, or may be missing
	AllButData             // every access unit, but not its data (ID3, SCTE-35, teletext …)
	Wholly                 // every access unit of every track, and there is nothing else
)

// incoming is what came in of a segment, as it is booked.
type incoming struct {
	run          int // the demuxer that read it, from 1; 0: nothing was read
	video, audio int // samples that were handed on to their tracks
	data         bool
}

// reading is what a demuxer says of all that it read.
type reading struct{ streams, data bool }

// missed reports whether samples that came in were not written.
func (r *row) missed() bool { return r.in.video != r.Video || r.in.audio != r.Audio }

// taken notes a sample that goes on to its track.
func (l *ledger) taken(u *unit) {
	l.admitted++
	if in := &l.rows[u.seg].in; u.src.kind() == mp4.Video {
		in.video++
	} else {
		in.audio++
	}
}

// met books what a demuxer met since it was asked last, under the segment that it
// is reading.
func (l *ledger) met(seg, run int, m probe.Omitted) {
	r := &l.rows[seg]
	r.in.run = run
	for len(l.readings) < run {
		l.readings = append(l.readings, reading{})
	}
	now := &l.readings[run-1]
	now.streams = now.streams || m.Streams > 0
	now.data = now.data || m.DataStreams > 0
	r.Damage = r.Damage.Plus(m.Damage)
	r.in.data = r.in.data || m.Data > 0
}

// damaged is the problem of a segment in which something is wrong.
const damaged = "segments with damage inside: packets or bytes that are missing, wrong or of no use"

// hold finds out what of each segment the output has. What was met in a segment
// may be about the ones before, of which something was open; a sample that was left
// out may be of either neighbour of the segment that it was booked to.
func (l *ledger) hold() {
	var of [mostInputs][]int
	for i := range l.rows {
		r := &l.rows[i]
		of[r.input] = append(of[r.input], i)
		if r.Damage.Any() {
			l.problem(damaged, i)
		}
		r.Held = Wholly
	}
	for _, rows := range of {
		l.holdInput(rows)
	}
	if l.sampled != l.admitted {
		for i := range l.rows {
			l.rows[i].Held = Partly
		}
	}
}

// holdInput is hold for the segments of one input.
func (l *ledger) holdInput(rows []int) {
	video, audio := false, false
	for _, i := range rows {
		video, audio = video || l.rows[i].in.video > 0, audio || l.rows[i].in.audio > 0
	}
	complete := func(r *row) bool { return (r.in.video > 0) == video && (r.in.audio > 0) == audio }
	withData := map[int]bool{} // runs
	for n, i := range rows {
		r := &l.rows[i]
		if r.in.run == 0 || r.in.video+r.in.audio == 0 || l.readings[r.in.run-1].streams {
			r.Held = Partly
		} else if l.readings[r.in.run-1].data {
			r.lower(AllButData)
		}
		if missed := r.missed(); missed || r.Damage.Any() {
			r.Held = Partly
			if missed && n+1 < len(rows) {
				l.rows[rows[n+1]].Held = Partly
			}
			for k := n - 1; k >= 0; k-- {
				before := &l.rows[rows[k]]
				before.Held = Partly
				if complete(before) {
					break
				}
			}
		}
		if r.in.data {
			r.lower(AllButData)
			first := !withData[r.in.run] // before, it may not have been known for data
			withData[r.in.run] = true
			for k := n - 1; k >= 0 && (first || k == n-1); k-- {
				l.rows[rows[k]].lower(AllButData)
			}
		}
	}
}

// lower makes what is held no more than h.
func (r *row) lower(h Held) { r.Held = min(r.Held, h) }
