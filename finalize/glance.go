package finalize

import (
	"context"

	"recfin/internal/bug"
	"recfin/store"
)

// glance is what is asked for right before a batch goes. None of it depends on another
// part, and the batch waits for all of it, so it is asked for at the same time. Only the
// marker is read ahead of it: what was listed before the marker may lack what that
// stands on. The batches themselves go one after the other: each is to see what came
// while the one before it went.
type glance struct {
	all    *stock         // what is listed around the batch
	first  []store.Object // what its folders begin with
	astray map[int]bool
	stale  map[int]string
}

// glance asks, for a batch of sources or leftovers.
func (c *cleaning) glance(ctx context.Context, v victims, wanted map[string][]string) (*glance, error) {
	now := &glance{}
	g, ctx := bug.WithContext(ctx)
	g.Go(func() (err error) {
		now.all, err = c.around(ctx, c.ground, c.members, wanted)
		return err
	})
	g.Go(func() (err error) {
		now.first, err = c.beginnings(ctx, v, wanted[v.in.Label()])
		return err
	})
	if v.kind == condemnedSources {
		g.Go(func() (err error) {
			now.astray, err = c.astray(ctx, v)
			return err
		})
	}
	g.Go(func() (err error) {
		now.stale, err = c.proofs(ctx, v)
		return err
	})
	return now, g.Wait()
}
