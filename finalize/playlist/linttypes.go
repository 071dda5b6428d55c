package playlist

import (
	"math"
	"time"
)

// MediaText is a media playlist as it was written, read by the letter of RFC 8216
// §4 (and draft-pantos-hls-rfc8216bis for EXT-X-GAP). It has whatever could be read,
// also of a playlist with errors.
type MediaText struct {
	Name          string // as the caller named it
	Version       int    // EXT-X-VERSION; 1 where there is none (RFC 8216 §4.3.1.2)
	Target        int    // EXT-X-TARGETDURATION in seconds; 0: none, or not readable
	Sequence      uint64 // EXT-X-MEDIA-SEQUENCE
	Discontinuity uint64 // EXT-X-DISCONTINUITY-SEQUENCE
	Type          string // EXT-X-PLAYLIST-TYPE: "VOD", "EVENT" or ""
	IFramesOnly   bool   // EXT-X-I-FRAMES-ONLY: the segments are single I pictures
	Independent   bool   // EXT-X-INDEPENDENT-SEGMENTS
	Ended         bool   // EXT-X-ENDLIST
	Segments      []SegmentText
}

// SegmentText is one media segment: its URI line and the tags before it.
type SegmentText struct {
	URI  string // as written
	Line int    // of the URI, from 1
	// Duration is EXTINF: exact up to nine decimals, further ones are cut off.
	Duration time.Duration
	// Range is EXT-X-BYTERANGE with its offset, also where that follows from the
	// segment before; zero: the whole object.
	Range         ByteRange
	Map           *MapText // in force; the same pointer until the next EXT-X-MAP; nil: none
	Gap           bool     // EXT-X-GAP
	Discontinuity bool     // EXT-X-DISCONTINUITY stands before it
	// ProgramDateTime is the date that stands before it; zero: none, or not readable.
	ProgramDateTime time.Time
	ranged, dated   bool // the tags are there, readable or not
}

// MapText is EXT-X-MAP.
type MapText struct {
	URI   string
	Range ByteRange // zero: the whole object
	Line  int
}

// Duration is the sum of EXTINF, at most 292 years.
func (m *MediaText) Duration() time.Duration {
	var sum time.Duration
	for i := range m.Segments {
		sum = later(sum, m.Segments[i].Duration)
	}
	return sum
}

// later adds durations that are not negative, and stays at the largest number rather
// than overflow.
func later(t, d time.Duration) time.Duration {
	if d > math.MaxInt64-t {
		return math.MaxInt64
	}
	return t + d
}

// MultiText is a multivariant playlist as it was written (RFC 8216 §4.3.4). It has
// whatever could be read, also of a playlist with errors.
type MultiText struct {
	Name        string // as the caller named it
	Version     int    // EXT-X-VERSION; 1 where there is none
	Independent bool   // EXT-X-INDEPENDENT-SEGMENTS
	Variants    []VariantText
	Media       []RenditionText
	IFrames     []VariantText // EXT-X-I-FRAME-STREAM-INF
	needs       int           // the version that its tags need
}

// VariantText is EXT-X-STREAM-INF with the URI behind it, or
// EXT-X-I-FRAME-STREAM-INF.
type VariantText struct {
	URI              string // as written; empty: missing
	Line             int    // of the tag
	Bandwidth        uint64 // bits per second; 0: missing
	AverageBandwidth uint64 // bits per second; 0: not said
	Codecs           string // without quotes, see RFC 6381; empty: not said
	Width, Height    int    // pixels; 0: not said
	FrameRate        int    // frames per 1000 seconds; 0: not said
	Audio            string // group of EXT-X-MEDIA with TYPE=AUDIO; empty: none
	Video            string // the same with TYPE=VIDEO
	Subtitles        string // the same with TYPE=SUBTITLES
	ClosedCaptions   string // the same with TYPE=CLOSED-CAPTIONS; empty: none, or NONE
	noCaptions       bool   // CLOSED-CAPTIONS=NONE
}

// RenditionText is EXT-X-MEDIA.
type RenditionText struct {
	Type       string // AUDIO, VIDEO, SUBTITLES or CLOSED-CAPTIONS
	URI        string // as written; empty: it is in the variant streams themselves
	Line       int
	Group      string // GROUP-ID
	Name       string
	Language   string // RFC 5646; empty: not said
	Channels   string
	Default    bool // DEFAULT=YES
	Autoselect bool // AUTOSELECT=YES
	rest       string
}
