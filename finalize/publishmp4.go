package finalize

import (
	"context"
	"errors"
	"fmt"
	"time"

	"recfin/mp4"
	"recfin/store"
)

// madeMovie is what became of a movie.
type madeMovie struct {
	movie
	list     []fed     // what it was made of
	chapters []chapter // of all its files
	outs     []Output  // beside an error: the files that were finished before it
	got      *joined
	why      error // it cannot be made; nil: it was
}

// writeMovies writes the progressive MP4s of all renditions, with the sound of
// others where one has none.
func (j *job) writeMovies(ctx context.Context, rec *Record, dir string) ([]madeMovie, error) {
	movies := rec.movies()
	for _, of := range movies { // what is to come, so that no rendition seems to be the last
		if rec.guessed && len(of) > 1 {
			return nil, fmt.Errorf("join %s: %w", store.Printable(of[0].Name), errHeads)
		}
		j.notify(Event{Stage: StageWrite, Detail: of[0].Output + ".mp4", Total: of.bytes(), Unit: UnitBytes})
	}
	var made []madeMovie
	for _, of := range movies {
		x, err := j.writeMovie(ctx, rec, of, dir)
		if errors.Is(err, store.ErrConflict) || errors.Is(err, store.ErrUnknown) {
			x, err = j.writeMovie(ctx, rec, of, dir) // it is there now: compared instead of written
		}
		if rec.guessed {
			err = needsHeads(err)
		}
		if cannot(err) && !errors.Is(err, errHeads) {
			x.why, err = err, nil
		}
		if err != nil {
			return nil, err
		}
		made = append(made, x)
	}
	return made, nil
}

// takeMovies takes the movies of a record, and what was measured on the way, into
// it: all of it was read anyway.
func (j *job) takeMovies(rec *Record, made []madeMovie) {
	measured := map[*RenditionRecord]bool{}
	movies := rec.movies()
	for i, of := range movies {
		x := &made[i]
		if rec.Outputs = append(rec.Outputs, x.outs...); x.why != nil {
			continue
		}
		for n, q := range of {
			if !measured[q] {
				measured[q], q.CRC64 = true, x.got.sums[n]
				rec.measured(q, x.got.segments[n])
				q.hold(x.got.segments[n])
			}
		}
	}
	for i, of := range movies {
		for n, q := range of {
			if made[i].why != nil && (n == 0 || rec.made(q.Name, "mp4") == 0) { // sound may be in another movie
				rec.leaveOut(q, "mp4", made[i].why)
			}
		}
	}
	rec.align()
}

// writeMovie joins the segments of a movie in one pass: each source byte is
// read once, and only tables and what is in flight are in memory. A file that
// is there already is compared with what would be written. Beside an error stand the
// files that were finished before it.
func (j *job) writeMovie(ctx context.Context, rec *Record, of movie, dir string) (madeMovie, error) {
	w := &movieFiles{ctx: ctx, j: j, rec: rec, of: of, dir: dir, list: rec.feed(of)}
	w.open()
	defer func() { w.abort() }()
	res, err := j.join(ctx, rec, w)
	if err != nil {
		return madeMovie{movie: of, list: w.list, outs: w.outs}, err
	}
	if err := w.finish(res.Files[len(res.Files)-1]); err != nil {
		return madeMovie{}, err
	}
	for _, note := range w.notes {
		j.report.problem(note)
	}
	if len(w.outs) == 1 {
		w.outs[0].Segments = of.rows() // one that brought nothing is in it as well
	}
	return madeMovie{movie: of, list: w.list, chapters: w.chapters, outs: w.outs, got: res}, nil
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
