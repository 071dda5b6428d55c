package report

import (
	"fmt"
	"time"

	"recfin/finalize"
)

// runRow is an unbroken run of one writer in one rendition: the timeline as a table.
type runRow struct {
	Rendition string
	Wall      stamp
	Start     string // in what is played, holes closed
	Writer    string
	Segments  string
	Length    string
	Begins    string // why it does not simply go on
}

// run is a run while it is gathered.
type run struct {
	slot, last  int // slots, both included
	from, to    int64
	at, ns      int64 // in what is played
	nonce       string
	cut, joined bool
	pause       int64 // wall time between the run before and this one, in ns
}

// runsOf cuts each rendition where its writer or its numbering changes, slots are
// missing or a discontinuity stands.
func runsOf(rec *finalize.Record) []runRow {
	var out []runRow
	for i := range rec.Renditions {
		q := &rec.Renditions[i]
		slots := rec.SlotsOf(q)
		runs := gather(q, slots)
		for k := range runs {
			x := &runs[k]
			row := runRow{
				Rendition: shown(q.Name), Wall: wallAt(rec, slots.StartNS[x.slot]), Start: clock(x.at),
				Writer: writerName(x.nonce), Length: clock(x.ns), Segments: count(x.last-x.slot+1, "segment"),
			}
			if numbered(q) {
				row.Segments = fmt.Sprintf("%s: %s", row.Segments, finalize.NumberRange{From: x.from, To: x.to}.String())
			}
			if k > 0 {
				row.Begins = begins(&runs[k-1], x)
				if x.pause >= int64(100*time.Millisecond) {
					row.Begins = spoken(x.pause) + " later: " + row.Begins
				}
			}
			out = append(out, row)
		}
	}
	return out
}

func gather(q *finalize.RenditionRecord, slots *finalize.SlotColumns) []run {
	cut, join := set(slots.Discontinuity), set(slots.Join)
	named := numbered(q)
	pause := map[int]int64{}
	for i, k := range slots.GapAt {
		pause[k] = slots.GapNS[i]
	}
	var runs []run
	for i := range q.Key {
		k := q.Slot[i]
		if n := len(runs) - 1; n >= 0 && !cut[k] && runs[n].nonce == q.Nonce[i] && runs[n].last+1 == k && (!named || runs[n].to+1 == q.Seq[i]) {
			runs[n].last, runs[n].to, runs[n].ns = k, q.Seq[i], runs[n].ns+q.DurationNS[i]
			continue
		}
		runs = append(runs, run{slot: k, last: k, from: q.Seq[i], to: q.Seq[i], at: q.StartNS[i], ns: q.DurationNS[i], nonce: q.Nonce[i], cut: cut[k], joined: join[k], pause: pause[k]})
	}
	return runs
}

// numbered reports whether the segments of a rendition have numbers.
func numbered(q *finalize.RenditionRecord) bool {
	for _, n := range q.Seq {
		if n != 0 {
			return true
		}
	}
	return q.Len() == 1
}

func begins(before, x *run) string {
	other := before.nonce != x.nonce
	switch {
	case x.joined && other:
		return "another writer, media does not continue: discontinuity"
	case x.joined:
		return "media does not continue: discontinuity"
	case x.cut && other:
		return "another writer: discontinuity"
	case x.cut:
		return "discontinuity"
	case x.slot > before.last+1:
		return "after " + count(x.slot-before.last-1, "slot") + " that it lacks"
	case other:
		return "goes on where " + writerName(before.nonce) + " ends"
	}
	return "the numbering goes on elsewhere"
}

func set(slots []int) map[int]bool {
	m := make(map[int]bool, len(slots))
	for _, k := range slots {
		m[k] = true
	}
	return m
}

// wallAt is the wall time of ns since a session's start.
func wallAt(rec *finalize.Record, ns int64) stamp {
	return stampOf(rec.Start.Add(time.Duration(ns)))
}
