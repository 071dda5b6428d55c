package fmp4

import (
	"bytes"
	"fmt"

	"recfin/mp4"
)

// Options of a Demuxer; the zero value is useful.
type Options struct {
	// Init is handed to Demuxer.Init before anything else.
	Init []byte
	// Bare: pictures for which no parameter sets are known are handed out all the
	// same, of a track whose *mp4.AVC has no sets. For measuring.
	Bare bool
	// Partial: the bytes are the head of a segment. Flush hands out what the boxes
	// in it describe, with as much of the payload as came: most samples then have
	// none. For measuring.
	Partial bool
	// Size is how long the segment is, where Partial is set; 0: not known.
	Size int64
}

// Demuxer turns the boxes of MP4 segments into samples. It is used by one
// goroutine.
type Demuxer struct {
	sink  mp4.Sink
	opt   Options
	stats Stats
	err   error // sticky

	movie     *movie
	described bool    // a moov or moof was there in this segment, or Init was called for it
	sampled   *movie  // whose tables this segment is read by
	early     []piece // media that came before any description
	earlySize int
	behind    int64 // where the box behind the first undescribed mdat begins; 0: none

	brought brought
	header0 int64 // where the first moov ends that came before any fragment; 0: none came

	pos   int64 // in the segment
	box   openBox
	reach int64    // where the last box that was opened ends
	moved [][]*run // by moof: runs behind explicit base offsets, until their media comes
	junk  bool     // the rest of the segment is no box

	held    int  // bytes that wait for their turn
	lent    bool // some of them, or early media, may lie in what Write was given
	spare   buffers
	exact   bool
	sample  mp4.Sample
	picture picture
	lengths []byte
}

// piece is media that is held.
type piece struct {
	at   int64
	data []byte
	lent bool // data lies in what Write was given
}

// Bounds of what is buffered.
const (
	maxMoov  = 256 << 20 // of a moov box
	maxMoof  = 32 << 20  // of a moof box
	maxEarly = 64 << 20  // media before its moov
)

// New makes a demuxer that hands its tracks and samples to sink. Ids are track
// ids.
func New(sink mp4.Sink, opt Options) *Demuxer {
	d := &Demuxer{sink: sink, opt: opt}
	if len(opt.Init) > 0 {
		d.err = d.init(opt.Init)
	}
	return d
}

// Init gives what describes the samples and is no part of the segment: an init
// segment, or the moov box of a file that has it behind the media. It is called
// at the start of a segment, and may be called for each.
func (d *Demuxer) Init(init []byte) error {
	if d.err == nil {
		d.err = d.init(init)
	}
	return d.err
}

func (d *Demuxer) init(init []byte) error {
	d.begin()
	d.brought.given = true
	b := boxList(init).find("moov")
	if b.body == nil {
		return fmt.Errorf("%w: an init segment of %d bytes has no moov", ErrNoInit, len(init))
	}
	raw := bytes.Clone(b.raw)
	return d.moov(box{raw: raw, body: raw[len(raw)-len(b.body):]})
}

// Write takes the next bytes of the segment, sliced in any way. An error is
// final: one of this package, or that of the sink. An init segment of fragments
// may also be written like the segment it describes, before it.
func (d *Demuxer) Write(p []byte) (int, error) {
	d.begin()
	if d.err == nil {
		d.err = d.frame(p)
	}
	if d.err != nil {
		return 0, d.err
	}
	d.own()
	return len(p), nil
}

// Boundary says that what follows is the next segment of a contiguous run. What
// describes the samples holds on; what the segment promised and did not bring is
// counted and given up.
func (d *Demuxer) Boundary() {
	if d.err == nil {
		d.err = d.end()
	}
}

// Flush hands out what is open: the end of a part, or of everything. The moov
// stays known.
func (d *Demuxer) Flush() error {
	some := d.pos > 0
	if d.err == nil {
		d.err = d.end()
	}
	switch {
	case d.err != nil:
		return d.err
	case d.movie == nil:
		if some && !d.opt.Partial {
			d.err = ErrNoMoov
		}
		return d.err
	}
	for _, t := range d.movie.tracks {
		t.running = false
	}
	return nil
}

// end ends a segment.
func (d *Demuxer) end() error {
	d.brought.ended = true
	if d.box.cut() && !d.opt.Partial {
		d.stats.CutBoxes++
	}
	if len(d.early) > 0 && !d.described {
		return fmt.Errorf("%w: %d bytes of media came without one", ErrNoMoov, d.earlySize)
	}
	if d.movie != nil {
		if err := d.endTracks(); err != nil {
			return err
		}
	}
	d.pos, d.reach, d.box, d.junk, d.moved = 0, 0, openBox{}, false, nil
	d.described, d.sampled, d.early, d.earlySize = false, nil, nil, 0
	return nil
}

// endTracks hands out what is there of a segment that ends.
func (d *Demuxer) endTracks() error {
	if err := d.refill(); err != nil {
		return err
	}
	if d.opt.Partial {
		return d.describe()
	}
	for _, t := range d.movie.tracks {
		d.loseAll(t)
	}
	return d.deliver(true)
}

// moov takes a moov box, whose bytes are kept. The one by which the segment is
// read already changes nothing: it may stand in front and behind, or have been
// given by Init.
func (d *Demuxer) moov(b box) error {
	if d.described && d.movie != nil && bytes.Equal(d.movie.raw, b.raw) {
		return nil
	}
	if d.sampled != nil {
		d.stats.BadBoxes++ // another description of media that is read already
		return nil
	}
	d.brought.changed = d.brought.changed || d.brought.fragged
	m, err := d.readMoov(b)
	if err != nil {
		return err
	}
	if d.movie != nil {
		for _, t := range d.movie.tracks {
			d.loseAll(t)
		}
		if err := d.deliver(true); err != nil {
			return err
		}
	}
	d.take(m)
	d.described = true
	if m.sampled {
		d.sampled = m
	}
	if err := d.refill(); err != nil {
		return err
	}
	return d.replay()
}

// replay takes the media that came before its moov.
func (d *Demuxer) replay() error {
	early, pos := d.early, d.pos
	d.early, d.earlySize = nil, 0
	for _, e := range early {
		d.pos = e.at
		if err := d.media(e.data); err != nil {
			return err
		}
	}
	d.pos = pos
	return nil
}

// keep holds media that nothing describes yet: the moov may come behind it.
func (d *Demuxer) keep(p []byte) error {
	if d.opt.Partial {
		d.pos += int64(len(p))
		return nil
	}
	if d.earlySize += len(p); d.earlySize > maxEarly {
		return fmt.Errorf("%w: more than %d bytes", ErrMoovLast, maxEarly)
	}
	d.early = append(d.early, piece{at: d.pos, data: p, lent: true})
	d.pos += int64(len(p))
	return nil
}

// ownEarly copies the media that came before its moov and lies in the bytes that
// Write was given. Each Write adds one piece at most to an mdat box, so only the
// last ones are lent.
func (d *Demuxer) ownEarly() {
	all := d.early
	for len(all) > 0 && all[len(all)-1].lent {
		all = all[:len(all)-1]
	}
	lent := d.early[len(all):]
	d.early = all
	for _, e := range lent {
		if n := len(d.early); n > 0 && d.early[n-1].at+int64(len(d.early[n-1].data)) == e.at {
			d.early[n-1].data = append(d.early[n-1].data, e.data...)
			continue
		}
		d.early = append(d.early, piece{at: e.at, data: bytes.Clone(e.data)})
	}
}

// Behind is where the box behind the media begins, if the media came before
// any description: a moov box may be there. 0: the description came first.
func (d *Demuxer) Behind() int64 { return d.behind }
