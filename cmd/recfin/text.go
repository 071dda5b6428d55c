package main

import (
	"fmt"
	"sort"
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
		for _, o := range s.Record.Outputs {
			if written {
				fmt.Fprintf(&b, "    %s  %s%s  %s  %s\n", o.Kind, o.Store, printable(o.Key), clock(o.DurationNS), size(o.Size))
				if o.Silent > 0 {
					fmt.Fprintf(&b, "      %s made where sound is missing\n", count(o.Silent, "silent frame"))
				}
				if o.Skipped > 0 {
					fmt.Fprintf(&b, "      %s left out: before the first picture that can be decoded, or over what was there\n", count(o.Skipped, "sample"))
				}
			}
		}
		holes(&b, s.Record)
	}
	dropped(&b, r.Plan)
	for _, o := range r.Deleted {
		fmt.Fprintf(&b, "  deleted %s\n", printable(o.Key))
	}
	for _, k := range r.Kept {
		fmt.Fprintf(&b, "  kept %s: %s\n", printable(k.Key), k.Why)
	}
	if r.Due != nil {
		fmt.Fprintf(&b, "  marked for deletion; due at %s with the same --delete\n", r.Due.UTC().Format(time.RFC3339))
	}
	for _, p := range r.Problems {
		fmt.Fprintf(&b, "  note: %s\n", p)
	}
	notes(&b, r.Plan)
	return b.String()
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
		for k := range s.Record.Renditions {
			runs(&b, s.Record, &s.Record.Renditions[k])
		}
		holes(&b, s.Record)
	}
	dropped(&b, p)
	if n := len(p.Unknown); n > 0 {
		fmt.Fprintf(&b, "  %s of unknown form, never touched: %s\n", count(n, "key"), some(p.Unknown[0].Key, n))
	}
	notes(&b, p)
	return b.String()
}

func sessionLine(b *strings.Builder, s *finalize.PlannedSession) {
	var ns int64
	for _, d := range s.Record.Slots.DurationNS {
		ns += d
	}
	fmt.Fprintf(b, "  session %s  %s  %s  %s", s.Record.Session, clock(ns), count(len(s.Record.Slots.Seq), "slot"), s.Action)
	if s.Why != "" {
		fmt.Fprintf(b, " (%s)", s.Why)
	}
	b.WriteByte('\n')
}

// runs prints one line for each unbroken run of one writer.
func runs(b *strings.Builder, r *finalize.Record, q *finalize.RenditionRecord) {
	fmt.Fprintf(b, "    %s  %s\n", printable(q.Name), q.Codecs)
	cut := map[int]bool{}
	for _, k := range r.Slots.Discontinuity {
		cut[k] = true
	}
	for i := 0; i < q.Len(); {
		k := i + 1
		ns := q.DurationNS[i]
		for k < q.Len() && q.Nonce[k] == q.Nonce[i] && q.Seq[k] == q.Seq[k-1]+1 && !cut[q.Slot[k]] {
			ns += q.DurationNS[k]
			k++
		}
		mark := ""
		if i > 0 && cut[q.Slot[i]] {
			mark = "  (discontinuity)"
		}
		who := q.Nonce[i]
		if who == "" {
			who = "-"
		}
		fmt.Fprintf(b, "      %s  %s %d–%d  %s%s\n", clock(q.StartNS[i]), printable(who), q.Seq[i], q.Seq[k-1], clock(ns), mark)
		i = k
	}
}

func holes(b *strings.Builder, r *finalize.Record) {
	for _, h := range r.Holes {
		where := "all renditions"
		if h.Rendition != "" {
			where = printable(h.Rendition)
		}
		fmt.Fprintf(b, "    hole in %s between %d and %d: %s\n", where, h.AfterSeq, h.BeforeSeq, clock(h.DurationNS))
	}
}

// dropped prints one line for each reason: the keys, or the first of many.
func dropped(b *strings.Builder, p *finalize.Plan) {
	by := map[finalize.Reason][]finalize.Dropped{}
	for _, d := range p.Dropped {
		by[d.Reason] = append(by[d.Reason], d)
	}
	reasons := make([]string, 0, len(by))
	for r := range by {
		reasons = append(reasons, string(r))
	}
	sort.Strings(reasons)
	const most = 8
	for _, r := range reasons {
		group := by[finalize.Reason(r)]
		fmt.Fprintf(b, "  dropped as %s: %s\n", r, count(len(group), "segment"))
		for i, d := range group {
			if i == most {
				fmt.Fprintf(b, "    and %d more (--json lists all)\n", len(group)-most)
				break
			}
			fmt.Fprintf(b, "    %s", printable(d.Key))
			if d.Kept != "" {
				fmt.Fprintf(b, "  for %s", printable(d.Kept))
			}
			b.WriteByte('\n')
		}
		switch finalize.Reason(r) {
		case "unreadable", "undecodable", "empty":
			b.WriteString("    (kept, never deleted; recfin probe says what is in one)\n")
		}
	}
}

func notes(b *strings.Builder, p *finalize.Plan) {
	for _, u := range p.Uncertain {
		fmt.Fprintf(b, "  uncertain (%s): %s: %s\n", u.What, u.Why, some(u.Keys[0], len(u.Keys)))
	}
	for _, w := range p.Warnings {
		fmt.Fprintf(b, "  warning: %s\n", w)
	}
}

// some is the first of n keys.
func some(first string, n int) string {
	if n == 1 {
		return printable(first)
	}
	return fmt.Sprintf("%s and %d more", printable(first), n-1)
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
