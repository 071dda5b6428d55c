package finalize

import (
	"context"
	"fmt"
	"io"
	"time"

	"recfin/finalize/remux"
	"recfin/mp4"
	"recfin/store"
)

// movieFiles writes the files of a movie one after the other: one, as a rule, and
// another one wherever the media changes in a way that a file cannot hold. Each is
// proved while what comes behind it is written, and all of them before any of it is
// committed.
type movieFiles struct {
	ctx  context.Context
	j    *job
	rec  *Record
	of   movie
	dir  string
	list []fed // the segments, as the joiner counts them

	body  *movieBody // of the file that is written
	outs  []Output
	notes []string // for the report

	chapters []chapter // of all files
}

// open begins the next file.
func (w *movieFiles) open() {
	w.body = newMovieBody(w.ctx, w.j, w.dir+w.rec.movieName(w.of[0].Output, len(w.outs)+1)+".mp4", w.of)
	for _, o := range w.outs {
		w.body.planned -= time.Duration(o.DurationNS)
	}
}

// next is remux.Options.Next.
func (w *movieFiles) next(c remux.Change) (remux.Movie, error) {
	if err := w.finish(c.Before); err != nil {
		return nil, err
	}
	w.open()
	w.notes = append(w.notes, fmt.Sprintf("%s: file %d of it begins at %s: %s", w.of[0].Name, len(w.outs)+1, store.Printable(c.Name), &c))
	return w.body.movie, nil
}

// finish makes the file visible and begins to prove it.
func (w *movieFiles) finish(f remux.File) error {
	b := w.body
	w.mark(f.Marks)
	head, err := b.movie.Finish(b.room)
	if err != nil {
		return fmt.Errorf("finish %s: %w", store.Printable(b.key), err)
	}
	headSum := newCRC()
	if _, err := io.Copy(headSum, io.NewSectionReader(head, 0, head.Size())); err != nil {
		return fmt.Errorf("make the head of %s: %w", store.Printable(b.key), err)
	}
	o, err := b.commit(head)
	if err != nil {
		return err
	}
	b.cancel()
	b.behind, b.movie = nil, nil // reading back needs neither buffers nor tables
	size, summary := head.Size(), head.Summary()
	out := Output{
		Rendition: w.of[0].Name, Sound: w.of.sounds(), Kind: "mp4", Store: o.Store, Key: o.Key, Size: o.Size, ETag: o.ETag,
		Checksum:   crcPrefix + crcText(store.CombineCRC64(headSum.Sum64(), b.sum, b.n)),
		DurationNS: mp4Duration(summary), Segments: f.Segments, Silent: f.Silent, Skipped: f.Dropped,
	}
	if n := len(w.outs); n > 0 {
		out.Part = n + 1
	}
	for _, t := range summary.Tracks {
		switch t.Kind {
		case mp4.Video:
			out.Video += t.Samples
		case mp4.Audio:
			out.Audio += t.Samples
		}
	}
	w.outs = append(w.outs, out)
	wrote := &movieHead{size: size, crc: headSum.Sum64(), summary: summary}
	w.j.proving.begin(func(ctx context.Context) error {
		w.j.notify(Event{Stage: StageVerify, Detail: out.Key})
		if err := w.j.readBackMovie(ctx, out, wrote); err != nil || w.j.f.cfg.Delete != DeleteSources {
			return err
		}
		return w.j.proveBody(ctx, out)
	})
	return nil
}

// abort gives up the file that is written.
func (w *movieFiles) abort() { w.body.abort() }

// chapter is a place in a file where something is missing or joined, with the wall
// time at which it was recorded.
type chapter struct {
	segment int           // by its place in the feed
	into    time.Duration // how far into the segment
	text    string
}

// mark puts chapters into a file. One with less than two has none.
func (w *movieFiles) mark(marks []remux.Mark) {
	if len(marks) < 2 {
		return
	}
	for _, m := range marks {
		text := w.rec.chapter(w.of, w.list, m.Segment, m.Into)
		w.chapters = append(w.chapters, chapter{m.Segment, m.Into, text})
		w.body.movie.AddChapter(m.At, text)
	}
}

// chapter is the wall time of a place in a segment of a movie.
func (r *Record) chapter(of movie, list []fed, segment int, into time.Duration) string {
	x := list[segment]
	q := of[x.input]
	wall := r.Start.Add(time.Duration(r.SlotsOf(q).StartNS[q.Slot[x.row]]) + into)
	return wall.UTC().Format(time.RFC3339)
}

// movieName is the base name of a file of a rendition, which no other rendition
// has.
func (r *Record) movieName(output string, part int) string {
	if part == 1 {
		return output
	}
	name := fmt.Sprintf("%s-%d", output, part)
	for i := 0; i < len(r.Renditions); i++ {
		if r.Renditions[i].Output == name {
			name, i = name+"_", -1
		}
	}
	return name
}
