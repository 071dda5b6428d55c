package finalize

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"recfin/finalize/remux"
	"recfin/mp4"
	"recfin/store"
)

// writeMovies writes one progressive MP4 a rendition and takes what was
// measured on the way into the record: all of it was read anyway.
func (j *job) writeMovies(ctx context.Context, rec *Record, dir string) error {
	for i := range rec.Renditions {
		q := &rec.Renditions[i]
		key := dir + q.Output + ".mp4"
		out, err := j.writeMovie(ctx, rec, q, key)
		if errors.Is(err, store.ErrConflict) || errors.Is(err, store.ErrUnknown) {
			out, err = j.writeMovie(ctx, rec, q, key) // it is there now: compared instead of written
		}
		if err != nil {
			return err
		}
		rec.Outputs = append(rec.Outputs, out)
	}
	rec.align()
	return nil
}

// writeMovie joins the segments of a rendition in one pass: each source byte is
// read once, and only tables and what is in flight are in memory. A file that
// is there already is compared with what would be written.
func (j *job) writeMovie(ctx context.Context, rec *Record, q *RenditionRecord, key string) (Output, error) {
	body := newMovieBody(ctx, j, key, q)
	defer body.abort()
	res, sums, err := j.join(ctx, rec, q, body.movie)
	if err != nil {
		return Output{}, err
	}
	head, err := body.movie.Finish(body.room)
	if err != nil {
		return Output{}, fmt.Errorf("finish %s: %w", store.Printable(key), err)
	}
	headSum := newCRC()
	if _, err := io.Copy(headSum, io.NewSectionReader(head, 0, head.Size())); err != nil {
		return Output{}, fmt.Errorf("make the head of %s: %w", store.Printable(key), err)
	}
	o, err := body.commit(head)
	if err != nil {
		return Output{}, err
	}
	q.CRC64 = sums
	rec.measured(q, res)
	out := Output{
		Rendition: q.Name, Kind: "mp4", Store: o.Store, Key: o.Key, Size: o.Size, ETag: o.ETag,
		Checksum:   "crc64nvme:" + crcText(combineCRC(headSum.Sum64(), body.sum, body.n)),
		DurationNS: mp4Duration(head.Summary()), Segments: q.Len(),
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
	return out, j.readBackMovie(ctx, out, &movieHead{size: head.Size(), crc: headSum.Sum64(), summary: head.Summary()})
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

// join hands the segments to the joiner in order. It returns the CRC of each.
func (j *job) join(ctx context.Context, rec *Record, q *RenditionRecord, m *mp4.Movie) (*remux.Result, []string, error) {
	pieces := make([]piece, q.Len())
	for i := range pieces {
		pieces[i] = q.piece(i)
	}
	inits, err := j.initsOf(ctx, rec)
	if err != nil {
		return nil, nil, err
	}
	joiner := remux.New(m, remux.Options{})
	sums := make([]string, len(pieces))
	total, done := q.bytes(), int64(0)
	err = j.f.fetch(ctx, pieces, func(i int, body content) error {
		init, err := j.describes(ctx, q, i, inits)
		if err != nil {
			return err
		}
		b := remux.Boundary{
			Init: init,
			Name: pieces[i].Key, Join: i > 0 && rec.joinBefore(q, i),
			Same: i > 0 && q.Nonce[i] == q.Nonce[i-1],
		}
		if err := joiner.Begin(b); err != nil {
			return err
		}
		if _, err := io.Copy(joiner, body); err != nil {
			return err
		}
		sums[i] = crcText(body.Sum64())
		done += q.rowBytes(i)
		j.f.cfg.notify(Event{Recording: j.recording, Stage: "write", Detail: q.Output + ".mp4", Done: done, Total: total})
		return joiner.End()
	})
	if err != nil {
		return nil, nil, err
	}
	res, err := joiner.Finish()
	if err == nil {
		for _, p := range res.Problems {
			j.report.problem(q.Name + ": " + p)
		}
	}
	return &res, sums, err
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
