package finalize

import (
	"strings"
	"time"

	"recfin/finalize/layout"
	"recfin/finalize/timeline"
	"recfin/store"
)

// Segment is one listed object, or a part of one, with what its key, sidecars and
// what lies beside it say. A recording may have millions, and each is there once, from
// the listing to the plan: the timeline is made of the very same table. So what many
// have in common is held once, and what few have lies elsewhere.
type Segment struct {
	timeline.Segment
	*origin
	init    int32 // number of its init segment in Listing.inits, from 1; 0: none
	namedBy int32 // number in Listing.Sidecars, from 1, of the oldest that names its key, whenever that was written; 0: none that was read
}

// origin is what the keys of many segments have in common, beside their writer.
type origin struct {
	Recording string
	Layout    string // name of the layout that read the key
	Ext       string // without a dot, as in the key
	keyTime   bool   // the key says when it began
}

// Object is the whole object, as it was listed.
func (s *Segment) Object() store.Object {
	return store.Object{Store: s.Store, Key: s.Key, Size: s.Size, ETag: s.ETag, Modified: s.Modified()}
}

// Modified is the upload time by the store's clock, in UTC.
func (s *Segment) Modified() time.Time { return s.Uploaded.Time() }

// setObject makes it another version of the same object.
func (s *Segment) setObject(o store.Object) {
	s.ETag, s.Size, s.Uploaded = o.ETag, o.Size, timeline.InstantOf(o.Modified)
}

// version tells its object from all others.
func (s *Segment) version() objectID { return objectID{s.Store, s.Key, s.ETag, s.Size} }

// id tells the segment from all others.
func (s *Segment) id() rowID { return rowID{s.version(), s.Range()} }

// keyed is a listed object and what its key says.
type keyed struct {
	store.Object
	layout.Fields
	Layout string // name of the layout that read the key
}

// reading is the wall start by the key. Of the two readings in an hour that the
// zone repeats it is the later one if the upload followed that within the hour:
// before its start nothing is uploaded, and later both are as likely.
func (s *keyed) reading() time.Time {
	if later, two := s.Later(); two && !s.Modified.Before(later) && s.Modified.Sub(later) < s.Fold+s.Duration {
		return later
	}
	return s.Time
}

// quality is what the writer says of the segment. A word that is not known says
// that something is the matter with it.
func (s *keyed) quality() timeline.Quality {
	switch s.Quality {
	case "", "full":
		return timeline.Full
	case "partial":
		return timeline.PartialSeg
	case "temp":
		return timeline.Temp
	}
	return timeline.Suspect
}

// origins makes segments of what was read of keys, and holds once what they have in
// common.
type origins struct {
	writers map[timeline.Writer]*timeline.Writer
	origins map[origin]*origin
	writer  *timeline.Writer // of the last segment: that of the next is seldom another one
	origin  *origin
}

func newOrigins() *origins {
	return &origins{writers: map[timeline.Writer]*timeline.Writer{}, origins: map[origin]*origin{}, writer: &timeline.Writer{}, origin: &origin{}}
}

// segment makes a segment of what was read of a key.
func (c *origins) segment(k *keyed) Segment {
	s := Segment{
		Segment: timeline.Segment{
			Writer: c.writerOf(timeline.Writer{Store: k.Store, Nonce: k.Nonce, Rendition: k.Rendition}),
			Key:    k.Key, ETag: k.ETag, Size: k.Size, Uploaded: timeline.InstantOf(k.Modified),
			Seq: k.Seq, Unnumbered: !k.Numbered, Begins: timeline.NoTime, Quality: k.quality(),
		},
		origin: c.originOf(origin{Recording: k.Recording, Layout: k.Layout, Ext: k.Ext, keyTime: !k.Time.IsZero()}),
	}
	if s.keyTime {
		s.Begins = timeline.InstantOf(k.reading())
	}
	if k.Duration > 0 {
		s.Length, s.LengthSource = k.Duration, timeline.FromKey
	}
	return s
}

// writerOf gives a writer, held once.
func (c *origins) writerOf(w timeline.Writer) *timeline.Writer {
	if w == *c.writer {
		return c.writer
	}
	known := c.writers[w]
	if known == nil {
		// The names lie in a key, which they would keep.
		known = &timeline.Writer{Store: w.Store, Nonce: strings.Clone(w.Nonce), Rendition: strings.Clone(w.Rendition)}
		c.writers[*known] = known
	}
	c.writer = known
	return known
}

func (c *origins) originOf(o origin) *origin {
	if o == *c.origin {
		return c.origin
	}
	known := c.origins[o]
	if known == nil {
		known = &origin{Recording: strings.Clone(o.Recording), Layout: o.Layout, Ext: strings.Clone(o.Ext), keyTime: o.keyTime}
		c.origins[*known] = known
	}
	c.origin = known
	return known
}
