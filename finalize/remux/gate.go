package remux

import "recfin/mp4"

// gate drops the pictures at the start of a part that cannot be decoded: those
// before the first access point, and the leading pictures of an access point
// that is no IDR.
type gate struct {
	found   bool // an access point was seen
	open    bool // everything passes
	leading bool // pictures before from, in presentation, are leading ones
	from    int64
}

// look notes a unit that is held.
func (g *gate) look(u *unit) {
	if u.access > mp4.NotAccess {
		g.found = true
	}
}

// openAll lets everything pass.
func (g *gate) openAll() { g.open = true }

// pass says whether a unit can be decoded. Sound always can.
func (g *gate) pass(u *unit) bool {
	access := u.access > mp4.NotAccess
	switch {
	case g.open || u.src.kind() != mp4.Video:
		return true
	case !g.leading && !access:
		return false
	case !g.leading:
		g.open, g.leading, g.from = u.access == mp4.Sync, true, u.pts
		return true
	case u.pts < g.from:
		return false
	}
	g.open = access
	return true
}
