package probe

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"

	"recfin/mp4"
	"recfin/probe/mpegts"
	"recfin/store"
)

// headSize is the first step of Head.
const headSize = 64 << 10

// maxHead is where Head gives up and reads the whole object as a stream.
const maxHead = 64 << 20

// Head measures the head of a segment: one pinned GET of 64 KiB, and more, in
// doubling steps, only until the first timestamp of the video has been seen
// (without video: of the audio). A track that begins later is declared and not
// described. A segment that cannot be measured is read in full, twice, before
// ErrUnreadable or ErrUndecodable is said; with ErrUndecodable there is a Media
// too. Options.Digests is not used.
func Head(ctx context.Context, r store.Reader, o store.Object, opt Options) (*Media, error) {
	all, err := opt.span(o)
	if err != nil {
		return nil, wrap(o, err)
	}
	if all.Len == 0 {
		return &Media{Empty: true, Whole: true}, nil
	}
	opt.Digests = false
	var (
		buf  []byte
		info store.Info
	)
	for size := int64(headSize); len(buf) < maxHead; size *= 2 {
		have := int64(len(buf))
		step := size - have
		if opt.isPart() {
			step = min(step, all.Len-have) // what is behind belongs to another segment
		}
		more, i, err := part(ctx, r, o, store.Range{Off: all.Off + have, Len: step})
		if err != nil {
			return nil, fmt.Errorf("measure the head of %s: %w", store.Printable(o.Key), err)
		}
		if buf == nil {
			info = i
		}
		buf = append(buf, more...)
		whole := int64(len(buf)) >= all.Len
		m, enough, err := tryHead(buf, whole, opt)
		if err != nil {
			break
		}
		if enough || whole {
			m.Whole, m.Metadata = whole, info.Metadata
			return m, nil
		}
		if len(more) == 0 {
			break
		}
	}
	return Whole(ctx, r, o, opt)
}

// tryHead measures what is there. enough: the first timestamp was seen.
func tryHead(buf []byte, whole bool, opt Options) (media *Media, enough bool, err error) {
	m := newMeasuring(opt)
	m.cut = !whole
	m.Write(buf) // never fails
	media, err = m.end()
	if m.cut && (errors.Is(err, mpegts.ErrNoProgram) || errors.Is(err, errNoUnits)) {
		return media, false, nil // the map or the first access unit may come later
	}
	if err != nil {
		return nil, false, err
	}
	return media, m.meter.timed(mp4.Video) || !m.meter.has(mp4.Video), nil
}

// Whole measures a segment with one pinned GET of all of it. Where that finds no
// media, or media that cannot be joined, it is read once more, and the verdict
// holds only if both reads are equal.
func Whole(ctx context.Context, r store.Reader, o store.Object, opt Options) (*Media, error) {
	all, err := opt.span(o)
	if err != nil {
		return nil, wrap(o, err)
	}
	if all.Len == 0 {
		return &Media{Empty: true, Whole: true}, nil
	}
	m, err := pass(ctx, r, o, opt)
	if err == nil || !errors.Is(err, ErrUnreadable) && !errors.Is(err, ErrUndecodable) {
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
func pass(ctx context.Context, r store.Reader, o store.Object, opt Options) (*Media, error) {
	all, err := opt.span(o)
	if err != nil {
		return nil, err
	}
	want := all.Len
	if !opt.isPart() {
		all = store.Whole
	}
	body, err := r.Get(ctx, o.Key, all, store.Pinned(o))
	if err != nil {
		return nil, err
	}
	m, sum := newMeasuring(opt), sha256.New()
	n, err := io.CopyBuffer(io.MultiWriter(m, sum), onlyReader{body}, make([]byte, 256<<10))
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

// part reads a range of an object.
func part(ctx context.Context, r store.Reader, o store.Object, rg store.Range) ([]byte, store.Info, error) {
	body, err := r.Get(ctx, o.Key, rg, store.Pinned(o))
	if err != nil {
		return nil, store.Info{}, err
	}
	b, err := io.ReadAll(onlyReader{body})
	if c := body.Close(); err == nil {
		err = c
	}
	if err == nil && int64(len(b)) != body.Length {
		err = io.ErrUnexpectedEOF
	}
	return b, body.Info, err
}

// onlyReader hides all but Read, so that a copy goes through our buffer.
type onlyReader struct{ io.Reader }
