package timeline

import (
	"cmp"
	"slices"
	"time"
)

// What will be read whole as soon as it is chosen (Segment.ReadLater) need not be
// looked at before, where a few looks prove what it would say: a writer that counts
// without a hole, whose clock runs on evenly. Of such a stretch the ends, the
// second and one in the middle are looked at, and a length is put between them for
// each of the others, as a sidecar would tell it. Where they are not in line (the clock leaps,
// lengths vary) the stretch is halved until each part of it is; where most of it is
// uneven all of it is read.
//
// A length that was put there stands for evidence that is still to come: whoever
// joins the segments has the head of each of them, builds the timeline once more
// with those, and only that is a decision (two leaps that cancel out, or a clock
// that alternates, may hide between two looks).

// fewestBetween is how many segments a stretch has at least: of fewer each is read.
const fewestBetween = 8

// between gives the segments with a length for each that need not be read, or says
// what must be read to tell that.
func between(segs []*Segment, opt Options) ([]*Segment, []Need) {
	if opt.Durations != Auto || !someLater(segs) {
		return segs, nil
	}
	out := segs
	var needs []Need
	for _, s := range untoldStretches(segs) {
		refs, asks := s.looks(segs)
		if needs = append(needs, asks...); len(asks) > 0 || len(refs) < 2 {
			continue
		}
		if &out[0] == &segs[0] {
			out = slices.Clone(segs)
		}
		s.fill(out, refs)
	}
	if len(needs) > 0 {
		slices.SortFunc(needs, func(x, y Need) int { return cmp.Compare(x.Segment, y.Segment) })
		return nil, needs
	}
	return out, nil
}

func someLater(segs []*Segment) bool {
	for i := range segs {
		if segs[i].later() {
			return true
		}
	}
	return false
}

// later tells whether a segment may go without being read.
func (s *Segment) later() bool {
	return s.ReadLater && s.media().Level == Unread && s.media().Fault == Healthy
}

// laid tells whether the length of a segment is one that was put between others.
func (s *Segment) laid() bool { return s.LengthSource == FromNeighbour }

// untold is a stretch of segments of one writer and rendition, one behind the
// other by number, of which nothing tells the length.
type untold []int32

// untoldStretches finds them. A number that another segment of the rendition has
// too, whoever wrote it, ends a stretch: copies are compared whole.
func untoldStretches(segs []*Segment) []untold {
	order, group := numbered(segs)
	taken := sharedNumbers(segs, order)
	var out []untold
	var s untold
	hasLater := false
	end := func() {
		if hasLater && len(s) >= fewestBetween {
			out = append(out, s)
		}
		s, hasLater = nil, false
	}
	for k, i := range order {
		if k > 0 {
			h := order[k-1]
			if group[h] != group[i] || segs[i].Seq-segs[h].Seq != 1 {
				end()
			}
		}
		x := segs[i]
		if taken[i] || !x.ReadLater || x.told() > 0 {
			end()
			continue
		}
		s, hasLater = append(s, i), hasLater || x.later()
	}
	end()
	return out
}

// numbered are the segments that have a number and could be chosen, by writer,
// rendition and number, and the number of the writer's rendition by segment.
func numbered(segs []*Segment) (order, group []int32) {
	group = make([]int32, len(segs))
	known := map[[2]string]int32{}
	last, at := [2]string{}, int32(-1)
	for i := range segs {
		s := segs[i]
		if s.Unnumbered || judge(s) != 0 {
			continue
		}
		if name := [2]string{s.Rendition, s.Nonce}; at < 0 || name != last {
			g, ok := known[name]
			if !ok {
				g = int32(len(known))
				known[name] = g
			}
			last, at = name, g
		}
		group[i] = at
		order = append(order, int32(i))
	}
	slices.SortFunc(order, func(x, y int32) int {
		return cmp.Or(cmp.Compare(group[x], group[y]), cmp.Compare(segs[x].Seq, segs[y].Seq), cmp.Compare(x, y))
	})
	return order, group
}

// sharedNumbers marks the segments whose number another one of their rendition
// has too.
func sharedNumbers(segs []*Segment, order []int32) []bool {
	renditions := map[string]int32{}
	of := make([]int32, len(segs))
	for _, i := range order {
		r, ok := renditions[segs[i].Rendition]
		if !ok {
			r = int32(len(renditions))
			renditions[segs[i].Rendition] = r
		}
		of[i] = r
	}
	by := slices.Clone(order)
	slices.SortFunc(by, func(x, y int32) int {
		return cmp.Or(cmp.Compare(of[x], of[y]), cmp.Compare(segs[x].Seq, segs[y].Seq), cmp.Compare(x, y))
	})
	out := make([]bool, len(segs))
	for k := 1; k < len(by); k++ {
		if x, y := by[k-1], by[k]; of[x] == of[y] && segs[x].Seq == segs[y].Seq {
			out[x], out[y] = true, true
		}
	}
	return out
}

// looks are the places in a stretch that were read, if all that lies between them
// is in line; or what must be read to tell. Neither: it is uneven, or its times
// tell nothing, and is to be read like any other.
func (s untold) looks(segs []*Segment) (refs []int, asks []Need) {
	last := len(s) - 1
	for _, k := range []int{0, 1, last / 2, last} {
		if i := s[k]; segs[i].media().Level == Unread {
			asks = append(asks, Need{int(i), ReadHead})
		}
	}
	if len(asks) > 0 {
		return nil, asks
	}
	for k, i := range s {
		if segs[i].media().Level == Unread {
			continue
		}
		if !segs[i].media().timed() {
			return nil, nil
		}
		refs = append(refs, k)
	}
	steps := s.steps(segs, refs)
	uneven := 0
	for k := range steps {
		if x := &steps[k]; x.count > 1 && !inLine(steps, k, s.usual(segs)) {
			asks = append(asks, Need{int(s[refs[k]+x.count/2]), ReadHead})
			uneven++
		}
	}
	if uneven > 8+len(s)/16 {
		return nil, nil
	}
	return refs, asks
}

// usual is the length of the first segment of the stretch; 0: its clock leaps there.
func (s untold) usual(segs []*Segment) time.Duration {
	d, known := advance(segs[s[0]].media(), segs[s[1]].media(), 0)
	if !known || d < 0 || d > longest {
		return 0
	}
	return d
}

// stride is the way from one segment that was read to the next one.
type stride struct {
	count int           // segments
	far   time.Duration // by the media clock
	known bool
}

// steps are the ways between the places that were read.
func (s untold) steps(segs []*Segment, refs []int) []stride {
	usual := s.usual(segs)
	out := make([]stride, max(0, len(refs)-1))
	for k := range out {
		x := &out[k]
		x.count = refs[k+1] - refs[k]
		x.far, x.known = advance(segs[s[refs[k]]].media(), segs[s[refs[k+1]]].media(), span(int64(x.count), usual))
		x.known = x.known && x.far > 0 && x.far/time.Duration(x.count) <= longest
	}
	return out
}

// inLine tells whether a way is as long as something else says that so many
// segments are: the first of them, or another way that is not much shorter. By itself a way only tells what its segments last on average.
func inLine(steps []stride, k int, usual time.Duration) bool {
	x := &steps[k]
	if !x.known {
		return false
	}
	if usual > 0 && (x.far-span(int64(x.count), usual)).Abs() <= tolerance {
		return true
	}
	for j := range steps {
		y := &steps[j]
		if j == k || !y.known || y.count*2 < x.count {
			continue
		}
		if want := y.far / time.Duration(y.count) * time.Duration(x.count); (x.far - want).Abs() <= tolerance {
			return true
		}
	}
	return false
}

// fill puts a length for each segment between two that were read; together they
// last as long as the way between those.
func (s untold) fill(segs []*Segment, refs []int) {
	for k, x := range s.steps(segs, refs) {
		if x.count < 2 {
			continue
		}
		n := time.Duration(x.count)
		for i := range x.count {
			t := new(Segment)
			*t = *segs[s[refs[k]+i]]
			segs[s[refs[k]+i]] = t // the caller's own stays as it is
			rest := x.far % n
			t.Length = x.far/n + rest*time.Duration(i+1)/n - rest*time.Duration(i)/n
			t.LengthSource = FromNeighbour
		}
	}
}

// askLaid asks for the heads of all segments whose length was put between others.
func askLaid(segs []*Segment) []Need {
	var needs []Need
	for i := range segs {
		if segs[i].laid() && segs[i].media().Level == Unread {
			needs = append(needs, Need{i, ReadHead})
		}
	}
	return needs
}

// askCovered asks for the heads of those whose numberings are covered together:
// what overlaps what is told to 10 ms, and a length that was put there is not so
// good.
func (b *builder) askCovered() []Need {
	for _, n := range b.nums {
		if n.bundle == nil || len(n.bundle.nums) < 2 {
			continue
		}
		for _, i := range n.runs {
			for k := range b.runs[i].strands {
				for _, e := range b.runs[i].strands[k].items {
					if b.segs[e.seg].laid() {
						b.ask(e.seg, ReadHead)
					}
				}
			}
		}
	}
	return b.needs()
}
