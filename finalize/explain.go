package finalize

import (
	"slices"
	"strings"
	"time"

	"recfin/finalize/timeline"
	"recfin/probe"
	"recfin/store"
)

// Explanation says of one listed object why it is in the recording or not, and
// which others it was held against.
type Explanation struct {
	Recording string    `json:"recording"`
	Store     string    `json:"store"`
	Key       string    `json:"key"`
	Verdict   Verdict   `json:"verdict"`
	Size      int64     `json:"size"`
	Uploaded  time.Time `json:"uploaded,omitzero"`

	// Of a chosen one.
	Session       string          `json:"session,omitempty"`
	Rendition     string          `json:"rendition,omitempty"`
	Nonce         string          `json:"nonce,omitempty"`
	Slot          int             `json:"slot"`
	Wall          time.Time       `json:"wall,omitzero"` // start
	Start         probe.Seconds   `json:"start"`         // in the session, holes closed
	Duration      probe.Seconds   `json:"duration"`      // 0: unknown
	Source        timeline.Source `json:"duration_source,omitempty"`
	Discontinuity bool            `json:"discontinuity"`    // before it
	Before        string          `json:"before,omitempty"` // key of the one before it in its rendition

	// Of a dropped one.
	Reason   Reason `json:"reason,omitempty"`
	Why      string `json:"why,omitempty"`
	Kept     *Rival `json:"kept,omitempty"` // what has its place
	Leftover bool   `json:"leftover"`       // --delete leftovers may delete it

	Rivals    []Rival         `json:"rivals"` // what lost against it
	Uncertain []UncertainJSON `json:"uncertain"`
}

// Rival is the other side of a decision about a place.
type Rival struct {
	Store    string        `json:"store"`
	Key      string        `json:"key"`
	Size     int64         `json:"size"`
	Uploaded time.Time     `json:"uploaded,omitzero"`
	Duration probe.Seconds `json:"duration,omitempty"`
	Reason   Reason        `json:"reason,omitempty"` // it lost
	Why      string        `json:"why,omitempty"`
}

// Verdict is what became of an object.
type Verdict string

// Verdicts.
const (
	VerdictChosen    Verdict = "chosen"
	VerdictDropped   Verdict = "dropped"
	VerdictCondemned Verdict = "condemned" // dropped, and marked for deletion
	VerdictUnknown   Verdict = "unknown"   // no layout reads its key
	VerdictSupport   Verdict = "support"   // a playlist, manifest or init segment beside the segments
)

// Explain says what the plan does with the objects of a key: those of all
// stores, or of one where the key is a store's label and the key. Nothing is
// there where the key was not listed.
func (r *Report) Explain(key string) []Explanation {
	p := r.Plan
	var out []Explanation
	is := func(o store.Object) bool { return o.Key == key || o.Store+o.Key == key }
	for i := range p.Sessions {
		out = append(out, p.explainChosen(p.Sessions[i].Record, is)...)
	}
	for i := range p.Dropped {
		if d := &p.Dropped[i]; is(d.Object) {
			out = append(out, p.explainDropped(d))
		}
	}
	for _, o := range p.Unknown {
		if is(o) {
			out = append(out, Explanation{Verdict: VerdictUnknown, Store: o.Store, Key: o.Key, Size: o.Size, Uploaded: o.Modified})
		}
	}
	for _, o := range p.Beside {
		if is(o) {
			out = append(out, Explanation{Verdict: VerdictSupport, Store: o.Store, Key: o.Key, Size: o.Size, Uploaded: o.Modified})
		}
	}
	for i := range out {
		out[i].Recording = r.Recording
		out[i].Rivals = append([]Rival{}, out[i].Rivals...)
		out[i].Uncertain = []UncertainJSON{}
		for _, u := range p.Uncertain {
			if slices.Contains(u.Keys, out[i].Key) {
				out[i].Uncertain = append(out[i].Uncertain, UncertainJSON(u))
			}
		}
	}
	return out
}

// explainChosen finds the rows of a session that are the object.
func (p *Plan) explainChosen(rec *Record, is func(store.Object) bool) []Explanation {
	var out []Explanation
	for i := range rec.Renditions {
		q := &rec.Renditions[i]
		for k := range q.Key {
			o := q.Object(k)
			if !is(o) {
				continue
			}
			slot := q.Slot[k]
			e := Explanation{
				Verdict: VerdictChosen, Store: o.Store, Key: o.Key, Size: q.rowBytes(k), Uploaded: o.Modified,
				Session: rec.Session, Rendition: q.Name, Nonce: q.Nonce[k], Slot: slot,
				Wall:  rec.Start.Add(time.Duration(rec.SlotsOf(q).StartNS[slot])),
				Start: probe.Seconds(q.StartNS[k]), Duration: probe.Seconds(q.DurationNS[k]), Source: q.Source[k],
				Discontinuity: has(rec.SlotsOf(q).Discontinuity, slot),
			}
			if k > 0 {
				e.Before = q.Key[k-1]
			}
			id := idOf(o)
			for j := range p.Dropped {
				if d := &p.Dropped[j]; d.winner == id {
					e.Rivals = append(e.Rivals, Rival{Store: d.Store, Key: d.Key, Size: d.Size, Uploaded: d.Modified, Reason: d.Reason, Why: d.Why})
				}
			}
			out = append(out, e)
		}
	}
	return out
}

func (p *Plan) explainDropped(d *Dropped) Explanation {
	f := p.fields(d.Object)
	e := Explanation{
		Verdict: VerdictDropped, Store: d.Store, Key: d.Key, Size: partSize(d.Object, d.Part), Uploaded: d.Modified,
		Rendition: f.Rendition, Nonce: f.Nonce, Reason: d.Reason, Why: d.Why, Leftover: d.Leftover,
	}
	if p.committed.condemns(d.Object) {
		e.Verdict = VerdictCondemned
	}
	if d.Kept != "" {
		e.Kept = p.rival(d)
	}
	return e
}

// rival is what has the place of a dropped segment.
func (p *Plan) rival(d *Dropped) *Rival {
	out := &Rival{Store: d.winner.store, Key: d.Kept, Size: d.winner.size}
	for i := range p.Sessions {
		rec := p.Sessions[i].Record
		for j := range rec.Renditions {
			q := &rec.Renditions[j]
			for k := range q.Key {
				if q.Key[k] == d.Kept && q.Store[k] == d.winner.store {
					out.Size, out.Uploaded, out.Duration = q.rowBytes(k), q.Object(k).Modified, probe.Seconds(q.DurationNS[k])
					return out
				}
			}
		}
	}
	return out
}

// Nearest gives up to n listed keys that are spelled most like one that was not
// found.
func (r *Report) Nearest(key string, n int) []string {
	type near struct {
		key    string
		shared int
	}
	var all []near
	add := func(k string) { all = append(all, near{k, sharedEnds(k, key)}) }
	for i := range r.Plan.Sessions {
		for j := range r.Plan.Sessions[i].Record.Renditions {
			for _, k := range r.Plan.Sessions[i].Record.Renditions[j].Key {
				add(k)
			}
		}
	}
	for _, d := range r.Plan.Dropped {
		add(d.Key)
	}
	for _, o := range r.Plan.Unknown {
		add(o.Key)
	}
	slices.SortStableFunc(all, func(a, b near) int {
		if a.shared != b.shared {
			return b.shared - a.shared
		}
		return strings.Compare(a.key, b.key)
	})
	var out []string
	for _, x := range all[:min(n, len(all))] {
		out = append(out, x.key)
	}
	return out
}

// sharedEnds counts the bytes that two keys have in common at both ends.
func sharedEnds(a, b string) int {
	most := min(len(a), len(b))
	head := 0
	for head < most && a[head] == b[head] {
		head++
	}
	tail := 0
	for tail < most-head && a[len(a)-1-tail] == b[len(b)-1-tail] {
		tail++
	}
	return head + tail
}

// RecordingOf is the recording of a key, which may stand behind the label of
// its store.
func (f *Finalizer) RecordingOf(key string) (string, bool) {
	for _, s := range f.cfg.Sources {
		if rest, ok := strings.CutPrefix(key, s.Label()); ok {
			key = rest
			break
		}
	}
	s, ok := f.parse(store.Object{Key: key})
	return s.Recording, ok
}
