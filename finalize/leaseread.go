package finalize

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"recfin/store"
)

// leaseThere is what stands under the key of a lease.
type leaseThere struct {
	ok     bool         // something does
	object store.Object // its version
	lease  *Lease       // nil: this program does not understand it
	why    error        // it does not
}

// readLease reads what stands under the key of a lease.
func readLease(ctx context.Context, r store.Reader, key string) (leaseThere, error) {
	body, err := r.Get(ctx, key, store.Head(maxLease+1), store.GetOptions{Prove: true})
	if errors.Is(err, store.ErrNotExist) {
		return leaseThere{}, nil
	}
	if err != nil {
		return leaseThere{}, err
	}
	defer body.Close()
	raw, err := io.ReadAll(io.LimitReader(body, maxLease+1))
	if err != nil {
		return leaseThere{}, fmt.Errorf("read %s: %w", store.Printable(key), err)
	}
	there := leaseThere{ok: true, object: body.Info.Object}
	there.lease, there.why = decodeLease(raw)
	if l := there.lease; l != nil && !strings.HasSuffix(key, "/"+leaseName(l.Recording)) {
		there.lease, there.why = nil, fmt.Errorf("%w: it is of %s, which has its lease elsewhere", errNoLease, store.Printable(l.Recording))
	}
	return there, nil
}

// is reports whether a lease of ours is there, in whatever version: the answer to
// the put of it may have been lost.
func (t leaseThere) is(l *Lease) bool {
	return t.ok && t.lease != nil && t.lease.Token == l.Token
}

// dead reports whether nobody holds it any more. now is the clock of its store.
func (t leaseThere) dead(id Identity, now time.Time) bool {
	if t.lease != nil && (t.lease.Released || id.seesDead(t.lease)) {
		return true
	}
	return now.Sub(t.object.Modified) >= leaseAge
}
