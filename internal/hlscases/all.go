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
	return []Case{
		one(), hole("hole", "three renditions, a hole in one: two gaps of the same duration, and the time stated anew in all", finalize.HLSReference),
		restart(), failover(), pids(),
		inits("inits", "fragments, and another init segment from the next broadcaster on", finalize.HLSReference), selfInit(),
		inits("single", "one media object, with both init segments in it", finalize.HLSSingle),
		hole("copy", "segments copied into the version", finalize.HLSCopy),
		hostile(), audioOnly(), group(), sessions(),
	}
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
func hole(name, shows string, mode finalize.HLSMode) Case {
	c := Case{
		Name: name, Shows: shows, Recording: "show", HLS: mode,
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

// inits are fragments whose init segment changes with the broadcaster.
func inits(name, shows string, mode finalize.HLSMode) Case {
	a, b := large.clip(), large.clip().from(1000)
	a.form, b.form = fragments, fragments
	a.width, a.height = medium.Width, medium.Height
	return Case{
		Name: name, Shows: shows, Recording: "show", HLS: mode,
		takes: []take{
			{clip: a, folder: "show/A/720p"},
			{clip: b, folder: "show/B/720p", seq: 4, at: 8 * whole},
		},
		Sessions: []Session{{ID: first, Runs: []Run{{0, 120}, {1000, 120}}, Duration: 16 * whole, Renditions: []Rendition{large}}},
	}
}

// selfInit are files that bring a moov of their own, each with a clock that begins
// at 0.
func selfInit() Case {
	c := large.clip()
	c.form, c.every, c.seconds = files, 4, 12
	r := large
	r.Name = "source"
	return Case{
		Name: "selfinit", Shows: "fragments that bring their own init segment: each file is named twice, by range", Recording: "cam", layout: "mediamtx",
		takes:    []take{{clip: c, folder: "cam"}},
		Sessions: []Session{{ID: first, Runs: []Run{{0, 60}, {60, 60}, {120, 60}}, Duration: 12 * whole, Renditions: []Rendition{r}}},
	}
}

// Names that do what they can: delimiters of URLs, escapes, a line break with a
// tag behind it, what is not ASCII.
const (
	hostileRecording = "a b#c?d%2F+e:f"
	hostileNonce     = "n\n#EXT-X-ENDLIST"
	hostileRendition = "7\"2,0=p ü:&%"
)

func hostile() Case {
	r, s := large, small
	r.Name, s.Name = hostileRendition, hostileRendition+"'"
	return Case{
		Name: "hostile", Shows: "names with all that means something in a URL or a playlist", Recording: hostileRecording,
		takes: []take{
			{clip: r.clip(), folder: hostileRecording + "/" + hostileNonce + "/" + r.Name},
			{clip: s.clip(), folder: hostileRecording + "/" + hostileNonce + "/" + s.Name},
		},
		Sessions: []Session{{ID: first, Runs: []Run{{0, 120}}, Duration: 8 * whole, Renditions: []Rendition{r, s}}},
	}
}

func audioOnly() Case {
	r := Rendition{Name: "radio", Kind: Sound, Language: "swe"}
	return Case{
		Name: "audio", Shows: "sound alone: a variant stream without pictures", Recording: "show",
		takes:    []take{{clip: r.clip(), folder: "show/A/radio"}},
		Sessions: []Session{{ID: first, Duration: 8 * whole, Renditions: []Rendition{r}}},
	}
}

// group has pictures without sound, in two qualities, and sound of its own in two
// languages, cut elsewhere; the clocks start over after six seconds.
func group() Case {
	c := Case{
		Name: "group", Shows: "pictures without sound, sound of its own in segments of 3 s: a group, and as many discontinuities in all",
		Recording: "show",
		Sessions:  []Session{{ID: first, Runs: []Run{{0, 90}, {1000, 90}}, Duration: 12 * whole}},
	}
	for _, r := range []Rendition{
		{Name: "720p", Kind: Pictures, Stream: 0, Width: 320, Height: 180},
		{Name: "360p", Kind: Pictures, Stream: 2, Width: 192, Height: 108},
		{Name: "deutsch", Kind: Sound, Language: "deu", Tone: 600},
		{Name: "english", Kind: Sound, Language: "eng", Tone: 700},
	} {
		k := r.clip()
		k.form, k.seconds, k.tone = fragments, 6, r.Tone
		if r.Kind == Sound {
			k.every = 3
		}
		if r.Name == "english" {
			k.channels = 2
		}
		c.takes = append(c.takes,
			take{clip: k, folder: "show/A/" + r.Name},
			take{clip: k.from(1000), folder: "show/B/" + r.Name, seq: 6 / k.every, at: 6 * whole})
		c.Sessions[0].Renditions = append(c.Sessions[0].Renditions, r)
	}
	return c
}

func sessions() Case {
	return Case{
		Name: "sessions", Shows: "an hour between two broadcasts: two doors", Recording: "show",
		takes: []take{
			{clip: large.clip(), folder: "show/A/720p"},
			{clip: large.clip().from(1000), folder: "show/B/720p", at: time.Hour},
		},
		Sessions: []Session{
			{ID: first, Runs: []Run{{0, 120}}, Duration: 8 * whole, Renditions: []Rendition{large}},
			{ID: "20260301T210000Z", Runs: []Run{{1000, 120}}, Duration: 8 * whole, Renditions: []Rendition{large}},
		},
	}
}
