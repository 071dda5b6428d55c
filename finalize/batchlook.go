package finalize

import (
	"context"

	"recfin/internal/bug"
	"recfin/store"
)

// Right before a batch goes its surroundings are listed, and then what it rests on is
// looked at. The parts of either do not depend on each other and are asked for at the
// same time. The order is another matter: the marker is read ahead of all listings, which
// may otherwise lack what that stands on, and the looks at what the batch rests on come
// last. The batches themselves go one after the other: each is to see what came while
// the one before it went.

// surroundings lists what is around a batch, and what its folders begin with.
func (c *cleaning) surroundings(ctx context.Context, v victims, wanted map[string][]string) (all *stock, first []store.Object, err error) {
	g, ctx := bug.WithContext(ctx)
	g.Go(func() (err error) {
		all, err = c.around(ctx, c.ground, c.members, wanted)
		return err
	})
	g.Go(func() (err error) {
		first, err = c.beginnings(ctx, v, wanted[v.in.Label()])
		return err
	})
	return all, first, g.Wait()
}

// supports looks at what a batch rests on: the doors of its sessions, and outputs.
func (c *cleaning) supports(ctx context.Context, v victims, l *sight) error {
	g, ctx := bug.WithContext(ctx)
	if v.kind == condemnedSources {
		g.Go(func() (err error) {
			l.astray, err = c.astray(ctx, v)
			return err
		})
	}
	g.Go(func() (err error) {
		l.stale, err = c.proofs(ctx, v)
		return err
	})
	return g.Wait()
}
