package probe

import (
	"context"
	"errors"
	"fmt"

	"recfin/mp4"
	"recfin/probe/mpegts"
	"recfin/store"
)

// headSize is the first step of Head.
const headSize = 64 << 10

// maxHead is where Head gives up and reads the whole segment as a stream.
const maxHead = 64 << 20

// Head measures the head of a segment: one pinned GET of 64 KiB, and more, in
// doubling steps, only until the first timestamp of the video has been seen
// (without video: of the audio). A track that begins later is declared and not
// described. Of an MP4 the boxes in the head may tell all times of the segment
// (Media.Exact); where its moov stands behind the media, one more GET fetches it.
//
// A segment that cannot be measured is read in full, twice, before ErrUnreadable
// or ErrUndecodable is said; with ErrUndecodable there is a Media too. Only
// ErrNeedsInit is said of a head. Options.Digests is not used.
func Head(ctx context.Context, r store.Reader, o store.Object, opt Options) (*Media, error) {
	all, err := opt.span(o)
	if err != nil {
		return nil, wrap(o, err)
	}
	if all.Len == 0 {
		return &Media{Empty: true, Whole: true, Exact: true}, nil
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
		if buf == nil {
			buf = more
		} else {
			buf = append(buf, more...)
		}
		m, enough, err := tryHead(buf, all.Len, opt)
		if at := m.MoovAt; !enough && err == nil && at > 0 && opt.moov == nil {
			if opt.moov, _, err = behind(ctx, r, o, all, at); err != nil {
				return nil, wrap(o, err)
			}
			m, enough, err = tryHead(buf, all.Len, opt)
			m.MoovAt = at
		}
		m.Metadata = info.Metadata
		switch {
		case m.NeedsInit:
			return m, wrap(o, err)
		case err != nil:
			return Whole(ctx, r, o, opt.asGiven())
		case enough || m.Whole:
			return m, nil
		case len(more) == 0:
			return Whole(ctx, r, o, opt.asGiven())
		}
	}
	return Whole(ctx, r, o, opt.asGiven())
}

// tryHead measures what is there of a segment of size bytes. enough: the first
// timestamp was seen. There is always a Media.
func tryHead(buf []byte, size int64, opt Options) (media *Media, enough bool, err error) {
	m := newMeasuring(opt)
	m.cut, m.size = int64(len(buf)) < size, size
	m.Write(buf) // never fails
	media, err = m.end()
	media.Whole = !m.cut
	if m.cut && (errors.Is(err, mpegts.ErrNoProgram) || errors.Is(err, errNoUnits)) {
		return media, false, nil // the map or the first access unit may come later
	}
	return media, err == nil && (m.meter.timed(mp4.Video) || !m.meter.has(mp4.Video)), err
}

// Moov reads what describes an MP4 that has its moov behind its media (at
// Media.MoovAt, with the same Options), to be handed to a demuxer before the
// segment. Empty: there is nothing.
func Moov(ctx context.Context, r store.Reader, o store.Object, at int64, opt Options) ([]byte, error) {
	all, err := opt.span(o)
	if err != nil || at <= 0 {
		return nil, wrap(o, err)
	}
	b, _, err := behind(ctx, r, o, all, at)
	return b, wrap(o, err)
}

// behind reads what stands behind the media of an MP4, from at on: its moov, it
// is hoped.
func behind(ctx context.Context, r store.Reader, o store.Object, all store.Range, at int64) ([]byte, store.Info, error) {
	if at >= all.Len {
		return []byte{}, store.Info{}, nil // there is nothing
	}
	return part(ctx, r, o, store.Range{Off: all.Off + at, Len: min(all.Len-at, maxMoov)})
}

// maxMoov is how much is read in search of a moov behind the media.
const maxMoov = 128 << 20
