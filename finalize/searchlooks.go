package finalize

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"recfin/internal/bug"
	"recfin/store"
)

// readCursor reads up to where this share has looked. Where there were other shares
// before, it takes over from those that were written last, as far as all of them got.
func (s *Search) readCursor(ctx context.Context, there statePart) error {
	key := s.f.cfg.looksKey(s.scope, s.f.cfg.Shard)
	if _, ok := there[key]; ok {
		c, object, err := s.f.readCursor(ctx, key)
		if err != nil {
			return err
		}
		s.first, s.there = c, object
		return nil
	}
	sets := map[int][]string{}
	for key := range there {
		if sh, ok := s.f.cfg.parseLooks(s.scope, key); ok {
			sets[sh.Count] = append(sets[sh.Count], key)
		}
	}
	var best *cursor
	for _, count := range slices.Sorted(maps.Keys(sets)) {
		if len(sets[count]) != count {
			continue // one of them has not looked at all
		}
		c, err := s.f.oldestOf(ctx, sets[count])
		if err != nil {
			return err
		}
		if c != nil && (best == nil || c.Began > best.Began || c.Began == best.Began && c.Next > best.Next) {
			best = c
		}
	}
	s.first = best
	return nil
}

// oldestOf reads all cursors of a number of shares; nil: one of them is lost.
func (f *Finalizer) oldestOf(ctx context.Context, keys []string) (*cursor, error) {
	all := make([]cursor, len(keys))
	lost := make([]bool, len(keys))
	g, in := bug.WithContext(ctx)
	g.SetLimit(f.cfg.Concurrency)
	for i, key := range keys {
		g.Go(func() error {
			c, _, err := f.readCursor(in, key)
			if err != nil {
				return err
			}
			if lost[i] = c == nil; c != nil {
				all[i] = *c
			}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	if slices.Contains(lost, true) {
		return nil, nil
	}
	c := oldest(all)
	return &c, nil
}

// readCursor reads a cursor; nil: it is not there, or none of this program.
func (f *Finalizer) readCursor(ctx context.Context, key string) (*cursor, store.Object, error) {
	raw, info, ok, err := readSmall(ctx, f.cfg.Out, key, store.GetOptions{})
	switch {
	case err != nil && !errors.Is(err, ErrRefused):
		return nil, store.Object{}, fmt.Errorf("read the state %s: %w", store.Printable(key), err)
	case !ok:
		return nil, info.Object, nil
	}
	c, err := decodeCursor(raw)
	if err != nil {
		return nil, info.Object, nil
	}
	return c, info.Object, nil
}

// saveCursor notes the looks that were done, up to the first that was not: what lies
// behind that is looked at again. Nothing is owed where nothing is closed. It is written
// behind the pages, so that what a look has met is in them.
func (s *Search) saveCursor(ctx context.Context) error {
	if s.every == 0 || s.Trouble != nil || s.failed {
		return nil
	}
	var next cursor
	switch done := s.done(); {
	case len(s.ring) == 0 && s.saved:
		next = cursor{Began: s.now, At: s.now}
	case len(s.ring) == 0:
		return nil
	case done > 0:
		next = s.owed.after(done)
	case s.there.Key == "" && s.first != nil: // taken over
		next = *s.first
	default:
		return nil
	}
	raw, err := next.encode()
	if err != nil {
		return fmt.Errorf("encode the cursor of looks: %w", err)
	}
	_, err = s.f.cfg.Out.Put(ctx, s.f.cfg.looksKey(s.scope, s.f.cfg.Shard), raw, instead(s.there))
	if errors.Is(err, store.ErrConflict) {
		return nil // another run of this share has looked itself at what it says
	}
	return err
}

// done is how many of the looks that were owed were done before the first that was not.
func (s *Search) done() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for ; n < len(s.owed.list) && s.queue[s.owed.list[n]]; n++ {
	}
	return n
}
