package finalize

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync/atomic"
	"unicode/utf8"

	"recfin/internal/bug"
	"recfin/store"
)

// change is what a run has to say of one recording.
type change struct {
	row  stateRow
	ok   bool // false: the row goes, unless it is in trouble and a deletion waits
	seen bool // the state was read before it was worked on; else no row is made for it
	had  byte // what the state said then
}

// checkpoint is how many changes are kept before they are written: a run of days that is
// killed does not lose all of them, and the pages cost some requests in a hundred.
const checkpoint = 4096

// Note notes what came of the work on a recording.
func (s *Search) Note(r *Report) {
	if r.Unchanged || !s.all && r.Done() || !s.f.cfg.Days.All() {
		return // what is known of it holds, or it was not looked at as a whole
	}
	var claimed *ClaimedError
	if errors.As(r.Err, &claimed) && !errors.Is(r.Err, ErrRefused) {
		return // see Part
	}
	row, ok := r.row(s.settings, func(o store.Object) bool {
		from := s.f.cfg.source(o.Store)
		return from != nil && s.f.isInput(from, o.Key)
	})
	if r.outcome.group || r.Err != nil {
		s.mu.Lock()
		s.groups[r.Recording] = change{row: row, ok: ok}
		s.mu.Unlock()
	}
	s.put(row, ok)
}

// Part notes that an ID is a part of the recording whole: what came of that in this run
// holds of its part. Where another share works on it, nothing is known here.
func (s *Search) Part(id, whole string) {
	s.mu.Lock()
	of, met := s.groups[whole]
	s.mu.Unlock()
	if met {
		of.row.name, of.row.listing = id, "" // no single listing shows whether anything is new
		s.put(of.row, of.ok)
	}
}

func (s *Search) put(row stateRow, ok bool) {
	if !utf8.ValidString(row.name) {
		return // JSON would make another name of it
	}
	c := change{row: row, ok: ok}
	if i, found := slices.BinarySearch(s.found, row.name); found && s.Trouble == nil {
		c.seen, c.had = true, s.known[i]
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.changes[row.name] = c
}

// Save writes what was noted into the state, and up to where the closed recordings were
// looked at. Where it cannot, those are worked on or looked at once more.
func (s *Search) Save(ctx context.Context) error {
	if err := s.savePages(ctx); err != nil {
		return fmt.Errorf("write the state: %w", err)
	}
	if err := s.saveCursor(ctx); err != nil {
		return fmt.Errorf("write the state: %w", err)
	}
	return nil
}

// Checkpoint is Save of the pages alone, where so much was noted that it is worth it.
func (s *Search) Checkpoint(ctx context.Context) error {
	s.mu.Lock()
	enough := len(s.changes) >= checkpoint
	s.mu.Unlock()
	if !enough {
		return nil
	}
	if err := s.savePages(ctx); err != nil {
		return fmt.Errorf("write the state: %w", err)
	}
	return nil
}

func (s *Search) savePages(ctx context.Context) error {
	s.mu.Lock()
	changes := s.changes
	s.changes = map[string]change{}
	s.mu.Unlock()
	pages := make([][]change, statePages)
	for _, name := range slices.Sorted(maps.Keys(changes)) {
		p := nameHash(name) % statePages
		pages[p] = append(pages[p], changes[name])
	}
	var wrote atomic.Bool
	g, in := bug.WithContext(ctx)
	g.SetLimit(s.f.cfg.Concurrency)
	for p := range pages {
		if len(pages[p]) > 0 {
			g.Go(func() error {
				changed, err := s.savePage(in, s.f.cfg.statePageKey(p), pages[p])
				if changed {
					wrote.Store(true)
				}
				return err
			})
		}
	}
	err := g.Wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.saved = s.saved || wrote.Load()
	s.failed = s.failed || err != nil
	return err
}

// savePage brings changes into one page, beside those of others.
func (s *Search) savePage(ctx context.Context, key string, changes []change) (changed bool, err error) {
	for range attempts {
		page, object, err := s.f.readPage(ctx, key)
		if err != nil {
			return false, err
		}
		rows, changed := s.merge(page.of(s.scope), changes)
		if !changed {
			return false, nil
		}
		raw, err := encodeGzip(page.with(s.scope, rows))
		if err != nil {
			return false, fmt.Errorf("encode %s: %w", store.Printable(key), err)
		}
		_, err = s.f.cfg.Out.Put(ctx, key, raw, instead(object))
		if !errors.Is(err, store.ErrConflict) {
			return err == nil, err
		}
	}
	return false, fmt.Errorf("%s: %w", store.Printable(key), ErrAgain)
}

// instead are the options of a put in the place of what was read; without a key: of
// nothing.
func instead(o store.Object) store.PutOptions {
	opt := store.PutOptions{IfAbsent: true, CacheControl: brief}
	if o.Key != "" {
		opt.IfAbsent, opt.IfMatch = false, o.ETag
	}
	return opt
}

// merge gives the rows of a page with changes in them. Another run may have written it
// since this one has read it. What one of two met as trouble stays trouble until a run
// that knew of it is through with it: a row that is missing costs some requests, and one
// that should not be there hides something.
func (s *Search) merge(page *stateScope, changes []change) (rows []stateRow, changed bool) {
	by := map[string]int{} // index of rows
	if page != nil {
		for i := range page.Name {
			row := page.row(i)
			if _, found := slices.BinarySearch(s.found, row.name); s.all && !found && row.due == 0 {
				changed = true // nothing of it is there any more
				continue
			}
			by[row.name] = len(rows)
			rows = append(rows, row)
		}
	}
	gone, told := map[int]bool{}, false
	for _, c := range changes {
		at, there := by[c.row.name]
		if there && c.row.trouble() && rows[at].due > 0 {
			c.row.due, c.ok = rows[at].due, true // its segments may be gone: then nothing else leads to it
		}
		if there && c.ok && !c.row.trouble() {
			c.row.flags |= rows[at].flags & stateIndexed // what came to it since was entered
		}
		switch {
		case there && c.seen && c.had&hadTrouble == 0 && rows[at].trouble():
			continue // another run has met something since
		case there && c.ok && rows[at].equal(&c.row):
			continue
		case there && c.ok:
			rows[at] = c.row
		case there:
			gone[at] = true
		case !c.ok || c.row.trouble() || !c.seen || c.had&hadRow != 0:
			continue // it is worked on anyway; or another run has taken it away since
		default:
			rows = append(rows, c.row)
		}
		told = true
	}
	if !told {
		return rows, false // what is gone goes with the next change
	}
	kept := rows[:0]
	for i := range rows {
		if !gone[i] {
			kept = append(kept, rows[i])
		}
	}
	return kept, told || changed
}
