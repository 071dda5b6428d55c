package finalize

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"recfin/store"
)

// closedAfter is how long after its last commit a recording counts as finished: uploads
// are retried for minutes, machines come back within a day, and what is marked for
// deletion usually goes after one.
const closedAfter = 48 * time.Hour

// outcome is what a job leaves for the state.
type outcome struct {
	sum    listingSum // over the sources that were listed last
	gone   int        // of Report.Deleted when they were: what went since is still in sum
	listed bool
	group  bool // several IDs are in it, so no single listing shows it
}

// clean reports whether nothing is left to be done for a recording with the settings of
// the run, but for deletions that wait.
func (r *Report) clean() bool {
	if r.Err != nil || len(r.Kept) > 0 || !r.outcome.listed || r.Plan.Status != Done && r.Plan.Status != Ready {
		return false
	}
	for i := range r.Plan.Sessions {
		if r.Plan.Sessions[i].Action == Wait {
			return false
		}
	}
	return r.lastCommit() > 0
}

// lastCommit is when the marker was written, in Unix seconds; 0: there is none, or it is
// not known. Where the run changed anything it is not before the plan was made.
func (r *Report) lastCommit() int64 {
	at := time.Time{}
	if c := r.Plan.committed; c != nil {
		at = c.object.Modified
	}
	for _, c := range r.Committed {
		at = later(at, c.At)
	}
	if r.Condemned > 0 || len(r.Deleted) > 0 {
		at = later(at, r.Now)
	}
	if at.IsZero() {
		return 0
	}
	return max(0, at.Unix())
}

// row is what the state is to say of a recording that was worked on. ok is false where it
// is to say nothing: that is in trouble too if it is there and not finished. isInput tells the keys that were listed as sources.
func (r *Report) row(settings string, isInput func(store.Object) bool) (row stateRow, ok bool) {
	row = stateRow{name: r.Recording, settings: settings}
	switch {
	case r.clean():
	case errors.Is(r.Err, ErrNoMatch), errors.Is(r.Err, ErrNothing):
		return row, false // no recording
	default:
		row.flags = stateTrouble
		return row, r.Err != nil && !errors.Is(r.Err, ErrLeased) // else not settled, or held by another run
	}
	row.commit = r.lastCommit()
	if r.Due != nil {
		row.due = max(1, r.Due.Unix())
	}
	if r.Indexed {
		row.flags |= stateIndexed
	}
	if !r.outcome.group {
		sum := r.outcome.sum
		for _, o := range r.Deleted[r.outcome.gone:] {
			if isInput(o) {
				sum.remove(&o)
			}
		}
		row.listing = sum.String()
	}
	return row, true
}

// scopeHash tells jobs apart that list other objects: by their stores and layouts.
func (c *Config) scopeHash() string {
	scope := struct {
		Stores, Layouts []string
		Zone            string
	}{Zone: c.TimeZone}
	for _, s := range c.Sources {
		scope.Stores = append(scope.Stores, s.Label())
	}
	for _, l := range c.Layouts {
		scope.Layouts = append(scope.Layouts, l.Name())
	}
	return hashJSON(scope)
}

// settingsHash tells jobs apart that make something else of the same objects.
func (c *Config) settingsHash() string {
	return hashJSON(struct {
		Settings
		Delete   DeleteMode
		Delay    time.Duration
		Percent  int
		DropData bool
		Settle   time.Duration
	}{c.shaping("", c.Formats), c.Delete, c.DeleteDelay, c.MaxDeletePercent, c.DropData, c.Settle})
}

// hashJSON is the first 16 hexadecimal digits of the SHA-256 of a value of plain types.
func hashJSON(v any) string {
	raw, err := json.Marshal(v)
	if err != nil {
		raw = fmt.Appendf(nil, "%+v", v)
	}
	return hashHex(raw)[:16]
}
