package finalize

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"recfin/mp4"
	"recfin/store"
)

// writeMovies writes one progressive MP4 a rendition, with the sound of others
// where it has none, and takes what was measured on the way into the record: all
// of it was read anyway.
func (j *job) writeMovies(ctx context.Context, rec *Record, dir string) error {
	measured := map[*RenditionRecord]bool{}
	for _, of := range rec.movies() {
		key := dir + of[0].Output + ".mp4"
		out, got, err := j.writeMovie(ctx, rec, of, key)
		if errors.Is(err, store.ErrConflict) || errors.Is(err, store.ErrUnknown) {
			out, got, err = j.writeMovie(ctx, rec, of, key) // it is there now: compared instead of written
		}
		if err != nil {
			return err
		}
		rec.Outputs = append(rec.Outputs, out)
		for n, q := range of {
			if !measured[q] {
				measured[q], q.CRC64 = true, got.sums[n]
				rec.measured(q, got.segments[n])
			}
		}
	}
	rec.align()
	return nil
}

// writeMovie joins the segments of a movie in one pass: each source byte is
// read once, and only tables and what is in flight are in memory. A file that
// is there already is compared with what would be written.
func (j *job) writeMovie(ctx context.Context, rec *Record, of movie, key string) (Output, *joined, error) {
	body := newMovieBody(ctx, j, key, of)
	defer body.abort()
	res, err := j.join(ctx, rec, of, body.movie)
	if err != nil {
		return Output{}, nil, err
	}
	head, err := body.movie.Finish(body.room)
	if err != nil {
		return Output{}, nil, fmt.Errorf("finish %s: %w", store.Printable(key), err)
	}
	headSum := newCRC()
	if _, err := io.Copy(headSum, io.NewSectionReader(head, 0, head.Size())); err != nil {
		return Output{}, nil, fmt.Errorf("make the head of %s: %w", store.Printable(key), err)
	}
	o, err := body.commit(head)
	if err != nil {
		return Output{}, nil, err
	}
	out := Output{
		Rendition: of[0].Name, Sound: of.sounds(), Kind: "mp4", Store: o.Store, Key: o.Key, Size: o.Size, ETag: o.ETag,
		Checksum:   "crc64nvme:" + crcText(combineCRC(headSum.Sum64(), body.sum, body.n)),
		DurationNS: mp4Duration(head.Summary()), Segments: of.rows(),
		Silent: res.Silent, Skipped: res.DroppedLeading + res.DroppedAudio,
	}
	for _, t := range head.Summary().Tracks {
		switch t.Kind {
		case mp4.Video:
			out.Video += t.Samples
		case mp4.Audio:
			out.Audio += t.Samples
		}
	}
	return out, res, j.readBackMovie(ctx, out, &movieHead{size: head.Size(), crc: headSum.Sum64(), summary: head.Summary()})
}

// mp4Duration is the duration of the movie in ns.
func mp4Duration(s mp4.Summary) int64 {
	const movieScale = 90000
	return s.Duration/movieScale*1e9 + s.Duration%movieScale*1e9/movieScale
}

// planned is how long the rendition lasts, by the plan.
func (q *RenditionRecord) planned() time.Duration {
	var d int64
	for _, ns := range q.DurationNS {
		d += ns
	}
	return time.Duration(d)
}

func (q *RenditionRecord) bytes() int64 {
	var n int64
	for i := range q.Size {
		n += q.rowBytes(i)
	}
	return n
}

// joinBefore reports whether a part begins with row i: the plan marks a join in
// its slot, or in one between it and the row before.
func (r *Record) joinBefore(q *RenditionRecord, i int) bool {
	join := r.SlotsOf(q).Join
	for k := q.Slot[i-1] + 1; k <= q.Slot[i]; k++ {
		if has(join, k) {
			return true
		}
	}
	return q.Slot[i] != q.Slot[i-1]+1
}
