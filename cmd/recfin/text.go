package main

import (
	"fmt"
	"path"
	"strings"
	"time"

	"recfin/finalize"
)

// reportText says in a few lines what became of a recording.
func reportText(r *finalize.Report) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s\n", printable(r.Recording), headline(r))
	for i := range r.Plan.Sessions {
		s := r.Plan.Sessions[i]
		written := false
		for _, c := range r.Committed {
			if c.Record.Session == s.Record.Session {
				s.Record, written = c.Record, true // as it was measured
			}
		}
		sessionLine(&b, &s)
		if written {
			outputLines(&b, s.Record.Outputs)
		}
		holes(&b, s.Record)
	}
	droppedText(&b, r.Plan)
	deletedText(&b, r)
	if r.Due != nil {
		fmt.Fprintf(&b, "  marked for deletion; due at %s with the same --delete\n", r.Due.UTC().Format(time.RFC3339))
	}
	for _, p := range r.Problems {
		fmt.Fprintf(&b, "  note: %s\n", p)
	}
	notes(&b, r.Plan)
	adviceText(&b, r.Plan)
	return b.String()
}

// outputLines list what was written. The copies of a rendition are many, and alike:
// they are counted.
func outputLines(b *strings.Builder, outputs []finalize.Output) {
	for i := 0; i < len(outputs); i++ {
		o := outputs[i]
		if o.Kind == "copy" {
			n := 1
			for ; i+1 < len(outputs) && outputs[i+1].Kind == o.Kind && outputs[i+1].Rendition == o.Rendition; i++ {
				o.Size += outputs[i+1].Size
				o.DurationNS += outputs[i+1].DurationNS
				n++
			}
			fmt.Fprintf(b, "    copy  %s%s  %s  %s in %s\n", o.Store, printable(path.Dir(o.Key)+"/"), clock(o.DurationNS), size(o.Size), count(n, "object"))
			continue
		}
		fmt.Fprintf(b, "    %s  %s%s  %s  %s\n", o.Kind, o.Store, printable(o.Key), clock(o.DurationNS), size(o.Size))
		if len(o.Sound) > 0 {
			fmt.Fprintf(b, "      with the sound of %s\n", printable(strings.Join(o.Sound, ", ")))
		}
		if o.Silent > 0 {
			fmt.Fprintf(b, "      %s made where sound is missing\n", count(o.Silent, "silent frame"))
		}
		if o.Skipped > 0 {
			fmt.Fprintf(b, "      %s left out: before the first picture that can be decoded, or over what was there\n", count(o.Skipped, "sample"))
		}
	}
}

// headline is the result in one phrase.
func headline(r *finalize.Report) string {
	switch {
	case r.Err != nil:
		return string(r.Status()) + ": " + strings.TrimPrefix(r.Err.Error(), printable(r.Recording)+": ") + advice(r.Err)
	case len(r.Committed) > 0:
		return fmt.Sprintf("done, %s written", count(len(r.Committed), "session"))
	case len(r.Deleted) > 0:
		return fmt.Sprintf("done, %s deleted", count(len(r.Deleted), "object"))
	case r.Condemned > 0:
		return fmt.Sprintf("done, %s marked for deletion", count(r.Condemned, "object"))
	case r.Plan.Status == finalize.NotSettled:
		return "not settled: " + r.Plan.Why
	}
	return "nothing to do"
}

// planText is the plan as a person reads it: one line a run of segments, a
// hole, a group of what was dropped, an uncertainty.
func planText(r *finalize.Report) string {
	var b strings.Builder
	p := r.Plan
	switch {
	case r.Err != nil:
		fmt.Fprintf(&b, "%s: %s%s\n", printable(r.Recording), strings.TrimPrefix(r.Err.Error(), printable(r.Recording)+": "), advice(r.Err))
	case p.Why != "":
		fmt.Fprintf(&b, "%s: %s: %s\n", printable(r.Recording), p.Status, p.Why)
	default:
		fmt.Fprintf(&b, "%s: %s\n", printable(r.Recording), p.Status)
	}
	for i := range p.Sessions {
		s := &p.Sessions[i]
		sessionLine(&b, s)
		timeline(&b, s.Record)
	}
	droppedText(&b, p)
	if n := len(p.Unknown); n > 0 {
		fmt.Fprintf(&b, "  %s of unknown form, never touched: %s\n", count(n, "key"), some(p.Unknown[0].Key, n))
	}
	notes(&b, p)
	adviceText(&b, p)
	return b.String()
}

// sessionLine is a session in one line: when it was, how long it is, what is to
// become of it.
func sessionLine(b *strings.Builder, s *finalize.PlannedSession) {
	var ns int64
	for _, d := range s.Record.Slots.DurationNS {
		ns += d
	}
	fmt.Fprintf(b, "  session %s  until %s  %s  %s  %s", s.Record.Session, compact(s.Record.End),
		clock(ns), count(len(s.Record.Slots.Seq), "slot"), s.Action)
	if s.Why != "" && s.Action != finalize.Wait { // the recording's line says why it waits
		fmt.Fprintf(b, " (%s)", s.Why)
	}
	b.WriteByte('\n')
}

func holes(b *strings.Builder, r *finalize.Record) {
	for _, h := range r.Holes {
		where := "all renditions"
		if h.Rendition != "" {
			where = printable(h.Rendition)
		}
		fmt.Fprintf(b, "    hole in %s between %s: %s\n", where, holeEnds(r, &h), clock(h.DurationNS))
	}
}

// notes prints what needs a look: one line for each uncertainty and warning.
func notes(b *strings.Builder, p *finalize.Plan) {
	for i, u := range p.Uncertain {
		if i == mostDoubts {
			fmt.Fprintf(b, "  and %s more (--json lists all)\n", count(len(p.Uncertain)-i, "uncertainty"))
			break
		}
		fmt.Fprintf(b, "  uncertain (%s): %s: %s\n", u.What, u.Why, some(u.Keys[0], len(u.Keys)))
	}
	if len(p.Uncertain) > 0 {
		fmt.Fprintf(b, "    nothing of this is ever a leftover; recfin plan --explain KEY %s says more of one key\n", printable(p.Recording))
	}
	for i, n := range p.Notes {
		if i == mostDoubts {
			fmt.Fprintf(b, "  and %s more (--json lists all)\n", count(len(p.Notes)-i, "note"))
			break
		}
		fmt.Fprintf(b, "  note (%s): %s: %s\n", n.What, some(n.Keys[0], len(n.Keys)), printable(n.Why))
	}
	for _, w := range p.Warnings {
		fmt.Fprintf(b, "  warning: %s\n", warningText(w))
	}
}

// adviceText ends a report with what could not be used, and what to do.
func adviceText(b *strings.Builder, p *finalize.Plan) {
	for _, line := range p.Advice() {
		fmt.Fprintf(b, "  advice: %s\n", line)
	}
}

// warningText adds to the word that programs read what it means.
func warningText(word string) string {
	if means := finalize.WarningMeans(word); means != "" {
		return word + ": " + means
	}
	return printable(word)
}

// some is the first of n keys.
func some(first string, n int) string {
	if n == 1 {
		return printable(first)
	}
	return fmt.Sprintf("%s and %d more", printable(first), n-1)
}

// compact is a wall time in the form of the IDs of sessions. Sums of media durations miss
// a second by a nanosecond.
func compact(t time.Time) string {
	return t.UTC().Round(time.Millisecond).Format("20060102T150405Z")
}

// clock gives ns as h:mm:ss.mmm.
func clock(ns int64) string {
	ms := (ns + 500_000) / 1_000_000
	return fmt.Sprintf("%d:%02d:%02d.%03d", ms/3_600_000, ms/60_000%60, ms/1000%60, ms%1000)
}

// size gives bytes as people read them.
func size(n int64) string {
	switch {
	case n >= 1<<30:
		return fmt.Sprintf("%.1f GiB", float64(n)/(1<<30))
	case n >= 1<<20:
		return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20))
	case n >= 1<<10:
		return fmt.Sprintf("%.1f KiB", float64(n)/(1<<10))
	}
	return fmt.Sprintf("%d B", n)
}
