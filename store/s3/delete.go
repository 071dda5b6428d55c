package s3

import (
	"context"
	"errors"
	"fmt"
	"iter"

	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	"golang.org/x/sync/errgroup"

	"recfin/store"
)

// Delete removes victims, some at a time, each by a request of its own with
// If-Match. Each is looked at right before, for its size, which no condition of
// S3 proves, and for the stores that do not look at If-Match. No version is ever
// named: in a versioned bucket a delete only hides.
func (s *Store) Delete(ctx context.Context, victims []store.Object, opt store.DeleteOptions) iter.Seq2[store.Object, error] {
	return func(yield func(store.Object, error) bool) {
		for step := s.opt.requests(); len(victims) > 0; {
			batch := victims[:min(step, len(victims))]
			victims = victims[len(batch):]
			outcomes := make([]error, len(batch))
			var g errgroup.Group
			for i, v := range batch {
				g.Go(func() error {
					outcomes[i] = s.deleteOne(ctx, v)
					return nil
				})
			}
			_ = g.Wait() // each outcome stands for itself
			for i, v := range batch {
				err := outcomes[i]
				if err != nil {
					err = s.fail("delete", v.Key, err)
				}
				if !yield(v, err) {
					return
				}
			}
		}
	}
}

func (s *Store) deleteOne(ctx context.Context, v store.Object) error {
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
	info, err := s.Head(ctx, v.Key)
	switch {
	case errors.Is(err, store.ErrNotExist):
		return s.gone(ctx, v.Key)
	case err != nil:
		return bare(err)
	case !info.Same(v):
		return store.ErrChanged
	}
	_, err = s.call(ctx, s.tune.limit(0), func(ctx context.Context) error {
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
