package finalize

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"sort"

	"recfin/store"
)

// commit swaps the marker, if anything is to be committed or condemned, and
// then writes the doors. It is the only place that writes a marker.
func (j *job) commit(ctx context.Context, p *Plan) (*Receipt, error) {
	next, changed, err := j.successor(ctx, p)
	if err != nil {
		return nil, err
	}
	receipt := &Receipt{plan: p, committed: p.committed, verified: map[string]bool{}}
	if !changed {
		return receipt, nil
	}
	if err := j.hold(ctx, p.committed); err != nil {
		return nil, err
	}
	j.notify(Event{Stage: StageCommit})
	if err := j.swap(ctx, p.committed, next); err != nil {
		return nil, err
	}
	doors, unreadDoors := j.readDoors(ctx, next)
	c, err := j.f.readCommitted(ctx, p.Recording)
	if err != nil {
		return nil, err
	}
	if c == nil || c.marker.Generation < next.Generation {
		return nil, fmt.Errorf("commit %s: %w: the marker was written and is not there", store.Printable(p.Recording), store.ErrUnknown)
	}
	receipt.committed = c
	j.report.Indexed = j.allEntered(c.marker)
	for _, set := range next.Condemned {
		if set.Since == nil {
			j.report.Condemned += set.Objects
		}
	}
	for id, w := range j.written {
		if e := c.marker.session(id); e != nil && e.Version == w.entry.Version {
			receipt.verified[id] = true
			j.report.Committed = append(j.report.Committed, Committed{Version: e.Version, Record: w.record, At: c.object.Modified})
		}
	}
	sort.Slice(j.report.Committed, func(a, b int) bool {
		return j.report.Committed[a].Record.Session < j.report.Committed[b].Record.Session
	})
	if unreadDoors != nil {
		return receipt, unreadDoors
	}
	return receipt, j.openDoors(ctx, c, doors)
}

// next is a copy of the marker that names it as its predecessor.
func (c *committed) next() *Marker {
	next := c.marker.clone()
	next.Predecessor = hashHex(c.raw)
	for i := range next.Condemned {
		if next.Condemned[i].Since == nil {
			since := c.object.Modified
			next.Condemned[i].Since = &since
		}
	}
	return next
}

// successor makes the next marker. changed is false where the present one says
// it all.
func (j *job) successor(ctx context.Context, p *Plan) (next *Marker, changed bool, err error) {
	next = &Marker{Format: markerFormat, Version: markerVersion, Recording: p.Recording}
	if c := p.committed; c != nil {
		next = c.next()
	}
	next.Generation++
	for i := range p.Sessions {
		s := &p.Sessions[i]
		if s.Action != Write || j.gaveUp(s) {
			continue
		}
		changed = true
		entry := j.written[s.Record.Session].entry
		if e := next.session(entry.ID); e != nil {
			*e = entry
		} else {
			next.Sessions = append(next.Sessions, entry)
		}
		next.Sessions = slices.DeleteFunc(next.Sessions, func(e MarkerSession) bool { return slices.Contains(entry.Absorbed, e.ID) })
	}
	if len(next.Sessions) == 0 {
		return next, false, nil
	}
	sort.Slice(next.Sessions, func(a, b int) bool { return next.Sessions[a].ID < next.Sessions[b].ID })
	sets, err := j.condemn(ctx, p, next, changed)
	if err != nil {
		return nil, false, err
	}
	for _, set := range sets {
		if err := j.addSet(ctx, p, next, set); err != nil {
			return nil, false, err
		}
		changed = true
	}
	seen, err := j.addSeen(ctx, p, next, sets, changed)
	return next, changed || seen, err
}

// swap puts the marker in the place of c, which is nil where there was none. A
// conflict, or an answer that was lost, is settled by reading what is there.
func (j *job) swap(ctx context.Context, c *committed, next *Marker) error {
	raw, err := next.encode()
	if err != nil {
		return err
	}
	j.unmarked = false
	opt := store.PutOptions{IfAbsent: true}
	if c != nil {
		if !c.object.Strong() {
			return fmt.Errorf("commit %s: %w: the marker has the ETag %q, which cannot be compared", store.Printable(next.Recording), ErrRefused, c.object.ETag)
		}
		if opt, err = j.replacing(ctx, c.object.ETag); err != nil {
			return err
		}
	}
	opt.ContentType, opt.CacheControl = "application/json", brief
	key := j.f.cfg.folder(next.Recording).marker()
	_, putErr := j.f.cfg.Out.Put(ctx, key, raw, opt)
	if putErr == nil {
		return nil
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	there, _, ok, err := readSmall(ctx, j.f.cfg.Out, key, durable)
	switch {
	case err != nil:
		return errors.Join(putErr, err)
	case ok && bytes.Equal(there, raw):
		return nil
	case ok && (c == nil || !bytes.Equal(there, c.raw)), errors.Is(putErr, store.ErrConflict):
		return fmt.Errorf("commit %s: %w", store.Printable(next.Recording), errMoved)
	}
	return putErr
}
