package timeline

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// builder carries the work of one Build through its stages.
type builder struct {
	segs []*Segment
	opt  Options

	order      []entry         // the healthy ones that have numbers, by group and number
	groups     []group         // by writer, then rendition
	unnumbered []int32         // the healthy ones that have none, in canonical order
	spans      []time.Duration // by segment: length beside others where lengths in keys contradict starts, else 0; nil: none
	hopeless   []hopeless      // by segment: whether it can never be chosen
	renditions []string        // of the healthy ones; the one that leads comes first
	rendition  []int32         // by segment: index into renditions

	runs []*run
	cuts []restarted // where runs were cut because keys were used again
	home []int32     // by segment: its run, or -1
	live bool        // the upload times of all runs are evidence
	nums []*numbering

	want     []Level // by segment: what is asked for; nil: nothing so far
	pending  []pending
	beaten   []beaten // by segment, where numberings were covered together; else nil
	warnings map[string]bool
	doubts   []Uncertainty
	sizes    map[[2]int32]int64 // usual bytes by run and rendition, see small
	called   map[Writer]*Writer // see call
	scratch  scratch
}

// entry is one numbered segment.
type entry struct {
	seq   int64
	seg   int32
	group int32
}

// group is what one writer made of one rendition.
type group struct {
	nonce     string
	rendition int
}

// sift sets aside what can never be chosen and puts the rest in canonical
// order.
func (b *builder) sift() {
	b.hopeless = make([]hopeless, len(b.segs))
	b.rendition = make([]int32, len(b.segs))
	b.home = make([]int32, len(b.segs))
	count := map[string]int{}
	healthy := 0
	name, named := "", 0 // segments one after the other of one rendition
	var writer *Writer   // of the last of them
	counted := func() {
		if named > 0 {
			count[name] += named
		}
	}
	for i := range b.segs {
		b.home[i], b.rendition[i] = -1, -1
		if b.hopeless[i] = judge(b.segs[i]); b.hopeless[i] != 0 {
			continue
		}
		if s := b.segs[i]; s.Writer != writer {
			if writer = s.Writer; s.Rendition != name {
				counted()
				name, named = s.Rendition, 0
			}
		}
		named++
		if b.segs[i].Unnumbered {
			b.unnumbered = append(b.unnumbered, int32(i))
		} else {
			healthy++
		}
	}
	counted()
	b.lead(count)
	slices.SortFunc(b.unnumbered, func(i, j int32) int { return canonical(b.segs[i], b.segs[j]) })
	b.numberUnnumbered()
	b.sortNumbered(healthy + len(b.unnumbered))
}

// hopeless is why a segment can never be chosen; 0: it can.
type hopeless uint8

const (
	excluded hopeless = iota + 1
	tombstoned
	temporary
	empty
	unreadable
	undecodable
	gone
)

var hopelessReasons = [...]Reason{
	excluded: ExcludedSeg, tombstoned: Tombstone, temporary: Temporary, empty: Empty,
	unreadable: UnreadableSeg, undecodable: UndecodableSeg, gone: GoneSeg,
}

// judge says why a segment can never be chosen, or nothing.
func judge(s *Segment) hopeless {
	switch {
	case s.Excluded:
		return excluded
	case s.Tombstoned:
		return tombstoned
	case s.Quality >= Temp:
		return temporary
	case s.Bytes() == 0:
		return empty
	case s.media().Fault == Unreadable:
		return unreadable
	case s.media().Fault == Undecodable:
		return undecodable
	case s.media().Fault == Gone:
		return gone
	}
	return 0
}

// canonical orders segments by what they are, never by where they stand in the
// input: writer, number, rendition, then the object.
func canonical(s, t *Segment) int {
	return cmp.Or(
		strings.Compare(s.Nonce, t.Nonce), cmp.Compare(s.Seq, t.Seq), strings.Compare(s.Rendition, t.Rendition),
		strings.Compare(s.Store, t.Store), strings.Compare(s.Key, t.Key), strings.Compare(s.ETag, t.ETag),
		cmp.Compare(s.Bytes(), t.Bytes()), cmp.Compare(s.uploaded(), t.uploaded()),
	)
}

// lead numbers the renditions. The source leads where there is one, because all
// others were made from it; else the one with the most segments.
func (b *builder) lead(count map[string]int) {
	for name := range count {
		b.renditions = append(b.renditions, name)
	}
	slices.SortFunc(b.renditions, func(x, y string) int {
		if x == b.opt.Source || y == b.opt.Source {
			return cmp.Or(boolCompare(x == b.opt.Source, y == b.opt.Source), strings.Compare(x, y))
		}
		return cmp.Or(cmp.Compare(count[y], count[x]), strings.Compare(x, y))
	})
	index := map[string]int32{}
	for i, name := range b.renditions {
		index[name] = int32(i)
	}
	var writer *Writer // of the segment before
	r := int32(-1)
	for i := range b.segs {
		if b.hopeless[i] != 0 {
			continue
		}
		if w := b.segs[i].Writer; w != writer {
			writer, r = w, index[w.Rendition]
		}
		b.rendition[i] = r
	}
}

// sortNumbered sorts the healthy segments that have numbers. Names are compared
// once for each group; the sort itself sees only numbers.
func (b *builder) sortNumbered(count int) {
	b.order = make([]entry, 0, count)
	of := map[group]int32{}
	var writer *Writer // of the segment before
	at := int32(-1)
	for i := range b.segs {
		s := b.segs[i]
		if b.hopeless[i] != 0 || s.Unnumbered {
			continue
		}
		if s.Writer != writer {
			g := group{s.Nonce, int(b.rendition[i])}
			k, known := of[g]
			if !known {
				k = int32(len(b.groups))
				of[g], b.groups = k, append(b.groups, g)
			}
			writer, at = s.Writer, k
		}
		b.order = append(b.order, entry{seq: s.Seq, seg: int32(i), group: at})
	}
	slices.SortFunc(b.groups, func(x, y group) int {
		return cmp.Or(strings.Compare(x.nonce, y.nonce), cmp.Compare(x.rendition, y.rendition))
	})
	rank := make([]int32, len(b.groups))
	for k, g := range b.groups {
		rank[of[g]] = int32(k)
	}
	for i := range b.order {
		b.order[i].group = rank[b.order[i].group]
	}
	b.sortEntries(b.order)
}

// boolCompare puts true first.
func boolCompare(x, y bool) int {
	switch {
	case x == y:
		return 0
	case x:
		return -1
	}
	return 1
}
