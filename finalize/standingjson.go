package finalize

import (
	"path"
	"slices"
	"strings"
	"time"

	"recfin/probe"
)

// StandingJSON is what `list --json` prints of one recording. The form is stable:
// fields are added, never changed or removed, without a new version. Times are UTC,
// durations seconds, sizes bytes.
type StandingJSON struct {
	Version    int                   `json:"version"` // 1
	Recording  string                `json:"recording"`
	Status     ListStatus            `json:"status"`
	IDs        []string              `json:"ids,omitempty"` // whose segments it holds, where they are several
	Generation int64                 `json:"generation"`    // of the marker; 0: it could not be read
	Committed  *time.Time            `json:"committed,omitempty"`
	Duration   probe.Seconds         `json:"duration"` // of all sessions
	Size       int64                 `json:"size"`     // of all outputs
	Sessions   []StandingSessionJSON `json:"sessions"`
	Late       []DroppedCountJSON    `json:"late"` // what came after its session was finished, and was not taken
	Due        []StandingDueJSON     `json:"due"`
	// Error says why it could not be told.
	Error string `json:"error,omitempty"`
}

// ListStatus is what a marker says of a recording as a whole.
type ListStatus string

// Statuses of a list.
const (
	ListFinalized ListStatus = "finalized" // sessions are committed
	ListBegun     ListStatus = "begun"     // it was made of several IDs, and nothing of it is committed
	ListUnread    ListStatus = "unread"    // there is no marker, or it cannot be read: see the error
)

// StandingSessionJSON is what is committed of one session.
type StandingSessionJSON struct {
	ID         string                  `json:"id"`
	Version    string                  `json:"version"`
	Start      time.Time               `json:"start"`
	End        time.Time               `json:"end"`
	Duration   probe.Seconds           `json:"duration"`
	Formats    string                  `json:"formats"`
	Absorbed   []string                `json:"absorbed,omitempty"` // ids of sessions that it took over
	Door       *ObjectJSON             `json:"door,omitempty"`     // of players
	Renditions []StandingRenditionJSON `json:"renditions"`
	Holes      []StandingHoleJSON      `json:"holes"`
	Dropped    []DroppedCountJSON      `json:"dropped"`
	Uncertain  []UncertainJSON         `json:"uncertain"`
	Unmade     []UnmadeRow             `json:"unmade"`
	Outputs    []StandingOutputJSON    `json:"outputs"`
}

// StandingRenditionJSON is one quality of a session.
type StandingRenditionJSON struct {
	Name     string        `json:"name"`
	Codecs   string        `json:"codecs"`
	Width    int           `json:"width,omitempty"`
	Height   int           `json:"height,omitempty"`
	Duration probe.Seconds `json:"duration"`
	Segments int           `json:"segments"`
	Gaps     int           `json:"gaps"` // slots that it lacks and others have
}

// StandingHoleJSON is a stretch that nobody has.
type StandingHoleJSON struct {
	Rendition string        `json:"rendition,omitempty"` // empty: all of them
	AfterSeq  int64         `json:"after_seq"`
	BeforeSeq int64         `json:"before_seq"`
	Duration  probe.Seconds `json:"duration"`
}

// DroppedCountJSON counts segments that are not in the recording, by reason.
type DroppedCountJSON struct {
	Reason   Reason `json:"reason"`
	Segments int    `json:"segments"`
	Size     int64  `json:"size"`
}

// StandingOutputJSON is a file of a version, or all copies of segments of a rendition
// together: then the key is that of their folder.
type StandingOutputJSON struct {
	Rendition string        `json:"rendition"`
	Kind      string        `json:"kind"` // as in the record
	Store     string        `json:"store"`
	Key       string        `json:"key"`
	Objects   int           `json:"objects"`
	Size      int64         `json:"size"`
	Duration  probe.Seconds `json:"duration"`
}

// StandingDueJSON is a set of objects that may be deleted, with the same --delete.
type StandingDueJSON struct {
	Session string     `json:"session"`
	Kind    string     `json:"kind"` // "leftovers", "outputs" or "sources"
	Objects int        `json:"objects"`
	Size    int64      `json:"size"`
	Since   time.Time  `json:"since"`
	At      *time.Time `json:"at,omitempty"` // the earliest; absent: never, or not known
	Kept    bool       `json:"kept"`         // its deletion was cancelled
}

// JSON gives the standing.
func (s *Standing) JSON() StandingJSON {
	committed := s.Committed.UTC()
	out := StandingJSON{
		Version: 1, Recording: s.Recording, Status: ListFinalized, IDs: s.IDs, Generation: s.Generation, Committed: &committed,
		Sessions: []StandingSessionJSON{}, Late: countDropped(s.Late), Due: []StandingDueJSON{},
	}
	if len(s.Sessions) == 0 {
		out.Status = ListBegun
	}
	for i := range s.Sessions {
		one := s.Sessions[i].json()
		out.Sessions = append(out.Sessions, one)
		out.Duration += one.Duration
		for _, o := range one.Outputs {
			out.Size += o.Size
		}
	}
	for _, d := range s.Due {
		row := StandingDueJSON{Session: d.Session, Kind: d.Kind, Objects: d.Objects, Size: d.Bytes, Since: d.Since.UTC(), Kept: d.Kept}
		if !d.At.IsZero() {
			at := d.At.UTC()
			row.At = &at
		}
		out.Due = append(out.Due, row)
	}
	return out
}

// UnlistedJSON is what stands in the place of a recording of which nothing can be told.
func UnlistedJSON(recording string, why error) StandingJSON {
	return StandingJSON{
		Version: 1, Recording: recording, Status: ListUnread,
		Sessions: []StandingSessionJSON{}, Late: []DroppedCountJSON{}, Due: []StandingDueJSON{}, Error: why.Error(),
	}
}

func (s *StandingSession) json() StandingSessionJSON {
	r := s.Record
	out := StandingSessionJSON{
		ID: s.ID, Version: s.Version, Start: r.Start.UTC(), End: r.End.UTC(), Formats: s.Formats.String(), Absorbed: s.Absorbed,
		Renditions: []StandingRenditionJSON{}, Holes: []StandingHoleJSON{}, Uncertain: []UncertainJSON{}, Unmade: append([]UnmadeRow{}, r.Unmade...), Outputs: r.outputsJSON(),
	}
	if s.Door.Key != "" {
		door := objectJSON(s.Door)
		out.Door = &door
	}
	for _, ns := range r.Slots.DurationNS {
		out.Duration += probe.Seconds(ns)
	}
	for i := range r.Renditions {
		q := &r.Renditions[i]
		out.Renditions = append(out.Renditions, StandingRenditionJSON{
			Name: q.Name, Codecs: q.Codecs, Width: q.Width, Height: q.Height, Duration: probe.Seconds(q.planned()),
			Segments: q.Len(), Gaps: len(r.SlotsOf(q).Seq) - q.Len(),
		})
	}
	for _, h := range r.Holes {
		out.Holes = append(out.Holes, StandingHoleJSON{Rendition: h.Rendition, AfterSeq: h.AfterSeq, BeforeSeq: h.BeforeSeq, Duration: probe.Seconds(h.DurationNS)})
	}
	for _, u := range r.Uncertain {
		out.Uncertain = append(out.Uncertain, UncertainJSON(u))
	}
	dropped := make([]Dropped, r.Dropped.Len())
	for i := range dropped {
		dropped[i] = Dropped{Object: r.Dropped.Object(i), Part: r.Dropped.Part(i), Reason: r.Dropped.Reason[i]}
	}
	out.Dropped = countDropped(dropped)
	return out
}

// outputsJSON are the outputs, the copies of each rendition as one.
func (r *Record) outputsJSON() []StandingOutputJSON {
	out := []StandingOutputJSON{}
	copies := map[string]int{} // by rendition, where they stand
	for i := range r.Outputs {
		o := &r.Outputs[i]
		row := StandingOutputJSON{Rendition: o.Rendition, Kind: o.Kind, Store: o.Store, Key: o.Key, Objects: 1, Size: o.Size, Duration: probe.Seconds(o.DurationNS)}
		if o.Kind == "copy" {
			at, ok := copies[o.Rendition]
			if ok {
				out[at].Objects++
				out[at].Size += row.Size
				out[at].Duration += row.Duration
				continue
			}
			row.Key = path.Dir(o.Key) + "/"
			copies[o.Rendition] = len(out)
		}
		out = append(out, row)
	}
	return out
}

// countDropped counts by reason, sorted.
func countDropped(list []Dropped) []DroppedCountJSON {
	by := map[Reason]*DroppedCountJSON{}
	for i := range list {
		d := &list[i]
		c := by[d.Reason]
		if c == nil {
			c = &DroppedCountJSON{Reason: d.Reason}
			by[d.Reason] = c
		}
		c.Segments++
		if c.Size += d.Size; d.Part.Length > 0 {
			c.Size += d.Part.Length - d.Size
		}
	}
	out := []DroppedCountJSON{}
	for _, c := range by {
		out = append(out, *c)
	}
	slices.SortFunc(out, func(a, b DroppedCountJSON) int { return strings.Compare(string(a.Reason), string(b.Reason)) })
	return out
}
