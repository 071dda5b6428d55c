package timeline_test

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"recfin/finalize/timeline"
)

// The tests of this file are the laws that hold of every plan, one by one, over
// all kinds of histories.

// simCheck draws histories of all kinds that are on and gives them with their
// plans to a law.
func simCheck(t *testing.T, law func(*rapid.T, *simHistory, []*simObject, *simPlan)) {
	t.Helper()
	kinds := slices.DeleteFunc(simKinds(), func(k simKind) bool { return k.off != "" })
	rapid.Check(t, func(t *rapid.T) {
		k := rapid.SampledFrom(kinds).Draw(t, "kind")
		h := simDraw(k, rapid.Uint64Range(0, 1<<20).Draw(t, "seed"))
		objs := h.list()
		if len(objs) == 0 {
			t.Skip()
		}
		p, err := simPlanOf(h, objs, simIdentity(len(objs)), false)
		if err != nil {
			t.Fatal(k.name, h.Seed, err)
		}
		law(t, h, objs, p)
	})
}

// simFail shows a broken law.
func simFail(t *rapid.T, h *simHistory, what string, args ...any) {
	t.Helper()
	t.Fatalf("%s\n%s", fmt.Sprintf(what, args...), simShow(simKindOf(h), h))
}

func simKindOf(h *simHistory) simKind {
	return simKinds()[slices.IndexFunc(simKinds(), func(k simKind) bool { return k.name == h.Kind })]
}

func TestLawPermutingTheListingChangesNothing(t *testing.T) {
	simCheck(t, func(t *rapid.T, h *simHistory, objs []*simObject, p *simPlan) {
		order := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "order"), 1)).Perm(len(objs))
		q, err := simPlanOf(h, objs, order, false)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(p.levels, q.levels) || !reflect.DeepEqual(p.Timeline, q.Timeline) {
			simFail(t, h, "another order of the listing gives another plan")
		}
	})
}

func TestLawChosenAndDroppedAreWhatIsListed(t *testing.T) {
	simCheck(t, func(t *rapid.T, h *simHistory, objs []*simObject, p *simPlan) {
		if out := simShape(objs, p); len(out) > 0 {
			simFail(t, h, "%s", out[0])
		}
	})
}

func TestLawACopyNeverShrinksCoverage(t *testing.T) {
	simCheck(t, func(t *rapid.T, h *simHistory, objs []*simObject, p *simPlan) {
		chosen := p.chosen(len(objs))
		before := simHeld(objs, chosen)
		which := rapid.IntRange(0, len(objs)-1).Draw(t, "of")
		if !chosen[which] {
			return
		}
		c := *objs[which]
		c.Uploaded = c.Uploaded.Add(2e9)
		c.Store = rapid.SampledFrom([]string{"backup", "other", "zzz"}).Draw(t, "store")
		more := append(slices.Clone(objs), &c)
		q, err := simPlanOf(h, more, simIdentity(len(more)), false)
		if err != nil {
			t.Fatal(err)
		}
		if simShrinks(simKindOf(h), before, simHeld(more, q.chosen(len(more)))) {
			simFail(t, h, "with a copy of %s in %s less is chosen", c.Key, c.Store)
		}
	})
}

// TestLawPlanningTwiceIsPlanningOnce: from the same evidence comes the same
// plan, and nothing that it holds is shared with the one before.
func TestLawPlanningTwiceIsPlanningOnce(t *testing.T) {
	simCheck(t, func(t *rapid.T, h *simHistory, objs []*simObject, p *simPlan) {
		in := make([]timeline.Flat, len(objs))
		for i, o := range objs {
			in[i] = o.Flat
			in[i].Media = o.media(p.levels[i])
		}
		again := slices.Clone(in)
		tl, needs := timeline.BuildFlat(in, h.options())
		if tl == nil {
			simFail(t, h, "the evidence that sufficed does not: %v", needs)
		}
		if !reflect.DeepEqual(in, again) {
			simFail(t, h, "the input was changed")
		}
		if simRename(tl, simIdentity(len(objs))); !reflect.DeepEqual(tl, p.Timeline) {
			simFail(t, h, "building again gives another plan")
		}
	})
}

func TestLawALeftoversSpanIsCovered(t *testing.T) {
	simCheck(t, func(t *rapid.T, h *simHistory, objs []*simObject, p *simPlan) {
		held := simHeld(objs, p.chosen(len(objs)))
		for _, d := range p.Dropped {
			if d.Leftover && !held.holds(objs[d.Segment], 0) {
				simFail(t, h, "%s is a leftover and has pictures that no chosen segment of its rendition has", objs[d.Segment].Key)
			}
		}
	})
}

func TestLawLeftoversChosenAndUncertainNeverMeet(t *testing.T) {
	simCheck(t, func(t *rapid.T, h *simHistory, objs []*simObject, p *simPlan) {
		chosen, doubted := p.chosen(len(objs)), p.doubted(len(objs))
		for _, d := range p.Dropped {
			if d.Leftover && (chosen[d.Segment] || doubted[d.Segment]) {
				simFail(t, h, "%s is a leftover, chosen %v, uncertain %v", objs[d.Segment].Key, chosen[d.Segment], doubted[d.Segment])
			}
		}
	})
}

// TestLawNothingIsLostInSilence: pictures of a segment that could be chosen are
// in a chosen one, or an uncertainty names the segment.
func TestLawNothingIsLostInSilence(t *testing.T) {
	simCheck(t, func(t *rapid.T, h *simHistory, objs []*simObject, p *simPlan) {
		if out := simLaws(h, objs, p); len(out) > 0 {
			simFail(t, h, "%s", out[0])
		}
	})
}
