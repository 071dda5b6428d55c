package finalize

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"recfin/mp4"
	"recfin/store"
)

// outputs holds the outputs of a version against what is there.
func (r *reading) outputs(ctx context.Context) error {
	for i := range r.rec.Outputs {
		o := &r.rec.Outputs[i]
		if err := r.output(ctx, o); err != nil {
			return err
		}
	}
	return nil
}

// output holds one output against what is there.
func (r *reading) output(ctx context.Context, o *Output) error {
	where, was := at{session: r.e.ID, object: o.Key}, o.object()
	now, ok := r.there[o.Key]
	if !ok {
		whole, err := r.sourcesStand(ctx)
		if err != nil {
			return err
		}
		if whole {
			r.find(ruleOutputGone, where, "it is not there")
		} else {
			r.find(ruleOutputLost, where, "it is not there, and neither is all that it was made of")
		}
		return nil
	}
	if r.c.condemns(now) {
		r.find(ruleOutputCondemned, where, "it is marked for deletion")
	}
	same, err := r.isStill(ctx, was, now, map[rowID]string{{objectID: idOf(was)}: o.Checksum})
	if err != nil {
		return err
	}
	if !same {
		r.find(ruleOutputChanged, where, "it is another one: %d bytes, ETag %s; the record has %d and %s", now.Size, now.ETag, was.Size, was.ETag)
		return nil
	}
	if m := r.texts[o.Key]; m != nil && shaPrefix+m.sum != o.Checksum && idOf(was) == idOf(now) {
		r.find(ruleOutputContent, where, "its bytes are not those that were written")
	}
	r.intact[o.Key] = true
	return nil
}

// isStill reports whether what is there is what the record has, or has the same
// bytes by the checksums of the parts that are needed.
func (r *reading) isStill(ctx context.Context, was, now store.Object, sums map[rowID]string) (bool, error) {
	if idOf(was) == idOf(now) {
		return true, nil
	}
	if was.Size != now.Size || !now.Strong() {
		return false, nil
	}
	same, err := r.j.compare(ctx, r.c, suspect{was: was, sums: sums}, now)
	if same {
		r.j.f.moved[idOf(was)] = now
		r.find(ruleTouched, at{session: r.e.ID, object: was.Key}, "the same bytes were uploaded anew: the ETag is %s, the record has %s", now.ETag, was.ETag)
	}
	return same, err
}

// sourcesStand reports whether all that the session was made of is there, so that a
// run can make its outputs again.
func (r *reading) sourcesStand(ctx context.Context) (bool, error) {
	if r.stand != nil {
		return *r.stand, nil
	}
	keys := map[string][]string{}
	each := func(use func(store.Object)) {
		r.rec.any(func(o store.Object) bool { use(o); return false })
		for i := range r.rec.Inits.Len() {
			use(r.rec.Inits.Object(i))
		}
	}
	each(func(o store.Object) { keys[o.Store] = append(keys[o.Store], o.Key) })
	stand, there := true, map[string]sighted{}
	for label, list := range keys {
		in := r.j.f.storeOf(label)
		if in == nil {
			stand = false
			continue
		}
		seen, err := r.look(ctx, in, list)
		if err != nil {
			return false, err
		}
		there[label] = seen
	}
	each(func(o store.Object) {
		now, ok := there[o.Store][o.Key]
		stand = stand && ok && idOf(now) == idOf(o) && !r.c.condemns(o)
	})
	r.stand = &stand
	return stand, nil
}

// movies reads the heads of the MP4s, and with Deep all of them.
func (r *reading) movies(ctx context.Context) error {
	for i := range r.rec.Outputs {
		o := &r.rec.Outputs[i]
		if o.Kind != "mp4" || !r.intact[o.Key] {
			continue
		}
		r.seen.Movies++
		if err := r.movieHead(ctx, o); err != nil {
			return err
		}
	}
	for i := range r.rec.Renditions {
		r.movieLasts(&r.rec.Renditions[i])
	}
	return nil
}

// movieHead reads the head of an MP4 with our own reader: its tables must be whole,
// lead into the body, and count what the record counts.
func (r *reading) movieHead(ctx context.Context, o *Output) error {
	where := at{session: r.e.ID, object: o.Key}
	p := &pages{ctx: ctx, r: r.j.f.cfg.Out, o: r.j.f.today(o.object())}
	head, err := mp4.ReadHead(p, o.Size)
	switch {
	case errors.Is(err, mp4.ErrCorrupt):
		r.find(ruleMovie, where, "%s", err)
		return nil
	case errors.Is(err, store.ErrNotExist):
		return store.ErrChanged
	case err != nil:
		return err
	}
	video, audio := samples(head)
	if ns := mp4Duration(*head); video != o.Video || audio != o.Audio || ns != o.DurationNS {
		r.find(ruleMovie, where, "it has %d pictures, %d audio frames and lasts %s; the record has %d, %d and %s", video, audio, lasting(ns), o.Video, o.Audio, lasting(o.DurationNS))
	}
	return nil
}

// overhang is for how long sound may run on where pictures end, or less of one come,
// in a stream with which nothing is wrong.
const overhang = time.Second

// movieLasts holds the duration of the MP4s of a rendition against that of its
// segments, and of the sound that joins them. What joins and holes do to it is bounded:
// at each of them sound may run on for a while, or pictures before the first random
// access point are left out. A hole in the pictures alone lasts as long as its sound.
func (r *reading) movieLasts(q *RenditionRecord) {
	var lasts int64
	files, left, key := 0, 0, ""
	of := movie{q}
	for i := range r.rec.Outputs {
		if o := &r.rec.Outputs[i]; o.Kind == "mp4" && o.Rendition == q.Name {
			lasts += o.DurationNS
			left += o.Skipped
			files++
			if key = o.Key; !r.intact[key] {
				return
			}
			if files == 1 {
				of = append(of, r.rec.called(o.Sound)...)
			}
		}
	}
	if files == 0 {
		return
	}
	planned, joins := int64(of.planned()), int64(files-1)
	for _, m := range of {
		slots := r.rec.SlotsOf(m)
		joins += int64(len(slots.Join) + len(slots.GapAt) + len(slots.Seq) - m.Len())
	}
	least := int64(q.planned()) - int64(tolerance) - joins*int64(overhang)
	if left > 0 {
		longest := int64(0)
		for _, ns := range q.DurationNS {
			longest = max(longest, ns)
		}
		least -= (1 + joins) * longest
	}
	most := planned
	if Gaps(r.rec.Settings.Gaps) == GapsKeep {
		most = max(most, int64(r.rec.End.Sub(r.rec.Start)))
	}
	most += (1 + joins) * int64(overhang)
	for i := range q.Fills.Len() {
		most += q.Fills.UncoveredNS[i]
	}
	if lasts < least || lasts > most {
		r.find(ruleMovieEnd, at{session: r.e.ID, object: key}, "it lasts %s, and its %d segments %s", lasting(lasts), of.rows(), lasting(planned))
	}
}

// called are the renditions of some names.
func (r *Record) called(names []string) movie {
	var m movie
	for i := range r.Renditions {
		if q := &r.Renditions[i]; slices.Contains(names, q.Name) {
			m = append(m, q)
		}
	}
	return m
}

// lasting is a duration for people.
func lasting(ns int64) time.Duration { return time.Duration(ns).Round(time.Microsecond) }

// body reads all of an output and holds it against its checksum.
func (r *reading) body(ctx context.Context, o *Output) error {
	want, ok := o.crc()
	if !ok || !r.intact[o.Key] {
		return nil
	}
	got, err := r.j.readSum(ctx, r.j.f.cfg.Out, piece{Object: r.j.f.today(o.object())})
	switch {
	case errors.Is(err, store.ErrNotExist):
		return store.ErrChanged
	case errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Errorf("read %s: %w", store.Printable(o.Key), err)
	case err != nil:
		return err
	case got != want:
		r.find(ruleOutputContent, at{session: r.e.ID, object: o.Key}, "its bytes are not those that were written")
	}
	return nil
}
