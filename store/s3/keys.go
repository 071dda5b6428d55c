package s3

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// errCredentials marks a failure to find credentials at all.
var errCredentials = errors.New("no credentials were found")

// askAgain is how long credentials that were just asked for are not asked for again.
const askAgain = 30 * time.Second

// keys are the credentials of a store, and how to get newer ones.
type keys struct {
	cache *aws.CredentialsCache
	chain aws.CredentialsProvider

	mu    sync.Mutex
	asked time.Time // for newer ones
}

func newKeys(chain aws.CredentialsProvider, to *secrets) *keys {
	return &keys{cache: aws.NewCredentialsCache(marked{chain, to}), chain: chain}
}

// refresh forgets credentials that the store calls expired, and reports whether
// there may be newer ones: those that were typed in or come from the environment
// stay as they are. However many calls notice, the chain is asked once.
func (k *keys) refresh(ctx context.Context) bool {
	now, err := k.cache.Retrieve(ctx)
	if err != nil || !now.CanExpire {
		return false
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if !k.asked.IsZero() && time.Since(k.asked) < askAgain {
		return true
	}
	k.asked = time.Now()
	if inner, ok := k.chain.(interface{ Invalidate() }); ok {
		inner.Invalidate()
	}
	k.cache.Invalidate()
	return true
}

// marked gives credentials, which must not be shown from then on, and errors that
// can be told from those of the store.
type marked struct {
	inner aws.CredentialsProvider
	known *secrets
}

func (m marked) Retrieve(ctx context.Context) (aws.Credentials, error) {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	c, err := m.inner.Retrieve(ctx)
	if err != nil {
		return c, fmt.Errorf("%w: %w", errCredentials, err)
	}
	m.known.learn(c)
	return c, nil
}
