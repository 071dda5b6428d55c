package stages

import "recfin/finalize"

// Tally adds up what the events of one stage count: each Detail (a rendition, an
// output) by itself, and their sum. Done never falls and never exceeds Total. Where
// a Detail that was complete begins anew with another total, both are added: what
// was done stays done, and the total has grown.
//
// The zero value counts nothing. A unit other than the first one starts the sums
// over, as bytes and objects do not add up.
type Tally struct {
	unit        finalize.Unit
	parts       map[string]*part
	done, total int64
}

// part is one Detail. before is what its rounds before this one counted.
type part struct{ before, done, total int64 }

// Add takes an event that counts; others change nothing.
func (t *Tally) Add(e finalize.Event) {
	if e.Total <= 0 && e.Done <= 0 {
		return
	}
	if e.Unit != t.unit || t.parts == nil {
		*t = Tally{unit: e.Unit, parts: map[string]*part{}}
	}
	p := t.parts[e.Detail]
	if p == nil {
		p = &part{}
		t.parts[e.Detail] = p
	}
	t.done, t.total = t.done-p.before-p.done, t.total-p.before-p.total
	done := max(e.Done, 0)
	total := max(e.Total, done)
	if p.total > 0 && p.done == p.total && done < p.done && (total != p.total || done == 0) {
		*p = part{before: p.before + p.total}
	}
	p.done, p.total = max(p.done, done), max(p.total, total)
	t.done, t.total = t.done+p.before+p.done, t.total+p.before+p.total
}

// Counts are what was counted, all Details together. Both 0: nothing.
func (t *Tally) Counts() (done, total int64, unit finalize.Unit) { return t.done, t.total, t.unit }

// Open reports whether something counted is not done.
func (t *Tally) Open() bool { return t.done < t.total }
