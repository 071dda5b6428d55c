package finalize

import (
	"time"

	"recfin/store"
)

// Standing is where a recording stands by its marker alone: nothing of its segments
// is listed or read.
type Standing struct {
	Recording  string
	IDs        []string  // whose segments it holds; empty: its own alone
	As         string    // the recording that this ID is a part of; then nothing else is known
	Generation int64     // of the marker
	Committed  time.Time // when the marker was written, by the store's clock
	Sessions   []StandingSession
	Due        []StandingDue // condemned sets that are not known to be carried out
}

// StandingSession is what is committed of one session. The columns of its record are
// shared and must not be changed.
type StandingSession struct {
	ID       string
	Version  string
	Formats  Formats
	Absorbed []string
	Door     store.Object // of players: <session>/index.m3u8; Key is empty where there is none
	Record   *Record      // the decision, as it was measured and written
}

// StandingDue is a set of objects that the marker allows to delete.
type StandingDue struct {
	Session, Version string
	Kind             string // "leftovers", "outputs" or "sources"
	Objects          int
	Bytes            int64
	Since            time.Time // when it was condemned
	At               time.Time // Since and the delay of deleting: the earliest that a run may delete it
	Kept             bool      // recfin keep: it never is
}
