package store_test

import (
	"context"
	"errors"
	"iter"
	"maps"
	"testing"

	"recfin/store"
	"recfin/store/mem"
)

// liar is a store that does not keep some condition.
type liar struct {
	*mem.Store
	ignoreAbsent, ignoreMatch     bool  // writes although the condition fails
	ignoreDelete, refuseAndDelete bool  // deletes the wrong version, and says so or not
	keepAll                       bool  // says that it deleted, and did not
	weak                          bool  // has no strong ETags
	noCondition                   error // what a conditional put gets
	deleted                       error // what every delete gets
}

func (l *liar) Put(ctx context.Context, key string, body []byte, opt store.PutOptions) (store.Object, error) {
	if (opt.IfAbsent || opt.IfMatch != "") && l.noCondition != nil {
		return store.Object{}, l.noCondition
	}
	if l.ignoreAbsent {
		opt.IfAbsent = false
	}
	if l.ignoreMatch {
		opt.IfMatch = ""
	}
	o, err := l.Store.Put(ctx, key, body, opt)
	if l.weak {
		o.ETag = "W/" + o.ETag
	}
	return o, err
}

func (l *liar) Delete(ctx context.Context, victims []store.Object, opt store.DeleteOptions) iter.Seq2[store.Object, error] {
	return func(yield func(store.Object, error) bool) {
		for _, v := range victims {
			if !yield(v, l.deleteOne(ctx, v)) {
				return
			}
		}
	}
}

func (l *liar) deleteOne(ctx context.Context, v store.Object) error {
	err := l.deleted
	if err != nil {
		return err
	}
	now, herr := l.Head(ctx, v.Key)
	changed := herr == nil && now.ETag != v.ETag
	if l.ignoreDelete || l.refuseAndDelete {
		v = now.Object
	}
	if l.keepAll && !changed {
		return nil
	}
	for _, err = range l.Store.Delete(ctx, []store.Object{v}, store.DeleteOptions{}) {
	}
	if l.refuseAndDelete && changed {
		return store.ErrChanged
	}
	return err
}

func TestDetect(t *testing.T) {
	all := store.Capabilities{CreateOnce: true, Replace: true, DeleteIfMatch: true}
	for name, c := range map[string]struct {
		liar  liar
		want  store.Capabilities
		left  bool  // probe objects may stay
		fails error // of Detect
	}{
		"honest":                {want: all},
		"no create once":        {liar: liar{ignoreAbsent: true}, want: store.Capabilities{Replace: true, DeleteIfMatch: true}},
		"no replace":            {liar: liar{ignoreMatch: true}, want: store.Capabilities{CreateOnce: true, DeleteIfMatch: true}},
		"conditions refused":    {liar: liar{noCondition: store.ErrInvalid}, want: store.Capabilities{DeleteIfMatch: true}},
		"condition unavailable": {liar: liar{noCondition: store.ErrUnavailable}, fails: store.ErrUnavailable},
		"deletes silently":      {liar: liar{ignoreDelete: true}, want: store.Capabilities{CreateOnce: true, Replace: true}},
		"refuses and deletes":   {liar: liar{refuseAndDelete: true}, want: store.Capabilities{CreateOnce: true, Replace: true}},
		"keeps":                 {liar: liar{keepAll: true}, want: store.Capabilities{CreateOnce: true, Replace: true}, left: true},
		"deletes denied":        {liar: liar{deleted: store.ErrDenied}, want: store.Capabilities{CreateOnce: true, Replace: true}, left: true},
		"weak":                  {liar: liar{weak: true}, want: store.Capabilities{CreateOnce: true}},
	} {
		t.Run(name, func(t *testing.T) {
			c.liar.Store = mem.New(mem.Options{Opaque: true})
			got, err := store.Detect(t.Context(), &c.liar, "out/.recfin/")
			if !errors.Is(err, c.fails) || got != c.want {
				t.Errorf("%+v, %v, want %+v", got, err, c.want)
			}
			if left := c.liar.Snapshot(); len(left) > 0 && !c.left {
				t.Errorf("it left %v", maps.Collect(maps.All(left)))
			}
		})
	}
}

func TestDetectFails(t *testing.T) {
	denied := &fails{Store: mem.New(mem.Options{}), err: store.ErrDenied}
	if got, err := store.Detect(t.Context(), denied, ".recfin/"); !errors.Is(err, store.ErrDenied) || got != (store.Capabilities{}) {
		t.Errorf("no right to write: %+v, %v", got, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	slow := &fails{Store: mem.New(mem.Options{}), after: cancel}
	if got, err := store.Detect(ctx, slow, ".recfin/"); !errors.Is(err, context.Canceled) || got != (store.Capabilities{}) {
		t.Errorf("cancelled: %+v, %v", got, err)
	}
}

type fails struct {
	*mem.Store
	err   error
	after func()
}

func (f *fails) Put(ctx context.Context, key string, body []byte, opt store.PutOptions) (store.Object, error) {
	if f.err != nil {
		return store.Object{}, f.err
	}
	defer f.after()
	return f.Store.Put(ctx, key, body, opt)
}
