package report

import (
	"cmp"
	"html/template"
	"slices"

	"recfin/finalize"
)

// page is what the template of a recording's page shows. Every text in it is
// visible as it is; the template escapes it.
type page struct {
	Head
	Name      string // in full
	Status    finalize.Status
	Tone      string // see tone
	Verdict   string // in a sentence
	Facts     []fact
	Looks     []look
	Player    []playView
	Sessions  []sessionView
	Picked    int // the session that is shown first: see picked
	Lanes     []legendRow
	Dropped   []dropGroup
	DropCount string
	Outputs   []outputGroup
	Deletion  deletion
	Unknown   keyList
	Beside    keyList
	Settings  []setting
	Cost      *costView
	Data      template.JS
}

// Head is what stands in the head and at the foot of every page.
type Head struct {
	Title     string
	Policy    string // Content-Security-Policy
	Style     template.CSS
	Script    template.JS
	Player    template.JS // hls.js; empty: there is nothing that needs it
	Links     []Link
	Generated string
}

// fact is a number that matters, at the top.
type fact struct{ Name, Value, Note string }

// look is something that a person should look at.
type look struct {
	Tone string // bad, warn or note
	What string
	Text string
	Keys []string // a few of those that it is about
	More int      // how many there are besides
}

// playView is what the player can play.
type playView struct {
	Name    string
	Session string
	URL     string
	Type    string
	HLS     bool
}

// keyList is a list of keys of which the first are shown.
type keyList struct {
	Keys []string
	More int
}

const mostKeys = 200

func keysOf(keys []string, most int) keyList {
	l := keyList{}
	for i, k := range keys {
		if i == most {
			l.More = len(keys) - most
			break
		}
		l.Keys = append(l.Keys, shown(k))
	}
	return l
}

// setting is one line of the settings of the sessions.
type setting struct{ Name, Value string }

// deletion is what goes, went or stays.
type deletion struct {
	Due       stamp
	Sets      []dueRow
	Condemned int
	Deleted   keyList
	Gone      string // how many, and their bytes
	Kept      []keptRow
	KeptMore  int
}

func (d deletion) Any() bool {
	return d.Due.Text != "" || len(d.Sets) > 0 || d.Condemned > 0 || d.Gone != "" || len(d.Kept) > 0
}

// dueRow is a condemned set.
type dueRow struct {
	Session, Kind  string
	Objects, Bytes string
	Since, At      stamp
	Kept           bool
}

type keptRow struct {
	Key, Why string
	Failed   bool
}

// pageOf makes the view of a report; dropped is what its plan dropped, in places.
func pageOf(r *finalize.Report, dropped []finalize.DroppedAt, opt Options) (page, error) {
	plan := r.Plan
	if plan == nil {
		plan = &finalize.Plan{Recording: r.Recording}
	}
	status := statusOf(r)
	p := page{Name: shown(r.Recording), Status: status, Tone: tone(status), Verdict: verdict(r, plan, status)}
	p.Title = opt.Title
	if p.Title == "" {
		p.Title = short(r.Recording, 80)
	}
	records := recordsOf(r, plan)
	for i, rec := range records {
		p.Sessions = append(p.Sessions, sessionOf(r, &plan.Sessions[i], rec, dropped))
	}
	p.Picked = picked(p.Sessions)
	p.Facts = factsOf(plan, records, dropped)
	p.Looks = looksOf(r, plan, records)
	p.Dropped, p.DropCount = dropGroupsOf(dropped), digits(int64(len(dropped)))
	p.Outputs = outputsOf(records)
	p.Deletion = deletionOf(r, opt.Due)
	var unknown, beside []string
	for _, o := range plan.Unknown {
		unknown = append(unknown, o.Key)
	}
	for _, o := range plan.Beside {
		beside = append(beside, o.Key)
	}
	p.Unknown, p.Beside = keysOf(unknown, mostKeys), keysOf(beside, mostKeys)
	p.Settings = settingsOf(plan, records)
	if r.Cost != (finalize.Cost{}) {
		c := costOf(r.Cost)
		p.Cost = &c
	}
	d := dataOf(records, dropped)
	p.Player, d.Plays = playsOf(opt.Plays, records)
	p.Lanes = legend(records, dropped)
	raw, err := d.encode()
	if err != nil {
		return page{}, err
	}
	p.Data = template.JS(raw)
	return p, p.fill(opt, pageStyle, pageScript, p.Player)
}

// recordsOf are the sessions as they were written, or else as they were planned.
func recordsOf(r *finalize.Report, plan *finalize.Plan) []*finalize.Record {
	var out []*finalize.Record
	for i := range plan.Sessions {
		rec := plan.Sessions[i].Record
		if c := committedOf(r, rec.Session); c != nil {
			rec = c.Record
		}
		out = append(out, tallFirst(rec))
	}
	return out
}

// tallFirst is a record with its renditions from the largest picture down, and those
// without pictures last, however they are called.
func tallFirst(rec *finalize.Record) *finalize.Record {
	out := *rec
	out.Renditions = slices.Clone(rec.Renditions)
	slices.SortStableFunc(out.Renditions, func(a, b finalize.RenditionRecord) int {
		return cmp.Or(cmp.Compare(b.Height, a.Height), cmp.Compare(b.Width, a.Width))
	})
	return &out
}

func committedOf(r *finalize.Report, session string) *finalize.Committed {
	for i := range r.Committed {
		if r.Committed[i].Record.Session == session {
			return &r.Committed[i]
		}
	}
	return nil
}

// lengthOf is how long the outputs of a session are: its slots, holes closed.
func lengthOf(r *finalize.Record) int64 {
	var ns int64
	for _, d := range r.Slots.DurationNS {
		ns += d
	}
	return ns
}

// wallOf is how long a session was on air.
func wallOf(r *finalize.Record) int64 { return int64(r.End.Sub(r.Start)) }

func settingsOf(plan *finalize.Plan, records []*finalize.Record) []setting {
	var out []setting
	add := func(name, value string) {
		if value != "" {
			out = append(out, setting{name, shown(value)})
		}
	}
	add("layout", plan.Layout)
	if len(records) == 0 {
		return out
	}
	s := records[len(records)-1].Settings
	add("formats", s.Formats)
	add("hls", s.HLS)
	add("gaps", s.Gaps)
	add("session gap", spoken(s.GapNS))
	add("renditions taken", list(s.Include, 20))
	add("renditions left out", list(s.Exclude, 20))
	add("renamed", list(s.Renames, 20))
	add("durations", string(s.Durations))
	add("split", string(s.Split))
	add("time zone of keys", s.TimeZone)
	return out
}

// picked is the session that the timeline shows first: the last one in which something
// is missing, or else the last one.
func picked(sessions []sessionView) int {
	for i := len(sessions) - 1; i >= 0; i-- {
		if len(sessions[i].Holes) > 0 {
			return i
		}
	}
	return len(sessions) - 1
}
