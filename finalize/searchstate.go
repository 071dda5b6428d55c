package finalize

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"recfin/internal/bug"
	"recfin/store"
)

// consult reads what the state says of the recordings that were found, and decides which
// of them are to be worked on. names are those that somebody wants besides.
func (s *Search) consult(ctx context.Context, names []string) error {
	now, err := s.f.cfg.Out.Now(ctx)
	if err != nil {
		return err
	}
	s.now = now.Unix()
	d := &choosing{s: s, always: map[string]bool{}, commit: make([]int64, len(s.found))}
	for _, name := range s.f.cfg.Accept {
		d.always[name] = true
	}
	there, err := s.f.listState(ctx)
	if err == nil {
		err = s.readPages(ctx, there, d)
	}
	if err == nil && s.every > 0 {
		err = s.readCursor(ctx, there)
	}
	if err == nil {
		slices.SortFunc(s.ring, func(a, b member) int {
			return cmp.Or(cmp.Compare(a.place, b.place), cmp.Compare(a.name, b.name))
		})
		s.owe(d.since)
		if s.owed.over {
			err = s.reopen(ctx, d.since)
		}
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if s.Trouble = err; err != nil { // half of it would be worse than nothing
		clear(s.known)
		s.ring, s.owed, s.queue, d.waiting, s.Other = nil, turn{}, nil, nil, 0
	}
	d.choose(names)
	return nil
}

// statePart is what stands in the folder of the state: ETags by key.
type statePart map[string]string

// listState lists the folder of the state, so that only what is there is read.
func (f *Finalizer) listState(ctx context.Context) (statePart, error) {
	there := statePart{}
	for o, err := range f.cfg.Out.List(ctx, f.cfg.stateDir()) {
		if err != nil {
			return nil, fmt.Errorf("list the state: %w", err)
		}
		there[o.Key] = o.ETag
	}
	return there, nil
}

// readPages reads the pages that may hold a recording of this share.
func (s *Search) readPages(ctx context.Context, there statePart, d *choosing) error {
	pages := make([][]int32, statePages)
	for i, name := range s.found {
		if s.f.cfg.Shard.Takes(name) {
			p := nameHash(name) % statePages
			pages[p] = append(pages[p], int32(i))
		}
	}
	g, in := bug.WithContext(ctx)
	g.SetLimit(s.f.cfg.Concurrency)
	for p := range pages {
		key := s.f.cfg.statePageKey(p)
		if _, ok := there[key]; !ok || !s.f.cfg.Shard.meets(p) {
			continue
		}
		g.Go(func() error {
			page, _, err := s.f.readPage(in, key)
			if err != nil {
				return err
			}
			if own := page.of(s.scope); own != nil {
				d.page(own, pages[p])
			}
			return nil
		})
	}
	return g.Wait()
}

// meets reports whether a page may hold a recording of the share.
func (s Shard) meets(page int) bool {
	n := 1 // the largest power of two that divides Count, and statePages
	for n < statePages && s.Count > 1 && s.Count%(2*n) == 0 {
		n *= 2
	}
	return page%n == s.Index%n
}

// readPage reads a page of the state. One that is not there, or that this program does
// not understand, is nil: then nothing is known.
func (f *Finalizer) readPage(ctx context.Context, key string) (*statePage, store.Object, error) {
	raw, info, ok, err := readSmall(ctx, f.cfg.Out, key, store.GetOptions{})
	if errors.Is(err, ErrRefused) { // too large to be one of ours
		return nil, info.Object, nil
	}
	if err != nil {
		return nil, store.Object{}, fmt.Errorf("read the state %s: %w", store.Printable(key), err)
	}
	if !ok {
		return nil, store.Object{}, nil
	}
	page, err := decodeState(raw)
	if err != nil {
		return nil, info.Object, nil
	}
	return page, info.Object, nil
}

// choosing sorts the recordings that were found by what is to be done with them.
type choosing struct {
	s      *Search
	always map[string]bool // never skipped

	mu      sync.Mutex
	commit  []int64 // by index of Search.found; 0: not known
	waiting []stateRow
	since   int64 // when the first of the ring was closed; 0: the ring is empty
}

// page takes what a page says. mine are the indices of Search.found that are on it, in
// order.
func (d *choosing) page(rows *stateScope, mine []int32) {
	d.mu.Lock()
	defer d.mu.Unlock()
	s := d.s
	for i, at := 0, 0; i < len(rows.Name); i++ {
		for at < len(mine) && s.found[mine[at]] < rows.Name[i] {
			at++
		}
		row := rows.row(i)
		if at < len(mine) && s.found[mine[at]] == row.name {
			d.found(mine[at], &row)
		} else if s.f.cfg.Shard.Takes(row.name) && row.due > 0 && s.open(&row) && checkRecording(row.name) == nil {
			d.waiting = append(d.waiting, row) // its sources are gone, and a deletion waits
		}
	}
}

// open reports whether a recording is to be worked on by its row.
func (s *Search) open(r *stateRow) bool {
	switch {
	case s.every == 0, r.trouble(), r.commit <= 0, r.commit+closedSeconds > s.now:
		return true
	case r.due > 0: // with other settings it may be due at another time
		return r.settings != s.settings || r.due <= s.now
	}
	return false
}

const closedSeconds = int64(closedAfter / 1e9)

// found takes the row of a recording that was found.
func (d *choosing) found(at int32, r *stateRow) {
	s := d.s
	d.commit[at] = r.commit
	s.known[at] = hadRow
	if r.trouble() {
		s.known[at] |= hadTrouble
		d.commit[at] = 0
	}
	if r.flags&stateIndexed != 0 {
		s.known[at] |= hadIndexed
	}
	if s.open(r) || d.always[s.found[at]] {
		return
	}
	s.known[at] |= hadClosed
	m := member{place: nameHash(r.name), name: at, whole: r.settings != s.settings, other: r.settings != s.settings}
	if m.other {
		s.Other++
	}
	if sum, ok := r.sum(); ok {
		m.sum = sum
	} else {
		m.whole = true
	}
	s.ring = append(s.ring, m)
	if at := r.commit + closedSeconds; d.since == 0 || at < d.since {
		d.since = at
	}
}

// reopen takes from the ring whatever has no folder of outputs any more: a look lists
// segments, which are what they were, and so would never meet that the outputs and the
// marker went. One listing of the folders shows it, at the end of each round. Of names
// with slashes only the first part is looked for.
func (s *Search) reopen(ctx context.Context, since int64) error {
	there := map[string]bool{}
	for name, err := range s.f.cfg.Out.Folders(ctx, s.f.cfg.OutPath) {
		if err != nil {
			return fmt.Errorf("list the outputs: %w", err)
		}
		there[name] = true
	}
	before := len(s.ring)
	s.ring = slices.DeleteFunc(s.ring, func(m member) bool {
		top, _, _ := strings.Cut(s.found[m.name], "/")
		if there[top] {
			return false
		}
		if s.known[m.name] &^= hadClosed; m.other {
			s.Other--
		}
		return true
	})
	if len(s.ring) < before {
		s.owed = turn{}
		s.owe(since)
	}
	return nil
}

// owe finds out which of the closed ones are to be looked at. The ring is sorted.
func (s *Search) owe(since int64) {
	s.queue = map[int]bool{}
	if len(s.ring) == 0 {
		return
	}
	places := make([]uint64, len(s.ring))
	for i := range s.ring {
		places[i] = s.ring[i].place
	}
	s.owed = s.first.owed(places, since, s.now, s.every)
	for _, i := range s.owed.list {
		s.queue[i] = false
	}
}

// choose makes the list of work.
func (d *choosing) choose(names []string) {
	s := d.s
	var open, others []string
	at := map[string]int64{}
	take := func(name string, commit int64) {
		if open = append(open, name); commit > 0 {
			at[name] = commit
		}
	}
	for i, name := range s.found {
		if s.f.cfg.Shard.Takes(name) && s.known[i]&hadClosed == 0 {
			take(name, d.commit[i])
		}
	}
	for _, row := range d.waiting {
		others = append(others, row.name)
		take(row.name, row.commit)
	}
	for _, name := range names {
		if _, found := slices.BinarySearch(s.found, name); found {
			continue // closed or not: it is there, which is all that is asked
		}
		if others = append(others, name); s.f.cfg.Shard.Takes(name) && !slices.Contains(open, name) {
			take(name, 0)
		}
	}
	slices.SortStableFunc(open, func(a, b string) int {
		x, y := at[a], at[b]
		switch {
		case (x == 0) != (y == 0):
			return cmp.Compare(min(x, 1), min(y, 1)) // what is not known is 0
		case x != y:
			return cmp.Compare(y, x)
		}
		return cmp.Compare(b, a)
	})
	s.Work = open
	for _, i := range s.owed.list {
		s.Work = append(s.Work, s.found[s.ring[i].name])
	}
	s.Looks, s.Skipped = len(s.owed.list), len(s.ring)-len(s.owed.list)
	s.Names = s.found
	if len(others) > 0 {
		s.Names = distinctNames(s.found, others)
	}
}
