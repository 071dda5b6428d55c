package mpegts

import (
	"bytes"
	"slices"

	"recfin/mp4"
)

// Program is what the PAT and PMT of a stream say (ISO/IEC 13818-1 §2.4.4).
// It can be handed to the demuxer of a segment that has none of its own.
type Program struct {
	Number  uint16
	PMT     uint16   // PID of the map
	Streams []Stream // in the order of the map
}

// Stream is one elementary stream of a program.
type Stream struct {
	PID      uint16
	Type     uint8  // stream_type
	Format   string // format_identifier of a registration descriptor, four characters; may be empty
	Tags     []byte // tags of its descriptors, in order
	Language string // ISO 639-2; empty: undetermined
	Opus     []byte // channel configuration of an Opus extension descriptor (ETSI TS 103 491); may be empty
}

func (s Stream) equal(t Stream) bool {
	return s.PID == t.PID && s.Type == t.Type && s.Format == t.Format &&
		s.Language == t.Language && slices.Equal(s.Tags, t.Tags) && bytes.Equal(s.Opus, t.Opus)
}

func (p *Program) clone() *Program {
	if p == nil {
		return nil
	}
	q := *p
	q.Streams = slices.Clone(p.Streams)
	for i := range q.Streams {
		q.Streams[i].Tags = slices.Clone(q.Streams[i].Tags)
		q.Streams[i].Opus = bytes.Clone(q.Streams[i].Opus)
	}
	return &q
}

func (p *Program) equal(q *Program) bool {
	return p != nil && q != nil && p.Number == q.Number && p.PMT == q.PMT &&
		slices.EqualFunc(p.Streams, q.Streams, Stream.equal)
}

// Kind is what a stream of the map carries: audio or video, whether it can be
// demuxed or not; 0: data.
func (s Stream) Kind() mp4.Kind { return lookup(s).kind }

// Supported reports whether samples of the stream are handed out.
func (s Stream) Supported() bool { return s.Kind() != 0 && lookup(s).parser != nil }
