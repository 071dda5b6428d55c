package finalize

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"recfin/store"
)

// expiries notes what lifecycle rules of the stores will delete, as far as the
// answers to reads say it.
type expiries struct {
	mu      sync.Mutex
	in, out expiry // of segments, of outputs
}

// expiry is the first to go: the earliest, of those the first by key.
type expiry struct {
	at  time.Time
	key string
}

func (e *expiry) take(info *store.Info) {
	if e.at.IsZero() || info.Expires.Before(e.at) || info.Expires.Equal(e.at) && info.Key < e.key {
		e.at, e.key = info.Expires, info.Key
	}
}

// watched is a store of which each answer is looked at.
type watched struct {
	store.Store
	to       *expiries
	isOutput func(key string) bool
}

func (w *watched) Get(ctx context.Context, key string, r store.Range, opt store.GetOptions) (store.Body, error) {
	b, err := w.Store.Get(ctx, key, r, opt)
	if private := strings.HasPrefix(key, store.Private) || strings.Contains(key, "/"+store.Private); err == nil && !b.Info.Expires.IsZero() && !private {
		w.to.mu.Lock()
		defer w.to.mu.Unlock()
		if w.isOutput(key) {
			w.to.out.take(&b.Info)
		} else {
			w.to.in.take(&b.Info)
		}
	}
	return b, err
}

// problems are the rows of a report: one for the segments, one for the outputs.
func (e *expiries) problems() []string {
	var out []string
	for _, x := range []struct {
		what string
		expiry
	}{{"segments", e.in}, {"outputs", e.out}} {
		if !x.at.IsZero() {
			out = append(out, fmt.Sprintf("a lifecycle rule of the store deletes %s: %s on %s, the first: exempt them from the rule, or keep what must stay elsewhere",
				x.what, store.Printable(x.key), x.at.Format(time.DateOnly)))
		}
	}
	return out
}
