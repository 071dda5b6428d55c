package main

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"recfin/finalize"
)

// How much of a large plan is printed: people read the beginning, programs read
// --json.
const (
	mostRuns   = 24
	mostGroups = 12
	mostDoubts = 6
	mostHoles  = 12
)

// stint is an unbroken run of one writer in one rendition.
type stint struct {
	slot, last  int // slots, both included
	start, ns   int64
	nonce       string
	from, to    int64 // numbers
	numbered    bool
	cut, joined bool  // a discontinuity, a join of media stands before it
	pause       int64 // wall time between the run before and this one, in ns
}

// stints cuts a rendition where the writer changes, numbers leap, slots are
// missing or a discontinuity stands.
func stints(r *finalize.Record, q *finalize.RenditionRecord) []stint {
	slots := r.SlotsOf(q)
	cut, join := set(slots.Discontinuity), set(slots.Join)
	pause := map[int]int64{}
	for i, slot := range slots.GapAt {
		pause[slot] = slots.GapNS[i]
	}
	numbered := numbered(q)
	var out []stint
	for i := range q.Len() {
		slot := q.Slot[i]
		if k := len(out) - 1; k >= 0 && !cut[slot] && out[k].nonce == q.Nonce[i] && out[k].last+1 == slot &&
			(!numbered || out[k].to+1 == q.Seq[i]) {
			out[k].last, out[k].to, out[k].ns = slot, q.Seq[i], out[k].ns+q.DurationNS[i]
			continue
		}
		out = append(out, stint{
			slot: slot, last: slot, start: q.StartNS[i], ns: q.DurationNS[i], nonce: q.Nonce[i], from: q.Seq[i], to: q.Seq[i],
			numbered: numbered, cut: cut[slot], joined: join[slot], pause: pause[slot],
		})
	}
	return out
}

// numbered reports whether the segments of a rendition have numbers.
func numbered(q *finalize.RenditionRecord) bool {
	return slices.ContainsFunc(q.Seq, func(n int64) bool { return n != 0 }) || q.Len() == 1
}

// holeEnds are the numbers on both sides of a hole or, where segments have none,
// their names.
func holeEnds(r *finalize.Record, h *finalize.HoleRow) string {
	for i := range r.Renditions {
		q := &r.Renditions[i]
		if h.Rendition != "" && q.Name != h.Rendition || numbered(q) {
			continue
		}
		after, before := "the beginning", "the end"
		for k := range q.Key {
			if name := short(path.Base(q.Key[k]), 60); q.Slot[k] <= h.AfterSlot {
				after = name
			} else {
				before = name
				break
			}
		}
		return after + " and " + before
	}
	return fmt.Sprintf("%d and %d", h.AfterSeq, h.BeforeSeq)
}

func set(slots []int) map[int]bool {
	m := make(map[int]bool, len(slots))
	for _, k := range slots {
		m[k] = true
	}
	return m
}

// block is the renditions that have the same runs: one copy of each is printed
// for all of them.
type block struct {
	names, codecs []string
	runs          []stint
	slots         *finalize.SlotColumns
}

func blocks(r *finalize.Record) []block {
	var out []block
next:
	for i := range r.Renditions {
		q := &r.Renditions[i]
		runs, slots := stints(r, q), r.SlotsOf(q)
		for k := range out {
			if slices.Equal(out[k].slots.StartNS, slots.StartNS) && slices.EqualFunc(out[k].runs, runs, func(a, b stint) bool {
				return a.slot == b.slot && a.last == b.last && a.nonce == b.nonce && a.from == b.from && a.to == b.to
			}) {
				out[k].names = append(out[k].names, q.Name)
				if !slices.Contains(out[k].codecs, q.Codecs) {
					out[k].codecs = append(out[k].codecs, q.Codecs)
				}
				continue next
			}
		}
		out = append(out, block{names: []string{q.Name}, codecs: []string{q.Codecs}, runs: runs, slots: slots})
	}
	return out
}

// timeline prints a session: its renditions, one line for each run of a writer
// and for each hole.
func timeline(b *strings.Builder, r *finalize.Record) {
	gaps := map[string][]finalize.HoleRow{}
	for _, h := range r.Holes {
		gaps[h.Rendition] = append(gaps[h.Rendition], h)
	}
	for n, k := range blocks(r) {
		common := behindHoles(r, k.slots)
		codecs := ""
		if len(k.codecs) == 1 && k.codecs[0] != "" { // of several --json tells which has which
			codecs = "  " + k.codecs[0]
		}
		fmt.Fprintf(b, "    %s%s\n", short(strings.Join(k.names, ", "), 70), codecs)
		holes := gaps[k.names[0]]
		if n == 0 {
			holes = append(slices.Clone(gaps[""]), holes...)
		}
		width := 0
		for _, s := range k.runs[:min(len(k.runs), mostRuns)] {
			width = max(width, len([]rune(who(s.nonce))))
		}
		for i, s := range k.runs {
			if i == mostRuns {
				fmt.Fprintf(b, "      and %s more (--json lists all)\n", count(len(k.runs)-i, "run"))
				break
			}
			printHoles(b, r, &holes, s.slot)
			fmt.Fprintf(b, "      %s  %s%s  %-13s %s%s\n", clock(s.start), who(s.nonce), strings.Repeat(" ", width-len([]rune(who(s.nonce)))),
				s.numbers(), brief(s.ns), begins(k.runs, i, common[s.slot]))
		}
		printHoles(b, r, &holes, len(k.slots.Seq))
	}
}

// behindHoles are the slots that stand behind a hole in all renditions. The holes
// are counted in the slots of the session; in others it is the nearest slot that
// comes after lost time.
func behindHoles(r *finalize.Record, slots *finalize.SlotColumns) map[int]bool {
	behind := map[int]bool{}
	for _, h := range r.Holes {
		k := h.AfterSlot + 1
		switch {
		case h.Rendition != "" || k < 0 || k >= len(r.Slots.StartNS):
		case slots == &r.Slots:
			behind[k] = true
		default:
			best, least := -1, int64(0)
			for _, at := range slots.GapAt {
				d := slots.StartNS[at] - r.Slots.StartNS[k]
				if d = max(d, -d); best < 0 || d < least {
					best, least = at, d
				}
			}
			behind[best] = true
		}
	}
	return behind
}

// printHoles prints the holes that end before a slot, and takes them off the
// list.
func printHoles(b *strings.Builder, r *finalize.Record, holes *[]finalize.HoleRow, slot int) {
	printed := 0
	rest := (*holes)[:0:0]
	for _, h := range *holes {
		if h.AfterSlot >= slot {
			rest = append(rest, h)
			continue
		}
		if printed++; printed > mostHoles {
			continue
		}
		where := "all renditions"
		if h.Rendition != "" {
			where = short(h.Rendition, 40) + " only"
		}
		fmt.Fprintf(b, "      %s  hole %s, %s between %s\n", strings.Repeat(" ", len(clock(0))), brief(h.DurationNS), where, holeEnds(r, &h))
	}
	if printed > mostHoles {
		fmt.Fprintf(b, "      and %s more (--json lists all)\n", count(printed-mostHoles, "hole"))
	}
	*holes = rest
}

// begins says in a few words why a run does not simply go on.
func begins(runs []stint, i int, hole bool) string {
	if hole && i > 0 && runs[i].cut {
		return "  after the hole (discontinuity)"
	}
	if i == 0 {
		return ""
	}
	s := &runs[i]
	if s.pause >= int64(time.Second) && !hole {
		return "  " + brief(s.pause) + " later" + change(&runs[i-1], s)
	}
	return change(&runs[i-1], s)
}

// change says what is different from the run before.
func change(before, s *stint) string {
	switch {
	case s.nonce != before.nonce && s.joined:
		return "  another writer, and media does not continue (discontinuity)"
	case s.nonce != before.nonce && s.cut:
		return "  another writer with other parameters (discontinuity)"
	case s.nonce != before.nonce:
		return "  goes on where " + who(before.nonce) + " ends"
	case s.joined:
		return "  media does not continue (discontinuity)"
	case s.cut:
		return "  parameters change (discontinuity)"
	}
	return ""
}

func who(nonce string) string {
	if nonce == "" {
		return "-"
	}
	return short(nonce, 32)
}

// numbers are the numbers of a run, or how many segments it has.
func (s *stint) numbers() string {
	if !s.numbered {
		return count(s.last-s.slot+1, "segment")
	}
	return finalize.NumberRange{From: s.from, To: s.to}.String()
}

// brief is a duration as people say it: 2.0 s, 3 min 20 s, 2 h 05 min.
func brief(ns int64) string {
	d := time.Duration(ns)
	if tenths := d.Round(time.Second / 10); tenths < time.Minute {
		return fmt.Sprintf("%d.%d s", tenths/time.Second, tenths%time.Second/(time.Second/10))
	}
	if seconds := d.Round(time.Second); seconds < time.Hour {
		return fmt.Sprintf("%d min %02d s", seconds/time.Minute, seconds%time.Minute/time.Second)
	}
	d = d.Round(time.Minute)
	return fmt.Sprintf("%d h %02d min", d/time.Hour, d%time.Hour/time.Minute)
}

// short makes a name safe to print and cuts a long one in the middle.
func short(name string, most int) string {
	r := []rune(printable(name))
	if len(r) <= most {
		return string(r)
	}
	half := (most - 1) / 2
	return string(r[:half]) + "…" + string(r[len(r)-(most-1-half):])
}

// droppedText prints one line for each group of what is not in the recording.
func droppedText(b *strings.Builder, p *finalize.Plan) {
	groups := p.DropGroups()
	if len(groups) == 0 {
		return
	}
	fmt.Fprintf(b, "  dropped: %s\n", count(len(p.Dropped), "segment"))
	for i := range groups {
		if i == mostGroups {
			fmt.Fprintf(b, "    and %s more (--json lists all)\n", count(len(groups)-i, "group"))
			break
		}
		fmt.Fprintf(b, "    %-11s %s\n", groups[i].Reason, groupText(&groups[i]))
	}
}

func groupText(g *finalize.DropGroup) string {
	var b strings.Builder
	switch {
	case g.Count == 1:
		b.WriteString(short(g.First.Key, 60))
		if g.FirstKept != "" {
			b.WriteString(", for " + short(g.FirstKept, 60))
		}
	case len(g.Numbers) > 0:
		fmt.Fprintf(&b, "%s %s", who(g.Nonce), rangesText(g.Numbers))
	default:
		fmt.Fprintf(&b, "%s and %d more", short(g.First.Key, 60), g.Count-1)
	}
	if len(g.Renditions) > 1 {
		fmt.Fprintf(&b, " in %d renditions", len(g.Renditions))
	}
	if g.HasKept && g.Count > 1 {
		fmt.Fprintf(&b, ", for %s", who(g.Kept))
		if len(g.Against) > 0 {
			b.WriteString(" " + rangesText(g.Against))
		}
	}
	if g.Why != "" {
		b.WriteString(": " + g.Why)
	}
	switch {
	case g.Leftover:
		b.WriteString(" (a leftover)")
	case g.Reason == "unreadable" || g.Reason == "undecodable":
		b.WriteString(" (kept; recfin probe says what is in it)")
	}
	return b.String()
}

func rangesText(rs []finalize.NumberRange) string {
	const most = 4
	var parts []string
	for i, r := range rs {
		if i == most {
			parts = append(parts, "…")
			break
		}
		parts = append(parts, r.String())
	}
	return strings.Join(parts, ", ")
}
