package probe

import (
	"errors"
	"fmt"
	"sync"

	"recfin/mp4"
	"recfin/probe/fmp4"
	"recfin/probe/mpegts"
)

// scanner is a demuxer as measuring uses it.
type scanner interface {
	Demuxer
	// runsOver reports whether the segment begins with a part of something.
	runsOver() bool
	// declare names the tracks that the container declares.
	declare(m *meter)
	// describe adds to a Media what the demuxer met. cut: the bytes are a head.
	describe(m *Media, cut bool)
	// described reports whether what describes the media holds for all of them, and
	// stands before an offset of the segment or is Options.Init.
	described(before int64) bool
	// judge sorts an error of the demuxer, and what it met, into the errors of
	// this package; nil: nothing speaks against the segment.
	judge(err error) error
	// release gives buffers back; the scanner is not used after it.
	release()
}

// newScanner makes the scanner of a container. size is how long the segment is.
func newScanner(c Container, sink mp4.Sink, opt Options, cut bool, size int64) scanner {
	if c == MPEGTS {
		memory := memories.Get().(*mpegts.Memory)
		s := &tsScanner{Demuxer: mpegts.New(sink, mpegts.Options{Bare: true, Partial: cut, Memory: memory}), memory: memory}
		if len(opt.Init) > 0 {
			s.Write(opt.Init) // an error is sticky
			_, s.init = s.Described()
			s.Boundary()
		}
		return s
	}
	init := opt.Init
	if len(opt.moov) > 0 {
		init = opt.moov
	}
	return &mp4Scanner{fmp4.New(sink, fmp4.Options{Init: init, Bare: true, Partial: cut, Size: size})}
}

// tsScanner scans MPEG-TS.
type tsScanner struct {
	*mpegts.Demuxer
	init   bool // Options.Init has a PAT and a PMT
	memory *mpegts.Memory
}

// memories are the buffers of scanners that have ended.
var memories = sync.Pool{New: func() any { return new(mpegts.Memory) }}

func (s *tsScanner) release() {
	s.Release()
	memories.Put(s.memory)
	s.memory = nil
}

func (s *tsScanner) runsOver() bool { return s.Cut() }

func (s *tsScanner) described(before int64) bool {
	if s.init {
		return s.Maps() == 0
	}
	at, ok := s.Described()
	return ok && at <= before
}

func (s *tsScanner) declare(m *meter) {
	p := s.Program()
	if p == nil {
		return
	}
	for _, e := range p.Streams {
		if e.Supported() {
			m.add(int(e.PID), e.Kind()).Language = e.Language
		}
	}
}

func (s *tsScanner) describe(m *Media, cut bool) {
	stats := s.Stats()
	if cut {
		stats.CutPackets, stats.Truncated, stats.Soundless = 0, 0, 0
	}
	m.Problems = problems(stats)
	m.Data = len(stats.Data) > 0 || stats.UnknownPackets > 0
}

func (s *tsScanner) judge(err error) error {
	switch {
	case errors.Is(err, mpegts.ErrEncrypted), errors.Is(err, mpegts.ErrUnsupported):
		return fmt.Errorf("%w: %w", ErrUndecodable, err)
	case err != nil:
		return fmt.Errorf("%w: %w", ErrUnreadable, err)
	}
	if list := s.Stats().Unsupported; len(list) > 0 {
		u := list[0]
		return fmt.Errorf("%w: PID %d has stream type 0x%02x (%s)", ErrUndecodable, u.PID, u.Type, u.Name)
	}
	return nil
}

// mp4Scanner scans MP4.
type mp4Scanner struct{ *fmp4.Demuxer }

func (s *mp4Scanner) runsOver() bool { return false }

func (s *mp4Scanner) release() {}

func (s *mp4Scanner) described(before int64) bool {
	at, ok := s.Described()
	return ok && at <= before
}

func (s *mp4Scanner) declare(m *meter) {
	for _, t := range s.Tracks() {
		m.add(t.ID, t.Kind).Language = t.Language
	}
}

func (s *mp4Scanner) describe(m *Media, cut bool) {
	stats := s.Stats()
	m.Problems = mp4Problems(stats)
	m.Data = len(stats.Data) > 0 || stats.Events > 0 || stats.Strays > 0
	m.Exact = !cut || s.Exact()
	m.Fragments, m.Header = stats.Fragments > 0, s.Header()
	m.MoovAt = s.Behind()
}

func (s *mp4Scanner) judge(err error) error {
	switch {
	case errors.Is(err, fmp4.ErrNoInit):
		return fmt.Errorf("%w: %w: %w", ErrUndecodable, ErrNeedsInit, err)
	case errors.Is(err, fmp4.ErrEncrypted):
		return fmt.Errorf("%w: %w", ErrUndecodable, err)
	case err != nil:
		return fmt.Errorf("%w: %w", ErrUnreadable, err)
	}
	return nil
}
