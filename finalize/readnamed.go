package finalize

import (
	"context"

	"recfin/internal/bug"
)

// readNamed reads the records and the list of what came later that the marker names,
// and does what is given with each of its condemned sets, several at once.
func (f *Finalizer) readNamed(ctx context.Context, c *committed, set func(ctx context.Context, dir folder, i int) error) error {
	m, dir := c.marker, f.cfg.folder(c.marker.Recording)
	records := make([]*Record, len(m.Sessions))
	g, ctx := bug.WithContext(ctx)
	g.SetLimit(f.cfg.Concurrency)
	for i := range m.Sessions {
		g.Go(func() (err error) {
			records[i], err = f.readRecord(ctx, dir, &m.Sessions[i])
			return err
		})
	}
	for i := range m.Condemned {
		g.Go(func() error { return set(ctx, dir, i) })
	}
	if m.Seen != nil {
		g.Go(func() (err error) {
			c.seen, c.same, err = f.readSeen(ctx, dir, m.Seen)
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	for i := range m.Sessions {
		c.record[m.Sessions[i].ID] = records[i]
	}
	return nil
}
