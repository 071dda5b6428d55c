package s3

import (
	"context"
	"errors"
	"fmt"
	"iter"

	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"

	"recfin/internal/bug"
	"recfin/store"
)

// Delete removes victims: many in one request where Batch asks for it, else some
// at a time, each by a request of its own. No version is ever named: in a
// versioned bucket a delete only hides.
func (s *Store) Delete(ctx context.Context, victims []store.Object, opt store.DeleteOptions) iter.Seq2[store.Object, error] {
	step, remove := s.opt.requests(), func(some []store.Object) []error { return s.deleteEach(ctx, some, opt) }
	if opt.Batch {
		step, remove = maxBatch, func(some []store.Object) []error { return s.deleteBatch(ctx, some, opt) }
	}
	return func(yield func(store.Object, error) bool) {
		for rest := victims; len(rest) > 0; {
			some := rest[:min(step, len(rest))]
			rest = rest[len(some):]
			for i, err := range remove(some) {
				if err != nil {
					err = s.fail("delete", some[i].Key, err)
				}
				if !yield(some[i], err) {
					return
				}
			}
		}
	}
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
