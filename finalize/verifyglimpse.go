package finalize

import (
	"slices"
	"time"

	"recfin/mp4"
	"recfin/probe"
)

// glimpse is what is seen of one segment of a playlist: its head, or all of it.
type glimpse struct {
	i         int // of the segment in its playlist
	container probe.Container
	init      string
	whole     bool          // all of it was read
	exact     bool          // lasts is known: of a single picture nobody knows it
	lasts     time.Duration // by its own timestamps
	wrap      time.Duration // of its clock; 0: never
	access    mp4.Access    // at its first picture
	tracks    []glimpsed
}

// glimpsed is one track of it.
type glimpsed struct {
	id            int
	video         bool
	timed         bool
	starts        time.Duration // first DTS of pictures, first PTS of sound
	ends          time.Duration // of what was read
	frame         time.Duration
	params        string // what a discontinuity is needed for where it changes; empty: not seen
	codecs        string // RFC 6381; empty: not seen
	width, height int
}

// glimpseOf keeps what is judged of a measurement.
func glimpseOf(i int, m *probe.Media) *glimpse {
	g := &glimpse{i: i, container: m.Container, init: m.InitID, whole: m.Whole, exact: m.Exact && m.Duration() > 0, lasts: m.Duration(), wrap: m.Wrap(), access: mp4.Sync}
	if v := m.Video(); v != nil {
		g.access = v.FirstAccess
	}
	for n := range m.Tracks {
		t := &m.Tracks[n]
		if t.Kind != mp4.Video && t.Kind != mp4.Audio {
			continue
		}
		x := glimpsed{id: t.ID, video: t.Kind == mp4.Video, timed: t.Frames > 0, params: t.Params(), frame: t.Time(t.LastDelta)}
		if x.timed {
			x.starts, x.ends = t.Time(t.FirstDTS), t.Time(t.LastDTS+t.LastDelta)
		}
		if !x.video && x.timed {
			x.starts, x.ends = t.Time(t.FirstPTS), t.Time(t.LastPTS+t.LastDelta)
		}
		if x.params != "" {
			x.codecs = m.Codecs(t, t.Entry)
			if p, ok := t.Entry.(mp4.Pictures); ok {
				x.width, x.height = p.Dimensions()
			}
		}
		g.tracks = append(g.tracks, x)
	}
	return g
}

// pictures reports whether it has any.
func (g *glimpse) pictures() bool {
	return slices.ContainsFunc(g.tracks, func(t glimpsed) bool { return t.video && t.timed })
}

// slack is how far two measurements of a duration may differ: 50 ms, or one and a
// half pictures.
func (g *glimpse) slack() time.Duration {
	d := tolerance
	for _, t := range g.tracks {
		if t.video || !g.pictures() {
			d = max(d, 3*t.frame/2)
		}
	}
	return d
}

// track finds a track by its id.
func (g *glimpse) track(id int) *glimpsed {
	for i := range g.tracks {
		if g.tracks[i].id == id {
			return &g.tracks[i]
		}
	}
	return nil
}

// changes says what differs between two neighbours that needs a discontinuity
// (RFC 8216 §4.3.2.3); empty: nothing that was seen of both. Sound that a head does not
// reach is not missing.
func (g *glimpse) changes(next *glimpse) string {
	switch {
	case g.container != next.container:
		return "the container changes from " + g.container.String() + " to " + next.container.String()
	case g.init != next.init && g.init != "" && next.init != "":
		return "the init segment changes"
	}
	both := g.whole && next.whole
	for i := range g.tracks {
		a := &g.tracks[i]
		b := next.track(a.id)
		switch {
		case b == nil && (a.video || both) && a.timed:
			return "a track is not there any more"
		case b == nil:
		case a.video != b.video:
			return "a track becomes another one"
		case a.params != b.params && a.params != "" && b.params != "":
			return "the parameters change from " + a.params + " to " + b.params
		}
	}
	for i := range next.tracks {
		if b := &next.tracks[i]; g.track(b.id) == nil && (b.video || both) && b.timed {
			return "a track begins"
		}
	}
	return ""
}

// until is how long after this segment the next one begins, by the track for which
// that is nearest to what is expected: sound may run on where pictures end. ok is
// false where no track tells.
func (g *glimpse) until(next *glimpse, expected time.Duration) (d time.Duration, ok bool) {
	for i := range g.tracks {
		a := &g.tracks[i]
		b := next.track(a.id)
		if b == nil || !a.timed || !b.timed {
			continue
		}
		x := b.starts - a.starts
		if g.wrap > 0 {
			x = ((x+g.wrap/2)%g.wrap+g.wrap)%g.wrap - g.wrap/2
		}
		if !ok || (x-expected).Abs() < (d-expected).Abs() {
			d, ok = x, true
		}
	}
	return d, ok
}
