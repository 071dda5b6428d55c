package finalize_test

import (
	"context"
	"iter"
	"strings"
	"time"

	"recfin/store"
)

// A process sees the store through these, one step an operation. What lies below
// .recfin/ it has for itself.

var _ store.Store = (*process)(nil)

// in is the store that has a key.
func (p *process) in(key string) store.Store {
	if strings.HasPrefix(key, private) {
		return p.private
	}
	return p.world
}

// own makes an operation below .recfin/, and a step of every other one.
func (p *process) own(c deed, do func() error) error {
	if !strings.HasPrefix(c.key, private) {
		return p.step(c, do)
	}
	if p.dead || p.broken() {
		return errStopped
	}
	return do()
}

func (p *process) Label() string { return p.world.Label() }

func (p *process) List(ctx context.Context, prefix string) iter.Seq2[store.Object, error] {
	return func(yield func(store.Object, error) bool) {
		var all []store.Object
		err := p.own(deed{op: "list", key: prefix}, func() error {
			for o, err := range p.in(prefix).List(ctx, prefix) {
				if err != nil {
					return err
				}
				all = append(all, o)
			}
			return nil
		})
		if err != nil {
			yield(store.Object{}, err)
			return
		}
		for _, o := range all {
			if !yield(o, nil) {
				return
			}
		}
	}
}

func (p *process) Folders(ctx context.Context, prefix string) iter.Seq2[string, error] {
	return p.in(prefix).Folders(ctx, prefix)
}

func (p *process) Head(ctx context.Context, key string) (info store.Info, err error) {
	err = p.own(deed{op: "head", key: key}, func() (err error) {
		info, err = p.in(key).Head(ctx, key)
		return err
	})
	return info, err
}

func (p *process) Get(ctx context.Context, key string, r store.Range, opt store.GetOptions) (b store.Body, err error) {
	err = p.own(deed{op: "get", key: key}, func() (err error) {
		b, err = p.in(key).Get(ctx, key, r, opt)
		return err
	})
	return b, err
}

func (p *process) Now(ctx context.Context) (at time.Time, err error) {
	err = p.step(deed{op: "now"}, func() (err error) {
		at, err = p.world.Now(ctx)
		return err
	})
	return at, err
}

func (p *process) Put(ctx context.Context, key string, body []byte, opt store.PutOptions) (o store.Object, err error) {
	err = p.own(deed{op: "put", key: key, mutation: true}, func() (err error) {
		if p.world.spoils != nil && !strings.HasPrefix(key, private) {
			body = p.world.spoils(key, body)
		}
		o, err = p.in(key).Put(ctx, key, body, opt)
		return err
	})
	return o, err
}

func (p *process) Copy(ctx context.Context, from store.Object, key string, opt store.PutOptions) (o store.Object, err error) {
	err = p.own(deed{op: "copy", key: key, mutation: true}, func() (err error) {
		o, err = p.in(key).Copy(ctx, from, key, opt)
		return err
	})
	return o, err
}

func (p *process) Sweep(ctx context.Context, prefix string, age time.Duration) (n int, err error) {
	err = p.own(deed{op: "sweep", key: prefix, mutation: true}, func() (err error) {
		n, err = p.in(prefix).Sweep(ctx, prefix, age)
		return err
	})
	return n, err
}

// Delete hands on a batch in one step, and single victims in one each.
func (p *process) Delete(ctx context.Context, victims []store.Object, opt store.DeleteOptions) iter.Seq2[store.Object, error] {
	return func(yield func(store.Object, error) bool) {
		size := 1
		if opt.Batch {
			size = len(victims)
		}
		for len(victims) > 0 {
			some := victims[:min(size, len(victims))]
			victims = victims[len(some):]
			errs := map[string]error{}
			err := p.own(deed{op: "delete", key: some[0].Key, mutation: true, victims: some}, func() error {
				for v, err := range p.in(some[0].Key).Delete(ctx, some, opt) {
					errs[v.Key] = err
				}
				return nil
			})
			for _, v := range some {
				one := err
				if one == nil {
					one = errs[v.Key]
				}
				if !yield(v, one) {
					return
				}
			}
		}
	}
}

func (p *process) Create(ctx context.Context, key string, opt store.CreateOptions) (u store.Upload, err error) {
	err = p.own(deed{op: "create", key: key, mutation: true}, func() (err error) {
		u, err = p.in(key).Create(ctx, key, opt)
		return err
	})
	if err != nil {
		return nil, err
	}
	return &processUpload{u, p, key}, nil
}

type processUpload struct {
	store.Upload
	p   *process
	key string
}

func (u *processUpload) Write(b []byte) (int, error) {
	if spoils := u.p.world.spoils; spoils != nil {
		b = spoils(u.key, b)
	}
	return u.Upload.Write(b)
}

func (u *processUpload) Commit(ctx context.Context, head store.Headed) (o store.Object, err error) {
	err = u.p.own(deed{op: "commit", key: u.key, mutation: true}, func() (err error) {
		o, err = u.Upload.Commit(ctx, head)
		return err
	})
	return o, err
}

// Abort works as long as its process lives.
func (u *processUpload) Abort() error {
	return u.p.own(deed{op: "abort", key: u.key, mutation: true}, u.Upload.Abort)
}
