package report

import (
	"encoding/json"

	"recfin/finalize"
)

// data is what the script of a page draws and lists. Times are whole milliseconds.
type data struct {
	Stores   []string      `json:"stores"`
	Writers  []string      `json:"writers"`
	Sources  []string      `json:"sources"` // of durations
	Reasons  []string      `json:"reasons"`
	Means    []string      `json:"means"` // of each reason, what it says
	Whys     []string      `json:"whys"`
	Patterns []any         `json:"patterns"` // see patterns.front
	Sessions []sessionData `json:"sessions"`
	Loose    droppedData   `json:"loose"` // dropped, and of no session
	Plays    []playData    `json:"plays,omitempty"`
}

// sessionData is one session on its own axis: wall time since its start.
type sessionData struct {
	ID         string          `json:"id"`
	Start      int64           `json:"at"`  // Unix time
	Length     int64           `json:"len"` // of wall time
	KeepsGaps  bool            `json:"keeps,omitempty"`
	Slots      slotData        `json:"slots"`
	Renditions []renditionData `json:"renditions"`
	Holes      []holeData      `json:"holes,omitempty"`
}

// slotData are slots: Start is the time between the end of the slot before and the
// start of this one.
type slotData struct {
	Start         column `json:"s"`
	Duration      column `json:"d"`
	Discontinuity column `json:"disc,omitempty"` // numbers of slots
	Join          column `json:"join,omitempty"`
}

// renditionData are the chosen segments of a rendition, one a row, and those that
// were dropped. One that is in the recording not at all has no rows.
type renditionData struct {
	Name     string      `json:"name"`
	Slots    *slotData   `json:"slots,omitempty"` // its own
	Slot     column      `json:"slot"`            // difference from the row before
	Writer   column      `json:"w"`
	Seq      column      `json:"seq"`            // difference from the row before
	Duration column      `json:"d"`              // difference from its slot's
	Source   column      `json:"src"`            // of the duration
	Size     column      `json:"size"`           // bytes
	Uploaded column      `json:"up"`             // since the end of its slot
	Store    column      `json:"st,omitempty"`   // absent: the first
	Offset   column      `json:"off,omitempty"`  // of a part of an object
	Part     column      `json:"part,omitempty"` // bytes of a part; 0: the whole object
	Key      keyColumns  `json:"k"`
	Dropped  droppedData `json:"x"`
}

// droppedData are segments that are not in the recording, one a row.
type droppedData struct {
	Placed   column     `json:"on,omitempty"` // 1: Start and Duration are known
	Start    column     `json:"s,omitempty"`
	Duration column     `json:"d,omitempty"`
	Writer   column     `json:"w,omitempty"`
	Seq      column     `json:"seq,omitempty"` // difference from the row before
	HasSeq   column     `json:"has,omitempty"`
	Reason   column     `json:"r"`
	Why      column     `json:"why,omitempty"`
	Size     column     `json:"size"` // bytes
	Uploaded column     `json:"up"`   // since the start of its session; loose: Unix time
	Leftover column     `json:"left,omitempty"`
	MP4      column     `json:"mp4,omitempty"` // how much an MP4 takes of it
	Store    column     `json:"st,omitempty"`
	Key      keyColumns `json:"k"`
	Kept     keyColumns `json:"kept"`
}

// holeData is a stretch that no rendition has, or that one has not.
type holeData struct {
	Rendition int   `json:"q"` // -1: none has it
	Start     int64 `json:"s"`
	Duration  int64 `json:"d"`
}

// playData is a play as the cursor of the timeline needs it.
type playData struct {
	Session   string `json:"session"`
	Rendition string `json:"rendition,omitempty"`
	URL       string `json:"url"`
	Type      string `json:"type"`
	From      int64  `json:"from,omitempty"` // of the rendition, where a file of several begins
}

// tables gathers what the sessions of a page share.
type tables struct {
	stores, writers, sources, reasons, whys names
	keys                                    patterns
}

// dataOf gathers what the script needs of all sessions.
func dataOf(records []*finalize.Record, dropped []finalize.DroppedAt) data {
	var t tables
	t.whys.of("")
	by := map[[2]string][]*finalize.DroppedAt{}
	known := map[string]bool{}
	for _, r := range records {
		known[r.Session] = true
	}
	var loose []*finalize.DroppedAt
	for i := range dropped {
		d := &dropped[i]
		if !known[d.Session] {
			loose = append(loose, d)
			continue
		}
		k := [2]string{d.Session, d.Rendition}
		by[k] = append(by[k], d)
	}
	var out data
	for _, r := range records {
		out.Sessions = append(out.Sessions, t.session(r, by))
	}
	out.Loose = t.dropped(loose, 0)
	out.Stores, out.Writers, out.Sources, out.Reasons, out.Whys = t.stores.list, t.writers.list, t.sources.list, t.reasons.list, t.whys.list
	for _, reason := range out.Reasons {
		out.Means = append(out.Means, reasonWords[finalize.Reason(reason)])
	}
	out.Patterns = t.keys.front()
	return out
}

func (t *tables) session(r *finalize.Record, by map[[2]string][]*finalize.DroppedAt) sessionData {
	s := sessionData{
		ID: r.Session, Start: r.Start.UnixMilli(), Length: ms(int64(r.End.Sub(r.Start))),
		KeepsGaps: r.Settings.Gaps == string(finalize.GapsKeep), Slots: slotsOf(&r.Slots),
	}
	at := ms(r.Start.UnixNano())
	for i := range r.Renditions {
		q := &r.Renditions[i]
		x := t.rendition(r, q, at)
		x.Dropped = t.dropped(by[[2]string{r.Session, q.Name}], at)
		s.Renditions = append(s.Renditions, x)
	}
	for _, name := range lacking(r, by) {
		s.Renditions = append(s.Renditions, renditionData{Name: shown(name), Dropped: t.dropped(by[[2]string{r.Session, name}], at)})
	}
	for _, h := range holesOf(r) {
		s.Holes = append(s.Holes, holeData{Rendition: h.Rendition, Start: ms(h.Start), Duration: ms(h.Duration)})
	}
	return s
}

func slotsOf(c *finalize.SlotColumns) slotData {
	s := slotData{Start: make(column, len(c.Seq)), Duration: make(column, len(c.Seq)), Discontinuity: numbers(c.Discontinuity), Join: numbers(c.Join)}
	end := int64(0)
	for k := range c.Seq {
		start, length := ms(c.StartNS[k]), ms(c.DurationNS[k])
		s.Start[k], s.Duration[k] = start-end, length
		end = start + length
	}
	return s
}

func numbers(in []int) column {
	var c column
	for _, k := range in {
		c = append(c, int64(k))
	}
	return c
}

// rendition writes down what was chosen; at is the start of the session in Unix
// milliseconds.
func (t *tables) rendition(r *finalize.Record, q *finalize.RenditionRecord, at int64) renditionData {
	n := q.Len()
	slots := r.SlotsOf(q)
	x := renditionData{Name: shown(q.Name), Slot: make(column, n), Writer: make(column, n), Duration: make(column, n), Source: make(column, n), Uploaded: make(column, n), Store: make(column, n), Size: make(column, n)}
	if q.Slots != nil {
		own := slotsOf(q.Slots)
		x.Slots = &own
	}
	for i := range n {
		k := q.Slot[i]
		x.Slot[i] = int64(k)
		x.Writer[i] = t.writers.of(writerName(q.Nonce[i]))
		x.Duration[i] = ms(q.DurationNS[i]) - ms(slots.DurationNS[k])
		x.Source[i] = t.sources.of(q.Source[i].String())
		x.Uploaded[i] = ms(q.Seen[i]) - at - ms(slots.StartNS[k]) - ms(slots.DurationNS[k])
		x.Store[i] = t.stores.of(shown(q.Store[i]))
		x.Size[i] = q.Size[i]
	}
	x.Slot, x.Seq, x.Store = deltas(x.Slot), deltas(q.Seq), x.Store.without()
	x.Offset, x.Part = column(q.Offset).without(), column(q.Length).without()
	x.Key = t.keys.columns(q.Key)
	return x
}

// dropped writes down what was dropped; at is the start of the session in Unix
// milliseconds.
func (t *tables) dropped(all []*finalize.DroppedAt, at int64) droppedData {
	n := len(all)
	x := droppedData{
		Placed: make(column, n), Start: make(column, n), Duration: make(column, n), Writer: make(column, n), Seq: make(column, n), HasSeq: make(column, n),
		Reason: make(column, n), Why: make(column, n), Size: make(column, n), Uploaded: make(column, n), Leftover: make(column, n), MP4: make(column, n), Store: make(column, n),
	}
	keys, kept := make([]string, n), make([]string, n)
	for i, d := range all {
		if d.Placed {
			x.Placed[i], x.Start[i], x.Duration[i] = 1, ms(int64(d.Start)), max(0, ms(int64(d.Duration)))
		}
		if d.HasSeq {
			x.HasSeq[i], x.Seq[i] = 1, d.Seq
		}
		x.Writer[i] = t.writers.of(writerName(d.Nonce))
		x.Reason[i], x.Why[i] = t.reasons.of(string(d.Reason)), t.whys.of(shown(d.Why))
		x.Size[i], x.Uploaded[i] = d.Size, ms(d.Modified.UnixNano())-at
		if d.Leftover {
			x.Leftover[i] = 1
		}
		x.MP4[i], x.Store[i] = ms(int64(d.MP4Takes)), t.stores.of(shown(d.Store))
		keys[i], kept[i] = d.Key, d.Kept
	}
	x.Placed, x.Start, x.Duration, x.HasSeq = x.Placed.without(), x.Start.without(), x.Duration.without(), x.HasSeq.without()
	x.Seq, x.Why, x.Leftover, x.MP4, x.Store = deltas(x.Seq).without(), x.Why.without(), x.Leftover.without(), x.MP4.without(), x.Store.without()
	x.Key, x.Kept = t.keys.columns(keys), t.keys.columns(kept)
	return x
}

// encode gives the data as JSON that can stand in a script element: nothing in it
// ends one, and no line separator is in it raw.
func (d *data) encode() ([]byte, error) { return json.Marshal(d) }
