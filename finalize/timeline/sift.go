package timeline

import (
	"cmp"
	"slices"
	"strings"
)

// builder carries the work of one Build through its stages.
type builder struct {
	segs []Segment
	opt  Options

	healthy    []int    // canonical order
	reason     []Reason // by segment; why it can never be chosen
	renditions []string // of the healthy ones; the one that leads comes first
	rendition  []int    // by segment: index into renditions

	runs []*run
	home []int // by segment: its run, or -1
	live bool  // the upload times of all runs are evidence
	nums []*numbering

	warnings map[string]bool
	doubts   []Uncertainty
	sizes    map[[2]int]int64 // usual bytes by run and rendition, see small
}

// sift sets aside what can never be chosen and puts the rest in canonical
// order.
func (b *builder) sift() {
	b.reason = make([]Reason, len(b.segs))
	b.rendition = make([]int, len(b.segs))
	b.home = make([]int, len(b.segs))
	for i := range b.segs {
		b.home[i], b.rendition[i] = -1, -1
		if b.reason[i] = hopeless(&b.segs[i]); b.reason[i] == "" {
			b.healthy = append(b.healthy, i)
		}
	}
	slices.SortFunc(b.healthy, func(i, j int) int { return canonical(&b.segs[i], &b.segs[j]) })
	b.lead()
}

// hopeless says why a segment can never be chosen, or nothing.
func hopeless(s *Segment) Reason {
	switch {
	case s.Excluded:
		return ExcludedSeg
	case s.Size == 0:
		return Empty
	case s.Media.Fault == Unreadable:
		return UnreadableSeg
	case s.Media.Fault == Undecodable:
		return UndecodableSeg
	case s.Media.Fault == Gone:
		return GoneSeg
	}
	return ""
}

// canonical orders segments by what they are, never by where they stand in the
// input: writer, number, rendition, then the object.
func canonical(s, t *Segment) int {
	return cmp.Or(
		strings.Compare(s.Nonce, t.Nonce), cmp.Compare(s.Seq, t.Seq), strings.Compare(s.Rendition, t.Rendition),
		strings.Compare(s.Store, t.Store), strings.Compare(s.Key, t.Key), strings.Compare(s.ETag, t.ETag),
		cmp.Compare(s.Size, t.Size), s.Uploaded.Compare(t.Uploaded),
	)
}

// lead numbers the renditions. The source leads where there is one, because all
// others were made from it; else the one with the most segments.
func (b *builder) lead() {
	count := map[string]int{}
	for _, i := range b.healthy {
		count[b.segs[i].Rendition]++
	}
	for name := range count {
		b.renditions = append(b.renditions, name)
	}
	slices.SortFunc(b.renditions, func(x, y string) int {
		if x == b.opt.Source || y == b.opt.Source {
			return cmp.Or(boolCompare(x == b.opt.Source, y == b.opt.Source), strings.Compare(x, y))
		}
		return cmp.Or(cmp.Compare(count[y], count[x]), strings.Compare(x, y))
	})
	index := map[string]int{}
	for i, name := range b.renditions {
		index[name] = i
	}
	for _, i := range b.healthy {
		b.rendition[i] = index[b.segs[i].Rendition]
	}
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

// cell is one number of one rendition.
type cell struct {
	rendition int
	seq       int64
}
