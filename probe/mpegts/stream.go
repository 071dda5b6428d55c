package mpegts

import (
	"bytes"

	"recfin/mp4"
	"recfin/probe/sound"
)

// parser finds access units in the payload of one stream.
type parser interface {
	// parse looks at the bytes that have come; it is called at the end of each
	// PES packet and in between for very long ones.
	parse() error
	// gap says that packets may be missing at the end of what has come.
	gap()
	// flush hands out what is open. cut: the last PES packet ended before the
	// length that it states.
	flush(cut bool) error
}

// stream is the state of one PID.
type stream struct {
	info   Stream
	name   string // of the codec
	data   bool   // no audio or video: passed over
	muted  bool   // found to be what cannot be demuxed: passed over
	guess  *guess // it is not known yet whether it is data
	parser parser // nil: data, or not supported
	video  bool   // parser finds pictures
	es     es

	cc        int8  // last continuity counter; -1: none yet
	first     bool  // no packet of it has come in this segment
	edge      int64 // where the segment begins in es
	last      [184]byte
	lastLen   int
	scrambled int

	header  [maxPESHeader]byte // of the PES packet that is being opened
	headLen int
	heading bool // the header is not complete yet
	begun   spot // the packet with which it begins
	open    bool // payload belongs to a PES packet
	want    int  // payload bytes that the open PES packet still promises; -1: unstated
	parsed  int64
}

func (d *Demuxer) newStream(info Stream) *stream {
	s := &stream{info: info, cc: -1, want: -1, first: true}
	c := lookup(info)
	s.name, s.data = c.name, c.kind == 0 && c.parser == nil
	if c.parser != nil {
		d.opt.Memory.lend(&s.es)
		s.parser = c.parser(d, s)
	}
	s.guess, _ = s.parser.(*guess)
	_, s.video = s.parser.(*annexB)
	return s
}

// same reports whether the stream goes on under a new map.
func (s *stream) same(info Stream) bool {
	a, b := lookup(s.info), lookup(info)
	return s.info.Type == info.Type && a.name == b.name && a.kind == b.kind && bytes.Equal(s.info.Opus, info.Opus)
}

// announce hands a description of the stream to the sink.
func (d *Demuxer) announce(s *stream, e mp4.SampleEntry) error {
	t := mp4.Track{Entry: e, Timescale: Timescale, Language: s.info.Language}
	if o, ok := e.(*mp4.Opus); ok {
		t.Priming = ticks(int64(o.PreSkip), sound.OpusRate)
	}
	return d.sink.Track(int(s.info.PID), t)
}

// gap notes that packets of s may be missing here.
func (d *Demuxer) gap(s *stream) {
	if s.open || s.heading {
		s.parser.gap()
	}
}

// endStream hands out what is open in s and begins anew.
func (d *Demuxer) endStream(s *stream) error {
	if s.parser == nil {
		return nil
	}
	cut := s.open && s.want > 0
	if s.scrambled > 0 && s.es.end() == 0 {
		return ErrEncrypted
	}
	if err := s.parser.flush(cut); err != nil {
		return err
	}
	s.es.reset()
	s.cc, s.open, s.heading, s.want, s.parsed = -1, false, false, -1, s.es.end()
	return nil
}
