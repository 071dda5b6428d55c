package finalize

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"recfin/store"
)

// mayGo reports whether any source of a session may go, and says in the report why
// not where a human can do something about it.
func (d *departure) mayGo(e *MarkerSession, rec *Record) bool {
	if !d.j.f.cfg.Days.take(e.ID) {
		return false
	}
	if d.j.report.Now.Before(d.p.settledAt(rec, d.j.f.cfg.settleAfter())) {
		return false // --force or not (I5)
	}
	if rec.referenced() {
		d.named = append(d.named, e.ID)
		return false
	}
	if slices.Contains(d.j.f.cfg.Accept, d.p.Recording) {
		return true
	}
	why := ""
	switch hole, rendition := rec.missing(); {
	case hole*100 > rec.End.Sub(rec.Start):
		why = fmt.Sprintf("%s of it is missing%s", hole.Round(time.Millisecond), rendition)
	case d.uncertain(rec):
		why = "some of it was decided without evidence (uncertain)"
	case len(d.advice) > 0:
		why = "segments of it cannot be used: " + d.advice[0]
	default:
		return true
	}
	id := store.Printable(d.p.Recording)
	d.keepAll(e, fmt.Sprintf("%s: look at recfin plan %s, and if all is well give --accept %s", why, id, id))
	return false
}

func (d *departure) keepAll(e *MarkerSession, why string) {
	d.j.report.problem(fmt.Sprintf("the sources of session %s stay: %s", e.ID, why))
}

// sayReferenced tells in one line of which sessions nothing goes because of playlists.
func (d *departure) sayReferenced() {
	if len(d.named) == 0 {
		return
	}
	which := "session " + d.named[0]
	if n := len(d.named); n > 1 {
		which = fmt.Sprintf("%d sessions, of %s the first,", n, d.named[0])
	}
	d.j.report.problem("the sources of " + which + " stay: its playlists name them where they lie, and a later --hls does not change that: sources go where playlists name copies (--hls copy or single from the start), or an MP4 is all that was ever wanted")
}

// referenced reports whether a playlist of the version names any of its segments
// where it lies.
func (r *Record) referenced() bool {
	in := r.playlistsIn()
	if in == "" {
		return false
	}
	for i := range r.Renditions {
		if slices.Contains(r.Renditions[i].Store, in) {
			return true
		}
	}
	return r.Inits.Len() > 0 && slices.Contains(r.Inits.Store, in)
}

// missing is how much of a session nobody has, at most in one rendition, and which
// that is, as the end of a phrase.
func (r *Record) missing() (most time.Duration, in string) {
	by := map[string]time.Duration{}
	for _, h := range r.Holes {
		by[h.Rendition] += time.Duration(h.DurationNS)
	}
	most = by[""]
	for _, name := range slices.Sorted(maps.Keys(by)) {
		if name != "" && by[name]+by[""] > most {
			most, in = by[name]+by[""], " in "+store.Printable(name)
		}
	}
	return most, in
}

// uncertain reports whether a decision on a session was not settled by evidence.
func (d *departure) uncertain(rec *Record) bool {
	doubtful := func(key string) bool { return d.doubtful[key] }
	return len(rec.Uncertain) > 0 || len(d.doubtful) > 0 && (slices.ContainsFunc(rec.Dropped.Key, doubtful) ||
		slices.ContainsFunc(rec.Renditions, func(q RenditionRecord) bool { return slices.ContainsFunc(q.Key, doubtful) }))
}
