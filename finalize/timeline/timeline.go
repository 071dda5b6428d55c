package timeline

import "time"

// Timeline is what a recording is: its sessions in order of time, and for
// every segment that is in none of them the reason.
type Timeline struct {
	Sessions  []Session
	Dropped   []Drop        // in input order of Segment
	Uncertain []Uncertainty // decisions that the evidence does not settle
	Warnings  []string      // constant words: "uploads-not-live", …
}

// Session is one continuous broadcast: no gap in wall time above the session gap.
type Session struct {
	Start, End time.Time // wall time of the first slot's start and of the last one's end
	Uploaded   time.Time // latest upload of any listed segment that belongs to it, chosen or not
	// From and Until are the midnights that bound a piece of a session that was
	// cut (Options.Midnight); zero: no cut there. From names the piece; a piece
	// with Until is over when that midnight is past, whatever is still uploaded to
	// the next.
	From, Until time.Time
	Slots       []Slot // of all renditions but those that have their own
	Renditions  []Rendition
	Holes       []Hole
}

// Slot is one step on the timeline of a session.
type Slot struct {
	// Seq is the number of its segments; where another numbering lends one, that of
	// the others. Segments without a number are counted here: from 0 on, in order of
	// time or name, and where time is missing as many numbers are left out as usual
	// segments fit, one at least.
	Seq           int64
	Wall          time.Time     // wall start, for PROGRAM-DATE-TIME
	Duration      time.Duration // of the rendition that leads
	Discontinuity bool          // EXT-X-DISCONTINUITY stands before it
	// Join: media time does not continue from the slot before, in some
	// rendition: a new part begins. (The first slot of a session is no join.)
	Join bool
	// Gap in time before the slot: wall time between the end of the slot before
	// and its start, where that is positive and not contiguous.
	Gap time.Duration
}

// Rendition is one quality of a session. Picks has one entry for each slot.
type Rendition struct {
	Name  string
	Picks []Pick
	// Slots are its own, where its segments have other boundaries than those of
	// the session; nil: the session's. They cover the same time, and as many
	// discontinuities stand before them: one that lies inside a segment stands at
	// the nearest boundary.
	Slots []Slot
}

// SlotsOf are the slots of the r-th rendition.
func (s *Session) SlotsOf(r int) []Slot {
	if own := s.Renditions[r].Slots; own != nil {
		return own
	}
	return s.Slots
}

// Pick is the choice of one rendition for one slot.
type Pick struct {
	Segment  int           // index into the input, or -1: nothing there (EXT-X-GAP)
	Start    time.Duration // since the session's start, holes closed
	Duration time.Duration
	Source   Source // where the duration comes from
}

// Hole is a stretch that no rendition (or not this one) has.
type Hole struct {
	Rendition           string // empty: all of them
	AfterSeq, BeforeSeq int64
	AfterSlot           int // index of the slot before the hole; with Rendition set: the slot of that rendition before the first GAP (-1: none)
	Duration            time.Duration
}

// Reason says why a segment is not in the recording (I10).
type Reason string

// Reasons, as plan --json names them.
const (
	Identical      Reason = "identical"
	Duplicate      Reason = "duplicate"
	Truncated      Reason = "truncated"
	Partial        Reason = "partial"
	Overlap        Reason = "overlap"
	Empty          Reason = "empty"
	UnreadableSeg  Reason = "unreadable"
	GoneSeg        Reason = "gone"
	Changed        Reason = "changed"
	Late           Reason = "late"
	Temporary      Reason = "temporary"
	Tombstone      Reason = "tombstone"
	ExcludedSeg    Reason = "excluded"
	UndecodableSeg Reason = "undecodable"
)

// Drop is one segment that was not chosen.
type Drop struct {
	Segment int
	Reason  Reason
	Winner  int // index of the segment that has its place, or -1
	// Why it lost against Winner, for a person: "the same content, uploaded later".
	Why string
	// Leftover: what is proved of it allows deleting it (semantics "condemned").
	// Never set for anything uncertain.
	Leftover bool
	Session  int // index of the session it belongs to, or -1
	// Fill is set where it has time that nothing chosen has, on a clock that is
	// measured and proved to be that of what is chosen around it. Whole segments
	// cannot tell that; what is joined picture by picture can use it.
	Fill *Fill
}

// Fill is the use of a segment that was not chosen: a hole between two that were.
type Fill struct {
	After     int           // index of the chosen segment, of its rendition, before the hole
	Uncovered time.Duration // how much of the hole it has
	Meets     bool          // it has all of it to the end: the next chosen one goes on there
}

// Uncertainty is a decision that could be wrong. Nothing that it names is ever
// a leftover.
type Uncertainty struct {
	What     string // "order", "copy", "session"
	Why      string
	Segments []int
}

// Need asks for more evidence before the timeline can be decided.
type Need struct {
	Segment int
	Level   Level
}

// Options are the settings that decide about a timeline.
type Options struct {
	SessionGap time.Duration // longest gap in wall time inside a session; 15 min
	// Source is the rendition whose coded content is the broadcaster's own (not
	// transcoded): two different contents under one number prove a restart.
	Source string
	// LaterWins: among equals the later upload is kept (a preset's rule).
	LaterWins bool
	Durations Durations
	// Midnight: a session longer than 24 h is cut at every UTC midnight in it.
	Midnight bool
	// Home is the label of the store whose copies are taken where only the upload
	// and the name tell two apart.
	Home string
}

// Durations says how far durations of keys and sidecars are trusted.
type Durations uint8

// Ways to trust. Auto reads the ends of runs, one of each group of copies and
// what is out of line; Trust reads only what nothing else tells; Probe reads
// every segment whole.
const (
	Auto Durations = iota
	Trust
	Probe
)
