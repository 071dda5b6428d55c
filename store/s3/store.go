package s3

import (
	"context"
	"iter"
	"time"

	"recfin/store"
)

// Store is one folder of one bucket.
type Store struct{ opt Options }

var _ store.Store = (*Store)(nil)

// New makes a store without asking it anything.
func New(ctx context.Context, opt Options) (*Store, error) {
	opt, err := opt.normalize()
	if err != nil {
		return nil, &store.Error{Op: "open", Err: err}
	}
	return &Store{opt: opt}, nil
}

// Label names the store.
func (s *Store) Label() string { return s.opt.Label }

func (s *Store) List(ctx context.Context, prefix string) iter.Seq2[store.Object, error] { return nil }
func (s *Store) Folders(ctx context.Context, prefix string) iter.Seq2[string, error]    { return nil }
func (s *Store) Head(ctx context.Context, key string) (store.Info, error) {
	return store.Info{}, store.ErrInvalid
}
func (s *Store) Get(ctx context.Context, key string, r store.Range, opt store.GetOptions) (store.Body, error) {
	return store.Body{}, store.ErrInvalid
}
func (s *Store) Now(ctx context.Context) (time.Time, error) { return time.Time{}, store.ErrInvalid }
func (s *Store) Put(ctx context.Context, key string, body []byte, opt store.PutOptions) (store.Object, error) {
	return store.Object{}, store.ErrInvalid
}
func (s *Store) Create(ctx context.Context, key string, opt store.CreateOptions) (store.Upload, error) {
	return nil, store.ErrInvalid
}
func (s *Store) Sweep(ctx context.Context, prefix string, age time.Duration) (int, error) {
	return 0, store.ErrInvalid
}
func (s *Store) Delete(ctx context.Context, victims []store.Object) iter.Seq2[store.Object, error] {
	return nil
}
