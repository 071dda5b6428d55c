package finalize

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"recfin/internal/bug"
	"recfin/store"
)

// Several IDs may be one recording (see the package comment). The marker of the
// recording lists them; each of them has a marker of its own that says As and
// nothing else, so no run can finalize or clean it apart.

// ClaimedError: the ID is a part of another recording. Run that instead, once.
type ClaimedError struct{ ID, As string }

// Error names both.
func (e *ClaimedError) Error() string {
	return fmt.Sprintf("%s is a part of the recording %s", store.Printable(e.ID), store.Printable(e.As))
}

// members are the IDs whose segments a recording holds, sorted: its own and
// those that were put with it.
func (c *committed) members(recording string) []string {
	if c == nil {
		return []string{recording}
	}
	return withOwn(recording, c.marker.IDs)
}

func withOwn(recording string, ids []string) []string {
	all := append([]string{recording}, ids...)
	slices.Sort(all)
	return slices.Compact(all)
}

// member reports whether keys of an ID belong to the recording.
func (l *Listing) member(id string) bool { return slices.Contains(l.Members, id) }

// writer tells the writers of several IDs apart: a node that took part in two of
// them numbered each on its own.
func (l *Listing) writer(id, nonce string) string {
	if len(l.Members) == 1 {
		return nonce
	}
	return id + "/" + nonce
}

// RunAs makes one recording of several IDs, for good, and runs it. An ID that was
// finalized on its own, or belongs to another recording, is ErrRefused, and
// nothing is changed then.
func (f *Finalizer) RunAs(ctx context.Context, name string, ids []string) (*Report, error) {
	j := f.job(name)
	j.ids = ids
	return j.do(ctx, func(ctx context.Context) error {
		if err := j.found(ctx, ids); err != nil {
			return err
		}
		return j.finalize(ctx)
	})
}

// PlanAs decides what RunAs would do. It writes and deletes nothing.
func (f *Finalizer) PlanAs(ctx context.Context, name string, ids []string) (*Report, error) {
	j := f.job(name)
	return j.close(bug.Contain(func() error {
		if _, err := j.foundable(ctx, ids); err != nil {
			return err
		}
		j.ids = ids
		return j.plan(ctx)
	}))
}

// foundable checks that a recording can be made of the IDs. It returns its marker
// as it is, or nil.
func (j *job) foundable(ctx context.Context, ids []string) (*committed, error) {
	name := j.recording
	for _, id := range append([]string{name}, ids...) {
		if err := checkRecording(id); err != nil {
			return nil, err
		}
	}
	if len(ids) == 0 {
		return nil, fmt.Errorf("%w: --as %s needs the IDs that it is made of", ErrUsage, store.Printable(name))
	}
	c, err := j.f.readMarker(ctx, name, store.GetOptions{})
	switch {
	case err != nil:
		return nil, err
	case c == nil:
	case c.marker.As != "":
		return nil, fmt.Errorf("--as %s: %w: %w: choose another name", store.Printable(name), ErrRefused, &ClaimedError{name, c.marker.As})
	case len(c.marker.IDs) == 0:
		return nil, fmt.Errorf("--as %s: %w: a recording of that name was finalized on its own: choose another name", store.Printable(name), ErrRefused)
	}
	for _, id := range ids {
		if id == name {
			continue
		}
		if _, err := j.claimed(ctx, id); err != nil {
			return nil, err
		}
	}
	members := withOwn(name, ids)
	all, err := j.f.look(ctx, members)
	if err != nil {
		return nil, err
	}
	return c, j.alone(apart(all.rivals, c, members), c)
}

// claimed reports whether an ID is put with the recording already. One that
// cannot be is ErrRefused.
func (j *job) claimed(ctx context.Context, id string) (bool, error) {
	c, err := j.f.readMarker(ctx, id, store.GetOptions{})
	name := store.Printable(j.recording)
	switch {
	case err != nil:
		return false, err
	case c == nil:
		return false, nil
	case c.marker.As == j.recording:
		return true, nil
	case c.marker.As != "":
		return false, fmt.Errorf("--as %s: %w: %w", name, ErrRefused, &ClaimedError{id, c.marker.As})
	case len(c.marker.IDs) > 0:
		return false, fmt.Errorf("--as %s: %w: %s is made of several IDs itself: give it as the name", name, ErrRefused, store.Printable(id))
	}
	return false, fmt.Errorf("--as %s: %w: %s was finalized on its own: leave it out, or take its folder %s%s/ away (its segments are not touched) and run again",
		name, ErrRefused, store.Printable(id), j.f.cfg.Out.Label(), store.Printable(j.f.cfg.OutPath+id))
}

// found writes the marker that lists the IDs, if none does.
func (j *job) found(ctx context.Context, ids []string) error {
	for range attempts {
		c, err := j.foundable(ctx, ids)
		if err != nil {
			return err
		}
		next := &Marker{Format: markerFormat, Version: markerVersion, Recording: j.recording, Sessions: []MarkerSession{}}
		if c != nil {
			next = c.next()
		}
		had := len(next.IDs)
		next.IDs = withOwn(j.recording, slices.Concat(ids, next.IDs))
		if len(next.IDs) == had {
			return nil
		}
		next.Generation++
		if err = j.hold(ctx, c); errors.Is(err, errMoved) {
			continue
		} else if err != nil {
			return err
		}
		err = j.swap(ctx, c, next)
		if !errors.Is(err, errMoved) {
			return err
		}
	}
	return fmt.Errorf("make %s of several IDs: %w: its marker changed %d times", store.Printable(j.recording), ErrAgain, attempts)
}

// claim gives every ID of a recording the marker that keeps other runs from it.
// Nothing is planned before all of them stand. Without write it is only seen
// whether they can.
func (j *job) claim(ctx context.Context, c *committed, write bool) error {
	if c == nil {
		return nil
	}
	for _, id := range c.marker.IDs {
		if id == j.recording {
			continue
		}
		done, err := j.claimed(ctx, id)
		if err != nil {
			return err
		}
		if done || !write {
			continue
		}
		if err := j.hold(ctx, c); err != nil {
			return err
		}
		m := &Marker{Format: markerFormat, Version: markerVersion, Recording: id, Generation: 1, As: j.recording, Sessions: []MarkerSession{}}
		raw, err := m.encode()
		if err != nil {
			return err
		}
		if _, err := j.putOnce(ctx, j.f.cfg.folder(id).marker(), raw, "application/json"); err != nil {
			return err
		}
	}
	return nil
}
