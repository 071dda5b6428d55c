package probe

import (
	"context"
	"io"

	"recfin/store"
)

// Options of a whole measurement.
type Options struct {
	Digests bool // fill Track.Digests
}

// Head measures the head of an object: one pinned GET of 64 KiB, and more, in
// doubling steps, only until the first timestamp of the video has been seen
// (without video: of the audio). With ErrUndecodable there may be a Media too.
func Head(ctx context.Context, r store.Reader, o store.Object) (*Media, error) { return nil, nil }

// Whole measures an object with one pinned GET of all of it.
func Whole(ctx context.Context, r store.Reader, o store.Object, opt Options) (*Media, error) {
	return nil, nil
}

// File measures all of r: for local files and tests.
func File(r io.Reader, opt Options) (*Media, error) { return nil, nil }
