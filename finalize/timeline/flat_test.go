package timeline

import "time"

// flat is a segment as the tests write it down, with everything in it.
type flat struct {
	Store, Key, ETag string
	Size             int64 // of the segment
	Uploaded         time.Time
	Range            Range
	Nonce            string
	Rendition        string
	Seq              int64
	Unnumbered       bool
	Begins           time.Time
	Length           time.Duration
	LengthSource     Source
	Quality          Quality
	Tombstoned       bool
	Named            bool
	Init             string
	Excluded         bool
	Committed        bool
	ReadLater        bool
	Media            Media
}

// build is Build of flat segments.
func build(segs []flat, opt Options) (*Timeline, []Need) { return Build(compact(segs), opt) }

// compact gives flat segments as Build takes them.
func compact(segs []flat) []*Segment {
	writers := map[Writer]*Writer{}
	inits := map[string]int32{"": 0}
	out := make([]*Segment, len(segs))
	for i := range segs {
		s := &segs[i]
		w := Writer{s.Store, s.Nonce, s.Rendition}
		if writers[w] == nil {
			writers[w] = &w
		}
		if _, known := inits[s.Init]; !known {
			inits[s.Init] = int32(len(inits))
		}
		out[i] = &Segment{
			Writer: writers[w], Key: s.Key, ETag: s.ETag, Size: s.Size, Uploaded: InstantOf(s.Uploaded),
			Seq: s.Seq, Begins: InstantOf(s.Begins), Length: s.Length, Init: inits[s.Init],
			LengthSource: s.LengthSource, Quality: s.Quality, Unnumbered: s.Unnumbered, Tombstoned: s.Tombstoned,
			Named: s.Named, Excluded: s.Excluded, Committed: s.Committed, ReadLater: s.ReadLater,
		}
		if s.Range != (Range{}) {
			part := s.Range
			out[i].Part = &part
		}
		if m := s.Media; m.Level != Unread || m.Fault != Healthy || m.Timed || m.Declared != 0 || m.Duration != 0 || m.Tracks != nil || m.Content.Tracks != nil {
			out[i].Media = &m
		}
	}
	return out
}
