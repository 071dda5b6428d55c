package finalize

import (
	"slices"
	"time"

	"recfin/store"
)

// Report says what became of one recording.
type Report struct {
	Recording string
	Plan      *Plan
	Committed []Committed    // sessions that this run committed
	Condemned int            // objects that this run marked for deletion
	Deleted   []store.Object // gone now
	Kept      []Kept         // condemned and due, but kept, and why
	Due       *time.Time     // when the next condemned set may be deleted; nil: none waits
	Problems  []string       // what joining met: "720p: …"
	Cost      Cost
	Err       error
	Now       time.Time // the stores' clock when the plan was made; zero: there is none
	// Unchanged: the recording is closed, and its sources are what they were when it was
	// worked on last. Nothing else was looked at.
	Unchanged bool
	Indexed   bool // every session of its marker is known to be in the index of days

	outcome outcome
}

// Committed is one session as it stands in the marker now.
type Committed struct {
	Version string
	Record  *Record   // as it was measured and written
	At      time.Time // when the marker was written, by the store's clock
}

// Kept is a condemned object that was not deleted.
type Kept struct {
	store.Object
	Why    string
	Failed bool // it should have gone; otherwise keeping it is right
}

// Done reports whether nothing was to be done.
func (r *Report) Done() bool {
	return r.Err == nil && len(r.Committed) == 0 && len(r.Deleted) == 0 && r.Condemned == 0
}

// problem notes something that a human should know, once.
func (r *Report) problem(text string) {
	if !slices.Contains(r.Problems, text) {
		r.Problems = append(r.Problems, text)
	}
}
