package hlscases

import (
	"time"

	"recfin/finalize"
)

const (
	whole = time.Second
	first = "20260301T200000Z" // session that begins on air
)

// Renditions of pictures with sound.
var (
	large  = Rendition{Name: "720p", Stream: 0, Width: 320, Height: 180}
	medium = Rendition{Name: "480p", Stream: 1, Width: 256, Height: 144}
	small  = Rendition{Name: "360p", Stream: 2, Width: 192, Height: 108}
)

// clip are eight seconds of a rendition, as MPEG-TS.
func (r Rendition) clip() clip {
	return clip{kind: r.Kind, stream: r.Stream, width: r.Width, height: r.Height, seconds: 8, every: 2, language: r.Language}
}

// from changes the number of the first picture of a clip.
func (c clip) from(n int) clip {
	c.first = n
	return c
}

// All are the cases.
func All() []Case {
	return []Case{one(), hole(finalize.HLSReference), restart(), failover(), pids()}
}

func one() Case {
	return Case{
		Name: "one", Shows: "one rendition: nothing that could be left out", Recording: "show",
		takes:    []take{{clip: large.clip(), folder: "show/A/720p"}},
		Sessions: []Session{{ID: first, Runs: []Run{{0, 120}}, Duration: 8 * whole, Renditions: []Rendition{large}}},
	}
}

// hole has twelve seconds in three renditions, the smallest without the fifth to
// the eighth second.
func hole(mode finalize.HLSMode) Case {
	c := Case{
		Name: "hole", Shows: "three renditions, a hole in one: two gaps of the same duration, and its time stated anew in all",
		Recording: "show", HLS: mode,
		Sessions: []Session{{ID: first, Runs: []Run{{0, 180}}, Duration: 12 * whole}},
	}
	for _, r := range []Rendition{large, medium, small} {
		k := take{clip: r.clip(), folder: "show/A/" + r.Name}
		k.seconds = 12
		if r.Name == small.Name {
			k.lost = []int{2, 3}
			r.Gaps = []Run{{60, 60}}
		}
		c.takes = append(c.takes, k)
		c.Sessions[0].Renditions = append(c.Sessions[0].Renditions, r)
	}
	return c
}

func restart() Case {
	return Case{
		Name: "restart", Shows: "the clock starts over with the next broadcaster: a discontinuity", Recording: "show",
		takes: []take{
			{clip: large.clip(), folder: "show/A/720p"},
			{clip: large.clip().from(1000), folder: "show/B/720p", seq: 4, at: 8 * whole},
		},
		Sessions: []Session{{ID: first, Runs: []Run{{0, 120}, {1000, 120}}, Duration: 16 * whole, Renditions: []Rendition{large}}},
	}
}

// failover has one stream, of which the second half went through another
// broadcaster.
func failover() Case {
	all := large.clip()
	all.seconds, all.bframes = 16, 2
	return Case{
		Name: "failover", Shows: "another broadcaster, the same stream: no discontinuity", Recording: "show",
		takes: []take{
			{clip: all, folder: "show/A/720p", lost: []int{4, 5, 6, 7}},
			{clip: all, folder: "show/B/720p", lost: []int{0, 1, 2, 3}},
		},
		Sessions: []Session{{ID: first, Runs: []Run{{0, 240}}, Duration: 16 * whole, Renditions: []Rendition{large}}},
	}
}

func pids() Case {
	b := large.clip().from(120)
	b.offset, b.pid = 8, 0x200
	return Case{
		Name: "pids", Shows: "another broadcaster, the clock goes on, other PIDs: a discontinuity", Recording: "show",
		takes: []take{
			{clip: large.clip(), folder: "show/A/720p"},
			{clip: b, folder: "show/B/720p", seq: 4, at: 8 * whole},
		},
		Sessions: []Session{{ID: first, Runs: []Run{{0, 120}, {120, 120}}, Duration: 16 * whole, Renditions: []Rendition{large}}},
	}
}
