package remux

import (
	"fmt"

	"recfin/mp4"
)

// sound is what the grid of an audio track rests on.
type sound struct {
	codec string
	rate  int
	frame int // samples an access unit
}

// soundOf reads the grid from a sample entry.
func soundOf(e mp4.SampleEntry) (sound, error) {
	a, ok := e.(*mp4.AAC)
	if !ok || a.SampleRate <= 0 || a.FrameSize <= 0 {
		return sound{}, fmt.Errorf("audio %s: no grid of samples is known for it", e.Codecs())
	}
	return sound{codec: a.Codecs(), rate: a.SampleRate, frame: a.FrameSize}, nil
}

func (s sound) String() string { return fmt.Sprintf("%s %d Hz", s.codec, s.rate) }

// grid puts audio frames one after the other. A frame stands at the anchor of
// its stretch plus n frames; another stretch begins where the time of a frame
// is off by more than tolerance.
type grid struct {
	*track
	sound
	over int64 // position after the last frame
}

// tolerance is 2 ms of samples: rounded timestamps stay below it, an ear does
// not hear it.
func (g *grid) tolerance() int64 { return int64(g.rate) / 500 }

func (g *grid) push(u *unit, shift int64) error {
	defer g.pool.release(u)
	if err := g.accept(u); err != nil {
		return err
	}
	frame := int64(g.frame)
	at := g.position(u.pts, u, shift)
	if !g.placed {
		g.over = max(at, 0)
		if at >= -frame/2 { // less than half of it lies before the movie
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

// accept refuses what a track cannot change to.
func (g *grid) accept(u *unit) error {
	if u.entry == g.entry {
		return nil
	}
	s, err := soundOf(u.entry)
	if err != nil {
		return &SegmentError{Index: u.seg, Name: g.log.name(u.seg), Err: err}
	}
	if s.codec != g.codec || s.rate != g.rate {
		return &ConfigError{Index: u.seg, Name: g.log.name(u.seg), Was: g.sound.String(), Becomes: s.String()}
	}
	g.frame = s.frame
	return nil
}

// fill writes the whole frames of a gap as silence.
func (g *grid) fill(u *unit, gap int64) error {
	frame := int64(g.frame)
	count := (gap + g.tolerance()) / frame
	if count == 0 {
		return nil
	}
	quiet := silent(u.entry)
	if quiet == nil {
		g.log.problem("no silent frame is known for the channels, so a frame is stretched over a gap", u.seg)
		return nil
	}
	for range count {
		s := &unit{entry: u.entry, access: mp4.Sync, data: quiet}
		if err := g.write(s, g.over, g.over, frame); err != nil {
			return err
		}
		g.over += frame
	}
	g.log.silence(u.seg, int(count))
	return nil
}

func (g *grid) flush() error { return nil }

func (g *grid) end() int64 { return g.over }

// length is the frame of the grid.
func (g *grid) length() int64 { return int64(g.frame) }

func (g *grid) reach() (int64, bool) { return g.over, g.placed }
