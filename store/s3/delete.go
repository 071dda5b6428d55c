package s3

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"sync"

	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"

	"recfin/internal/bug"
	"recfin/store"
)

// Delete removes victims: many in one request where Batch asks for it, else each by a
// request of its own; in either case some requests are under way at the same time. No
// version is ever named: in a versioned bucket a delete only hides. Whoever wants no
// more outcomes waits for the requests that are under way, and no others are sent.
func (s *Store) Delete(ctx context.Context, victims []store.Object, opt store.DeleteOptions) iter.Seq2[store.Object, error] {
	step, atOnce, remove := 1, s.opt.requests(), s.deleteEach
	if opt.Batch {
		step, atOnce, remove = maxBatch, min(maxBatches, s.opt.requests()), s.deleteBatch
	}
	return func(yield func(store.Object, error) bool) {
		all := slices.Collect(slices.Chunk(victims, step))
		outcomes, stop := make([]chan []error, len(all)), make(chan struct{})
		for i := range outcomes {
			outcomes[i] = make(chan []error, 1)
		}
		var sending sync.WaitGroup
		sending.Go(func() {
			var g bug.Group
			g.SetLimit(atOnce)
			for i, some := range all {
				select {
				case <-stop:
				default:
					g.Go(func() error {
						outcomes[i] <- outcomesOf(len(some), func() []error { return remove(ctx, some, opt) })
						return nil
					})
				}
			}
			_ = g.Wait() // each outcome stands for itself
		})
		defer sending.Wait()
		defer close(stop)
		for i, some := range all {
			for n, err := range <-outcomes[i] {
				if err != nil {
					err = s.fail("delete", some[n].Key, err)
				}
				if !yield(some[n], err) {
					return
				}
			}
		}
	}
}

// maxBatches is how many batches of one Delete are under way at the same time: a store
// takes each of them for a thousand requests.
const maxBatches = 4

// outcomesOf removes n victims; a bug that this meets is the outcome of all of them.
func outcomesOf(n int, remove func() []error) (outcomes []error) {
	if err := bug.Contain(func() error { outcomes = remove(); return nil }); err != nil {
		return slices.Repeat([]error{err}, n)
	}
	return outcomes
}

// deleteEach removes victims by a request for each, and gives their outcomes.
func (s *Store) deleteEach(ctx context.Context, victims []store.Object, opt store.DeleteOptions) []error {
	outcomes := make([]error, len(victims))
	var g bug.Group
	g.SetLimit(s.opt.requests())
	for i, v := range victims {
		g.Go(func() error {
			outcomes[i] = bug.Contain(func() error { return s.deleteOne(ctx, v, opt) })
			return nil
		})
	}
	_ = g.Wait() // each outcome stands for itself
	return outcomes
}

// checkVictim says why no request about a victim can be sent.
func (s *Store) checkVictim(ctx context.Context, v store.Object) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if v.Store != s.opt.Label {
		return fmt.Errorf("%w: it is in %s", store.ErrInvalid, v.Store)
	}
	if err := s.check(v.Key); err != nil {
		return err
	}
	if !v.Strong() {
		return store.ErrWeak
	}
	return nil
}

// deleteOne removes a victim with If-Match. Unless Blind forbids it, it is looked
// at right before, for its size, which no condition of S3 proves, and for the
// stores that do not look at If-Match.
func (s *Store) deleteOne(ctx context.Context, v store.Object, opt store.DeleteOptions) error {
	if err := s.checkVictim(ctx, v); err != nil {
		return err
	}
	if !opt.Blind {
		info, err := s.head(ctx, v.Key, "")
		switch {
		case errors.Is(err, store.ErrNotExist):
			return s.gone(ctx, v.Key)
		case err != nil:
			return bare(err)
		case !info.Same(v):
			return store.ErrChanged
		}
	}
	_, err := s.call(ctx, s.tune.limit(0), func(ctx context.Context) error {
		_, err := s.client.DeleteObject(ctx, &awss3.DeleteObjectInput{
			Bucket: s.bucket(), Key: s.name(v.Key), IfMatch: quote(v.ETag),
		})
		return err
	})
	switch {
	case errors.Is(err, store.ErrNotExist):
		return nil
	case errors.Is(err, store.ErrConflict):
		return store.ErrChanged
	}
	return err
}

// gone confirms that there is no object. The answer to a HEAD has no body that
// would tell a missing object from a missing bucket or a missing user.
func (s *Store) gone(ctx context.Context, key string) error {
	b, err := s.Get(ctx, key, store.Head(1), store.GetOptions{})
	switch {
	case err == nil:
		_ = b.Close()
		return store.ErrChanged
	case errors.Is(err, store.ErrNotExist):
		return nil
	}
	return bare(err)
}
