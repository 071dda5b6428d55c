package report

import (
	"fmt"
	"strings"

	"recfin/finalize"
)

// verdict is the state of the recording in one sentence.
func verdict(r *finalize.Report, plan *finalize.Plan, status finalize.Status) string {
	sessions := count(len(plan.Sessions), "session")
	switch {
	case r.Err != nil:
		return statusWords[status] + ": " + whyOf(r)
	case len(r.Committed) > 0:
		return fmt.Sprintf("Finalized: %s written in this run", count(len(r.Committed), "session"))
	case plan.Why != "":
		return statusWords[status] + ": " + shown(plan.Why)
	case status == finalize.Done:
		return "Finalized: " + sessions + ", nothing is to be done"
	case status == finalize.Ready:
		return "Ready: " + sessions + " to be written"
	}
	return statusWords[status]
}

// whyOf is why a recording is where it is, without its name; empty: nothing is to be said.
func whyOf(r *finalize.Report) string {
	switch {
	case r.Err != nil:
		return shown(strings.TrimPrefix(r.Err.Error(), shown(r.Recording)+": "))
	case r.Plan != nil:
		return shown(r.Plan.Why)
	}
	return ""
}

// factsOf are the numbers at the top of a page.
func factsOf(plan *finalize.Plan, records []*finalize.Record, dropped []finalize.DroppedAt) []fact {
	var length, wall, bytes int64
	segments, cuts := 0, 0
	names, writers := map[string]bool{}, map[string]bool{}
	for _, r := range records {
		length, wall = length+lengthOf(r), wall+wallOf(r)
		cuts += len(r.Slots.Discontinuity)
		for i := range r.Renditions {
			q := &r.Renditions[i]
			names[q.Name] = true
			segments += q.Len()
			for k := range q.Key {
				writers[q.Nonce[k]] = true
				bytes += q.Size[k]
			}
		}
	}
	missing := missingOf(records)
	return []fact{
		{"Duration", clock(length), spoken(wall) + " on air"},
		{"Sessions", digits(int64(len(records))), count(len(names), "rendition") + ", " + count(len(writers), "writer")},
		{"Segments", digits(int64(segments)), size(bytes) + " chosen"},
		{"Dropped", digits(int64(len(dropped))), leftoversOf(dropped)},
		{"Holes", digits(int64(missing.holes)), missing.note()},
		{"Joins", digits(int64(cuts)), strings.TrimLeft(joinsText(cuts), "0123456789\u202f ")},
	}
}

// missing counts what nobody has, and apart from it what one rendition has not.
type missing struct {
	holes, gaps int
	ns, gapNS   int64
}

func missingOf(records []*finalize.Record) (m missing) {
	for _, r := range records {
		for i := range r.Holes {
			m.add(&r.Holes[i])
		}
	}
	return m
}

func (m *missing) add(h *finalize.HoleRow) {
	if h.Rendition == "" {
		m.holes, m.ns = m.holes+1, m.ns+h.DurationNS
	} else {
		m.gaps, m.gapNS = m.gaps+1, m.gapNS+h.DurationNS
	}
}

// note says what is missing in a few words.
func (m missing) note() string {
	var parts []string
	if m.holes > 0 {
		parts = append(parts, spoken(m.ns)+" missing")
	}
	if m.gaps > 0 {
		parts = append(parts, "GAP of "+spoken(m.gapNS)+" in one rendition")
	}
	if m.gaps > 1 {
		parts[len(parts)-1] = digits(int64(m.gaps)) + " GAPs in single renditions"
	}
	if len(parts) == 0 {
		return "nothing is missing"
	}
	return strings.Join(parts, ", ")
}

func leftoversOf(dropped []finalize.DroppedAt) string {
	n, bytes := 0, int64(0)
	for i := range dropped {
		if dropped[i].Leftover {
			n++
			bytes += dropped[i].Size
		}
	}
	if n == 0 {
		return "none is a leftover"
	}
	return fmt.Sprintf("%s, %s", count(n, "leftover"), size(bytes))
}

// looksOf is what a person should look at, the worst first.
func looksOf(r *finalize.Report, plan *finalize.Plan, records []*finalize.Record) []look {
	var out []look
	add := func(tone, what, text string) { out = append(out, look{Tone: tone, What: what, Text: shown(text)}) }
	for _, k := range r.Kept {
		if k.Failed {
			add("bad", "not deleted", k.Key+": "+k.Why)
		}
	}
	if status := statusOf(r); tone(status) == "bad" {
		out = append(out, look{Tone: "bad", What: string(status), Text: whyOf(r)})
	}
	for _, line := range plan.Advice() {
		add("bad", "not used", line)
	}
	for _, rec := range records {
		for _, u := range rec.Unmade {
			add("bad", "not made", u.String())
		}
	}
	for _, u := range plan.Uncertain {
		keys := keysOf(u.Keys, 5)
		out = append(out, look{Tone: "warn", What: "uncertain " + shown(u.What), Text: shown(u.Why), Keys: keys.Keys, More: keys.More})
	}
	for _, w := range plan.Warnings {
		text := finalize.WarningMeans(w)
		if text == "" {
			text = w
		}
		add("warn", shown(w), text)
	}
	out = append(out, holeLooks(records)...)
	for _, p := range r.Problems {
		add("note", "joining", p)
	}
	for _, n := range plan.Notes {
		keys := keysOf(n.Keys, 5)
		out = append(out, look{Tone: "note", What: shown(n.What), Text: shown(n.Why), Keys: keys.Keys, More: keys.More})
	}
	return out
}

func deletionOf(r *finalize.Report, due []finalize.StandingDue) deletion {
	d := deletion{Condemned: r.Condemned}
	for _, s := range due {
		d.Sets = append(d.Sets, dueRow{Session: shown(s.Session), Kind: shown(s.Kind), Objects: digits(int64(s.Objects)), Bytes: size(s.Bytes), Since: stampOf(s.Since), At: stampOf(s.At), Kept: s.Kept})
	}
	if r.Due != nil {
		d.Due = stampOf(*r.Due)
	}
	var keys []string
	var bytes int64
	for _, o := range r.Deleted {
		keys = append(keys, o.Key)
		bytes += o.Size
	}
	if len(keys) > 0 {
		d.Deleted = keysOf(keys, mostKeys)
		d.Gone = count(len(keys), "object") + ", " + size(bytes)
	}
	for i, k := range r.Kept {
		if i == mostKeys {
			d.KeptMore = len(r.Kept) - i
			break
		}
		d.Kept = append(d.Kept, keptRow{Key: shown(k.Key), Why: shown(k.Why), Failed: k.Failed})
	}
	return d
}
