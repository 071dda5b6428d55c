package playlist

import (
	"errors"
	"time"
)

// ErrSidecar: a playlist or manifest of a writer that cannot be understood. The
// text of the error says what is wrong and where: the line, or the field.
var ErrSidecar = errors.New("not a readable sidecar")

// Sidecar is what a playlist or manifest of a writer says of its segments. It
// is a cache of durations, order and wall time that may be stale, cut off or
// wrong: what is listed in a store exists, and nothing else does.
//
// It takes memory in proportion to the text that it was read from.
type Sidecar struct {
	Entries  []Entry // as they stand in the text
	Ended    bool    // EXT-X-ENDLIST, or a recording that has ended
	Children []Child // media playlists that a multivariant playlist names, each once
	Event    *Event  // of [ReadIVS], otherwise nil
}

// Entry is one media segment.
type Entry struct {
	URI   string // as written, see [Resolve]; never empty
	Track string // rendition by a JSON manifest, "" otherwise
	// Seq is the number of the segment where Numbered: EXT-X-MEDIA-SEQUENCE plus
	// its place, or seq_no of a JSON manifest, where an absent one means 0.
	Seq      int64
	Numbered bool
	Duration time.Duration // rounded to the nearest nanosecond; 0: unknown
	// Wall is EXT-X-PROGRAM-DATE-TIME, carried on by the durations until the
	// next one or until a discontinuity; zero: unknown.
	Wall          time.Time
	Discontinuity bool      // EXT-X-DISCONTINUITY stands before it
	Gap           bool      // EXT-X-GAP: its writer says that the object is missing
	Range         ByteRange // the part of the object that it is; zero: all of it
	Map           *Map      // the init segment in force; nil: none
}

// ByteRange is a part of an object in bytes. The zero value stands for all of
// it; the Length of any other is positive.
type ByteRange struct {
	Offset, Length int64
}

// Map is an init segment (EXT-X-MAP, RFC 8216 §4.3.2.5).
type Map struct {
	URI   string
	Range ByteRange
}

// Child is a media playlist that a multivariant playlist names.
type Child struct {
	URI  string // as written, see [Resolve]; never empty
	Name string // NAME or else the group VIDEO, for a rendition without a better name; may be empty
}

// Event is a metadata file of an Amazon IVS recording.
type Event struct {
	Kind           string    // "started", "ended" or "failed"
	Started, Ended time.Time // of the recording, in UTC; zero: not said
	// Media has the playlists as percent-encoded references relative to the
	// event's own key: first the multivariant one, then those of the renditions.
	Media []string
}
