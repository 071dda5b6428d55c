package finalize

import "time"

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
