package timeline

import (
	"maps"
	"slices"
	"time"
)

// Build decides what the recording is. It is pure, and its result does not
// depend on the order of segs (but for the indices in it). Where evidence is
// missing the Timeline is nil and the Needs, in order of Segment, say what to
// read: each asks for more than its segment has, so reading and building again
// comes to an end. A segment that was read has the level that was asked for, or
// a Fault.
func Build(segs []*Segment, opt Options) (*Timeline, []Need) {
	segs, needs := between(segs, opt)
	if len(needs) > 0 {
		return nil, needs
	}
	b := newBuilder(segs, opt)
	b.sift()
	if classes := b.classes(segs); len(classes) > 1 {
		if needs := askLaid(segs); len(needs) > 0 {
			return nil, needs
		}
		return buildApart(segs, opt, b.shares(segs, classes))
	}
	rows, picks, links, needs := b.decide()
	if len(needs) > 0 {
		return nil, needs
	}
	t := &Timeline{}
	cuts := b.sessions(t, rows, picks, links)
	b.drops(t, rows, picks, cuts)
	t.Uncertain = b.doubts
	keepDoubtful(t)
	oneFill(t, segs)
	t.Warnings = slices.Sorted(maps.Keys(b.warnings))
	return t, nil
}

func newBuilder(segs []*Segment, opt Options) *builder {
	return &builder{segs: segs, opt: opt, warnings: map[string]bool{}}
}

// decide chooses the rows of sifted segments and their picks, and gives each its
// wall time.
func (b *builder) decide() (rows []row, picks [][]int, links [][]linked, needs []Need) {
	b.makeRuns()
	if needs := b.firstNeeds(); len(needs) > 0 {
		return nil, nil, nil, needs
	}
	b.timeRuns()
	b.number()
	b.scratch = scratch{}
	b.askRivals()
	if needs := b.needs(); len(needs) > 0 {
		return nil, nil, nil, needs
	}
	rows, picks = b.choose()
	if rows, picks, needs = b.coverNumberings(rows, picks); len(needs) > 0 {
		return nil, nil, nil, needs
	}
	if needs := b.askCovered(); len(needs) > 0 {
		return nil, nil, nil, needs
	}
	b.settleDoubts()
	if needs := b.tailNeeds(rows, picks); len(needs) > 0 {
		return nil, nil, nil, needs
	}
	links = b.link(rows, picks)
	b.doubtDoubled(rows, picks)
	b.clockWall(rows, picks)
	b.checkDeclared(picks, links)
	return rows, picks, links, nil
}

// checkDeclared reports metadata, keys and sidecars that contradict what was
// measured.
func (b *builder) checkDeclared(picks [][]int, links [][]linked) {
	for r := range picks {
		for i, s := range picks[r] {
			if s < 0 {
				continue
			}
			l := &links[r][i]
			wrong := func(said time.Duration, by Source) bool {
				return said != 0 && l.source != by && (said-l.length).Abs() > tolerance
			}
			measured := l.source == FromProbe || l.source == FromNeighbour
			if wrong(b.segs[s].media().Declared, FromMetadata) || measured && !b.segs[s].laid() && wrong(b.segs[s].Length, NoSource) {
				b.warnings[warnDisagree] = true
				return
			}
		}
	}
}
