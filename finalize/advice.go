package finalize

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"recfin/finalize/timeline"
	"recfin/probe"
	"recfin/store"
)

// unusable is the warning that media is in no recording because it could not be
// used, and that there is advice on it, see Plan.Advice.
const unusable = "unusable-segments"

// Incomplete reports whether this run committed a session although a whole
// rendition or a noticeable part of one could not be read or joined, or an output
// of a rendition could not be made: the rest is done, and the advice of the plan or
// the problems name what is not.
func (r *Report) Incomplete() bool {
	return len(r.Committed) > 0 && r.Plan != nil && slices.Contains(r.Plan.Warnings, unusable) ||
		slices.ContainsFunc(r.Committed, func(c Committed) bool { return len(c.Record.Unmade) > 0 })
}

// unused is what could not be used of one rendition, for one cause.
type unused struct {
	rendition string
	cause     string // of all of them, as advice words it
	segments  int
	first     *Dropped
}

// Advice says in a line each what of the recording could not be used and what
// can be done: where a session lacks all of a rendition for that, or more than
// 1 % of its segments. What another copy has the place of is not missing.
func (p *Plan) Advice() []string {
	if len(p.Sessions) == 0 {
		return nil // that none can be used is said as its status
	}
	type share struct{ chosen, lost int }
	sessions, renditions := map[string]*share{}, map[[2]string]*share{}
	of := func(session, rendition string) (*share, *share) {
		k := [2]string{session, rendition}
		if sessions[session] == nil {
			sessions[session] = &share{}
		}
		if renditions[k] == nil {
			renditions[k] = &share{}
		}
		return sessions[session], renditions[k]
	}
	for _, ps := range p.Sessions {
		for i := range ps.Record.Renditions {
			q := &ps.Record.Renditions[i]
			for _, session := range []string{ps.Record.Session, ""} { // what is of no session may be of any
				s, r := of(session, q.Name)
				s.chosen += q.Len()
				r.chosen += q.Len()
			}
		}
	}
	var lost []*Dropped
	for i := range p.Dropped {
		d := &p.Dropped[i]
		if (d.Reason == timeline.UndecodableSeg || d.Reason == timeline.UnreadableSeg) && d.Kept == "" {
			s, r := of(d.of, p.fields(d.Object).Rendition)
			s.lost++
			r.lost++
			lost = append(lost, d)
		}
	}
	var all []unused
	for _, d := range lost {
		name := p.fields(d.Object).Rendition
		if s, r := of(d.of, name); r.chosen == 0 || s.lost*100 > s.chosen+s.lost {
			all = addUnused(all, name, d)
		}
	}
	slices.SortStableFunc(all, func(a, b unused) int {
		return cmp.Or(strings.Compare(a.rendition, b.rendition), strings.Compare(a.cause, b.cause))
	})
	var out []string
	for _, u := range all {
		out = append(out, u.String())
	}
	return out
}

func addUnused(all []unused, rendition string, d *Dropped) []unused {
	cause := "cannot be joined by this version"
	switch {
	case d.around != "":
		cause = "cannot be understood without an init segment"
	case d.Reason == timeline.UnreadableSeg:
		cause = "cannot be read as media"
	}
	for i := range all {
		if u := &all[i]; u.rendition == rendition && u.cause == cause {
			u.segments++
			return all
		}
	}
	return append(all, unused{rendition, cause, 1, d})
}

func (u unused) String() string {
	name := ""
	if u.rendition != "" {
		name = store.Printable(u.rendition) + ": "
	}
	n, they, them, init := "1 segment", "it is", "it", "its init segment"
	if u.segments > 1 {
		n, they, them, init = fmt.Sprintf("%d segments", u.segments), "they are", "them", "their init segment"
	}
	example := store.Printable(u.first.Key)
	if u.first.Why != "" {
		example += ": " + u.first.Why
	}
	then := "recfin probe says what is in " + them
	if u.first.around != "" {
		then = "put " + init + " beside " + them + ", and the next run takes " + them
	}
	return fmt.Sprintf("%s%s %s (%s); %s kept and in no recording: %s", name, n, u.cause, example, they, then)
}

// fault says to a person why a segment could not be used.
func (d *decision) fault(s *Segment) string {
	why := strings.TrimPrefix(d.m.Detail[s.id()], "measure "+store.Printable(s.Key)+": ")
	for _, word := range []string{probe.ErrUndecodable.Error(), probe.ErrUnreadable.Error()} {
		why = strings.TrimPrefix(why, word+": ")
	}
	return store.Printable(why)
}
