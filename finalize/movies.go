package finalize

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// movie is what one MP4 is made of: a rendition, which it is named after, and
// those whose sound joins it, in order of their names.
type movie []*RenditionRecord

// movies says which MP4s a session has. A rendition of sound alone goes into the
// file of every rendition of pictures that has no sound of its own. Where all have
// one it is a quality of its own, for listeners, and stays a file of its own.
func (r *Record) movies() []movie {
	var sound movie
	mute := false
	for i := range r.Renditions {
		q := &r.Renditions[i]
		pictures, frames := q.kinds()
		mute = mute || pictures && !frames
		if frames && !pictures {
			sound = append(sound, q)
		}
	}
	slices.SortStableFunc(sound, func(a, b *RenditionRecord) int { return cmp.Compare(a.Name, b.Name) })
	var out []movie
	for i := range r.Renditions {
		q := &r.Renditions[i]
		switch pictures, frames := q.kinds(); {
		case pictures && !frames:
			out = append(out, append(movie{q}, sound...))
		case !mute || !slices.Contains(sound, q):
			out = append(out, movie{q})
		}
	}
	return out
}

// kinds says what a rendition holds, as far as is known.
func (q *RenditionRecord) kinds() (pictures, sound bool) { return kindsOf(q.Width, q.Codecs) }

// kindsOf reads it from the width of the pictures and the value for CODECS. Where
// there are pictures and no such value, what else there is was announced and not
// seen: that is sound.
func kindsOf(width int, codecs string) (pictures, sound bool) {
	if pictures = width > 0; codecs == "" {
		return pictures, pictures
	}
	for _, c := range strings.Split(codecs, ",") {
		name, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(c)), ".")
		switch {
		case name == "":
		case soundCodecs[name]:
			sound = true
		default:
			pictures = true
		}
	}
	return pictures, sound
}

// soundCodecs are the values of the CODECS attribute that stand for sound, up to
// the first dot, in small letters (RFC 6381 and the MP4 registration authority).
var soundCodecs = map[string]bool{
	"mp4a": true, "mp3": true, "ac-3": true, "ec-3": true, "ac-4": true, "opus": true, "flac": true, "fla": true, "alac": true,
	"dtsc": true, "dtsh": true, "dtse": true, "dtsl": true, "dtsx": true, "vorbis": true, "samr": true, "sawb": true, "mlpa": true,
}

// sounds are the names of the renditions whose sound joins the first.
func (m movie) sounds() []string {
	var names []string
	for _, q := range m[1:] {
		names = append(names, q.Name)
	}
	return names
}

// planned is how long the movie lasts, by the plan.
func (m movie) planned() time.Duration {
	var d time.Duration
	for _, q := range m {
		d = max(d, q.planned())
	}
	return d
}

func (m movie) bytes() int64 {
	var n int64
	for _, q := range m {
		n += q.bytes()
	}
	return n
}

// rows is how many segments it holds.
func (m movie) rows() int {
	n := 0
	for _, q := range m {
		n += q.Len()
	}
	return n
}

// fed is a segment on its way into a movie.
type fed struct {
	input, row int
	fill       int // number of the fill, from 1, that stands behind the row; 0: it is the row
	part       int
	at         time.Duration // its begin, since the session's start
	missing    time.Duration // planned hole before it
	shared     bool          // it may overlap the one before, on one clock
	heads      bool          // the next one of its rendition is shared
}

// piece is what is read of it.
func (x *fed) piece(m movie) piece {
	if x.fill > 0 {
		return m[x.input].Fills.piece(x.fill - 1)
	}
	return m[x.input].piece(x.row)
}

// feed puts the segments of a movie in the order in which they are joined: those
// of a part before those of the next, and by their begin.
func (r *Record) feed(m movie) []fed {
	list := make([]fed, 0, m.rows())
	borders := r.borders(m)
	for input, q := range m {
		slots := r.SlotsOf(q)
		at := time.Duration(0)
		for row, k := range q.Slot {
			x := fed{input: input, row: row}
			for x.part < len(borders) && k >= borders[x.part][input] {
				x.part++
			}
			at = max(at, time.Duration(slots.StartNS[k]))
			x.at = at
			if row > 0 {
				x.missing = slots.missing(q.Slot[row-1], k, x.part == list[len(list)-1].part)
			}
			if row > 0 {
				switch last := &list[len(list)-1]; {
				case last.heads:
					x.shared, x.missing = true, 0
				case last.fill > 0:
					x.missing = max(0, x.missing-time.Duration(q.Fills.UncoveredNS[last.fill-1]))
				}
			}
			fill := q.Fills.after(k)
			x.heads = fill >= 0
			list = append(list, x)
			if fill >= 0 {
				x.fill, x.at, x.missing, x.shared, x.heads = fill+1, x.at+1, 0, true, q.Fills.Meets[fill]
				list = append(list, x)
			}
		}
	}
	slices.SortStableFunc(list, func(a, b fed) int {
		return cmp.Or(cmp.Compare(a.part, b.part), cmp.Compare(a.at, b.at), cmp.Compare(a.input, b.input))
	})
	shareHoles(list)
	return list
}

// shareHoles gives the first segment of each part the hole that all inputs have
// before it: the shortest.
func shareHoles(list []fed) {
	for i := 1; i < len(list); i++ {
		if list[i].part == list[i-1].part {
			continue
		}
		seen := map[int]bool{}
		hole := time.Duration(-1)
		for _, x := range list[i:] {
			if x.part != list[i].part {
				break
			}
			if !seen[x.input] && x.row > 0 && (hole < 0 || x.missing < hole) {
				hole = x.missing
			}
			seen[x.input] = true
		}
		list[i].missing = max(hole, 0)
	}
}

// borders are the beginnings of all parts but the first: the slot of each input
// from which on its segments are behind it. A hole is closed only where all inputs
// have it; else it becomes silence, or a picture that stands.
func (r *Record) borders(m movie) [][]int {
	slots := r.SlotsOf(m[0])
	starts := slices.DeleteFunc(slices.Clone(slots.Join), m[0].bridged)
	for row, k := range m[0].Slot {
		if row == 0 {
			continue
		}
		if after := m[0].Slot[row-1] + 1; k != after && !m[0].bridged(k) && r.noSound(m, slots.StartNS[after], slots.StartNS[k]) {
			starts = insert(starts, k)
		}
	}
	var out [][]int
	for _, at := range starts {
		border := make([]int, len(m))
		for input, q := range m {
			border[input] = r.borderOf(q, slots, at)
			if n := len(out); n > 0 {
				border[input] = max(border[input], out[n-1][input])
			}
		}
		out = append(out, border)
	}
	return out
}

// borderOf finds in the slots of a rendition the one that some slot of others
// corresponds to where a part begins: discontinuities are as many in all slots.
// Where none stands, it is the first slot of which more lies behind that moment
// than before.
func (r *Record) borderOf(q *RenditionRecord, of *SlotColumns, at int) int {
	own := r.SlotsOf(q)
	if own == of {
		return at
	}
	if n, ok := slices.BinarySearch(of.Discontinuity, at); ok && n < len(own.Discontinuity) {
		return own.Discontinuity[n]
	}
	k, _ := slices.BinarySearchFunc(own.StartNS, of.StartNS[at], func(ns, t int64) int { return cmp.Compare(ns, t) })
	if k > 0 && own.StartNS[k-1]+own.DurationNS[k-1]/2 > of.StartNS[at] {
		k--
	}
	return k
}

// noSound reports whether none of the sounds that join a rendition has a segment
// in a stretch.
func (r *Record) noSound(m movie, from, to int64) bool {
	const edge = int64(tolerance)
	for _, q := range m[1:] {
		slots := r.SlotsOf(q)
		for _, k := range q.Slot {
			if start := slots.StartNS[k]; start < to-edge && start+slots.DurationNS[k] > from+edge {
				return false
			}
		}
	}
	return true
}
