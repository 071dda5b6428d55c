package remux

import (
	"recfin/mp4"
	"recfin/probe"
)

// sight is what a segment shows of itself while it is read, whatever becomes of it.
type sight struct {
	says  probe.Description
	cut   bool // a picture of the segment before runs on into it
	sound bool // a frame of sound begins in it
	shown bool // a picture begins in it
	first mp4.Access
	id    int    // of the track of pictures
	scale uint32 // its ticks a second
	least int64  // its smallest PTS
	alone []still
}

// still is a picture that decodes by itself.
type still struct {
	mp4.Place
	pts int64
}

// see takes note of a sample as its demuxer hands it out.
func (in *intake) see(src *source, s *mp4.Sample) {
	for back := s.Alone.End; back < s.Alone.Back; back++ {
		if l := in.sightOf(back); l != nil {
			l.cut = true
		}
	}
	l := in.sightOf(s.Alone.Back)
	if l == nil {
		return
	}
	if src.kind() != mp4.Video {
		l.sound = true
		return
	}
	if l.shown && src.id > l.id {
		return // the first track of pictures speaks, as in probe.Media
	}
	if !l.shown || src.id < l.id {
		*l = sight{says: l.says, cut: l.cut, sound: l.sound, shown: true,
			first: s.Access, id: src.id, scale: src.track.Timescale, least: s.PTS}
	}
	l.least = min(l.least, s.PTS)
	if s.Alone.Length > 0 {
		l.alone = append(l.alone, still{s.Alone, s.PTS})
	}
}

// sightOf is the sight of the segment of the input that came so many before its last;
// nil: there is none.
func (in *intake) sightOf(back int) *sight {
	rows := in.j.log.rows
	for seg := in.from.seg; seg >= 0; seg-- {
		if rows[seg].input != in.from.number {
			continue
		}
		if back == 0 {
			return &rows[seg].sight
		}
		back--
	}
	return nil
}

// sights says what the segments have shown.
func (l *ledger) sights() {
	for i := range l.rows {
		r := &l.rows[i]
		x := &r.sight
		r.Independent = !x.says.Cut && !x.cut && (x.shown && x.first == mp4.Sync || !x.shown && x.sound)
		track := probe.Track{Timescale: x.scale}
		if len(x.alone) > 0 {
			r.IFrames = make([]probe.IFrame, 0, len(x.alone))
		}
		for _, a := range x.alone {
			r.IFrames = append(r.IFrames, probe.IFrame{
				Offset: a.Offset, Length: a.Length, At: track.Time(a.pts) - track.Time(x.least),
			})
		}
		r.Described = x.says.Steady && (len(x.alone) == 0 || x.says.End <= x.alone[0].Offset)
	}
}
