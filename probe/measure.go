package probe

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"

	"recfin/mp4"
)

// measuring is one pass over the bytes of a segment. The first error of the
// demuxer is kept, and the rest of the bytes is only counted: they must have
// arrived in full before anything bad is said about them.
type measuring struct {
	opt   Options
	cut   bool  // only a head: what the bytes cut off counts all the same
	size  int64 // of the segment, where cut is set
	meter meter
	demux scanner
	kind  Container
	word  string
	head  []byte // until the container is known
	front []byte // of MP4 without Options.Init: what may be its own init segment
	n     int64
	err   error
}

// errNoUnits is said of a container in which there is nothing to play.
var errNoUnits = errors.New("no picture and no audio frame in it")

// sniffSize is how many bytes tell the container.
const sniffSize = 20 << 10

// frontSize is how long what a fragmented MP4 has before its first fragment may be
// to be its identity: a moov without samples has a few kilobytes.
const frontSize = 64 << 10

func newMeasuring(opt Options) *measuring {
	return &measuring{opt: opt, meter: meter{digests: opt.Digests}}
}

// Write never fails.
func (m *measuring) Write(p []byte) (int, error) {
	m.n += int64(len(p))
	if m.demux == nil && m.err == nil {
		if len(m.head) == 0 && len(p) >= sniffSize {
			m.begin(p)
			return len(p), nil
		}
		m.head = append(m.head, p...)
		if len(m.head) >= sniffSize {
			m.begin(m.head)
		}
		return len(p), nil
	}
	m.feed(p)
	return len(p), nil
}

func (m *measuring) feed(p []byte) {
	if m.kind == MP4 && len(m.opt.Init) == 0 && len(m.front) < frontSize {
		m.front = append(m.front, p[:min(len(p), frontSize-len(m.front))]...)
	}
	if m.err == nil {
		_, m.err = m.demux.Write(p)
	}
}

// begin chooses the demuxer by the first bytes and feeds them.
func (m *measuring) begin(head []byte) {
	m.kind, m.word = Sniff(head)
	switch {
	case m.kind == MPEGTS, m.kind == MP4:
		m.demux = newScanner(m.kind, &m.meter, m.opt, m.cut, m.size)
		m.feed(head)
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
		m.begin(m.head)
	}
	if m.err == nil {
		m.err = m.demux.Flush()
	}
	if m.demux != nil {
		m.demux.declare(&m.meter)
	}
	media := &Media{Container: m.kind, Bytes: m.n, Exact: !m.cut, Tracks: m.meter.finish()}
	if m.demux == nil {
		return media, m.err
	}
	defer m.release()
	if len(m.opt.Init) > 0 {
		media.InitID = initID(m.opt.Init)
	}
	m.demux.describe(media, m.cut)
	lead := media.lead()
	media.Independent = lead != nil && lead.FirstAccess == mp4.Sync && !m.demux.runsOver()
	if !m.cut {
		media.placeIFrames()
		media.Described = m.demux.described(media.firstIFrame())
	}
	if n := media.Header; media.InitID == "" && media.Fragments && n > 0 && n <= int64(len(m.front)) {
		media.InitID = initID(m.front[:n])
	}
	err := m.demux.judge(m.err)
	if err == nil && !m.meter.timed(mp4.Video) && !m.meter.timed(mp4.Audio) {
		err = fmt.Errorf("%w: %w", ErrUnreadable, errNoUnits)
	}
	media.NeedsInit = errors.Is(err, ErrNeedsInit)
	return media, err
}

// release ends the use of the demuxer.
func (m *measuring) release() {
	m.demux.release()
	m.demux = nil
}

// initID is the identity of an init segment: of its bytes, not of its name.
func initID(init []byte) string {
	sum := sha256.Sum256(init)
	return hex.EncodeToString(sum[:8])
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
		return &Media{Whole: true, Exact: true, Empty: true}, nil
	}
	media, err := m.end()
	media.Whole = true
	return media, err
}
