package finalize

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"recfin/finalize/layout"
	"recfin/internal/bug"
	"recfin/store"
)

// searchable says why the recordings of a writer cannot be found without listing
// everything.
func (v *recovery) searchable() error {
	if v.opt.Writer == "" {
		return nil
	}
	for _, l := range v.f.cfg.Layouts {
		if _, ok := l.WritersAt(); !ok {
			return fmt.Errorf("%w: --writer: the layout %s does not tell what one writer left without a listing of everything: name the recordings, as in recfin finalize --force ID", ErrUsage, l.Name())
		}
	}
	return nil
}

// remains is a recording of which the writer wrote something.
type remains struct {
	recording string
	last      time.Time // upload of the newest segment of the writer
	elsewhere bool      // another writer went on
}

// writer finishes the recordings whose newest segment the writer wrote, as if they
// were settled: it has just started anew, so nothing of it is under way.
func (v *recovery) writer(ctx context.Context) error {
	found, err := v.search(ctx)
	if err != nil {
		return err
	}
	cfg := v.f.cfg
	cfg.Force = true
	f, err := New(cfg)
	if err != nil {
		return err
	}
	f.abilities, f.leases, f.memory, f.budget = v.f.abilities, v.f.leases, v.f.memory, v.f.budget
	slices.SortFunc(found, func(a, b remains) int {
		if c := b.last.Compare(a.last); c != 0 {
			return c
		}
		return strings.Compare(a.recording, b.recording)
	})
	var tasks []task
	for _, r := range found {
		if r.elsewhere {
			v.result.Elsewhere = append(v.result.Elsewhere, r.recording)
		} else {
			tasks = append(tasks, task{recording: r.recording, f: f})
		}
	}
	return v.carry(ctx, tasks)
}

// search finds the recordings of which the writer wrote something. Half of the
// time is for looking; what is not looked at by then is counted.
func (v *recovery) search(ctx context.Context) ([]remains, error) {
	names, err := v.names(ctx)
	if err != nil {
		return nil, err
	}
	within := ctx
	if end, ok := ctx.Deadline(); ok {
		var cancel context.CancelFunc
		within, cancel = context.WithTimeout(ctx, time.Until(end)/2)
		defer cancel()
	}
	var mu sync.Mutex
	var found []remains
	g, within := bug.WithContext(within)
	g.SetLimit(v.f.cfg.Concurrency)
	unseen := 0
	for _, name := range names {
		g.Go(func() error {
			r, ok, err := v.look(within, name)
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err != nil && (within.Err() != nil || ctx.Err() != nil):
				unseen++
				return nil
			case err != nil:
				return err
			case ok:
				found = append(found, r)
			}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	if v.result.Unseen = unseen; unseen > 0 && unseen == len(names) {
		return nil, fmt.Errorf("look for what %s left: %w: none of %d recordings could be looked at in time", store.Printable(v.opt.Writer), store.ErrUnavailable, unseen)
	}
	return found, nil
}

// names are the recordings that may have something of the writer, the most urgent
// first.
func (v *recovery) names(ctx context.Context) ([]string, error) {
	all := map[string]bool{}
	for _, l := range v.f.cfg.Layouts {
		roots, _ := l.WritersAt()
		for _, root := range roots {
			if err := v.f.folders(ctx, root, all); err != nil {
				return nil, err
			}
		}
	}
	v.found = sortedNames(all)
	return v.f.Urgent(ctx, v.f.Share(v.found))
}

// Urgent orders the names of recordings for work that may have to end before all is
// done: first those that were never finalized, then the others. Names often hold a
// date or a number, so the last of them come first.
func (f *Finalizer) Urgent(ctx context.Context, names []string) ([]string, error) {
	finalized := map[string]bool{}
	for name, err := range f.cfg.Out.Folders(ctx, f.cfg.OutPath) {
		if err != nil {
			return nil, err
		}
		finalized[name] = true
	}
	done := func(name string) bool { first, _, _ := strings.Cut(name, "/"); return finalized[first] }
	names = slices.Sorted(slices.Values(names))
	slices.Reverse(names)
	slices.SortStableFunc(names, func(a, b string) int {
		switch {
		case done(a) == done(b):
			return 0
		case done(a):
			return 1
		}
		return -1
	})
	return names, nil
}

// look sees whether the writer left something of a recording, by one page of a
// listing, and only then whose segments are the newest, by all of it.
func (v *recovery) look(ctx context.Context, recording string) (r remains, ok bool, err error) {
	if ok, err = v.wrote(ctx, recording); err != nil || !ok {
		return r, false, err
	}
	c, err := v.f.readMarker(ctx, recording, store.GetOptions{})
	if err == nil && c != nil && c.marker.As != "" { // a part: who was last is asked of the whole
		recording = c.marker.As
		if !v.f.Holds(ctx, recording, v.found) {
			return r, false, nil
		}
		c, err = v.f.readMarker(ctx, recording, store.GetOptions{})
	}
	if err != nil && !errors.Is(err, ErrRefused) { // which the run that follows says
		return r, false, err
	}
	all, err := v.f.listSource(ctx, c.members(recording))
	if err != nil {
		return r, false, err
	}
	r = remains{recording: recording}
	var others time.Time
	for _, o := range all.objects {
		s, parsed := v.f.parse(o)
		switch {
		case !parsed || s.Kind != layout.Media || !slices.Contains(c.members(recording), s.Recording):
		case s.Nonce == v.opt.Writer:
			r.last = later(r.last, o.Modified)
		default:
			others = later(others, o.Modified)
		}
	}
	// In one second nobody knows who was last.
	r.elsewhere = !others.IsZero() && !r.last.After(others)
	return r, !r.last.IsZero(), nil
}

// wrote reports whether any segment of the writer is in a recording.
func (v *recovery) wrote(ctx context.Context, recording string) (bool, error) {
	for _, l := range v.f.cfg.Layouts {
		for _, prefix := range l.WriterPrefixes(recording, v.opt.Writer) {
			for _, s := range v.f.cfg.Sources {
				for o, err := range s.List(ctx, prefix) {
					if err != nil {
						return false, err
					}
					if x, ok := v.f.parse(o); ok && x.Recording == recording && x.Nonce == v.opt.Writer {
						return true, nil
					}
				}
			}
		}
	}
	return false, nil
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
