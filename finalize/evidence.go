package finalize

import (
	"context"
	"slices"

	"recfin/finalize/layout"
)

// consult gives the listing with all that sidecars say of the segments. The table of
// the segments goes with it: it was the bare listing's, and is that no more. Where
// playlists define what the segments are, they are other ones.
func (j *job) consult(ctx context.Context, l *Listing) (*Listing, error) {
	out := *l
	out.Unknown, out.Notes = slices.Clone(l.Unknown), nil
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

// layout finds a layout in use by its name.
func (f *Finalizer) layout(name string) *layout.Layout {
	for _, l := range f.cfg.Layouts {
		if l.Name() == name {
			return l
		}
	}
	return nil
}

// byPlaylist reports whether playlists say what the objects are that a layout reads.
func (f *Finalizer) byPlaylist(name string) bool {
	l := f.layout(name)
	return l != nil && l.ByPlaylist()
}
