package finalize

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"recfin/finalize/layout"
	"recfin/store"
)

// DropGroup is dropped segments that share one fate, as a person reads them:
// those of one writer that lost for one reason against one other writer.
type DropGroup struct {
	Reason     Reason
	Why        string   // of all of them, or empty where they differ
	Leftover   bool     // may be deleted
	Renditions []string // sorted
	Nonce      string   // the writer
	Numbers    []NumberRange
	Kept       string // the writer that has their place; with Numbers of its own
	Against    []NumberRange
	HasKept    bool
	Count      int
	First      store.Object // in the order of keys
	FirstKept  string       // key that has its place; empty: none
}

// NumberRange is a run of numbers, both included.
type NumberRange struct{ From, To int64 }

// String is "7" or "7–9".
func (r NumberRange) String() string {
	if r.From == r.To {
		return strconv.FormatInt(r.From, 10)
	}
	return strconv.FormatInt(r.From, 10) + "–" + strconv.FormatInt(r.To, 10)
}

// DropGroups gathers what was dropped, by reason, writer and number.
func (p *Plan) DropGroups() []DropGroup {
	type fate struct {
		reason      Reason
		nonce, kept string
		hasKept     bool
		leftover    bool
	}
	index := map[fate]int{}
	var out []DropGroup
	var numbers, against [][]int64
	for i := range p.Dropped {
		d := &p.Dropped[i]
		lost := p.fields(d.Object)
		f := fate{reason: d.Reason, nonce: lost.Nonce, leftover: d.Leftover, hasKept: d.Kept != ""}
		var won layout.Fields
		if f.hasKept {
			won = p.fields(store.Object{Store: d.winner.store, Key: d.Kept})
			f.kept = won.Nonce
		}
		k, ok := index[f]
		if !ok {
			k = len(out)
			index[f] = k
			out = append(out, DropGroup{
				Reason: f.reason, Why: d.Why, Leftover: f.leftover, Nonce: f.nonce, Kept: f.kept, HasKept: f.hasKept, First: d.Object, FirstKept: d.Kept,
			})
			numbers, against = append(numbers, nil), append(against, nil)
		}
		g := &out[k]
		g.Count++
		if g.Why != d.Why {
			g.Why = ""
		}
		if lost.Rendition != "" && !slices.Contains(g.Renditions, lost.Rendition) {
			g.Renditions = append(g.Renditions, lost.Rendition)
		}
		if lost.Numbered {
			numbers[k] = append(numbers[k], lost.Seq)
		}
		if won.Numbered {
			against[k] = append(against[k], won.Seq)
		}
	}
	for k := range out {
		slices.Sort(out[k].Renditions)
		out[k].Numbers, out[k].Against = ranges(numbers[k]), ranges(against[k])
	}
	slices.SortFunc(out, func(a, b DropGroup) int {
		return cmp.Or(strings.Compare(string(a.Reason), string(b.Reason)), strings.Compare(a.Nonce, b.Nonce),
			strings.Compare(a.Kept, b.Kept), compareObjects(a.First, b.First))
	})
	return out
}

// fields is what the layouts say of a key; nothing where none reads it.
func (p *Plan) fields(o store.Object) layout.Fields {
	if p.read == nil {
		return layout.Fields{}
	}
	s, _ := p.read(o)
	return s.Fields
}

// ranges gathers numbers into runs.
func ranges(numbers []int64) []NumberRange {
	slices.Sort(numbers)
	var out []NumberRange
	for _, n := range slices.Compact(numbers) {
		if k := len(out) - 1; k >= 0 && out[k].To+1 == n {
			out[k].To = n
			continue
		}
		out = append(out, NumberRange{n, n})
	}
	return out
}
