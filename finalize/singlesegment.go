package finalize

import (
	"fmt"
	"slices"

	"recfin/probe"
)

// singleRow is a segment on its way into the media object.
type singleRow struct {
	w      *single
	row    int
	head   []byte // until the container is known
	cut    cutter // nil until then
	begun  bool   // its first byte was passed on
	at     int64  // and stands there
	number int    // of its init segment
}

// singleSniff is how many bytes tell the container.
const singleSniff = 20 << 10

// Write implements io.Writer.
func (s *singleRow) Write(p []byte) (int, error) {
	switch {
	case s.cut != nil:
		return len(p), s.cut.write(p)
	case len(s.head) == 0 && len(p) >= singleSniff:
		return len(p), s.begin(p)
	}
	if s.head = append(s.head, p...); len(s.head) < singleSniff {
		return len(p), nil
	}
	return len(p), s.begin(s.head)
}

// begin tells the container by the first bytes, and takes them.
func (s *singleRow) begin(head []byte) error {
	kind, word := probe.Sniff(head)
	s.head = nil
	switch kind {
	case probe.MPEGTS:
		s.cut = &packets{out: s.pass}
	case probe.MP4:
		s.cut = &fragments{init: s.describe, out: s.pass}
	default:
		if slices.Contains(singleAlien, word) {
			return fmt.Errorf("%w: it is %s: use --hls copy", errSingle, word)
		}
		return fmt.Errorf("%w: %s", probe.ErrUnreadable, word)
	}
	if err := s.w.open(kind); err != nil {
		return err
	}
	return s.cut.write(head)
}

// singleAlien are transport streams that whole packets of 188 bytes cannot be cut
// from without taking them apart, in the words of probe.Sniff.
var singleAlien = []string{"m2ts", "transport stream with 204-byte packets"}

// describe takes the header that a segment brings; nil: none.
func (s *singleRow) describe(header []byte) (err error) {
	if header == nil {
		header = s.w.inits[s.w.q.initNumber(s.row)]
	}
	if len(header) == 0 {
		return fmt.Errorf("%w: there is no init segment for it", errSingle)
	}
	s.number, err = s.w.init(header)
	return err
}

// pass takes the next bytes of the segment.
func (s *singleRow) pass(p []byte) error {
	if !s.begun {
		s.begun = true
		if _, ts := s.cut.(*packets); ts {
			n, err := s.w.init(s.w.inits[s.w.q.initNumber(s.row)])
			if err != nil {
				return err
			}
			s.number = n
		}
		s.at = s.w.body.n
	}
	return s.w.body.write(p)
}

// end notes where the segment is.
func (s *singleRow) end() error {
	if s.cut == nil {
		if err := s.begin(s.head); err != nil {
			return err
		}
	}
	front, cut, err := s.cut.end()
	if err == nil {
		s.w.at.add(s.at, s.w.body.n-s.at, front, cut, s.number)
	}
	return err
}
