package finalize

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"time"

	"recfin/finalize/timeline"
	"recfin/store"
)

// outputFormat is the number of the form of the outputs. It goes into the hash
// of every version; a change of the bytes that recfin writes raises it.
const outputFormat = 1

// record writes down the decision on session i of the timeline, for what is
// planned of it.
func (d *decision) record(i int, ps *PlannedSession, id string, formats Formats) *Record {
	s := &d.m.Timeline.Sessions[i]
	r := &Record{
		Format: recordFormat, Version: recordVersion,
		Recording: d.m.Recording, Session: id, Start: s.Start, End: s.End,
		Settings: d.f.cfg.shaping(d.layouts(s), formats),
	}
	own := map[string]bool{id: true}
	for _, e := range ps.Absorbs {
		own[e.ID] = true
	}
	r.Settings.HLS = string(lastingMode(d.f.cfg.HLS, d.p.before(ps)...))
	r.Until = d.until(s, ps)
	r.Slots = slotColumns(s.Slots, s.Start)
	var names []string
	for _, q := range s.Renditions {
		names = append(names, q.Name)
	}
	outputs := outputNames(names)
	for k := range s.Renditions {
		r.Renditions = append(r.Renditions, d.rendition(r, s, k, outputs[k], d.p.before(ps)))
	}
	for _, h := range s.Holes {
		r.Holes = append(r.Holes, HoleRow{Rendition: h.Rendition, AfterSeq: h.AfterSeq, BeforeSeq: h.BeforeSeq, AfterSlot: h.AfterSlot, DurationNS: int64(h.Duration)})
	}
	last := len(d.m.Timeline.Sessions) - 1
	inSession := map[int]bool{}
	for _, x := range d.m.Timeline.Dropped {
		if x.Session == i || x.Session < 0 && i == last {
			inSession[x.Segment] = true
			o := d.dropped(x)
			if by, ok := d.known.chosen[o.id()]; ok && !own[by] {
				continue // another session holds it: a fact
			}
			if by, ok := d.known.dropped[o.id()]; ok && by != "" && !own[by] {
				continue // another session has dropped it
			}
			r.Dropped.addDropped(o)
			d.addFill(r, s, x)
		}
	}
	d.markUncertain(r, s, inSession)
	return r
}

// until is the midnight at which a session is cut: where the timeline has it
// alone, that of the last of the sessions that it grows.
func (d *decision) until(s *timeline.Session, ps *PlannedSession) *time.Time {
	if until := s.Until; !until.IsZero() {
		return &until
	}
	last := ps.Replaces
	if n := len(ps.Absorbs); n > 0 {
		last = ps.Absorbs[n-1]
	}
	if last == nil {
		return nil
	}
	return d.m.Committed.record[last.ID].Until
}

// layouts names the layouts that read the keys of a session.
func (d *decision) layouts(s *timeline.Session) string {
	set, last := map[string]bool{}, (*origin)(nil)
	for _, q := range s.Renditions {
		for _, p := range q.Picks {
			if p.Segment < 0 {
				continue
			}
			if of := d.m.Segments[p.Segment].origin; of != last {
				last, set[of.Layout] = of, true
			}
		}
	}
	return strings.Join(sortedNames(set), ",")
}

// markUncertain takes the uncertainties that name a segment of the session.
func (d *decision) markUncertain(r *Record, s *timeline.Session, inSession map[int]bool) {
	if len(d.m.Timeline.Uncertain) == 0 {
		return
	}
	for _, q := range s.Renditions {
		for _, p := range q.Picks {
			inSession[p.Segment] = true
		}
	}
	for _, u := range d.m.Timeline.Uncertain {
		if slices.ContainsFunc(u.Segments, func(k int) bool { return inSession[k] }) {
			r.Uncertain = append(r.Uncertain, d.uncertainRow(u))
		}
	}
}

// rendition writes down the k-th rendition of a session that grows those before. A
// segment without a number has that of its slot.
func (d *decision) rendition(r *Record, session *timeline.Session, k int, output string, before []*Record) RenditionRecord {
	q := &session.Renditions[k]
	out := RenditionRecord{Name: q.Name, Output: output}
	if q.Slots != nil {
		own := slotColumns(q.Slots, session.Start)
		out.Slots = &own
	}
	slots := session.SlotsOf(k)
	var seen looks
	var shown sightings
	known := sightedBefore(before, out.Name)
	out.grow(chosen(q.Picks))
	for slot, p := range q.Picks {
		if p.Segment < 0 {
			continue
		}
		s := &d.m.Segments[p.Segment]
		out.Slot = append(out.Slot, slot)
		rows, init := out.Len(), 0
		if x := d.m.initOf(s); x != nil && x.raw != nil {
			init = r.initRow(x.piece, x.sum) + 1
		}
		out.Init = addSparse(out.Init, rows, init)
		look := d.m.looks[p.Segment]
		out.Header = addSparse(out.Header, rows, look.front(s.Bytes()))
		out.addPart(rows, s.Range())
		out.add(s.Object())
		out.Nonce = append(out.Nonce, s.Nonce)
		seq := s.Seq
		if s.Unnumbered {
			seq = slots[slot].Seq
		}
		out.Seq = append(out.Seq, seq)
		out.StartNS = append(out.StartNS, int64(p.Start))
		out.DurationNS = append(out.DurationNS, int64(p.Duration))
		out.Source = append(out.Source, p.Source)
		seen.add(look)
		var old oldRow
		if len(known) > 0 {
			old = known[s.id()]
		}
		shown.sight(look, d.m.stills[p.Segment], old)
	}
	for _, old := range before {
		for i := range old.Renditions {
			if q := &old.Renditions[i]; q.Name == out.Name {
				seen.remember(q)
			}
		}
	}
	seen.tell(&out)
	shown.tell(&out)
	return out
}

// chosen is how many slots have a segment.
func chosen(picks []timeline.Pick) int {
	n := 0
	for i := range picks {
		if picks[i].Segment >= 0 {
			n++
		}
	}
	return n
}

// grow makes room for rows.
func (q *RenditionRecord) grow(rows int) {
	q.ObjectColumns.grow(rows)
	q.Slot, q.Nonce, q.Seq = slices.Grow(q.Slot, rows), slices.Grow(q.Nonce, rows), slices.Grow(q.Seq, rows)
	q.StartNS, q.DurationNS, q.Source = slices.Grow(q.StartNS, rows), slices.Grow(q.DurationNS, rows), slices.Grow(q.Source, rows)
}

// timeline is the session as the playlists need it. Segments are row numbers.
func (r *Record) timeline() *timeline.Session {
	s := &timeline.Session{Start: r.Start, End: r.End, Slots: r.Slots.slots(r.Start)}
	for i := range r.Renditions {
		q := &r.Renditions[i]
		t := timeline.Rendition{Name: q.Name}
		slots := s.Slots
		if q.Slots != nil {
			t.Slots = q.Slots.slots(r.Start)
			slots = t.Slots
		}
		t.Picks = make([]timeline.Pick, len(slots))
		for k := range t.Picks {
			t.Picks[k] = timeline.Pick{Segment: -1, Duration: slots[k].Duration}
		}
		for j, k := range q.Slot {
			t.Picks[k] = timeline.Pick{Segment: j, Start: time.Duration(q.StartNS[j]), Duration: time.Duration(q.DurationNS[j]), Source: q.Source[j]}
		}
		s.Renditions = append(s.Renditions, t)
	}
	return s
}

// has searches a sorted list of slots.
func has(sorted []int, k int) bool {
	_, ok := slices.BinarySearch(sorted, k)
	return ok
}

// hash covers every object that the decision rests on, the decision itself and
// the settings: 16 hexadecimal digits. What publishing measures and writes is
// not in it.
func (r *Record) hash() string {
	bare := *r
	bare.Outputs, bare.Unmade = nil, nil
	h := sha256.New()
	hashValue(h, &bare)
	return hex.EncodeToString(h.Sum(nil))[:16]
}

func sortSessions(s []PlannedSession) {
	slices.SortStableFunc(s, func(a, b PlannedSession) int {
		return cmp.Or(a.Record.Start.Compare(b.Record.Start), cmp.Compare(a.Record.Session, b.Record.Session))
	})
}

func sortDropped(d []Dropped) {
	slices.SortFunc(d, func(a, b Dropped) int { return compareObjects(a.Object, b.Object) })
}

func compareObjects(a, b store.Object) int {
	return cmp.Or(cmp.Compare(a.Key, b.Key), cmp.Compare(a.Store, b.Store), cmp.Compare(a.ETag, b.ETag), cmp.Compare(a.Size, b.Size))
}

// joinSome joins the first few of a list of phrases.
func joinSome(words []string) string {
	const most = 3
	if len(words) > most {
		words = append(slices.Clone(words[:most]), "…")
	}
	return strings.Join(words, "; ")
}
