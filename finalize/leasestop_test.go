package finalize_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"recfin/finalize"
	"recfin/store"
)

// deafPut stops the run while its lease is put: the put takes effect, and no answer
// to it comes.
type deafPut struct {
	store.Store
	stop context.CancelFunc
}

func (s deafPut) Put(ctx context.Context, key string, body []byte, opt store.PutOptions) (store.Object, error) {
	o, err := s.Store.Put(ctx, key, body, opt)
	if strings.HasPrefix(key, private+"leases/") && err == nil {
		s.stop()
		return store.Object{}, ctx.Err()
	}
	return o, err
}

// TestLeaseStopped: a run that is stopped while it takes the lease holds up nobody,
// and takes away no lease but its own.
func TestLeaseStopped(t *testing.T) {
	for _, held := range []bool{false, true} {
		w := newWorld(false)
		w.takeover("foo")
		if held {
			w.leave(t, 0, nil)
		}
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		f, err := finalize.New(on("here", settings(deafPut{w, stop})))
		if err != nil {
			t.Fatal(err)
		}
		_, err = f.Run(ctx, "foo")
		switch {
		case held && (!errors.Is(err, finalize.ErrLeased) || w.held(t) == nil):
			t.Errorf("the lease of another run: %v, %+v", err, w.held(t))
		case !held && (!errors.Is(err, context.Canceled) || w.held(t) != nil):
			t.Errorf("%v, and the lease is %+v", err, w.held(t))
		}
	}
}
