package probe

import (
	"errors"
	"fmt"
	"io"

	"recfin/mp4"
	"recfin/probe/mpegts"
)

// measuring is one pass over the bytes of a segment. The first error of the
// demuxer is kept, and the rest of the bytes is only counted: they must have
// arrived in full before anything bad is said about them.
type measuring struct {
	opt   Options
	cut   bool // only a head: what the bytes cut off counts all the same
	meter meter
	demux *mpegts.Demuxer
	kind  Container
	word  string
	head  []byte // until the container is known
	n     int64
	err   error
}

// errNoUnits is said of a container in which there is nothing to play.
var errNoUnits = errors.New("no picture and no audio frame in it")

// sniffSize is how many bytes tell the container.
const sniffSize = 20 << 10

func newMeasuring(opt Options) *measuring {
	return &measuring{opt: opt, meter: meter{digests: opt.Digests}}
}

// Write never fails.
func (m *measuring) Write(p []byte) (int, error) {
	m.n += int64(len(p))
	if m.demux == nil && m.err == nil {
		m.head = append(m.head, p...)
		if len(m.head) >= sniffSize {
			m.begin()
		}
		return len(p), nil
	}
	m.feed(p)
	return len(p), nil
}

func (m *measuring) feed(p []byte) {
	if m.err == nil {
		_, m.err = m.demux.Write(p)
	}
}

// begin chooses the demuxer.
func (m *measuring) begin() {
	m.kind, m.word = Sniff(m.head)
	switch {
	case m.kind == MPEGTS:
		m.demux = mpegts.New(&m.meter, mpegts.Options{Bare: true, Partial: m.cut})
		m.feed(m.head)
	case m.kind == MP4:
		m.err = fmt.Errorf("%w: %w: %v", ErrUndecodable, ErrUnsupported, m.kind)
	case m.word == "m2ts" || m.word == "transport stream with 204-byte packets":
		m.err = fmt.Errorf("%w: %w: %s", ErrUndecodable, ErrUnsupported, m.word)
	default:
		m.err = fmt.Errorf("%w: %s", ErrUnreadable, m.word)
	}
	m.head = nil
}

// end finishes the pass.
func (m *measuring) end() (*Media, error) {
	if m.demux == nil && m.err == nil {
		m.begin()
	}
	if m.err == nil {
		m.err = m.demux.Flush()
	}
	if m.demux != nil {
		m.meter.declare(m.demux.Program())
	}
	media := &Media{Container: m.kind, Bytes: m.n, Tracks: m.meter.finish()}
	if m.demux == nil {
		return media, m.err
	}
	stats := m.demux.Stats()
	if m.cut {
		stats.CutPackets, stats.Truncated = 0, 0
	}
	media.Problems = problems(stats)
	media.Data = len(stats.Data) > 0 || stats.UnknownPackets > 0
	return media, m.verdict(stats)
}

// verdict sorts what the demuxer says into the errors of this package.
func (m *measuring) verdict(s mpegts.Stats) error {
	switch {
	case errors.Is(m.err, mpegts.ErrEncrypted), errors.Is(m.err, mpegts.ErrUnsupported):
		return fmt.Errorf("%w: %w", ErrUndecodable, m.err)
	case m.err != nil:
		return fmt.Errorf("%w: %w", ErrUnreadable, m.err)
	case len(s.Unsupported) > 0:
		u := s.Unsupported[0]
		return fmt.Errorf("%w: PID %d has stream type 0x%02x (%s)", ErrUndecodable, u.PID, u.Type, u.Name)
	case !m.meter.timed(mp4.Video) && !m.meter.timed(mp4.Audio):
		return fmt.Errorf("%w: %w", ErrUnreadable, errNoUnits)
	}
	return nil
}

// File measures all of r: for local files and tests. It reads once, so that an
// ErrUnreadable of it is not confirmed by a second read.
func File(r io.Reader, opt Options) (*Media, error) {
	m := newMeasuring(opt)
	n, err := io.Copy(m, r)
	if err != nil {
		return nil, fmt.Errorf("measure: %w", err)
	}
	if n == 0 {
		return &Media{Whole: true, Empty: true}, nil
	}
	media, err := m.end()
	media.Whole = true
	return media, err
}
