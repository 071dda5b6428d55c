package finalize

import (
	"fmt"
	"slices"
	"sort"
	"strings"
	"time"

	"recfin/finalize/timeline"
	"recfin/store"
)

// Status is where a recording stands.
type Status string

// Statuses, as plan --json names them.
const (
	Ready      Status = "ready"       // something is to be written
	NotSettled Status = "not-settled" // it may still be written to
	Done       Status = "done"        // nothing to do
	Damaged    Status = "damaged"     // a committed recording lost something that it references (I11)
	Refused    Status = "refused"     // a human must look
	Leased     Status = "leased"      // another run works on it; of a report only
	Left       Status = "left"        // left to a later run; of a report of Recover only
)

// Action is what a plan does with a session.
type Action string

// Actions.
const (
	Write Action = "write" // a new version
	Keep  Action = "keep"  // committed as it is
	Wait  Action = "wait"  // not settled
	// Outside: it, or one that it would take over, is not of Config.Days, so it is left
	// alone.
	Outside Action = "outside"
)

// Plan is what will be done with one recording. It is a value: publishing and
// cleaning do what it says and nothing else, and a dry run prints it.
type Plan struct {
	Recording string
	Layout    string // names of the layouts that read its keys
	Status    Status
	Why       string // what a human should know or do; empty where all is well
	Sessions  []PlannedSession
	Dropped   []Dropped
	Unknown   []store.Object
	Beside    []store.Object // sidecars, init segments and tombstones: understood, and never touched
	Notes     []Note
	Uncertain []UncertainRow
	Warnings  []string
	Listed    int64 // bytes of all segments that were listed, condemned ones too

	read      func(store.Object) (keyed, bool) // what a layout says of a key
	losses    []lostAt                         // like Dropped: what is known of each, see DroppedAt
	unmade    []string                         // wanted outputs that cannot be made, and why
	there     *presence                        // everything that was listed
	committed *committed                       // what the plan rests on; nil: no marker
	staying   []store.Object                   // playlists of ours to which nothing leads, and that stay: see job.staying
	playlists []store.Object                   // of ours in other places
	outputs   []store.Object                   // below the recording's folder when the plan was made
}

// PlannedSession is one session and what becomes of it.
type PlannedSession struct {
	Action   Action
	Why      string         // of Keep, Wait and Outside
	Record   *Record        // the decision
	Hash     string         // of everything that the decision rests on
	Replaces *MarkerSession // the committed entry that it grows; nil: none
	// Absorbs are committed entries that it takes over: something new joins them to
	// the one that it grows.
	Absorbs  []*MarkerSession
	Uploaded time.Time // latest upload of any of its segments
}

// Reason says why a segment is not in the recording.
type Reason = timeline.Reason

// Dropped is one segment that is not in the recording, and why (I10).
type Dropped struct {
	store.Object
	Part     timeline.Range // the part of it that is the segment; zero: all of it
	Reason   Reason
	Kept     string // key that has its place; empty: none
	Why      string // it lost, for a person; may be empty
	Leftover bool
	MP4Takes time.Duration // how much of it an MP4 has, in a hole that whole segments leave open

	winner objectID // the version of Kept
	of     string   // the session that it is of or came too late for; empty: none, or any
	around string   // what may describe it by now, see reopen; empty: nothing is missing
	news   bool     // the marker does not know it, and it is of no session: it may be of any
}

// keptIn is the label of the store of Kept.
func (d Dropped) keptIn() string {
	if d.winner.store != "" {
		return d.winner.store
	}
	return d.Store
}

// plan decides from what was measured. now is the store's clock.
func (f *Finalizer) plan(m *Measured, now time.Time) *Plan {
	p := &Plan{
		Recording: m.Recording, Layout: layoutNames(m.Segments),
		Unknown: m.Unknown, Warnings: append(slices.Clone(m.Timeline.Warnings), m.noteWords()...), Beside: m.beside(), Notes: m.Notes,
		committed: m.Committed, outputs: m.Outputs, playlists: m.playlists, there: m.there(), read: f.parse,
	}
	if len(m.Segments) > 0 && !slices.ContainsFunc(m.Segments, func(s Segment) bool { return s.Part == nil }) {
		// Parts of one object have one upload time, and nothing is wrong with that.
		p.Warnings = slices.DeleteFunc(p.Warnings, func(w string) bool { return w == uploadsNotLive })
	}
	if m.fromFuture() {
		p.Warnings = append(p.Warnings, futureUploads)
	}
	for i := range m.Segments {
		p.Listed += m.Segments[i].Bytes()
	}
	for _, o := range m.Condemned {
		p.Listed += o.Size
	}
	d := &decision{f: f, m: m, p: p, now: now, known: m.Committed.known(), owned: map[string]bool{}, of: map[int]string{}, taken: map[string]bool{}, uploaded: map[string]time.Time{}}
	if lost := m.Committed.lost(m.Listing, f.looked(m.Members)); len(lost) > 0 {
		d.damaged(lost)
	} else {
		d.run()
	}
	p.losses = d.losses()
	return p
}

// damaged keeps everything as it is. What is new is listed and not decided.
func (d *decision) damaged(lost []string) {
	p := d.p
	p.Status = Damaged
	p.Why = fmt.Sprintf("%d keys that it stands on are gone or changed (%s): restore them (an output that is deleted is written again)", len(lost), someKeys(lost))
	for i := range p.committed.marker.Sessions {
		e := &p.committed.marker.Sessions[i]
		p.Sessions = append(p.Sessions, PlannedSession{Action: Keep, Why: "damaged", Record: p.committed.record[e.ID], Replaces: e})
	}
	m := *d.m
	m.Timeline = &timeline.Timeline{}
	d.m = &m
	d.drop(nil)
	d.undecided(lost)
}

// lost names the keys that a committed playlist references and that are gone
// or another version now (I11), outputs that are gone and cannot be made again, and
// outputs that somebody has replaced: what he wants of them is not known. looked tells what was listed: what lies elsewhere (another --layout or
// --store) was not looked at and is not called lost.
func (c *committed) lost(l *Listing, looked func(store.Object) bool) []string {
	if c == nil {
		return nil
	}
	there, outputs := l.there(), map[place]bool{}
	for _, o := range l.Outputs {
		outputs[place{o.Store, o.Key}] = true
	}
	var lost []string
	for i := range c.marker.Sessions {
		e := &c.marker.Sessions[i]
		rec, whole := c.record[e.ID], true
		for _, q := range rec.Renditions {
			for j := range q.Key {
				if c.here(q.Object(j), there) {
					continue
				}
				whole = false
				if hasFormat(e.Formats, "hls") && q.Store[j] == rec.playlistsIn() && looked(q.Object(j)) {
					lost = append(lost, q.Key[j])
				}
			}
		}
		for j := range rec.Inits.Len() {
			if o := rec.Inits.Object(j); !c.here(o, there) {
				whole = false
				if hasFormat(e.Formats, "hls") && o.Store == rec.playlistsIn() && looked(o) {
					lost = append(lost, o.Key)
				}
			}
		}
		for _, o := range rec.Outputs {
			if !there.has(idOf(o.object())) && (!whole || outputs[place{o.Store, o.Key}]) {
				lost = append(lost, o.Key)
			}
		}
	}
	sort.Strings(lost)
	return slices.Compact(lost)
}

// playlistsIn is the label of the store that holds the playlists of a session,
// which name the segments in that store; empty: there are none, or they name
// outputs only.
func (r *Record) playlistsIn() string {
	if r.Settings.HLS == string(HLSCopy) || r.Settings.HLS == string(HLSSingle) {
		return ""
	}
	for _, o := range r.Outputs {
		if o.Kind == "hls" {
			return o.Store
		}
	}
	return ""
}

// unread refuses to go on with layouts or stores that do not show what a
// committed playlist references: whether that is still there could not be seen.
func (f *Finalizer) unread(c *committed) error {
	if c == nil {
		return nil
	}
	for i := range c.marker.Sessions {
		e := &c.marker.Sessions[i]
		if !hasFormat(e.Formats, "hls") {
			continue
		}
		for _, q := range c.record[e.ID].Renditions {
			for j := range q.Key {
				if q.Store[j] != c.record[e.ID].playlistsIn() {
					continue // the version has a copy of its own
				}
				if f.cfg.source(q.Store[j]) == nil {
					return fmt.Errorf("%w: the playlists of %s reference segments in %s, which is no --store of this run: give it too",
						ErrUsage, store.Printable(c.marker.Recording), q.Store[j])
				}
				if _, ok := f.parse(q.Object(j)); !ok {
					return fmt.Errorf("%w: no --layout reads %s, which the playlists of %s reference: give the layout that it was finalized with (%s), and others beside it",
						ErrUsage, store.Printable(q.Key[j]), store.Printable(c.marker.Recording), c.record[e.ID].Settings.Layout)
				}
			}
		}
	}
	return nil
}

// beside is what lies beside the segments and is understood.
func (l *Listing) beside() []store.Object {
	all := slices.Clone(l.Tombstones)
	for _, group := range [][]keyed{l.Sidecars, l.Inits} {
		for i := range group {
			all = append(all, group[i].Object)
		}
	}
	slices.SortFunc(all, compareObjects)
	return all
}

// someKeys shows the first keys of a list.
func someKeys(keys []string) string {
	const most = 5
	var b strings.Builder
	for i, k := range keys {
		if i == most {
			fmt.Fprintf(&b, ", and %d more", len(keys)-most)
			break
		}
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(store.Printable(k))
	}
	return b.String()
}

func layoutNames(segs []Segment) string {
	set, last := map[string]bool{}, (*origin)(nil)
	for i := range segs {
		if of := segs[i].origin; of != last {
			last, set[of.Layout] = of, true
		}
	}
	return strings.Join(sortedNames(set), ",")
}
