package finalize

import (
	"context"
	"errors"
	"time"

	"recfin/mp4"
	"recfin/store"
)

// writeMovies writes the progressive MP4s of all renditions, with the sound of
// others where one has none, and takes what was measured on the way into the
// record: all of it was read anyway.
func (j *job) writeMovies(ctx context.Context, rec *Record, dir string) error {
	measured := map[*RenditionRecord]bool{}
	type failed struct {
		movie
		why error
	}
	var lost []failed
	for _, of := range rec.movies() { // what is to come, so that no rendition seems to be the last
		j.notify(Event{Stage: StageWrite, Detail: of[0].Output + ".mp4", Total: of.bytes(), Unit: UnitBytes})
	}
	for _, of := range rec.movies() {
		outs, got, err := j.writeMovie(ctx, rec, of, dir)
		if errors.Is(err, store.ErrConflict) || errors.Is(err, store.ErrUnknown) {
			outs, got, err = j.writeMovie(ctx, rec, of, dir) // it is there now: compared instead of written
		}
		if cannot(err) {
			rec.Outputs = append(rec.Outputs, outs...) // files before that in which it is
			lost = append(lost, failed{of, err})
			continue
		}
		if err != nil {
			return err
		}
		rec.Outputs = append(rec.Outputs, outs...)
		for n, q := range of {
			if !measured[q] {
				measured[q], q.CRC64 = true, got.sums[n]
				rec.measured(q, got.segments[n])
				q.hold(got.segments[n])
			}
		}
	}
	for _, x := range lost {
		for n, q := range x.movie {
			if n == 0 || rec.made(q.Name, "mp4") == 0 { // sound may be in another movie
				rec.leaveOut(q, "mp4", x.why)
			}
		}
	}
	rec.align()
	return nil
}

// writeMovie joins the segments of a movie in one pass: each source byte is
// read once, and only tables and what is in flight are in memory. A file that
// is there already is compared with what would be written. Beside an error stand the
// files that were finished before it.
func (j *job) writeMovie(ctx context.Context, rec *Record, of movie, dir string) ([]Output, *joined, error) {
	w := &movieFiles{ctx: ctx, j: j, rec: rec, of: of, dir: dir, list: rec.feed(of)}
	w.open()
	defer func() { w.abort() }()
	res, err := j.join(ctx, rec, w)
	if err != nil {
		return w.outs, nil, err
	}
	if err := w.finish(res.Files[len(res.Files)-1]); err != nil {
		return nil, nil, err
	}
	for _, note := range w.notes {
		j.report.problem(note)
	}
	if len(w.outs) == 1 {
		w.outs[0].Segments = of.rows() // one that brought nothing is in it as well
	}
	return w.outs, res, nil
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
