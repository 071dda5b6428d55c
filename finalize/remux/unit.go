package remux

import "recfin/mp4"

// unit is an access unit on its way, with a payload of its own.
type unit struct {
	src      *source
	lane     *lane // once it was admitted to a part
	entry    mp4.SampleEntry
	pts, dts int64 // ticks of scale on the clock of the source
	length   int64 // ticks of scale; 0: not told
	at       int64 // of a picture: its pts as a position in its track
	scale    uint32
	access   mp4.Access
	inBand   bool
	seg      int  // index of the segment in which it began
	open     bool // a picture that was open when the segment began
	settled  bool // a picture that another copy overlaps no more
	after    bool // while the intake hesitates: it comes after a jump of its track
	data     []byte
}

// time is what continuity is judged by: DTS of pictures, PTS of sound.
func (u *unit) time() int64 {
	if u.src.kind() == mp4.Video {
		return u.dts
	}
	return u.pts
}

// shift moves the times of a unit.
func (u *unit) shift(by int64) { u.pts, u.dts = u.pts+by, u.dts+by }

// priming is how much of the sound at the start of the unit's track is not
// heard, in ticks of a timescale; for the first unit of it.
func (u *unit) priming(scale uint32) int64 {
	t := &u.src.track
	if t.Entry.Kind() != mp4.Audio || t.Priming <= 0 {
		return 0
	}
	return min(rescale(t.Priming, t.Timescale, scale), int64(scale))
}
