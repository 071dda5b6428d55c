package mp4

// Kind is the kind of a track.
type Kind uint8

// Kinds of tracks.
const (
	Video Kind = iota + 1
	Audio
	text // chapters; no track of its own to a caller
)

// String gives "video" or "audio".
func (k Kind) String() string {
	switch k {
	case Video:
		return "video"
	case Audio:
		return "audio"
	case text:
		return "text"
	}
	return "unknown"
}

// SampleEntry says how the samples of a track are decoded. Each codec has one
// implementation (AVC, AAC, …) in a file of its own. Two entries are equal if
// their boxes are.
type SampleEntry interface {
	Kind() Kind
	// Codec is the short name, as ffprobe has it: "h264", "aac".
	Codec() string
	// Codecs is the value for the CODECS attribute (RFC 6381): "avc1.42c01f".
	Codecs() string
	// Box is the complete sample entry box (ISO/IEC 14496-12 §8.5.2).
	Box() ([]byte, error)
}

// Track describes one elementary stream from here on; a later Track with the
// same id replaces it.
type Track struct {
	Entry     SampleEntry
	Timescale uint32 // ticks a second of PTS, DTS and Duration of its samples
	Language  string // ISO 639-2/T; empty: undetermined
	// Format is the four-character code of the sample entry that a source has it
	// under, as "hev1" (ISO/IEC 14496-12 §8.5.2); empty: it has none. A Movie writes
	// that of Entry.
	Format string
	// Rotation is how far pictures are turned clockwise to be shown: 0, 90, 180
	// or 270 degrees.
	Rotation int
	// Priming is how many ticks of sound at the very start of the track are there
	// for the decoder only and are not heard (an edit list, the pre-skip of Opus).
	// The timestamps of what is heard do not depend on it.
	Priming int64
}

// Access says whether decoding can start at a sample.
type Access uint8

// Kinds of random access, from none to the strongest. Everything above Intra
// goes into stss, and Intra where there is nothing else for 10 s; only Sync
// starts a closed decoding order.
const (
	NotAccess Access = iota
	Intra            // a lone I picture
	Recovery         // recovery point SEI
	OpenSync         // CRA, BLA: leading pictures may follow
	Sync             // IDR; every audio frame
)

// Sample is one access unit: a picture (both fields of it) or an audio frame.
type Sample struct {
	PTS, DTS int64 // ticks of the track's timescale, not wrapped
	// Duration in ticks; 0 where only the next sample can tell. Sound whose
	// entry has no constant Frame must have one.
	Duration int64
	Access   Access
	// InBand: the parameter sets that the picture needs are in the payload.
	InBand bool
	// Pieces are the payload in order, as it stands in an MP4: for AVC and HEVC
	// NAL units behind a 4-byte length, without AUD, filler and end-of-sequence;
	// for AAC the raw frame. The bytes are valid until the call returns.
	Pieces [][]byte
	// Alone is where a picture stands that decodes by itself; none: it does not, or
	// not as one range of bytes of one segment.
	Alone Place
}

// Place is a range of bytes of a segment; Length 0: none.
type Place struct {
	Offset, Length int64
	// Back is in which segment the picture began, and End in which it ended: 0 is the
	// one that the demuxer was given last, 1 the one before.
	Back, End int
}

// Size is the number of payload bytes.
func (s *Sample) Size() int {
	n := 0
	for _, p := range s.Pieces {
		n += len(p)
	}
	return n
}

// Sink takes what a demuxer finds, in the order of the container. An error
// ends the demuxing and comes back from it.
type Sink interface {
	// Track announces a track, or a new description of one. id is the id in the
	// container (PID, track id).
	Track(id int, t Track) error
	// Sample takes the next sample of a track that was announced.
	Sample(id int, s *Sample) error
}
