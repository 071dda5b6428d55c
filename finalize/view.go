package finalize

import (
	"slices"
	"time"
)

// DroppedAt is a segment that is not in the recording, with its place on the
// timeline: for whoever draws or explains a decision. Where it lies is an estimate,
// good enough to draw, and decides nothing.
type DroppedAt struct {
	Dropped
	Rendition string // by the name that the recording has for it
	Nonce     string
	Seq       int64
	HasSeq    bool
	Session   string        // id; empty: it is of none, or of an unknown one
	Placed    bool          // Start and Duration are known
	Start     time.Duration // wall time since the start of its session; may be negative
	Duration  time.Duration
}

// DroppedAt gives every dropped segment of the plan, in the plan's order, with an
// estimate of its place. What tells that is, the first that does: the slot of the
// segment that has its place; its own media time, or the start by its key or a
// sidecar; its number among those of its writer that were chosen; its number among
// all slots; its upload time, unless upload times say nothing here. An overlap begins
// elsewhere than what it lost against, so there the winner's slot is asked last but
// the upload time.
//
// An estimate that lies further from the session than its session gap is none.
func (r *Report) DroppedAt() []DroppedAt {
	p := r.Plan
	if p == nil || len(p.Dropped) == 0 {
		return nil
	}
	v := newView(p)
	out := make([]DroppedAt, len(p.Dropped))
	for k := range p.Dropped {
		lost := v.lost[k]
		x := &out[k]
		*x = DroppedAt{Dropped: p.Dropped[k], Rendition: lost.rendition, Nonce: lost.nonce, Seq: lost.seq, HasSeq: lost.numbered}
		v.place(x, &lost)
	}
	return out
}

// lostOf is what is known of the dropped segments, by the key alone where the plan
// knows no more.
func (p *Plan) lostOf() []lostAt {
	out := slices.Clone(p.losses)
	if len(out) != len(p.Dropped) {
		out = make([]lostAt, len(p.Dropped))
	}
	for k := range out {
		if out[k].known || p.read == nil {
			continue
		}
		if s, ok := p.read(p.Dropped[k].Object); ok {
			out[k] = lostAt{known: true, rendition: s.Rendition, nonce: s.Nonce, seq: s.Seq, numbered: s.Numbered, begins: s.reading(), lasts: s.Duration}
		}
	}
	return out
}
