package s3

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"maps"

	"recfin/store"
)

const (
	// tokenKey is the user metadata that tells an object of one write from every
	// other. It is shown to nobody and depends on nothing.
	tokenKey = "recfin-upload"
	tokenLen = 26
)

// withToken gives metadata with a new token in it.
func withToken(meta map[string]string) (all map[string]string, token string) {
	token = rand.Text()
	all = maps.Clone(meta)
	if all == nil {
		all = map[string]string{}
	}
	all[tokenKey] = token
	return all, token
}

// settle says what became of a write with that token that failed: it may be there
// all the same.
func (s *Store) settle(ctx context.Context, key, token string, lost bool, size int64, err error) (store.Object, error) {
	ctx, cancel := s.settling(ctx)
	defer cancel()
	mine, known := s.find(ctx, key, token, size)
	switch {
	case mine != nil:
		return *mine, nil
	case lost && !(known && errors.Is(err, store.ErrConflict)):
		return store.Object{}, fmt.Errorf("%w: %w", store.ErrUnknown, err)
	}
	return store.Object{}, err
}

// find looks once whether the object under the key is the one with that token.
// known says that the store answered.
func (s *Store) find(ctx context.Context, key, token string, size int64) (mine *store.Object, known bool) {
	info, err := s.headOnce(ctx, key, "")
	if err != nil {
		return nil, errors.Is(s.classify(ctx, err), store.ErrNotExist)
	}
	if info.Metadata[tokenKey] != token || info.Size != size {
		return nil, true
	}
	return &info.Object, true
}
