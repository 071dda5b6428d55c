package finalize

import (
	"cmp"
	"slices"

	"recfin/store"
)

// keepRest keeps every committed session that nothing grows. One that lacks a
// wanted format, or of which an output is gone, is written again from what was
// decided then, as long as its sources are there.
func (d *decision) keepRest() {
	c := d.m.Committed
	if c == nil {
		return
	}
	want := d.f.cfg.Formats
	if d.f.cfg.AsCommitted {
		want = Formats{}
	}
	for i := range c.marker.Sessions {
		e := &c.marker.Sessions[i]
		if d.owned[e.ID] {
			continue
		}
		ps := PlannedSession{Action: Keep, Record: c.record[e.ID], Replaces: e, Why: "committed as " + e.Version, Uploaded: d.uploaded[e.ID]}
		if words := c.record[e.ID].unmadeWords(); words != "" {
			ps.Why += "; " + words
		}
		if !d.f.cfg.Days.take(e.ID) {
			d.p.Sessions = append(d.p.Sessions, ps)
			continue
		}
		again, missing := c.again(c.record[e.ID], want, d.f.cfg.HLS, d.p.there)
		switch {
		case missing != "":
			ps.Why += "; " + cmp.Or(want.String(), e.Formats) + " cannot be made, because " + missing + " and perhaps more of its segments are gone, or marked for deletion"
			d.p.unmade = append(d.p.unmade, "session "+e.ID+": "+ps.Why)
		case again != nil:
			ps.Action, ps.Record, ps.Hash, ps.Why = Write, again, again.hash(), ""
		}
		d.p.Sessions = append(d.p.Sessions, ps)
	}
	sortSessions(d.p.Sessions)
}

// again gives the record to write a session once more, or nil if that is not
// needed; missing names a source that is needed for it and gone, or condemned: that
// is for ever. there is all that was listed; hls is for playlists that it never had.
func (c *committed) again(r *Record, want Formats, hls HLSMode, there *presence) (again *Record, missing string) {
	had, err := ParseFormats(r.Settings.Formats)
	if err != nil {
		return nil, ""
	}
	whole := had.Has(want)
	for _, o := range r.Outputs {
		whole = whole && there.has(idOf(o.object()))
	}
	if whole {
		return nil, ""
	}
	for i := range r.Renditions {
		for j := range r.Renditions[i].Key {
			if !c.here(r.Renditions[i].Object(j), there) {
				return nil, store.Printable(r.Renditions[i].Key[j])
			}
		}
	}
	for i := range r.Inits.Len() {
		if !c.here(r.Inits.Object(i), there) {
			return nil, store.Printable(r.Inits.Key[i])
		}
	}
	next := *r
	next.Outputs, next.Unmade = nil, nil
	next.Settings.Formats = had.Union(want).String()
	next.Settings.HLS = string(lastingMode(hls, r))
	next.Renditions = slices.Clone(r.Renditions)
	for i := range next.Renditions {
		next.Renditions[i] = next.Renditions[i].withoutLostFills(there)
		next.Renditions[i].Held, next.Renditions[i].Single = nil, nil // what is written will say it
	}
	return &next, ""
}
