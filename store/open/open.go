package open

import (
	"context"
	"fmt"

	"recfin/store"
	"recfin/store/file"
	"recfin/store/mem"
	"recfin/store/s3"
)

// URL opens the store that a URL or a path names. That the store exists and
// lets us in is known for a folder only; of a bucket the first call tells.
func URL(ctx context.Context, raw string) (store.Store, error) {
	l, err := Parse(raw)
	if err != nil {
		return nil, err
	}
	return l.Open(ctx)
}

// Open opens the store at the location.
func (l Location) Open(ctx context.Context) (store.Store, error) {
	switch l.Kind {
	case File:
		return concrete(file.New(l.Path))
	case Mem:
		return mem.Open(l.Name), nil
	case S3:
		key, secret := l.Credentials.Reveal()
		return concrete(s3.New(ctx, s3.Options{
			Endpoint: l.Endpoint, Region: l.Region, Bucket: l.Bucket, Prefix: l.Prefix,
			AccessKey: key, SecretKey: secret, Label: l.Label, PathStyle: l.Endpoint != "",
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
