package matrix

import (
	"fmt"
	"testing"
	"time"
)

// segment is one file of a recording, and what the plan knows of the place
// before it.
type segment struct {
	key     string // below the recording
	body    []byte
	uncut   []byte // as it was before it was cut off; nil: it was not
	init    []byte // of fragments
	join    bool
	shared  bool          // on the clock of the one before, which it overlaps
	same    bool          // by the writer of the one before
	missing time.Duration // before it, by the plan
	lost    time.Duration // before it, in all
}

// scene is the segments of a cell, and how ffmpeg is to read them: a part is
// pieces on one clock, a piece is segments that plain concatenation joins.
type scene struct {
	segments []segment
	parts    [][][]int
	cutTail  bool // the last segment was cut off
	overlap  bool // the last part of it overlaps the one before on one clock
}

// cell is one combination of the matrix.
type cell struct{ video, audio, container, shape string }

func (c cell) String() string {
	return fmt.Sprintf("%s/%s/%s/%s", c.shape, c.container, c.video, c.audio)
}

// plain is the usual mux of the first take.
func (c cell) plain() mux {
	return mux{video: c.video, audio: c.audio, container: c.container, take: first.name, offset: "10"}
}

// with changes a mux.
func with(m mux, change func(*mux)) mux { change(&m); return m }

// wrapAt is an offset that lets a 33-bit clock of 90 kHz wrap in the middle of
// the second segment. In MP4 nothing wraps there, and nothing may.
const wrapAt = "95440.717688"

// shapes are the histories of the matrix.
var shapes = map[string]func(*testing.T, cell) *scene{
	"contiguous": func(t *testing.T, c cell) *scene {
		return c.scene(t, stretch{"A", c.plain(), 0, 4, false})
	},
	"clock restart": func(t *testing.T, c cell) *scene {
		return c.scene(t, stretch{"A", c.plain(), 0, 2, false}, stretch{"B", with(c.plain(), func(m *mux) { m.offset = "500" }), 2, 4, true})
	},
	"wrap": func(t *testing.T, c cell) *scene {
		return c.scene(t, stretch{"A", with(c.plain(), func(m *mux) { m.offset = wrapAt }), 0, 4, false})
	},
	"hole": func(t *testing.T, c cell) *scene {
		return c.scene(t, stretch{"A", c.plain(), 0, 1, false}, stretch{"A", c.plain(), 2, 4, true})
	},
	"swapped PIDs": func(t *testing.T, c cell) *scene {
		return c.scene(t, stretch{"A", c.plain(), 0, 2, false}, stretch{"B", with(c.plain(), func(m *mux) { m.ids = swapped }), 2, 4, false})
	},
	"swapped order": func(t *testing.T, c cell) *scene {
		return c.scene(t, stretch{"A", c.plain(), 0, 2, false}, stretch{"B", with(c.plain(), func(m *mux) { m.ids = ordered }), 2, 4, false})
	},
	"resolution": func(t *testing.T, c cell) *scene {
		return c.scene(t, stretch{"A", c.plain(), 0, 2, false}, stretch{"B", with(c.plain(), func(m *mux) { m.take = larger.name }), 2, 4, false})
	},
	"overlap": func(t *testing.T, c cell) *scene {
		s := c.scene(t, stretch{"A", c.plain(), 0, 2, false}, stretch{"B", with(c.plain(), func(m *mux) { m.take, m.offset = second.name, "13" }), 0, 9, false})
		s.overlap, s.segments[2].shared = true, true
		return s
	},
	"sound missing": func(t *testing.T, c cell) *scene {
		return c.scene(t, stretch{"A", with(c.plain(), func(m *mux) { m.mute = true }), 0, 4, false})
	},
	"cut tail": func(t *testing.T, c cell) *scene {
		s := c.scene(t, stretch{"A", c.plain(), 0, 4, false})
		last := &s.segments[len(s.segments)-1]
		last.body, last.uncut, s.cutTail = last.body[:len(last.body)*6/10], last.body, true
		return s
	},
	"mid-GOP": func(t *testing.T, c cell) *scene {
		return c.scene(t, stretch{"A", with(c.plain(), func(m *mux) { m.late = 10 }), 0, 4, false})
	},
}

// void says why a cell cannot exist; empty: it can.
func (c cell) void() string {
	switch {
	case c.container == inFiles && c.shape == "wrap":
		return "complete files begin at zero, each: no clock runs that could wrap"
	case c.container == inFiles && c.shape == "clock restart":
		return "complete files begin at zero, each: every join is a restart, as in contiguous"
	case c.container == inFiles && c.shape == "overlap":
		return "complete files begin at zero, each: there is no clock to overlap on"
	case c.audio == "none" && c.shape == "sound missing":
		return "there is no sound to miss"
	case c.audio == "none" && c.shape == "swapped order":
		return "one track has no order"
	}
	return ""
}

// stretch is segments of one mux, from and to by index.
type stretch struct {
	writer   string
	mux      mux
	from, to int
	join     bool
}

// scene lays runs out one after the other.
func (c cell) scene(t *testing.T, runs ...stretch) *scene {
	t.Helper()
	s, lost := &scene{}, time.Duration(0)
	for i, r := range runs {
		k := r.mux.cut(t)
		for n := r.from; n < min(r.to, len(k.segments)); n++ {
			at, opens := len(s.segments), n == r.from
			fresh := at == 0 || opens && r.join || c.container == inFiles // which have a clock of their own, each
			g := segment{
				key: fmt.Sprintf("%s/v/%d.%s", r.writer, n+r.mux.of().seq, c.ext()), body: k.segments[n], init: k.init,
				join: fresh && at > 0, same: !opens || i > 0 && runs[i-1].writer == r.writer,
			}
			if opens && i > 0 && r.mux.take == first.name {
				g.missing = time.Duration(r.from-runs[i-1].to) * cutEvery * time.Second
				lost += g.missing
			}
			g.lost = lost
			if s.segments = append(s.segments, g); fresh {
				s.parts = append(s.parts, nil)
			}
			p := &s.parts[len(s.parts)-1]
			if fresh || opens {
				*p = append(*p, nil)
			}
			(*p)[len(*p)-1] = append((*p)[len(*p)-1], at)
		}
	}
	return s
}

// ext is the extension of the segments in a store.
func (c cell) ext() string {
	return map[string]string{inTS: "ts", inFMP4: "m4s", inFiles: "mp4"}[c.container]
}
