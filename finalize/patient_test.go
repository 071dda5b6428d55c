package finalize_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"iter"
	"time"

	"recfin/store"
)

// patient asks a store again that was not there, as clients of stores do, and
// settles what became of a write whose answer was lost. Bodies are read whole and
// handed out when they are complete.
type patient struct {
	store.Store
	attempts int
}

// again calls do until it succeeds or fails for good. lost: one that failed may
// have taken effect.
func (p *patient) again(ctx context.Context, do func() error) (lost bool, err error) {
	for range p.attempts {
		if err = do(); !errors.Is(err, store.ErrUnavailable) || ctx.Err() != nil {
			return lost, err
		}
		lost = true
	}
	return lost, err
}

func (p *patient) List(ctx context.Context, prefix string) iter.Seq2[store.Object, error] {
	return patientList(ctx, p, func() iter.Seq2[store.Object, error] { return p.Store.List(ctx, prefix) })
}

func (p *patient) Folders(ctx context.Context, prefix string) iter.Seq2[string, error] {
	return patientList(ctx, p, func() iter.Seq2[string, error] { return p.Store.Folders(ctx, prefix) })
}

// patientList goes on with what it has not given yet when a listing breaks off.
func patientList[T any](ctx context.Context, p *patient, list func() iter.Seq2[T, error]) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		given := 0
		stopped := false
		_, err := p.again(ctx, func() error {
			n := 0
			for item, err := range list() {
				if err != nil {
					return err
				}
				if n++; n <= given {
					continue
				}
				given++
				if !yield(item, nil) {
					stopped = true
					return nil
				}
			}
			return nil
		})
		if err != nil && !stopped {
			var none T
			yield(none, err)
		}
	}
}

func (p *patient) Head(ctx context.Context, key string) (info store.Info, err error) {
	_, err = p.again(ctx, func() error {
		info, err = p.Store.Head(ctx, key)
		return err
	})
	return info, err
}

func (p *patient) Now(ctx context.Context) (now time.Time, err error) {
	_, err = p.again(ctx, func() error {
		now, err = p.Store.Now(ctx)
		return err
	})
	return now, err
}

func (p *patient) Get(ctx context.Context, key string, r store.Range, opt store.GetOptions) (b store.Body, err error) {
	var raw []byte
	var broken error
	_, err = p.again(ctx, func() error {
		if b, err = p.Store.Get(ctx, key, r, opt); err != nil {
			return err
		}
		raw, broken = io.ReadAll(b)
		_ = b.Close()
		return broken
	})
	if err != nil && broken == nil {
		return b, err
	}
	b.ReadCloser = io.NopCloser(io.MultiReader(bytes.NewReader(raw), failingReader{err}))
	return b, nil
}

// failingReader is the end of a body: an error, or nothing more.
type failingReader struct{ err error }

func (r failingReader) Read([]byte) (int, error) {
	if r.err != nil {
		return 0, r.err
	}
	return 0, io.EOF
}

func (p *patient) Put(ctx context.Context, key string, body []byte, opt store.PutOptions) (o store.Object, err error) {
	lost, err := p.again(ctx, func() error {
		o, err = p.Store.Put(ctx, key, body, opt)
		return err
	})
	if lost && errors.Is(err, store.ErrConflict) { // it may have met itself
		b, errSame := p.Get(ctx, key, store.Whole, store.GetOptions{Prove: true})
		var raw []byte
		if errSame == nil {
			raw, errSame = io.ReadAll(b)
		}
		switch {
		case errSame == nil && bytes.Equal(raw, body):
			return b.Info.Object, nil
		case errSame != nil && !errors.Is(errSame, store.ErrNotExist):
			return o, errSame
		}
	}
	return o, err
}

func (p *patient) Copy(ctx context.Context, from store.Object, key string, opt store.PutOptions) (o store.Object, err error) {
	_, _ = p.again(ctx, func() error {
		if o, err = p.Store.Copy(ctx, from, key, opt); errors.Is(err, store.ErrUnknown) {
			return nil // asking again would not tell more
		}
		return err
	})
	return o, err
}

func (p *patient) Sweep(ctx context.Context, prefix string, age time.Duration) (n int, err error) {
	_, err = p.again(ctx, func() error {
		n, err = p.Store.Sweep(ctx, prefix, age)
		return err
	})
	return n, err
}

func (p *patient) Delete(ctx context.Context, victims []store.Object, opt store.DeleteOptions) iter.Seq2[store.Object, error] {
	return func(yield func(store.Object, error) bool) {
		for i, v := range victims {
			_, err := p.again(ctx, func() (err error) {
				for _, err = range p.Store.Delete(ctx, victims[i:i+1], opt) {
				}
				return err
			})
			if !yield(v, err) {
				return
			}
		}
	}
}

func (p *patient) Create(ctx context.Context, key string, opt store.CreateOptions) (u store.Upload, err error) {
	if _, err = p.again(ctx, func() error {
		u, err = p.Store.Create(ctx, key, opt)
		return err
	}); err != nil {
		return nil, err
	}
	return &patientUpload{u, p, ctx}, nil
}

type patientUpload struct {
	store.Upload
	p   *patient
	ctx context.Context
}

func (u *patientUpload) Write(b []byte) (n int, err error) {
	_, err = u.p.again(u.ctx, func() error {
		n, err = u.Upload.Write(b)
		return err
	})
	return n, err
}

func (u *patientUpload) Commit(ctx context.Context, head store.Headed) (o store.Object, err error) {
	_, _ = u.p.again(ctx, func() error {
		if o, err = u.Upload.Commit(ctx, head); errors.Is(err, store.ErrUnknown) {
			return nil // asking again would not tell more
		}
		return err
	})
	if errors.Is(err, store.ErrUnavailable) && !errors.Is(err, store.ErrUnknown) {
		_ = u.Abort() // it leaves nothing behind, or what a later run sweeps
	}
	return o, err
}

func (u *patientUpload) Abort() error {
	_, err := u.p.again(context.Background(), u.Upload.Abort)
	return err
}
