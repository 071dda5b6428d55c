package finalize

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"recfin/internal/bug"
	"recfin/store"
)

// Standing is where a recording stands by its marker, and by what the marker vouches
// for: nothing of its segments is listed or read.
type Standing struct {
	Recording  string
	IDs        []string  // whose segments it holds; empty: its own alone
	As         string    // the recording that this ID is a part of; then nothing else is known
	Generation int64     // of the marker
	Committed  time.Time // when the marker was written, by the store's clock
	Sessions   []StandingSession
	Due        []StandingDue // condemned sets that are not known to be carried out
	Late       []Dropped     // what came after its session was finished, and was not taken
}

// StandingSession is what is committed of one session. The columns of its record are
// shared and must not be changed.
type StandingSession struct {
	ID       string
	Version  string
	Formats  Formats
	Absorbed []string
	Door     store.Object // of players: <session>/index.m3u8; Key is empty where there is none, ETag and Modified are not known
	Record   *Record      // the decision, as it was measured and written
}

// StandingDue is a set of objects that the marker allows to delete.
type StandingDue struct {
	Session, Version string
	Kind             string // "leftovers", "outputs" or "sources"
	Objects          int    // that were condemned; some may be gone
	Bytes            int64
	Since            time.Time // when it was condemned
	At               time.Time // the earliest that a run may delete it; zero: not known
	Kept             bool      // recfin keep: it never is
}

// Standing tells where a recording stands. It writes nothing and takes no lease: a
// credential that may read suffices. An ID that is a part of another recording has
// nothing but Standing.As. Without a marker the error is [ErrNothing], and
// [ErrRefused] where the marker, or what it vouches for, is not what it was.
//
// The marker does not say which sets were carried out: a deletion changes nothing in
// it. So of each set that is not kept the first and the last object, in the order in
// which they go, are looked for (two requests, for the metadata alone), and where both
// are gone the set is not among Standing.Due. What is left in the middle of it because
// something held it back is still shown by a run.
func (f *Finalizer) Standing(ctx context.Context, recording string) (*Standing, error) {
	if err := checkRecording(recording); err != nil {
		return nil, err
	}
	var s *Standing
	err := bug.Contain(func() (err error) {
		s, err = f.standing(ctx, recording)
		return err
	})
	if err != nil {
		return nil, err
	}
	return s, nil
}

func (f *Finalizer) standing(ctx context.Context, recording string) (*Standing, error) {
	var due []bool // by condemned set
	c, err := f.readWhole(ctx, recording, func(ctx context.Context, c *committed) (err error) {
		due, err = f.readStanding(ctx, c)
		return err
	})
	if err != nil {
		return nil, err
	}
	if c == nil {
		return nil, fmt.Errorf("%w: there is no marker of %s in %s%s: is the ID right, is --out right, and was it finalized?",
			ErrNothing, store.Printable(recording), f.cfg.Out.Label(), store.Printable(f.cfg.OutPath))
	}
	m := c.marker
	s := &Standing{Recording: recording, IDs: m.IDs, As: m.As, Generation: m.Generation, Committed: c.object.Modified, Late: c.seen}
	for i := range m.Sessions {
		session, err := f.standingSession(c, &m.Sessions[i])
		if err != nil {
			return nil, err
		}
		s.Sessions = append(s.Sessions, session)
	}
	for i := range m.Condemned {
		if due[i] {
			s.Due = append(s.Due, f.standingDue(c, &m.Condemned[i]))
		}
	}
	return s, nil
}

// readStanding reads the records that a marker names, and sees which condemned sets
// are not known to be carried out.
func (f *Finalizer) readStanding(ctx context.Context, c *committed) ([]bool, error) {
	m := c.marker
	due := make([]bool, len(m.Condemned))
	err := f.readNamed(ctx, c, func(ctx context.Context, dir folder, i int) (err error) {
		due[i], err = f.waits(ctx, dir, &m.Condemned[i])
		return err
	})
	if err != nil {
		return nil, err
	}
	c.placeSeen()
	return due, nil
}

// waits reports whether a condemned set is not known to be carried out.
func (f *Finalizer) waits(ctx context.Context, dir folder, set *CondemnedSet) (bool, error) {
	if set.Kept {
		return true, nil
	}
	dropped, err := f.readSet(ctx, dir, set)
	if err != nil {
		return false, err
	}
	objects := make([]store.Object, len(dropped))
	for i, d := range dropped {
		objects[i] = d.Object
	}
	for label, list := range byStore(objects) {
		in := f.storeOf(label)
		if in == nil {
			return true, nil // nobody can look there
		}
		for _, o := range []store.Object{slices.MinFunc(list, compareObjects), slices.MaxFunc(list, compareObjects)} {
			info, err := in.Head(ctx, o.Key)
			switch {
			case err == nil:
				if idOf(info.Object) == idOf(o) && !info.Modified.After(o.Modified) {
					return true, nil
				}
			case errors.Is(err, store.ErrDenied):
				return true, nil
			case !errors.Is(err, store.ErrNotExist):
				return false, err
			}
		}
	}
	return false, nil
}

// byStore sorts objects by the label of their store.
func byStore(objects []store.Object) map[string][]store.Object {
	by := map[string][]store.Object{}
	for _, o := range objects {
		by[o.Store] = append(by[o.Store], o)
	}
	return by
}

// standingSession is what a marker and a record say of a session.
func (f *Finalizer) standingSession(c *committed, e *MarkerSession) (StandingSession, error) {
	formats, err := ParseFormats(e.Formats)
	if err != nil {
		return StandingSession{}, fmt.Errorf("marker of %s: %w: session %s: %v", store.Printable(c.marker.Recording), ErrRefused, e.ID, err)
	}
	s := StandingSession{ID: e.ID, Version: e.Version, Formats: formats, Absorbed: e.Absorbed, Record: c.record[e.ID]}
	text, err := e.door(e.ID)
	if err != nil {
		return s, fmt.Errorf("marker of %s: %w: session %s: %v", store.Printable(c.marker.Recording), ErrRefused, e.ID, err)
	}
	if text != nil {
		s.Door = store.Object{Store: f.cfg.Out.Label(), Key: f.cfg.folder(c.marker.Recording).door(e.ID), Size: int64(len(text))}
	}
	return s, nil
}

// standingDue is what a marker says of a set, with the time that due would come to if
// nothing was uploaded since.
func (f *Finalizer) standingDue(c *committed, set *CondemnedSet) StandingDue {
	d := StandingDue{Session: set.Session, Version: set.Version, Kind: set.Kind, Objects: set.Objects, Bytes: set.Bytes, Since: c.object.Modified, Kept: set.Kept}
	if set.Since != nil {
		d.Since = *set.Since
	}
	if set.Kept || d.Since.IsZero() {
		return d
	}
	d.At = d.Since.Add(f.cfg.DeleteDelay)
	if rec := c.record[c.marker.holder(set.Session)]; rec != nil {
		if settled := rec.latestUpload().Add(f.cfg.settleAfter()); settled.After(d.At) {
			d.At = settled
		}
	}
	return d
}
