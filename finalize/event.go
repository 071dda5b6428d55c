package finalize

import "sync"

// Stage is a step of the work on a recording.
type Stage string

// Stages, in their order. A recording may go through some of them again, where a
// listing or a marker moved under it.
const (
	StageList    Stage = "list"
	StageMeasure Stage = "measure" // durations and ends of segments
	StageWrite   Stage = "write"   // media, playlists, records
	StageVerify  Stage = "verify"  // outputs are read back
	StageCommit  Stage = "commit"  // the marker, then the doors
	StageDelete  Stage = "delete"
)

// Unit is what is counted while a stage goes on.
type Unit string

// Units of Event.Done and Event.Total.
const (
	UnitSegments Unit = "segments"
	UnitObjects  Unit = "objects"
	UnitBytes    Unit = "bytes"
)

// Event is one step of the work, for progress and logs.
type Event struct {
	Recording string
	Stage     Stage
	Detail    string // what exactly: a key, a rendition; empty: the recording as a whole
	Done      int64  // of Total, of this Detail; both 0: nothing is counted
	Total     int64  // what is known by now: it may grow
	Unit      Unit   // of Done and Total
	// Cost is what the recording asked of its stores so far. What a stage costs is the
	// difference to the first event of the next.
	Cost Cost
}

// counted tells how much of a Detail is done, step by step, from several goroutines.
type counted struct {
	j    *job
	mu   sync.Mutex
	told Event
}

// counting tells that a stage begins which has so much to do.
func (j *job) counting(stage Stage, detail string, total int64, unit Unit) *counted {
	c := &counted{j: j, told: Event{Stage: stage, Detail: detail, Total: total, Unit: unit}}
	j.notify(c.told)
	return c
}

// add tells that so much more is done. It tells under a lock: Done never falls.
func (c *counted) add(n int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.told.Done += n
	c.j.notify(c.told)
}

// notify tells of a step of this recording.
func (j *job) notify(e Event) {
	if tell := j.f.cfg.Notify; tell != nil {
		e.Recording, e.Cost = j.recording, costOf(j.counters)
		tell(e)
	}
}
