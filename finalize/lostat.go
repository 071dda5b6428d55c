package finalize

import (
	"cmp"
	"slices"
	"time"

	"recfin/finalize/timeline"
)

// lostAt is what is known of a dropped segment beyond its key. It decides nothing,
// see DroppedAt.
type lostAt struct {
	known            bool // it was listed as a segment; else the rest is empty
	rendition, nonce string
	seq              int64
	numbered         bool
	begins           time.Time // wall start, by its key, a sidecar or its media; zero: unknown
	lasts            time.Duration
}

// heard is where the media of a dropped segment begins, counted from the media of a
// chosen one of the same writer and rendition.
type heard struct {
	from  int // index of the chosen one
	after time.Duration
	lasts time.Duration // 0: unknown
}

// heardOf compares the media times of what was dropped and read with those of the
// chosen segment of its run that is nearest by number. Only one writer's own clock
// says anything: two begin anywhere.
func (m *Measured) heardOf(fs facts) map[int]heard {
	type run struct{ rendition, nonce string }
	type timed struct {
		segment int
		seq     int64
		start   time.Duration
	}
	of := func(i int) run { return run{m.Segments[i].Rendition, m.Segments[i].Nonce} }
	start := func(i int) (time.Duration, *fact, bool) {
		x := fs[m.Segments[i].id()]
		if x == nil || !x.media.Timed {
			return 0, nil, false
		}
		return x.media.Start, x, true
	}
	out := map[int]heard{}
	wanted := map[run][]timed{}
	for _, x := range m.Timeline.Dropped {
		if _, _, ok := start(x.Segment); ok {
			wanted[of(x.Segment)] = nil
		}
	}
	if len(wanted) == 0 {
		return nil
	}
	for _, s := range m.Timeline.Sessions {
		for _, q := range s.Renditions {
			for _, p := range q.Picks {
				if p.Segment < 0 {
					continue
				}
				r := of(p.Segment)
				if _, ok := wanted[r]; !ok {
					continue
				}
				if at, _, ok := start(p.Segment); ok {
					wanted[r] = append(wanted[r], timed{p.Segment, m.Segments[p.Segment].Seq, at})
				}
			}
		}
	}
	for r := range wanted {
		slices.SortStableFunc(wanted[r], func(a, b timed) int { return cmp.Compare(a.seq, b.seq) })
	}
	for _, x := range m.Timeline.Dropped {
		at, read, ok := start(x.Segment)
		near := wanted[of(x.Segment)]
		if !ok || len(near) == 0 {
			continue
		}
		seq := m.Segments[x.Segment].Seq
		k, _ := slices.BinarySearchFunc(near, seq, func(t timed, seq int64) int { return cmp.Compare(t.seq, seq) })
		if k == len(near) || k > 0 && stepsApart(near[k-1].seq, seq) < stepsApart(near[k].seq, seq) {
			k--
		}
		out[x.Segment] = heard{from: near[k].segment, after: at - near[k].start, lasts: read.media.Duration}
	}
	return out
}

// stepsApart is the distance of two numbers, which may not fit into an int64.
func stepsApart(a, b int64) uint64 {
	if a > b {
		a, b = b, a
	}
	return uint64(b) - uint64(a)
}

// losses gathers what is known of each dropped segment of a plan, in its order.
func (d *decision) losses() []lostAt {
	if len(d.p.Dropped) == 0 {
		return nil
	}
	out := make([]lostAt, len(d.p.Dropped))
	index := make(map[rowID]int, len(out))
	for k := range d.p.Dropped {
		index[d.p.Dropped[k].id()] = k
	}
	walls := d.wallsHeard()
	for i := range d.m.Segments {
		s := &d.m.Segments[i]
		k, ok := index[s.id()]
		if !ok {
			continue
		}
		x := lostAt{known: true, rendition: s.Rendition, nonce: s.Nonce, seq: s.Seq, numbered: !s.Unnumbered, begins: s.Begins.Time(), lasts: s.Length}
		if h, ok := d.m.heard[i]; ok {
			if wall := walls[h.from]; !wall.IsZero() {
				x.begins = wall.Add(h.after)
			}
			x.lasts = cmp.Or(h.lasts, x.lasts)
		}
		out[k] = x
	}
	return out
}

// wallsHeard are the wall times of the chosen segments that others were compared
// with; zero where a segment is chosen no more.
func (d *decision) wallsHeard() map[int]time.Time {
	walls := map[int]time.Time{}
	for _, h := range d.m.heard {
		walls[h.from] = time.Time{}
	}
	if len(walls) == 0 {
		return nil
	}
	for i := range d.m.Timeline.Sessions {
		s := &d.m.Timeline.Sessions[i]
		for r := range s.Renditions {
			placed(s.Renditions[r].Picks, s.SlotsOf(r), walls)
		}
	}
	return walls
}

func placed(picks []timeline.Pick, slots []timeline.Slot, walls map[int]time.Time) {
	for k, p := range picks {
		if p.Segment < 0 || k >= len(slots) {
			continue
		}
		if _, ok := walls[p.Segment]; ok {
			walls[p.Segment] = slots[k].Wall
		}
	}
}
