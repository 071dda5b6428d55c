package finalize

import (
	"cmp"
	"fmt"
	"path"
	"slices"

	"recfin/finalize/timeline"
	"recfin/store"
)

// lesson is what the listed segments of a stem teach about its numbers.
type lesson struct {
	spot        // of the writer and rendition
	shift       int64
	first, last [2]int64 // smallest and largest name number, and its number
	even        bool     // number = name number + shift, for all
	rising      bool     // larger name numbers have larger numbers
	one         bool     // all are of one writer and rendition
}

// adopt gives the objects that no playlist lists a spot, from those of the same
// stem that are listed: by the constant distance of number and name number; or,
// where names count something else (a time), behind the last and before the
// first. What fits nowhere keeps its own number and is a writer of its own, so
// that no number of it meets another.
func (l *Listing) adopt(f *Finalizer, spots [][]spot) {
	lessons := map[stem]*lesson{}
	for i := range l.Segments {
		if len(spots[i]) != 1 || spots[i][0].part.Length > 0 {
			continue
		}
		if st, ok := stemOf(&l.Segments[i]); ok {
			lessons[st] = lessons[st].learn(l.Segments[i].Seq, spots[i][0])
		}
	}
	l.checkRising(lessons, spots)
	l.mirror(spots)
	var rest []int
	for i := range l.Segments {
		if len(spots[i]) == 0 && f.byPlaylist(l.Segments[i].Layout) {
			rest = append(rest, i)
		}
	}
	slices.SortStableFunc(rest, func(a, b int) int { return cmp.Compare(l.Segments[a].Seq, l.Segments[b].Seq) })
	ahead := map[stem][]int{}
	for _, i := range rest {
		s := &l.Segments[i]
		st, ok := stemOf(s)
		t := lessons[st]
		switch {
		case !ok || t == nil || !t.one:
			continue // the key is all that is known
		case t.even:
			spots[i] = []spot{{t.nonce, t.rendition, s.Seq + t.shift, timeline.Range{}}}
		case t.rising && s.Seq > t.last[0]:
			t.last = [2]int64{s.Seq, t.last[1] + 1}
			spots[i] = []spot{{t.nonce, t.rendition, t.last[1], timeline.Range{}}}
		case t.rising && s.Seq < t.first[0]:
			ahead[st] = append(ahead[st], i)
		default:
			spots[i] = []spot{{path.Join(t.nonce, "unlisted"), t.rendition, s.Seq, timeline.Range{}}}
		}
	}
	for st, before := range ahead {
		t := lessons[st]
		for n, i := range before {
			spots[i] = []spot{{t.nonce, t.rendition, t.first[1] - int64(len(before)-n), timeline.Range{}}}
		}
	}
}

// mirror gives objects that no playlist of their own store lists the spots of
// the same object in another one.
func (l *Listing) mirror(spots [][]spot) {
	for i := range l.Segments {
		if len(spots[i]) > 0 {
			continue
		}
		from, to := l.at(l.Segments[i].Key)
		for k := from; k < to && len(spots[i]) == 0; k++ {
			if len(spots[k]) > 0 && (spots[k][0].part.Length == 0 || l.Segments[k].Size == l.Segments[i].Size) {
				spots[i] = slices.Clone(spots[k])
			}
		}
	}
}

// remember puts what the marker knows on the spots that it had, and gives it the
// init segment that it had, whatever playlists say today. It reports whether
// there was anything.
func (l *Listing) remember(f *Finalizer, spots [][]spot, taken map[seat]int) bool {
	if l.Committed == nil {
		return false
	}
	any := false
	for _, e := range l.Committed.marker.Sessions {
		rec := l.Committed.record[e.ID]
		for k := range rec.Renditions {
			q := &rec.Renditions[k]
			for row := range q.Key {
				i := l.version(q.Object(row))
				if i < 0 {
					continue
				}
				if x, ok := rec.needsInit(q, row); ok && l.holds(x.Object) {
					l.Segments[i].init = l.addInit(x)
				}
				if !f.byPlaylist(l.Segments[i].Layout) {
					continue
				}
				any = true
				at := spot{q.Nonce[row], q.Name, q.Seq[row], q.Part(row)}
				spots[i] = append(spots[i], at)
				taken[seat{at.nonce, at.rendition, at.seq}] = i
			}
		}
	}
	return any
}

// version finds a listed version of an object; -1: it is not among the segments.
func (l *Listing) version(o store.Object) int {
	from, to := l.at(o.Key)
	for i := from; i < to; i++ {
		if l.Segments[i].version() == idOf(o) {
			return i
		}
	}
	return -1
}

// holds reports whether an object lies there as an init segment or a segment.
func (l *Listing) holds(o store.Object) bool {
	return l.version(o) >= 0 || slices.ContainsFunc(l.Inits, func(s keyed) bool { return idOf(s.Object) == idOf(o) })
}

// learn takes one listed segment.
func (t *lesson) learn(name int64, at spot) *lesson {
	here := [2]int64{name, at.seq}
	if t == nil {
		return &lesson{spot: at, shift: at.seq - name, first: here, last: here, even: true, rising: true, one: true}
	}
	t.one = t.one && t.nonce == at.nonce && t.rendition == at.rendition
	t.even = t.even && at.seq-name == t.shift
	if name < t.first[0] {
		t.first = here
	}
	if name > t.last[0] {
		t.last = here
	}
	return t
}

// checkRising finds out where names do not count upwards with the numbers.
func (l *Listing) checkRising(lessons map[stem]*lesson, spots [][]spot) {
	by := map[stem][][2]int64{}
	for i := range l.Segments {
		if len(spots[i]) != 1 || spots[i][0].part.Length > 0 {
			continue
		}
		if st, ok := stemOf(&l.Segments[i]); ok && !lessons[st].even {
			by[st] = append(by[st], [2]int64{l.Segments[i].Seq, spots[i][0].seq})
		}
	}
	for st, pairs := range by {
		slices.SortFunc(pairs, func(a, b [2]int64) int { return cmp.Or(cmp.Compare(a[0], b[0]), cmp.Compare(a[1], b[1])) })
		for i := 1; i < len(pairs); i++ {
			if pairs[i][1] <= pairs[i-1][1] {
				lessons[st].rising = false
			}
		}
	}
}

// spread gives every object its spots: one row for each part, and one for what
// stands before the first and behind the last part, where there is something (a
// playlist that rolls on, or that was not written any more).
func (l *Listing) spread(spots [][]spot) {
	all := make([]Segment, 0, len(l.Segments))
	table := newOrigins()
	for i := range l.Segments {
		s := l.Segments[i]
		if len(spots[i]) == 0 {
			all = append(all, s)
			continue
		}
		slices.SortStableFunc(spots[i], func(a, b spot) int {
			return cmp.Or(cmp.Compare(a.part.Offset, b.part.Offset), cmp.Compare(a.part.Length, b.part.Length))
		})
		if spots[i][0].part.Length > 0 {
			rest := int64(0)
			if spots[i], rest = disjoint(spots[i], s.Size); rest > 0 {
				l.Notes = append(l.Notes, Note{What: noteUnlisted, Keys: []string{s.Key}, Why: fmt.Sprintf("%d bytes between its segments are in no playlist", rest)})
			}
		}
		for _, at := range spots[i] {
			s.Writer = table.writerOf(timeline.Writer{Store: s.Store, Nonce: at.nonce, Rendition: at.rendition})
			s.Seq, s.Unnumbered, s.Part = at.seq, false, nil
			if at.part != (timeline.Range{}) {
				s.Part = &timeline.Range{Offset: at.part.Offset, Length: at.part.Length}
			}
			all = append(all, s)
		}
	}
	l.Segments = all
}

// disjoint leaves out parts that overlap one before, and adds what lies before
// the first and behind the last. Before the very first number it is taken for a
// segment only where it has the size of one: a header lies there too. rest is how
// many bytes lie between the others, where they are more than a header or two.
func disjoint(parts []spot, size int64) (kept []spot, rest int64) {
	end := int64(0)
	for _, p := range parts {
		if p.part.Offset < end {
			continue
		}
		if gap := p.part.Offset - end; len(kept) > 0 && gap > p.part.Length/2 {
			rest += gap
		}
		kept = append(kept, p)
		end = p.part.Offset + p.part.Length
	}
	first, last := kept[0], kept[len(kept)-1]
	if head := first.part.Offset; head > 0 && (first.seq > 0 || head > first.part.Length/2) {
		first.seq, first.part = first.seq-1, timeline.Range{Length: first.part.Offset}
		kept = slices.Insert(kept, 0, first)
	}
	if end < size {
		last.seq, last.part = last.seq+1, timeline.Range{Offset: end, Length: size - end}
		kept = append(kept, last)
	}
	return kept, rest
}
