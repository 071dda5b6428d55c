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
}

// Protocol versions (RFC 8216 §7, draft-pantos-hls-rfc8216bis §8): the lowest
// that the tags in use need.
const (
	versionFloat = 3 // EXTINF with decimals
	versionGap   = 8 // EXT-X-GAP
)

// Encode gives the text of the playlist. Errors are [ErrEmpty], [ErrURI],
// [ErrDuration] and [ErrTarget], with the number of the segment.
func (m *Media) Encode() ([]byte, error) {
	if len(m.Segments) == 0 {
		return nil, fmt.Errorf("encode media playlist: %w", ErrEmpty)
	}
	for i := range m.Segments {
		if err := checkURI(m.Segments[i].URI); err != nil {
			return nil, fmt.Errorf("encode media playlist: segment %d: %w", i, err)
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

// version is EXT-X-VERSION.
func (m *Media) version() uint8 {
	for i := range m.Segments {
		if m.Segments[i].Gap {
			return versionGap
		}
	}
	return versionFloat
}
