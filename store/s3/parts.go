package s3

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"recfin/internal/bug"
	"recfin/store"
)

// sender sends the parts of one multipart upload, some at a time.
type sender struct {
	s     *Store
	ctx   context.Context // ends with the first part that fails
	g     *bug.Group
	key   string
	id    string
	begun time.Time // by the store's clock
	free  chan []byte
	sum   checksum // of every part; it stays the same for a whole upload
	alone string   // what the store is told of a part that is the whole object

	mu   sync.Mutex
	sent []types.CompletedPart
	size int64
	open int // parts that the store may be busy with: under way, or given up without an answer
}

// beginParts opens a multipart upload. A request that is cut off may open one that
// nobody knows of: one that is under way when ctx ends gets a little longer for its
// answer, and what it has opened is given up.
func (s *Store) beginParts(ctx context.Context, key string, opt store.PutOptions, free chan []byte) (*sender, error) {
	in := &awss3.CreateMultipartUploadInput{
		Bucket: s.bucket(), Key: s.name(key), Metadata: opt.Metadata,
		ContentType: optional(opt.ContentType), CacheControl: optional(opt.CacheControl),
	}
	p := &sender{s: s, key: key, free: free, sum: s.checksum()}
	if opt.CRC64 != "" {
		p.sum = sumCRC64
	}
	if p.sum == sumCRC64 {
		in.ChecksumAlgorithm = types.ChecksumAlgorithmCrc64nvme
		in.ChecksumType = types.ChecksumTypeFullObject
	}
	_, err := s.call(ctx, s.tune.limit(0), func(ctx context.Context) error {
		longer, cancel := outlast(ctx, s.tune.linger)
		defer cancel()
		out, err := s.client.CreateMultipartUpload(longer, in)
		if err != nil {
			return err
		}
		if p.id = aws.ToString(out.UploadId); p.id == "" {
			return unavailable("the answer names no upload")
		}
		return nil
	})
	if err == nil && ctx.Err() != nil {
		settle, cancel := s.settling(ctx)
		defer cancel()
		err = s.classify(ctx, ctx.Err())
		if aborted := s.abortUpload(settle, key, p.id); aborted != nil {
			err = fmt.Errorf("%w (and parts may remain until a sweep)", err)
		}
	}
	if err != nil {
		return nil, err
	}
	p.begun = s.clock.last()
	p.g, p.ctx = bug.WithContext(ctx)
	p.g.SetLimit(maxPartWorkers)
	return p, nil
}

// outlast is a context that ends so much later than ctx.
func outlast(ctx context.Context, more time.Duration) (context.Context, context.CancelFunc) {
	longer, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() {
		defer cancel()
		sleep(longer, more)
	})
	return longer, func() {
		stop()
		cancel()
	}
}

// sendBuffer sends a part and takes its buffer back into the pool.
func (p *sender) sendBuffer(number int32, buf []byte) error {
	return p.send(number, bytes.NewReader(buf), int64(len(buf)), func() {
		select {
		case p.free <- buf:
		default:
		}
	})
}

// send hands a part to a worker as soon as one is free. Its error is that of a
// part before it.
func (p *sender) send(number int32, body io.ReadSeeker, size int64, done func()) error {
	if number > maxParts {
		return fmt.Errorf("%w: more than %d parts; the object is larger than was announced", store.ErrInvalid, maxParts)
	}
	if p.ctx.Err() != nil {
		return p.wait()
	}
	p.g.Go(func() error {
		defer done()
		return p.upload(number, body, size)
	})
	return nil
}

func (p *sender) upload(number int32, body io.ReadSeeker, size int64) error {
	sum, err := p.sum.told(body, p.alone)
	if err != nil {
		return err
	}
	in := &awss3.UploadPartInput{
		Bucket: p.s.bucket(), Key: p.s.name(p.key), UploadId: &p.id, PartNumber: &number,
		Body: body, ContentLength: &size, ContentMD5: sum.md5, ChecksumCRC64NVME: sum.crc64,
	}
	if sum.crc64 != nil {
		in.ChecksumAlgorithm = types.ChecksumAlgorithmCrc64nvme
	}
	var how []func(*awss3.Options)
	if sum.crc64 != nil && p.s.checksum() == sumCRC64 {
		how = append(how, unsigned)
	}
	var out *awss3.UploadPartOutput
	p.begins()
	t, err := p.s.call(p.ctx, p.s.tune.limit(size), func(ctx context.Context) (err error) {
		if _, err = body.Seek(0, io.SeekStart); err != nil {
			return err
		}
		out, err = p.s.client.UploadPart(ctx, in, how...)
		return p.s.heard(ctx, sum, err)
	})
	p.ended(t, err)
	if err != nil {
		if sum.wrong && errors.Is(err, store.ErrInvalid) {
			p.s.checksCRC64.Store(true)
		}
		return fmt.Errorf("part %d: %w", number, err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.sent = append(p.sent, types.CompletedPart{PartNumber: &number, ETag: out.ETag, ChecksumCRC64NVME: sum.crc64})
	p.size += size
	return nil
}

// begins and ended count the parts that the store may be busy with. One that failed
// is none of them any more if all that was asked for it was answered.
func (p *sender) begins() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.open++
}

func (p *sender) ended(t tries, err error) {
	f := (*fault)(nil)
	if err != nil && (t.lost || !errors.As(err, &f) || f.status == 0) {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.open--
}

// wait gives the first error, when no part is under way any more.
func (p *sender) wait() error {
	if err := p.g.Wait(); err != nil {
		return err
	}
	return nil
}

// completed gives the parts in the order of their numbers; after wait.
func (p *sender) completed() []types.CompletedPart {
	slices.SortFunc(p.sent, func(a, b types.CompletedPart) int { return cmp.Compare(*a.PartNumber, *b.PartNumber) })
	return p.sent
}
