package finalize

import (
	"fmt"
	"slices"

	"recfin/store"
)

// reused refuses playlists that name the segments where they lie, if their writer
// has started over and its layout uses the same keys again: they would lead to
// other segments one day (semantics of a damaged recording).
func (d *decision) reused() {
	if !d.f.cfg.references() {
		return
	}
	of := map[string][]string{} // sessions by writer
	take := func(r *Record, id string) {
		for i := range r.Renditions {
			for k, nonce := range r.Renditions[i].Nonce {
				if k > 0 && nonce == r.Renditions[i].Nonce[k-1] {
					continue
				}
				if !slices.Contains(of[nonce], id) {
					of[nonce] = append(of[nonce], id)
				}
			}
		}
	}
	absorbed := map[string]bool{}
	for i := range d.p.Sessions {
		ps := &d.p.Sessions[i]
		take(ps.Record, ps.Record.Session)
		for _, e := range ps.Absorbs {
			absorbed[e.ID] = true
		}
	}
	if c := d.m.Committed; c != nil {
		for _, e := range c.marker.Sessions {
			if !absorbed[e.ID] {
				take(c.record[e.ID], e.ID)
			}
		}
	}
	for i := range d.p.Sessions {
		r := d.p.Sessions[i].Record
		if !d.newlyReferences(&d.p.Sessions[i]) {
			continue
		}
		for k := range r.Renditions {
			q := &r.Renditions[k]
			var sessions []string
			for n, nonce := range q.Nonce {
				if n == 0 || nonce != q.Nonce[n-1] {
					sessions = of[nonce]
				}
				if len(sessions) < 2 || !d.f.reusesKeys(q.Object(n)) {
					continue
				}
				d.refused = fmt.Sprintf("%s uploads to the same keys whenever it starts over (sessions %s and %s), so a playlist with references to them may lead to other segments one day: give --hls copy, --hls single or --format mp4 for this recording",
					store.Printable(nonce), sessions[0], sessions[1])
				return
			}
		}
	}
}

// reusesKeys reports whether an object lies in a layout in which a writer that
// starts over overwrites its keys.
func (f *Finalizer) reusesKeys(o store.Object) bool {
	s, ok := f.parse(o)
	l := f.layout(s.Layout)
	return ok && l != nil && l.ReusesKeys()
}

// newlyReferences reports whether playlists that are to be written name segments
// where they lie, and none did before, or not those.
func (d *decision) newlyReferences(ps *PlannedSession) bool {
	if ps.Action == Keep || ps.Action == Outside || HLSMode(ps.Record.Settings.HLS) != HLSReference {
		return false
	}
	e := ps.Replaces
	return e == nil || d.owned[e.ID] || !d.m.Committed.record[e.ID].hasPlaylists()
}
