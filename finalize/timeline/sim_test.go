package timeline_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"reflect"
	"slices"
	"strconv"
	"testing"
)

// simVerdict is what the judges say of one history.
type simVerdict struct {
	complaints []string
	exact      bool
	doubts     int
	segments   int
	reads      int
}

// simJudge decides a history in several ways and judges all of them.
func simJudge(k simKind, h *simHistory) (v simVerdict) {
	objs := h.list()
	v.segments = len(objs)
	p, err := simPlanOf(h, objs, simIdentity(len(objs)), false)
	if err != nil {
		v.complaints = []string{err.Error()}
		return v
	}
	v.reads, v.doubts = p.heads+p.full, len(p.Uncertain)
	v.complaints = append(simLaws(h, objs, p), simSame(k, h, objs, p)...)
	if len(v.complaints) > 0 {
		return v
	}
	if k.reads != nil && v.reads > k.reads(h, objs) {
		v.complaints = []string{fmt.Sprintf("cost: %d reads of %d segments, %d are allowed", v.reads, len(objs), k.reads(h, objs))}
		return v
	}
	truth := simExact(h, objs, p)
	v.exact = len(truth) == 0
	switch k.mode {
	case simTold, simWhole:
		v.complaints = truth
		if k.mode == simTold && v.doubts > 0 {
			v.complaints = append(v.complaints, "doubt: "+p.Uncertain[0].What+": "+p.Uncertain[0].Why)
		}
		if len(v.complaints) == 0 {
			v.complaints = simRead(k, h, objs)
		}
	case simCover:
		v.complaints = simCovers(h, objs, p)
	case simOpen:
		v.complaints = simSilent(objs, p)
	case simOther:
	}
	if len(v.complaints) == 0 && k.law != nil {
		v.complaints = k.law(h, objs, p)
	}
	return v
}

// simRead: with everything read the plan is no worse.
func simRead(k simKind, h *simHistory, objs []*simObject) []string {
	p, err := simPlanOf(h, objs, simIdentity(len(objs)), true)
	if err != nil {
		return []string{"read-" + err.Error()}
	}
	if out := append(simLaws(h, objs, p), simExact(h, objs, p)...); len(out) > 0 {
		return []string{"read-" + out[0]}
	}
	return nil
}

// simSame: the order of the listing changes neither the plan nor what is read,
// building again changes nothing, and one more identical copy takes nothing
// away.
func simSame(k simKind, h *simHistory, objs []*simObject, p *simPlan) []string {
	rng := rand.New(rand.NewPCG(h.Seed, 5))
	q, err := simPlanOf(h, objs, rng.Perm(len(objs)), false)
	switch {
	case err != nil:
		return []string{err.Error()}
	case !slices.Equal(p.levels, q.levels):
		return []string{"order-of-listing: reads differ"}
	case !reflect.DeepEqual(p.Timeline, q.Timeline):
		return []string{"order-of-listing: plans differ"}
	}
	chosen := p.chosen(len(objs))
	start := rng.IntN(len(objs))
	for i := range objs {
		if j := (start + i) % len(objs); chosen[j] {
			c := *objs[j]
			c.Store, c.Uploaded = "other", c.Uploaded.Add(1e9)
			more := append(slices.Clone(objs), &c)
			r, err := simPlanOf(h, more, simIdentity(len(more)), false)
			if err != nil {
				return []string{"copy-" + err.Error()}
			}
			if simShrinks(k, simHeld(objs, chosen), simHeld(more, r.chosen(len(more)))) {
				return []string{"copy-shrinks: another store has " + c.Key + " too, and less is chosen"}
			}
			break
		}
	}
	return nil
}

// simShrinks reports whether less is held than before. Where boundaries differ
// another choice may be as good; the end of a segment is then known within a GOP.
func simShrinks(k simKind, before, after simSpans) bool {
	if k.mode == simTold || k.mode == simWhole {
		return !before.within(after)
	}
	for rend, n := range before.pictures() {
		if after.pictures()[rend]+50 < n {
			return true
		}
	}
	return false
}

func simEnv(t *testing.T, name string, otherwise int) int {
	text := os.Getenv(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return n
}

// simFigures are printed for each kind.
type simFigures struct{ histories, exact, doubted, segments, reads, failed int }

func (f *simFigures) add(v simVerdict) {
	f.histories++
	f.segments += v.segments
	f.reads += v.reads
	if v.exact {
		f.exact++
	}
	if v.doubts > 0 {
		f.doubted++
	}
	if len(v.complaints) > 0 {
		f.failed++
	}
}

func (f *simFigures) sum(g simFigures) {
	f.histories += g.histories
	f.exact += g.exact
	f.doubted += g.doubted
	f.segments += g.segments
	f.reads += g.reads
	f.failed += g.failed
}

func (f simFigures) String() string {
	return fmt.Sprintf("%d histories, %d exact, %d with doubts, %d failed; %d segments, %.3f reads a segment",
		f.histories, f.exact, f.doubted, f.failed, f.segments, float64(f.reads)/float64(max(f.segments, 1)))
}

// TestSimulator: where the evidence suffices a history comes out as it was
// broadcast; where it does not the plan says so; and in no history is anything
// lost in silence. RECFIN_SIM_SEEDS sets how many histories of each kind,
// RECFIN_SIM_SEED takes only that one, RECFIN_SIM_KIND only that kind (also one
// that is off).
func TestSimulator(t *testing.T) {
	seeds, only, kind := simEnv(t, "RECFIN_SIM_SEEDS", 60), simEnv(t, "RECFIN_SIM_SEED", -1), os.Getenv("RECFIN_SIM_KIND")
	var all simFigures
	defer func() { t.Logf("all kinds: %s", all) }()
	for _, k := range simKinds() {
		if kind != "" && kind != k.name || kind == "" && k.off != "" {
			continue
		}
		t.Run(k.name, func(t *testing.T) {
			var f simFigures
			words := map[string]int{}
			for seed := range seeds {
				if only >= 0 && seed != only {
					continue
				}
				h := simDraw(k, uint64(seed))
				if objs := h.list(); len(objs) == 0 || k.fair != nil && !k.fair(h, objs) {
					continue
				}
				v := simJudge(k, h)
				f.add(v)
				if len(v.complaints) == 0 {
					continue
				}
				word := simWord(v)
				if words[word]++; words[word] == 1 {
					t.Errorf("seed %d: %v\n%s", seed, v.complaints[0], simShow(k, simShrink(k, h, word)))
				}
			}
			if f.histories == 0 && only < 0 {
				t.Fatal("no history of this kind is fair")
			}
			all.sum(f)
			t.Logf("%s %v", f, words)
		})
	}
}
