package playlist

import (
	"errors"
	"fmt"
	"time"
)

// Errors of encoding. Test for them with errors.Is.
var (
	ErrEmpty = errors.New("the playlist lists nothing")
	// ErrURI: not a percent-encoded URI reference, so it has no place in a playlist.
	ErrURI = errors.New("not a URI reference")
	// ErrDuration: negative, or too long to add up.
	ErrDuration = errors.New("impossible duration")
	// ErrTarget: a segment is longer than the target duration allows.
	ErrTarget = errors.New("the target duration is too short")
	// ErrAttribute: a value that an attribute list cannot hold.
	ErrAttribute = errors.New("impossible attribute")
	// ErrRange: a part of an object that is none, or a part of a gap.
	ErrRange = errors.New("impossible byte range")
	// ErrMap: a segment without init segment after one with it. EXT-X-MAP holds
	// until the next one, and none says "no more": TS behind fragments needs one
	// too, which is its own PAT and PMT.
	ErrMap = errors.New("the init segment of another one would apply")
)

// Media is a media playlist of a finished recording (RFC 8216 §4.3.3, type VOD).
type Media struct {
	Segments []Segment
	// Target is EXT-X-TARGETDURATION in seconds. It has to be the same in all
	// renditions, see [TargetDuration]; 0: that of this playlist alone.
	Target int
	// Independent: every segment was read and begins with an IDR picture
	// (EXT-X-INDEPENDENT-SEGMENTS).
	Independent bool
	// IFramesOnly: each segment is one I picture, see [IFrames]
	// (EXT-X-I-FRAMES-ONLY).
	IFramesOnly bool
}

// Segment is one media segment of a playlist (RFC 8216 §4.3.2).
type Segment struct {
	URI           string        // percent-encoded reference, see [RelativeURI]
	Duration      time.Duration // written in microseconds; not negative
	Discontinuity bool          // EXT-X-DISCONTINUITY stands before it
	Gap           bool          // EXT-X-GAP: the object does not exist and must not be loaded
	// ProgramDateTime is the wall time of its start; zero: no tag. Written in
	// UTC, cut to milliseconds.
	ProgramDateTime time.Time
	// Range is the part of the object that the segment is; zero: all of it. A gap
	// has none.
	Range ByteRange
	// Map is its init segment; nil: none. A gap without one leaves the one before
	// in force.
	Map *Map
}

// Protocol versions (RFC 8216 §7, draft-pantos-hls-rfc8216bis §8): the lowest
// that the tags in use need.
const (
	versionFloat = 3 // EXTINF with decimals
	versionRange = 4 // EXT-X-BYTERANGE, EXT-X-I-FRAMES-ONLY
	versionMedia = 4 // EXT-X-MEDIA, which an older client passes over
	versionStill = 5 // EXT-X-MAP where there are only I-frames
	versionMap   = 6 // EXT-X-MAP elsewhere
	versionGap   = 8 // EXT-X-GAP
)

// Encode gives the text of the playlist. Errors are [ErrEmpty], [ErrURI],
// [ErrRange], [ErrMap], [ErrDuration] and [ErrTarget], with the number of the
// segment.
func (m *Media) Encode() ([]byte, error) {
	if len(m.Segments) == 0 {
		return nil, fmt.Errorf("encode media playlist: %w", ErrEmpty)
	}
	mapped := false
	for i := range m.Segments {
		if err := m.Segments[i].check(mapped); err != nil {
			return nil, fmt.Errorf("encode media playlist: segment %d: %w", i, err)
		}
		mapped = mapped || m.Segments[i].Map != nil
		if m.IFramesOnly && !m.Segments[i].still() {
			return nil, fmt.Errorf("encode media playlist: segment %d: %w: no picture without the init segment", i, ErrRange)
		}
	}
	inf, err := m.extinf()
	if err != nil {
		return nil, fmt.Errorf("encode media playlist: %w", err)
	}
	target := targetOf(inf)
	if m.Target != 0 {
		if m.Target < target {
			return nil, fmt.Errorf("encode media playlist: %w: %d s, %d s are needed", ErrTarget, m.Target, target)
		}
		target = m.Target
	}
	return encodeMedia(m, inf, target)
}

// check says why a segment cannot be written, or nil. mapped: an init segment is
// in force before it.
func (s *Segment) check(mapped bool) error {
	if err := checkURI(s.URI); err != nil {
		return err
	}
	if s.Gap && s.Range != (ByteRange{}) {
		return fmt.Errorf("%w: a gap has none", ErrRange)
	}
	if err := s.Range.check(); err != nil {
		return err
	}
	if s.Map == nil {
		if mapped && !s.Gap {
			return ErrMap
		}
		return nil
	}
	if err := checkURI(s.Map.URI); err != nil {
		return fmt.Errorf("init segment: %w", err)
	}
	if err := s.Map.Range.check(); err != nil {
		return fmt.Errorf("init segment: %w", err)
	}
	return nil
}

// still reports whether a segment can be an I picture (RFC 8216 §4.3.3.6): a part of
// an object that holds nothing of its init segment. Without EXT-X-MAP that is what
// stands in the object before its first picture, which there must be.
func (s *Segment) still() bool {
	if s.Gap {
		return true
	}
	if s.Range.Length == 0 {
		return false
	}
	if s.Map == nil {
		return s.Range.Offset > 0
	}
	return s.Map.URI != s.URI || !s.Range.overlaps(s.Map.Range)
}

// overlaps reports whether two parts of an object share a byte; zero is all of it.
func (r ByteRange) overlaps(q ByteRange) bool {
	return r == ByteRange{} || q == ByteRange{} || r.Offset < q.Offset+q.Length && q.Offset < r.Offset+r.Length
}

// check says why a range is no part of any object, or nil.
func (r ByteRange) check() error {
	if r != (ByteRange{}) && (r.Offset < 0 || r.Length <= 0 || r.Offset+r.Length < 0) {
		return fmt.Errorf("%w: %d bytes at %d", ErrRange, r.Length, r.Offset)
	}
	return nil
}

// version is EXT-X-VERSION.
func (m *Media) version() uint8 {
	v, mapped := uint8(versionFloat), uint8(versionMap)
	if m.IFramesOnly {
		v, mapped = versionRange, versionStill
	}
	for i := range m.Segments {
		s := &m.Segments[i]
		if s.Range.Length > 0 {
			v = max(v, versionRange)
		}
		if s.Map != nil {
			v = max(v, mapped)
		}
		if s.Gap {
			v = max(v, versionGap)
		}
	}
	return v
}
