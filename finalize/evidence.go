package finalize

import (
	"context"
	"slices"
	"time"

	"recfin/finalize/layout"
	"recfin/finalize/timeline"
)

// evidence is what is known of a segment before it is read: by its key, by
// sidecars, by what lies beside it.
type evidence struct {
	begins     time.Time     // wall start; zero: unknown
	length     time.Duration // 0: unknown
	lengthFrom timeline.Source
	named      bool   // a sidecar that was written after it names this very copy
	namedBy    string // key of the oldest sidecar that names its key, whenever that was written; empty: none that was read
	tombstoned bool   // its writer hid it
	init       int    // number of its init segment in Listing.inits, from 1; 0: none
}

// consult gives the listing with all that keys and sidecars say of the segments.
// Where playlists define what the segments are, its segments are other ones
// than those of the bare listing.
func (j *job) consult(ctx context.Context, l *Listing) (*Listing, error) {
	out := *l
	out.Segments, out.Unknown, out.Notes = slices.Clone(l.Segments), slices.Clone(l.Unknown), nil
	for i := range out.Segments {
		out.Segments[i].byKey()
	}
	sides, err := j.readSidecars(ctx, &out)
	if err != nil {
		return nil, err
	}
	out.structure(j.f, sides)
	missing := out.hear(j.f, sides)
	out.noteMissing(missing)
	if err := j.readInits(ctx, &out); err != nil {
		return nil, err
	}
	out.expose()
	out.sortNotes()
	return &out, nil
}

// byKey takes what the key says.
func (s *Segment) byKey() {
	s.begins = s.reading()
	if s.Duration > 0 {
		s.length, s.lengthFrom = s.Duration, timeline.FromKey
	}
}

// reading is the wall start by the key. Of the two readings in an hour that the
// zone repeats it is the later one if the upload followed that within the hour:
// before its start nothing is uploaded, and later both are as likely.
func (s *Segment) reading() time.Time {
	if later, two := s.Later(); two && !s.Modified.Before(later) && s.Modified.Sub(later) < s.Fold+s.Duration {
		return later
	}
	return s.Time
}

// quality is what the writer says of the segment. A word that is not known says
// that something is the matter with it.
func (s *Segment) quality() timeline.Quality {
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

// layout finds a layout in use by its name.
func (f *Finalizer) layout(name string) *layout.Layout {
	for _, l := range f.cfg.Layouts {
		if l.Name() == name {
			return l
		}
	}
	return nil
}

// byPlaylist reports whether playlists say what this object is to the recording.
func (f *Finalizer) byPlaylist(s *Segment) bool {
	l := f.layout(s.Layout)
	return l != nil && l.ByPlaylist()
}
