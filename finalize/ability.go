package finalize

import (
	"context"
	"fmt"
	"sync"

	"recfin/store"
)

// abilities remembers what each store was found to honour. It is asked anew in
// each process, and once.
type abilities struct {
	mu sync.Mutex
	by map[string]*ability
}

type ability struct {
	ask sync.Mutex // held while one job asks; only jobs that need the same answer wait
	ok  bool
	can store.Capabilities
}

// of probes a store under dir, by answer and by effect. A failed probe is not
// remembered.
func (a *abilities) of(ctx context.Context, s store.Store, dir string) (store.Capabilities, error) {
	a.mu.Lock()
	if a.by == nil {
		a.by = map[string]*ability{}
	}
	one := a.by[s.Label()]
	if one == nil {
		one = &ability{}
		a.by[s.Label()] = one
	}
	a.mu.Unlock()
	one.ask.Lock()
	defer one.ask.Unlock()
	if one.ok {
		return one.can, nil
	}
	can, err := store.Detect(ctx, s, dir)
	if err != nil {
		return can, err
	}
	one.ok, one.can = true, can
	return can, nil
}

// probeDir is where a store is probed: the private folder of the outputs, or
// of the store where there are none.
func (j *job) probeDir(s store.Store) string {
	if s.Label() == j.f.cfg.Out.Label() {
		return j.f.cfg.OutPath + store.Private
	}
	return store.Private
}

// canReplace refuses to swap a marker in a store that would take the put
// whatever is there: two runs would overwrite each other's commits.
func (j *job) canReplace(ctx context.Context) error {
	out := j.f.cfg.Out
	can, err := j.f.abilities.of(ctx, out, j.probeDir(out))
	if err != nil {
		return err
	}
	if !can.Replace {
		return fmt.Errorf("commit %s: %w: %s does not honour If-Match on a put, so a marker cannot be replaced safely there", store.Printable(j.recording), ErrRefused, out.Label())
	}
	return nil
}
