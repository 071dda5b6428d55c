package finalize

import (
	"errors"
	"time"

	"recfin/finalize/timeline"
	"recfin/probe"
	"recfin/store"
)

// PlanJSON is a plan as `plan --json` prints it. The form is stable: fields are
// added, never changed or removed, without a new version.
type PlanJSON struct {
	Version   int             `json:"version"` // 1
	Recording string          `json:"recording"`
	Layout    string          `json:"layout"`
	Status    Status          `json:"status"`
	Sessions  []SessionJSON   `json:"sessions"`
	Dropped   []DroppedJSON   `json:"dropped"`
	Leftovers []LeftoverJSON  `json:"leftovers"`
	Unknown   []string        `json:"unknown"`
	Notes     []NoteJSON      `json:"notes,omitempty"`
	Uncertain []UncertainJSON `json:"uncertain"`
	Warnings  []string        `json:"warnings"`
	Cost      Cost            `json:"cost"`
}

// SessionJSON is one session. Times are UTC, durations seconds.
type SessionJSON struct {
	ID         string          `json:"id"`
	Start      time.Time       `json:"start"`
	End        time.Time       `json:"end"`
	Duration   probe.Seconds   `json:"duration"`
	Renditions []RenditionJSON `json:"renditions"`
	// Unmade are outputs that cannot be made of what a rendition is.
	Unmade []UnmadeRow `json:"unmade,omitempty"`
}

// RenditionJSON is one quality. Segments has one entry for each of its slots,
// which are its own where its segments have other boundaries than those of the
// others.
type RenditionJSON struct {
	Name     string        `json:"name"`
	Duration probe.Seconds `json:"duration"`
	Codecs   string        `json:"codecs"`
	Segments []any         `json:"segments"` // SegmentJSON or GapJSON
	Holes    []HoleJSON    `json:"holes"`
}

// SegmentJSON is a chosen segment. Start counts from the session's start, holes
// closed.
type SegmentJSON struct {
	Store         string          `json:"store"`
	Key           string          `json:"key"`
	Nonce         string          `json:"nonce"`
	Seq           int64           `json:"seq"`
	Size          int64           `json:"size"`
	ETag          string          `json:"etag"`
	Uploaded      time.Time       `json:"uploaded"`
	Start         probe.Seconds   `json:"start"`
	Duration      probe.Seconds   `json:"duration"`
	Source        timeline.Source `json:"duration_source"`
	Discontinuity bool            `json:"discontinuity"`
	Gap           bool            `json:"gap"` // false
	// Of a segment that is a part of its object: that part. Init is the key of the
	// init segment that it needs.
	Offset int64  `json:"offset,omitempty"`
	Length int64  `json:"length,omitempty"`
	Init   string `json:"init,omitempty"`
}

// GapJSON is a slot that this rendition lacks.
type GapJSON struct {
	Seq           int64         `json:"seq"`
	Start         probe.Seconds `json:"start"`
	Duration      probe.Seconds `json:"duration"`
	Discontinuity bool          `json:"discontinuity"`
	Gap           bool          `json:"gap"` // true
}

// HoleJSON is a stretch that nobody has.
type HoleJSON struct {
	AfterSeq  int64         `json:"after_seq"`
	BeforeSeq int64         `json:"before_seq"`
	Duration  probe.Seconds `json:"duration"`
}

// DroppedJSON is a segment that is not in the recording.
type DroppedJSON struct {
	Store  string          `json:"store"`
	Key    string          `json:"key"`
	Reason timeline.Reason `json:"reason"`
	Kept   string          `json:"kept,omitempty"`
	// KeptStore is the store of Kept where that is not Store.
	KeptStore string `json:"kept_store,omitempty"`
	// Of a segment that is a part of its object: that part.
	Offset int64 `json:"offset,omitempty"`
	Length int64 `json:"length,omitempty"`
	// MP4Takes is how many seconds of it an MP4 has, in a hole that whole segments
	// leave open; absent: none.
	MP4Takes probe.Seconds `json:"mp4_takes,omitempty"`
}

// LeftoverJSON is a dropped segment that --delete leftovers may delete.
type LeftoverJSON struct {
	Store string          `json:"store"`
	Key   string          `json:"key"`
	Size  int64           `json:"size"`
	Why   timeline.Reason `json:"why"`
}

// NoteJSON is something of what lies beside the segments that a human should
// know: "missing" (a sidecar names it and it is not there), "sidecar" (it cannot
// be read), "init" (an init segment cannot be had), "unlisted" (bytes between
// the segments of one object are in none of them), "renamed" (a rendition goes on
// under another name).
type NoteJSON struct {
	What string   `json:"what"`
	Keys []string `json:"keys"`
	Why  string   `json:"why"`
}

// UncertainJSON is a decision that the evidence did not settle.
type UncertainJSON struct {
	What string   `json:"what"`
	Keys []string `json:"keys"`
	Why  string   `json:"why"`
}

// PlanJSON gives the plan of a report.
func (r *Report) PlanJSON() PlanJSON {
	p := r.Plan
	out := PlanJSON{
		Version: 1, Recording: r.Recording, Layout: p.Layout, Status: p.Status, Cost: r.Cost,
		Sessions: []SessionJSON{}, Dropped: []DroppedJSON{}, Leftovers: []LeftoverJSON{},
		Unknown: []string{}, Uncertain: []UncertainJSON{}, Warnings: append([]string{}, p.Warnings...),
	}
	for i := range p.Sessions {
		out.Sessions = append(out.Sessions, r.record(&p.Sessions[i]).json())
	}
	for _, d := range p.Dropped {
		row := DroppedJSON{Store: d.Store, Key: d.Key, Reason: d.Reason, Kept: d.Kept, Offset: d.Part.Offset, Length: d.Part.Length, MP4Takes: probe.Seconds(d.MP4Takes)}
		if in := d.keptIn(); in != d.Store {
			row.KeptStore = in
		}
		out.Dropped = append(out.Dropped, row)
		if d.Leftover {
			out.Leftovers = append(out.Leftovers, LeftoverJSON{Store: d.Store, Key: d.Key, Size: d.Size, Why: d.Reason})
		}
	}
	for _, o := range p.Unknown {
		out.Unknown = append(out.Unknown, o.Key)
	}
	for _, u := range p.Uncertain {
		out.Uncertain = append(out.Uncertain, UncertainJSON(u))
	}
	for _, n := range p.Notes {
		out.Notes = append(out.Notes, NoteJSON(n))
	}
	return out
}

// record is a session as it was written, or else as it was planned.
func (r *Report) record(s *PlannedSession) *Record {
	for _, c := range r.Committed {
		if c.Record.Session == s.Record.Session {
			return c.Record
		}
	}
	return s.Record
}

func (r *Record) json() SessionJSON {
	s := SessionJSON{ID: r.Session, Start: r.Start, End: r.End, Renditions: []RenditionJSON{}, Unmade: r.Unmade}
	for _, d := range r.Slots.DurationNS {
		s.Duration += probe.Seconds(d)
	}
	for i := range r.Renditions {
		q := &r.Renditions[i]
		out := RenditionJSON{Name: q.Name, Codecs: q.Codecs, Segments: r.segmentsJSON(q), Holes: []HoleJSON{}, Duration: probe.Seconds(q.planned())}
		for _, h := range r.Holes {
			if h.Rendition == "" || h.Rendition == q.Name {
				out.Holes = append(out.Holes, HoleJSON{AfterSeq: h.AfterSeq, BeforeSeq: h.BeforeSeq, Duration: probe.Seconds(h.DurationNS)})
			}
		}
		s.Renditions = append(s.Renditions, out)
	}
	return s
}

// segmentsJSON gives the slots of a rendition in order.
func (r *Record) segmentsJSON(q *RenditionRecord) []any {
	slots := r.SlotsOf(q)
	out := make([]any, 0, len(slots.Seq))
	row, at := 0, probe.Seconds(0)
	for k := range slots.Seq {
		mark := has(slots.Discontinuity, k)
		if row < q.Len() && q.Slot[row] == k {
			o := q.Object(row)
			at = probe.Seconds(q.StartNS[row])
			init, _ := r.needsInit(q, row)
			out = append(out, SegmentJSON{
				Offset: q.Part(row).Offset, Length: q.Part(row).Length, Init: init.Key,
				Store: o.Store, Key: o.Key, Nonce: q.Nonce[row], Seq: q.Seq[row], Size: o.Size, ETag: o.ETag, Uploaded: o.Modified,
				Start: at, Duration: probe.Seconds(q.DurationNS[row]), Source: q.Source[row], Discontinuity: mark,
			})
			at += probe.Seconds(q.DurationNS[row])
			row++
			continue
		}
		d := probe.Seconds(slots.DurationNS[k])
		out = append(out, GapJSON{Seq: slots.Seq[k], Start: at, Duration: d, Discontinuity: mark, Gap: true})
		at += d
	}
	return out
}

// ReportJSON is what `run --json` and `finalize --json` print: the plan, and
// what became of it.
type ReportJSON struct {
	PlanJSON
	Committed []CommittedJSON `json:"committed"`
	Deleted   []ObjectJSON    `json:"deleted"`
	Kept      []KeptJSON      `json:"kept"`
	Due       *time.Time      `json:"due,omitempty"` // when condemned objects may be deleted
	Problems  []string        `json:"problems"`
	Error     string          `json:"error,omitempty"`
}

// CommittedJSON is a session that this run committed.
type CommittedJSON struct {
	Session string   `json:"session"`
	Version string   `json:"version"`
	Outputs []Output `json:"outputs"`
}

// ObjectJSON names an object.
type ObjectJSON struct {
	Store string `json:"store"`
	Key   string `json:"key"`
	Size  int64  `json:"size"`
}

// KeptJSON is a condemned object that was not deleted.
type KeptJSON struct {
	ObjectJSON
	Why string `json:"why"`
}

// JSON gives the report.
func (r *Report) JSON() ReportJSON {
	out := ReportJSON{
		PlanJSON: r.PlanJSON(), Committed: []CommittedJSON{}, Deleted: []ObjectJSON{}, Kept: []KeptJSON{},
		Due: r.Due, Problems: append([]string{}, r.Problems...),
	}
	out.Status = r.Status()
	for _, c := range r.Committed {
		out.Committed = append(out.Committed, CommittedJSON{Session: c.Record.Session, Version: c.Version, Outputs: c.Record.Outputs})
	}
	for _, o := range r.Deleted {
		out.Deleted = append(out.Deleted, objectJSON(o))
	}
	for _, k := range r.Kept {
		out.Kept = append(out.Kept, KeptJSON{ObjectJSON: objectJSON(k.Object), Why: k.Why})
	}
	if r.Err != nil {
		out.Error = r.Err.Error()
	}
	return out
}

func objectJSON(o store.Object) ObjectJSON {
	return ObjectJSON{Store: o.Store, Key: o.Key, Size: o.Size}
}

// Failed is the status of a report whose run failed.
const Failed Status = "failed"

// Status is where the recording stands after the run.
func (r *Report) Status() Status {
	switch s := r.Plan.Status; {
	case errors.Is(r.Err, ErrLeft):
		return Left
	case r.Err != nil && (s == Damaged || s == Refused):
		return s
	case errors.Is(r.Err, ErrRefused):
		return Refused
	case errors.Is(r.Err, ErrLeased):
		return Leased
	case r.Err != nil:
		return Failed
	case s == Ready:
		return Done
	default:
		return s
	}
}
