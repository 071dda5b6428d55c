package probe

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"slices"

	"recfin/probe/fmp4"
	"recfin/store"
)

// Whole measures a segment with one pinned GET of all of it. Where that finds no
// media, or media that cannot be joined, it is read once more, and the verdict
// holds only if both reads are equal. ErrNeedsInit is no verdict. An MP4 whose
// moov stands behind more media than a demuxer holds is read again, moov first.
func Whole(ctx context.Context, r store.Reader, o store.Object, opt Options) (*Media, error) {
	all, err := opt.span(o)
	if err != nil {
		return nil, wrap(o, err)
	}
	if all.Len == 0 {
		return &Media{Empty: true, Whole: true, Exact: true}, nil
	}
	m, err := pass(ctx, r, o, opt)
	if errors.Is(err, fmp4.ErrMoovLast) && opt.moov == nil {
		at := m.MoovAt
		if opt.moov, _, err = behind(ctx, r, o, all, at); err != nil {
			return nil, wrap(o, err)
		}
		if m, err = pass(ctx, r, o, opt); m != nil {
			m.MoovAt = at
		}
	}
	if err == nil || !errors.Is(err, ErrUnreadable) && !errors.Is(err, ErrUndecodable) {
		return m, wrap(o, err)
	}
	if m.NeedsInit { // nothing is said against the bytes
		return m, wrap(o, err)
	}
	first := m
	m, err2 := pass(ctx, r, o, opt)
	switch {
	case err2 != nil && !errors.Is(err2, ErrUnreadable) && !errors.Is(err2, ErrUndecodable):
		return nil, wrap(o, err2)
	case first.Sum != m.Sum:
		return nil, wrap(o, fmt.Errorf("%w: two reads of one version differ", store.ErrUnavailable))
	}
	return m, wrap(o, err2)
}

func wrap(o store.Object, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("measure %s: %w", store.Printable(o.Key), err)
}

// pass reads a segment once, in full. Unless the reading itself failed there is
// a Media, whatever the error.
func pass(ctx context.Context, r store.Reader, o store.Object, opt Options) (media *Media, err error) {
	all, err := opt.span(o)
	if err != nil {
		return nil, err
	}
	want := all.Len
	if !opt.isPart() {
		all = store.Whole
	}
	err = store.Reread(ctx, func() (opened bool, err error) {
		body, err := r.Get(ctx, o.Key, all, proved(o))
		if err != nil {
			return false, err
		}
		media, err = measureBody(body, want, opt)
		return true, err
	})
	return media, err
}

// measureBody measures a body of so many bytes, and closes it.
func measureBody(body store.Body, want int64, opt Options) (*Media, error) {
	m, sum := newMeasuring(opt), sha256.New()
	buffer := make([]byte, max(4<<10, min(want, 256<<10))) // most segments of small recordings are small
	n, err := io.CopyBuffer(io.MultiWriter(m, sum), onlyReader{body}, buffer)
	if c := body.Close(); err == nil {
		err = c
	}
	if err == nil && n != want {
		err = fmt.Errorf("%w: %d bytes came of %d", io.ErrUnexpectedEOF, n, want)
	}
	if err != nil {
		return nil, err
	}
	media, err := m.end()
	media.Whole, media.Metadata = true, body.Info.Metadata
	sum.Sum(media.Sum[:0])
	return media, err
}

// proved pins a read to a version and has the store prove it, where all of the
// object is read.
func proved(o store.Object) store.GetOptions {
	opt := store.Pinned(o)
	opt.Prove = true
	return opt
}

// part reads a range of an object. What a body holds in memory (its Bytes) is not
// copied.
func part(ctx context.Context, r store.Reader, o store.Object, rg store.Range) (raw []byte, info store.Info, err error) {
	err = store.Reread(ctx, func() (opened bool, err error) {
		body, err := r.Get(ctx, o.Key, rg, proved(o))
		if err != nil {
			return false, err
		}
		info = body.Info
		if held, ok := body.ReadCloser.(interface{ Bytes() []byte }); ok {
			raw = slices.Clip(held.Bytes())
		} else {
			raw, err = readAll(body, min(body.Length, rg.Len))
		}
		if c := body.Close(); err == nil {
			err = c
		}
		if err == nil && int64(len(raw)) != body.Length {
			err = io.ErrUnexpectedEOF
		}
		return true, err
	})
	return raw, info, err
}

// readAll reads to the end. expected is how many bytes there should be; so much
// is not taken at once where it is much.
func readAll(r io.Reader, expected int64) ([]byte, error) {
	const most = 1 << 20
	b := bytes.NewBuffer(make([]byte, 0, max(0, min(expected, most))+bytes.MinRead))
	_, err := b.ReadFrom(onlyReader{r})
	return b.Bytes(), err
}

// onlyReader hides all but Read, so that a copy goes through our buffer.
type onlyReader struct{ io.Reader }
