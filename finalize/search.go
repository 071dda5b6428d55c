package finalize

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"slices"
	"sync"
	"time"

	"recfin/internal/bug"
	"recfin/store"
)

// Found are the names of recordings that a run has to do with.
type Found struct {
	Names []string // all that were found and those of SearchOptions, sorted, whatever their share
	// Work are those of this share that are to be worked on now: what the state does not
	// know first, the last by name of it first; then what was committed last; and then
	// those that were closed and are only looked at.
	Work    []string
	Skipped int // recordings of this share that are closed and not looked at now
	Looks   int // of Work: closed
	// Other: of Skipped, those that were worked on with other settings last. They are met
	// when their look comes.
	Other int
	// Trouble is why the state could not be read; nil: it could. Nothing was known then.
	Trouble error
}

// Search is one run over everything that is found: it knows what the runs before it have
// finished (see the package comment, "Finding work"), and what this one does is noted
// for the next. Its methods may be called from several goroutines.
type Search struct {
	Found
	f        *Finalizer
	every    int64 // seconds of a round; 0: nothing is closed
	now      int64 // Unix seconds, by the clock of the outputs
	scope    string
	settings string
	levels   []level

	all   bool     // everything was looked for, so that what is not in found is not there
	found []string // sorted: of these the columns below
	known []byte   // what the state says of each: bits of had
	ring  []member // the closed ones, in the order of their places
	owed  turn
	first *cursor      // as it was read; nil: there was none
	there store.Object // in whose place the next cursor goes; without a key: there was none
	queue map[int]bool // by index of ring: it is to be looked at, and whether that was done

	mu      sync.Mutex
	changes map[string]change
	passed  int               // closed ones of which nothing has changed
	cost    Cost              // of seeing that
	groups  map[string]change // what came of recordings of several IDs, and of those in trouble
	saved   bool              // something was, so that there are rows
	failed  bool              // a page could not be written
}

// member is one closed recording.
type member struct {
	place uint64
	sum   [16]byte
	name  int32 // index of Search.found
	whole bool  // there is no sum to compare, or the settings were other ones
	other bool  // they were
}

// What the state says of a recording.
const (
	hadRow     = 1 << iota
	hadTrouble // nothing else holds
	hadIndexed
	hadClosed // it is skipped, or on the list of looks
)

// SearchOptions say what Search looks for.
type SearchOptions struct {
	// Recheck is how long a round over all closed recordings may take, in whole seconds.
	// 0: all are worked on, closed or not.
	Recheck time.Duration
	Names   []string // to be worked on whether they are found or not, if they are in the share
}

// Search finds the recordings of the stores, and which of them are to be worked on. What
// cannot be read of the state is not known; only a store of segments that cannot be
// listed is an error.
func (f *Finalizer) Search(ctx context.Context, opt SearchOptions) (*Search, error) {
	names, levels, err := f.discover(ctx)
	if err != nil {
		return nil, err
	}
	s := f.noting()
	s.every, s.levels, s.found = int64((opt.Recheck+time.Second-1)/time.Second), levels, names
	s.known, s.all = make([]byte, len(names)), true
	if err := s.consult(ctx, opt.Names); err != nil {
		return nil, err
	}
	return s, nil
}

// Noting notes what is done with recordings that somebody names: nothing is looked for,
// and nothing skipped.
func (f *Finalizer) Noting() *Search { return f.noting() }

func (f *Finalizer) noting() *Search {
	return &Search{f: f, scope: f.cfg.scopeHash(), settings: f.cfg.settingsHash(), changes: map[string]change{}, groups: map[string]change{}}
}

// Indexed reports whether the state says that the sessions of a recording are in the index
// of days (Report.Indexed).
func (s *Search) Indexed(recording string) bool {
	return s.says(recording)&(hadIndexed|hadTrouble) == hadIndexed
}

// Closed reports whether a recording that was found is skipped, or only looked at.
func (s *Search) Closed(recording string) bool { return s.says(recording)&hadClosed != 0 }

func (s *Search) says(recording string) byte {
	if i, ok := slices.BinarySearch(s.found, recording); ok {
		return s.known[i]
	}
	return 0
}

// Unread is Finalizer.Unread by the listings that were made already.
func (s *Search) Unread(ctx context.Context, found []string) (*Unread, error) {
	return s.f.unreadBeside(ctx, found, func(ctx context.Context, in store.Store, at string) iter.Seq2[string, error] {
		for _, l := range s.levels {
			if l.in == in && l.at == at {
				return func(yield func(string, error) bool) {
					for _, name := range l.names {
						if !yield(name, nil) {
							return
						}
					}
				}
			}
		}
		return in.Folders(ctx, at)
	})
}

// Run works on a recording, as Finalizer.Run does, and notes what came of it. Of one that
// is closed its sources are listed first, and where they are what they were when it was
// worked on last the report is that nothing is to be done (Report.Unchanged).
func (s *Search) Run(ctx context.Context, recording string) (*Report, error) {
	at, due := s.look(recording)
	if due {
		if r, ok := s.unchanged(ctx, recording, &s.ring[at]); ok {
			s.looked(at)
			s.pass(r)
			return r, nil
		}
	}
	r, err := s.f.Run(ctx, recording)
	if ctx.Err() != nil && err != nil {
		return r, err // it was stopped, which says nothing
	}
	if s.all && s.f.cfg.Days.All() && !r.Indexed && !s.Indexed(recording) && r.clean() {
		s.f.enterAll(ctx, r)
	}
	s.Note(r)
	if due {
		s.looked(at)
	}
	return r, err
}

// look finds a recording among those that are to be looked at.
func (s *Search) look(recording string) (at int, ok bool) {
	place := nameHash(recording)
	at, _ = slices.BinarySearchFunc(s.ring, place, func(m member, p uint64) int { return cmp.Compare(m.place, p) })
	for ; at < len(s.ring) && s.ring[at].place == place; at++ {
		if s.found[s.ring[at].name] == recording {
			s.mu.Lock()
			defer s.mu.Unlock()
			_, ok = s.queue[at]
			return at, ok
		}
	}
	return 0, false
}

func (s *Search) pass(r *Report) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.passed++
	s.cost = s.cost.Plus(r.Cost)
}

// Passed is how many recordings of this share are closed and, as far as they were looked
// at, unchanged, and what looking has cost.
func (s *Search) Passed() (n int, cost Cost) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.Skipped + s.passed, s.cost
}

func (s *Search) looked(at int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.queue[at] = true
}

// unchanged lists the sources of a closed recording. ok is false where they differ, where
// there is nothing to compare them with, or where they cannot be listed: then all of the
// work is to be done, and says why.
func (s *Search) unchanged(ctx context.Context, recording string, m *member) (r *Report, ok bool) {
	if m.whole {
		return nil, false
	}
	j := s.f.job(recording)
	var sum listingSum
	err := bug.Contain(func() error {
		roots := s.f.prefixes([]string{recording})
		if len(roots) == 0 {
			return fmt.Errorf("%w: no listing holds %s", ErrUsage, store.Printable(recording))
		}
		for _, from := range j.f.cfg.Sources {
			for _, prefix := range roots {
				for o, err := range from.List(ctx, prefix) {
					if err != nil {
						return err
					}
					if s.f.isInput(from, o.Key) {
						sum.add(&o)
					}
				}
			}
		}
		return nil
	})
	if err != nil || sum.sum() != m.sum {
		return nil, false
	}
	j.report.Unchanged = true
	j.report.Plan = &Plan{Recording: recording, Status: Done}
	r, _ = j.close(nil)
	return r, true
}
