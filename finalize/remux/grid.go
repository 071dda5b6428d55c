package remux

import (
	"fmt"

	"recfin/mp4"
)

// sound is what the grid of an audio track rests on.
type sound struct {
	name   string // of the codec
	codecs string // with the object type
	rate   int
	frame  int // samples an access unit; 0: each unit tells
}

// soundOf reads the grid from a sample entry.
func soundOf(e mp4.SampleEntry) (sound, error) {
	a, ok := e.(mp4.Sound)
	if !ok {
		return sound{}, fmt.Errorf("audio %s: no grid of samples is known for it", e.Codecs())
	}
	s := sound{name: e.Codec(), codecs: e.Codecs(), frame: a.Frame()}
	if s.rate, _ = a.Layout(); s.rate <= 0 || s.frame < 0 || s.frame == 0 && s.rate < finest {
		return sound{}, fmt.Errorf("audio %s at %d Hz with %d samples a frame: no grid of samples is known for it", s.codecs, s.rate, s.frame)
	}
	return s, nil
}

// continues says whether one track may hold both: what a player sets up once
// for a track is equal. Channels may differ, the sample entry tells them.
func (s sound) continues(o sound) bool {
	return s.name == o.name && s.codecs == o.codecs && s.rate == o.rate
}

func (s sound) String() string { return fmt.Sprintf("%s %d Hz", s.codecs, s.rate) }

// Lengths of units that tell their own, as parts of a second (RFC 6716 §2.1.4).
const (
	finest  = 400 // the shortest frame: 2.5 ms
	longest = 8   // the longest packet, 120 ms, is less than an eighth
	typical = 50  // 20 ms
)

// length is how many samples a unit brings. One that tells nothing credible is
// as long as the last that did.
func (g *grid) length(u *unit) int64 {
	if g.frame > 0 {
		return int64(g.frame)
	}
	n := rescale(u.length, u.scale, g.scale)
	if n > 0 && n <= int64(g.rate/longest) {
		g.usual = n
	}
	if g.usual == 0 {
		g.usual = int64(g.rate / typical)
	}
	return g.usual
}

// quantum is the step in which silence can be put together.
func (s sound) quantum() int64 {
	if s.frame > 0 {
		return int64(s.frame)
	}
	return int64(s.rate / finest)
}

// grid puts audio frames one after the other. A frame stands at the anchor of
// its stretch plus n frames; another stretch begins where the time of a frame
// is off by more than tolerance.
type grid struct {
	*track
	sound
	over  int64 // position after the last frame
	usual int64 // length of the last unit that told one

	quiet    []quiet // of quietFor
	quietFor mp4.SampleEntry
}

// tolerance is 2 ms of samples: rounded timestamps stay below it, an ear does
// not hear it.
func (g *grid) tolerance() int64 { return int64(g.rate) / 500 }

func (g *grid) push(u *unit, shift int64) error {
	defer g.pool.release(u)
	if err := g.accept(u); err != nil {
		return err
	}
	frame := g.length(u)
	at := g.position(u.pts, u, shift)
	if !g.placed {
		g.over = max(at, -g.priming)
		if at >= g.over-frame/2 { // less than half of it lies before the movie
			at = g.over
		}
	}
	switch off := at - g.over; {
	case at+frame/2 < g.over:
		g.log.overlap(u.seg)
		return nil
	case off > g.tolerance():
		if err := g.fill(u, off); err != nil {
			return err
		}
		if at-g.over > g.tolerance() {
			g.over = at
		}
	case off < -g.tolerance():
		g.over = at
	}
	at = g.over
	g.over += frame
	g.log.audio(u.seg, g.track, at, g.over)
	return g.write(u, at, at, frame)
}

// accept refuses what a track cannot change to. A part asks before; this is for
// what no file can hold.
func (g *grid) accept(u *unit) error {
	if u.entry == g.entry {
		return nil
	}
	s, err := soundOf(u.entry)
	if err != nil {
		return &SegmentError{Index: u.seg, Name: g.log.name(u.seg), Err: err}
	}
	g.frame = s.frame
	return nil
}

// fill writes the whole frames of a gap as silence.
func (g *grid) fill(u *unit, gap int64) error {
	quantum := g.quantum()
	steps := (gap + g.tolerance()) / quantum
	if steps == 0 {
		return nil
	}
	if g.quietFor != u.entry {
		g.quiet, g.quietFor = silence(u.entry), u.entry
	}
	if len(g.quiet) == 0 {
		g.log.problem(stretched, u.seg)
		return nil
	}
	written := 0
	for _, q := range g.quiet {
		s := &unit{entry: u.entry, access: mp4.Sync, data: q.data}
		for ; steps*quantum >= q.samples; steps -= q.samples / quantum {
			if err := g.write(s, g.over, g.over, q.samples); err != nil {
				return err
			}
			g.over += q.samples
			written++
		}
	}
	g.log.silence(u.seg, written)
	return nil
}

// stretched is the problem of a gap that stays one.
const stretched = "no silent frame is known for the sound, so a frame is stretched over a gap"

func (g *grid) flush() error { return nil }

func (g *grid) end() int64 { return g.over }

func (g *grid) reach() (int64, bool) { return g.over, g.placed }
