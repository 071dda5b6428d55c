package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"recfin/finalize"
	"recfin/internal/bug"
)

// work is what is done with a recording.
type work func(ctx context.Context, recording string) (*finalize.Report, error)

// together makes one recording of several IDs.
func together(do func(context.Context, string, []string) (*finalize.Report, error), ids []string) work {
	return func(ctx context.Context, name string) (*finalize.Report, error) { return do(ctx, name, ids) }
}

// batch is what a command works on.
type batch struct {
	names []string
	// found are the names that names were chosen from, sorted, whatever their share,
	// and what is required. They stand for what other shards see.
	found  []string
	given  *idList // nil: they were looked for
	do     work
	state  *finalize.Search // in which is noted what came of them; nil: nothing is
	direct bool             // what is not settled, or leased, is the answer
	// someDays: they are those of some days, and what else is there was not looked for.
	someDays bool
}

// each works on every name and prints every report. A failure of one does not
// stop the others. Names that are parts of one recording are that one, once.
func (s *session) each(ctx context.Context, b *batch) error {
	if b.given != nil && len(b.names) == 0 {
		s.sayNone()
	}
	ends, err := s.all(ctx, b, b.names)
	if err != nil {
		return err
	}
	parts, of := partsOf(ends)
	whole := slices.DeleteFunc(wholes(ends), func(as string) bool { return !s.f.Holds(ctx, as, b.found) })
	ends = slices.DeleteFunc(ends, func(e ended) bool { return partOf(e.err) != "" })
	var more []ended
	if len(whole) > 0 {
		// A recording that others are parts of is there, so what is wrong with it is said.
		if more, err = s.all(ctx, &batch{given: &idList{}, do: b.do, state: b.state, direct: b.direct}, whole); err != nil {
			return err
		}
	}
	for _, id := range parts {
		if b.state != nil {
			b.state.Part(id, of[id])
		}
	}
	s.remember(ctx, b, true)
	s.sayClosed(b)
	s.sayLeft()
	if !b.direct {
		if ends, err = s.sift(ctx, b, ends, slices.Concat(whole, parts)); err != nil {
			return err
		}
	}
	ends = append(ends, more...)
	code := outcome(ends, b.direct)
	if code == exitDone && s.unfinished() {
		code = exitNotSettled
	}
	if code != exitDone {
		return quiet{code}
	}
	return nil
}

// sift leaves out what came of folders that were found and hold no recording, and
// says what lies beside the recordings, and what is required and was not found. Where
// the recordings are shared out nobody sees all of them, so each shard goes by names of
// what the others have, and the first one looks for what lies beside. there are names
// that are known to be recordings besides, or parts of them.
func (s *session) sift(ctx context.Context, b *batch, all []ended, there []string) ([]ended, error) {
	ends, mine := all, []string{} // recordings
	if b.given == nil {
		ends = slices.DeleteFunc(slices.Clone(all), func(e ended) bool { return stray(e.err) })
	}
	for i := range ends {
		if !stray(ends[i].err) {
			mine = append(mine, ends[i].recording)
		}
	}
	mine = append(mine, there...)
	shared := s.cfg.Shard.Count > 1
	known := slices.Concat(mine, s.left)
	for _, name := range b.found {
		if shared && !s.cfg.Shard.Takes(name) || b.closed(name) {
			known = append(known, name)
		}
	}
	var err error
	switch {
	case b.given != nil, b.someDays, s.unfinished(): // nothing was looked for, or there is no time for more
	case len(mine) == 0 && shared && len(b.found) > 0:
		_, err = s.f.Unread(ctx, nil) // one folder that holds no recording may be all that is in this share
	case !shared || s.cfg.Shard.Index == 0 || len(known) == 0:
		if err = s.unread(ctx, b, known); err == nil && len(known) == 0 {
			err = noMatch(all)
		}
	}
	return ends, ahead(missing(s.required(), known), err)
}

// required are the requirements that this shard can judge: an ID that only another one
// looks at may have a marker and no segments any more.
func (s *session) required() []requirement {
	return slices.DeleteFunc(slices.Clone(s.require), func(r requirement) bool {
		id, one := r.id()
		return one && !s.cfg.Shard.Takes(id)
	})
}

// all works on names, several at once, as long as there is time.
func (s *session) all(ctx context.Context, b *batch, names []string) ([]ended, error) {
	ends := make([]ended, len(names))
	s.watch.expect(len(names))
	var g bug.Group
	g.SetLimit(s.workers)
	for i, name := range names {
		g.Go(func() error {
			if s.over.Load() || outOfTime(ctx) { // without a grace either may be the first
				s.leave(name)
				return nil
			}
			if ctx.Err() != nil {
				return nil
			}
			defer s.watch.left(name)
			started := time.Now()
			r, _ := b.do(ctx, name)
			r.Err = b.given.at(name, r.Err)
			ends[i] = endOf(r)
			s.remember(ctx, b, false)
			if r.Unchanged {
				return nil
			}
			if b.given == nil && stray(r.Err) || b.someDays && elsewhen(r) || partOf(r.Err) != "" {
				return nil
			}
			if ctx.Err() != nil && errors.Is(r.Err, context.Canceled) {
				if !outOfTime(ctx) {
					s.log.stopped(r) // nothing failed: execute says that the next run carries on
					return nil
				}
				cut(r)
				ends[i] = ended{}
				s.cut.Store(true)
			}
			return s.print(r, time.Since(started))
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	ends = slices.DeleteFunc(ends, func(e ended) bool { return !e.there })
	if err := ctx.Err(); err != nil && !outOfTime(ctx) {
		return nil, err
	}
	return ends, nil
}

// unread says what lies beside the recordings that were found and fits no layout.
// Where nothing else is there, that is an error.
func (s *session) unread(ctx context.Context, b *batch, found []string) error {
	look := s.f.Unread
	if b.state != nil {
		look = b.state.Unread
	}
	u, err := look(ctx, found)
	switch {
	case err != nil && len(found) == 0:
		return err
	case err != nil:
		s.log.warn("what fits no layout cannot be counted", "error", err)
		return nil
	case u.Folders+u.Keys > 0:
		s.log.warn("keys that no --layout reads", "what", beside(u), "first", printable(u.First), "store", u.Store, "hint", "nothing of them is finalized or touched; another --layout beside this one reads them too")
	}
	if len(found) == 0 {
		s.log.warn("nothing found", "store", strings.Join(s.sources, " "), "hint", "is the prefix right, and does --layout fit? no segment was found")
	}
	return nil
}

// ahead is the first error with the text of the other: what is required and
// missing decides the exit code.
func ahead(first, then error) error {
	if first == nil || then == nil {
		return errors.Join(first, then)
	}
	return fmt.Errorf("%w; %v", first, then)
}

// beside counts what fits no layout.
func beside(u *finalize.Unread) string {
	var parts []string
	if u.Folders > 0 {
		parts = append(parts, count(u.Folders, "folder"))
	}
	if u.Keys > 0 {
		parts = append(parts, count(u.Keys, "key")+" at the top")
	}
	text := strings.Join(parts, " and ")
	if u.More {
		text = "at least " + text
	}
	return text
}
