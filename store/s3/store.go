package s3

import (
	"context"
	"fmt"
	"sync/atomic"

	"github.com/aws/aws-sdk-go-v2/aws"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"

	"recfin/store"
)

// Store is one folder of one bucket. It may be used by many goroutines.
type Store struct {
	opt     Options
	tune    tuning
	client  *awss3.Client
	patient aws.HTTPClient // for calls that a store may think about for minutes
	keys    *keys          // nil where the service is asked without credentials
	clock   *clock
	secrets secrets
	limit   *limiter
	amazon  bool // AWS itself, which does what it documents

	noCopyIf    atomic.Bool // it does not know a condition on what a copy replaces
	noPartIf    atomic.Bool // nor one on the source of a part
	tellsCRC64  atomic.Bool // of objects, when it was told it
	checksCRC64 atomic.Bool // that it is told, of parts too
}

var _ store.Store = (*Store)(nil)

// New makes a store. It reads the configuration of AWS (environment and files;
// no network) and sends no request: whether the bucket is there and may be used
// shows at the first call. Its errors are store.ErrInvalid.
func New(ctx context.Context, opt Options) (*Store, error) {
	return newStore(ctx, opt, defaults().suit(opt))
}

func newStore(ctx context.Context, opt Options, t tuning) (*Store, error) {
	opt, err := opt.normalize()
	if err != nil {
		return nil, &store.Error{Op: "open", Store: opt.Label, Err: err}
	}
	s := &Store{opt: opt, tune: t, clock: &clock{}, limit: newLimiter(opt.calls(), t.calm)}
	s.secrets.learn(aws.Credentials{AccessKeyID: opt.AccessKey, SecretAccessKey: opt.SecretKey})
	all, err := newClients(ctx, opt, t, s.clock, &s.secrets)
	if err != nil {
		return nil, s.fail("open", "", err)
	}
	s.client, s.patient, s.keys = all.api, all.patient, all.keys
	s.amazon = s.client.Options().BaseEndpoint == nil // neither by option nor by AWS_ENDPOINT_URL
	if s.tune.checksum == sumDefault {
		s.tune.checksum = sumMD5
		if s.amazon {
			s.tune.checksum = sumCRC64
		}
	}
	return s, nil
}

// Label names the store.
func (s *Store) Label() string { return s.opt.Label }

// checksum is the one that uploads carry: CRC-64/NVME also where the store was
// seen to compare and to tell it.
func (s *Store) checksum() checksum {
	if s.tellsCRC64.Load() && s.checksCRC64.Load() {
		return sumCRC64
	}
	return s.tune.checksum
}

// check says why no request about the key can be sent.
func (s *Store) check(key string) error {
	if err := store.CheckKey(key); err != nil {
		return err
	}
	if n := len(s.opt.Prefix) + len(key); n > store.MaxKey {
		return fmt.Errorf("%w: the key has %d bytes with the prefix of its store, %d are allowed", store.ErrInvalid, n, store.MaxKey)
	}
	return nil
}

// name is the key as the bucket knows it.
func (s *Store) name(key string) *string { return aws.String(s.opt.Prefix + key) }

func (s *Store) bucket() *string { return &s.opt.Bucket }
