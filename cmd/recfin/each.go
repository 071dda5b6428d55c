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

// each works on every name and prints every report. A failure of one does not
// stop the others. Names that are parts of one recording are that one, once.
func (s *session) each(ctx context.Context, names []string, do work, direct bool) error {
	if len(names) == 0 {
		return ahead(missing(s.require, nil, nil), s.unread(ctx, nil))
	}
	reports, err := s.all(ctx, names, do, direct)
	if err != nil {
		return err
	}
	whole, parts := wholes(reports), partsOf(reports)
	reports = slices.DeleteFunc(reports, func(r *finalize.Report) bool { return partOf(r) != "" })
	if len(whole) > 0 {
		more, err := s.all(ctx, whole, do, direct)
		if err != nil {
			return err
		}
		reports = append(reports, more...)
	}
	if !direct {
		strays, found := reports, []string{}
		reports = slices.DeleteFunc(slices.Clone(reports), stray)
		for _, r := range reports {
			found = append(append(found, r.Recording), parts[r.Recording]...)
		}
		err := s.unread(ctx, found)
		if err == nil && len(found) == 0 {
			err = noMatch(strays)
		}
		if err = ahead(missing(s.require, reports, parts), err); err != nil || len(found) == 0 {
			return err
		}
	}
	if code := outcome(reports, direct); code != exitDone {
		return quiet{code}
	}
	return nil
}

// partsOf are the names by the recording that they turned out to be parts of.
func partsOf(reports []*finalize.Report) map[string][]string {
	parts := map[string][]string{}
	for _, r := range reports {
		if as := partOf(r); as != "" {
			parts[as] = append(parts[as], r.Recording)
		}
	}
	return parts
}

// all works on names, several at once.
func (s *session) all(ctx context.Context, names []string, do work, direct bool) ([]*finalize.Report, error) {
	reports := make([]*finalize.Report, len(names))
	s.watch.expect(len(names))
	var g bug.Group
	g.SetLimit(s.workers)
	for i, name := range names {
		g.Go(func() error {
			if ctx.Err() != nil {
				return nil
			}
			defer s.watch.left(name)
			started := time.Now()
			r, _ := do(ctx, name)
			if reports[i] = r; !direct && stray(r) || partOf(r) != "" {
				return nil
			}
			if ctx.Err() != nil && errors.Is(r.Err, context.Canceled) {
				s.log.stopped(r) // nothing failed: execute says that the next run carries on
				return nil
			}
			return s.print(r, time.Since(started))
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	return reports, ctx.Err()
}

// partOf is the recording that a name turned out to be a part of.
func partOf(r *finalize.Report) string {
	var claimed *finalize.ClaimedError
	if errors.As(r.Err, &claimed) && !errors.Is(r.Err, finalize.ErrRefused) {
		return claimed.As
	}
	return ""
}

// wholes are the recordings that names turned out to be parts of, each once, and
// without those that were worked on under their own name.
func wholes(reports []*finalize.Report) []string {
	var all []string
	for _, r := range reports {
		if as := partOf(r); as != "" {
			all = append(all, as)
		}
	}
	return slices.DeleteFunc(distinct(all), func(as string) bool {
		return slices.ContainsFunc(reports, func(r *finalize.Report) bool { return r.Recording == as && partOf(r) == "" })
	})
}

// stray reports whether a folder that was found holds no recording: other files
// lie beside the recordings, outputs of an earlier --out among them.
func stray(r *finalize.Report) bool {
	return errors.Is(r.Err, finalize.ErrNoMatch) || errors.Is(r.Err, finalize.ErrNothing)
}

// noMatch is the error of a folder that was found and holds keys of unknown form
// only.
func noMatch(reports []*finalize.Report) error {
	for _, r := range reports {
		if errors.Is(r.Err, finalize.ErrNoMatch) {
			return r.Err
		}
	}
	return nil
}

// unread says what lies beside the recordings that were found and fits no layout.
// Where nothing else is there, that is an error.
func (s *session) unread(ctx context.Context, found []string) error {
	u, err := s.f.Unread(ctx, found)
	switch {
	case err != nil && len(found) == 0:
		return err
	case err != nil:
		s.log.warn("what fits no layout cannot be counted", "error", err)
		return nil
	case u.Folders+u.Keys > 0:
		s.log.warn("keys that no --layout reads: "+beside(u), "first", printable(u.First), "store", u.Store, "hint", "nothing of them is finalized or touched; another --layout beside this one reads them too")
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
