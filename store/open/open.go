package open

import (
	"context"
	"fmt"

	"recfin/store"
	"recfin/store/file"
	"recfin/store/mem"
	"recfin/store/s3"
)

// Options are what a URL does not say of how to talk to a store.
type Options struct {
	// Concurrency is how many requests may be under way at once, and so many connections
	// are kept open. 0: as many as are made.
	Concurrency int
}

// URL opens the store that a URL or a path names. That the store exists and
// lets us in is known for a folder only; of a bucket the first call tells.
func URL(ctx context.Context, raw string) (store.Store, error) {
	return With(ctx, raw, Options{})
}

// With is URL with options.
func With(ctx context.Context, raw string, opt Options) (store.Store, error) {
	l, err := Parse(raw)
	if err != nil {
		return nil, err
	}
	return l.With(ctx, opt)
}

// Open opens the store at the location.
func (l Location) Open(ctx context.Context) (store.Store, error) { return l.With(ctx, Options{}) }

// With is Open with options.
func (l Location) With(ctx context.Context, opt Options) (store.Store, error) {
	switch l.Kind {
	case File:
		return concrete(file.New(l.Path))
	case Mem:
		return mem.Open(l.Name), nil
	case S3:
		key, secret := l.Credentials.Reveal()
		return concrete(s3.New(ctx, s3.Options{
			Endpoint: l.Endpoint, Region: l.Region, Bucket: l.Bucket, Prefix: l.Prefix,
			AccessKey: key, SecretKey: secret, Label: l.Label, PathStyle: l.Endpoint != "", Concurrency: opt.Concurrency,
		}))
	}
	return nil, fmt.Errorf("%w: the location is empty", store.ErrInvalid)
}

// concrete keeps a nil pointer from becoming a store.
func concrete[S store.Store](s S, err error) (store.Store, error) {
	if err != nil {
		return nil, err
	}
	return s, nil
}
