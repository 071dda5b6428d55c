package s3

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"recfin/store"
)

// Copy has the store copy an object: by one CopyObject up to 5 GiB, above that by
// UploadPartCopy in parts of one size. It carries a token as an upload does.
//
// AWS is taken at its word: an ETag that it has compared stands for one size. Of others
// it is known that they take no notice of x-amz-copy-source-if-match, do not know it for
// parts, or refuse If-None-Match here: there we look under the key first, and at the
// source once more afterwards.
func (s *Store) Copy(ctx context.Context, from store.Object, key string, opt store.PutOptions) (store.Object, error) {
	err := s.checkPut(ctx, key, opt, len(tokenKey)+tokenLen)
	if err == nil {
		err = opt.CheckCopy(s.opt.Label, from, key)
	}
	if err == nil {
		err = s.check(from.Key)
	}
	if err != nil {
		return store.Object{}, s.fail("copy", key, err)
	}
	c := copying{s: s, from: from, key: key, opt: opt}
	c.opt.Metadata, c.token = withToken(opt.Metadata)
	o, err := c.run(ctx)
	if err != nil {
		return store.Object{}, s.fail("copy", key, err)
	}
	return o, nil
}

// copying is one copy.
type copying struct {
	s     *Store
	from  store.Object
	key   string
	opt   store.PutOptions // the token among its metadata
	token string
}

func (c *copying) run(ctx context.Context) (store.Object, error) {
	if c.opt.IfAbsent && !c.s.amazon {
		if err := c.free(ctx); err != nil {
			return store.Object{}, err
		}
	}
	act := c.whole
	if c.from.Size > c.s.tune.maxCopy {
		act = c.inParts
	}
	o, err := act(ctx)
	switch {
	case err == nil && !c.s.amazon:
		err = c.unchanged(ctx)
	case errors.Is(err, store.ErrConflict):
		err = c.refused(ctx, err)
	case errors.Is(err, store.ErrNotExist):
		err = c.ofSource(err)
	}
	if err != nil {
		return store.Object{}, err
	}
	return o, nil
}

// free looks whether the key is.
func (c *copying) free(ctx context.Context) error {
	_, err := c.s.head(ctx, c.key, "")
	switch {
	case errors.Is(err, store.ErrNotExist):
		return nil
	case err != nil:
		return bare(err)
	}
	return store.ErrConflict
}

// unchanged looks whether the source is the version that was to be copied.
func (c *copying) unchanged(ctx context.Context) error {
	info, err := c.s.head(ctx, c.from.Key, "")
	switch {
	case err != nil:
		return c.ofSource(bare(err))
	case !info.Same(c.from):
		return c.ofSource(store.ErrChanged)
	}
	return nil
}

// refused says which of the two conditions failed: one answer stands for both.
func (c *copying) refused(ctx context.Context, err error) error {
	if changed := c.unchanged(ctx); changed != nil {
		return changed
	}
	if !c.opt.IfAbsent { // there was but one condition
		return c.ofSource(store.ErrChanged)
	}
	return err
}

// ofSource says that it is the source that an error is about.
func (c *copying) ofSource(err error) error {
	return fmt.Errorf("%s: %w", store.Printable(c.from.Key), err)
}

// longCopy is the size above which a copy may keep a store busy for longer than a
// connection is let be silent.
const longCopy = 64 * mib

// waiting gives the deadline for a copy of so many bytes, and the way to wait.
func (s *Store) waiting(size int64) (limit time.Duration, how func(*awss3.Options)) {
	if size <= longCopy {
		return s.tune.limit(size), func(*awss3.Options) {}
	}
	return max(s.tune.assemble, s.tune.limit(0)), func(o *awss3.Options) { o.HTTPClient = s.patient }
}

// whole copies by one request. A store may answer 200 and then report an error in the
// body, which the SDK turns into a 500.
func (c *copying) whole(ctx context.Context) (store.Object, error) {
	s := c.s
	in := &awss3.CopyObjectInput{
		Bucket: s.bucket(), Key: s.name(c.key), CopySource: s.source(c.from.Key), CopySourceIfMatch: quote(c.from.ETag),
		MetadataDirective: types.MetadataDirectiveReplace, Metadata: c.opt.Metadata,
		ContentType: optional(c.opt.ContentType), CacheControl: optional(c.opt.CacheControl),
	}
	if s.checksum() == sumCRC64 {
		in.ChecksumAlgorithm = types.ChecksumAlgorithmCrc64nvme
	}
	if s.amazon { // the tags of the source need rights of their own; others may not know them
		in.TaggingDirective = types.TaggingDirectiveReplace
	}
	var o store.Object
	limit, how := s.waiting(c.from.Size)
	t, err := s.call(ctx, limit, func(ctx context.Context) error {
		in.IfNoneMatch = nil
		if c.opt.IfAbsent && !s.noCopyIf.Load() {
			in.IfNoneMatch = aws.String("*")
		}
		out, err := s.client.CopyObject(ctx, in, how)
		if in.IfNoneMatch != nil && !s.amazon && s.unknown(ctx, err) { // we have looked
			s.noCopyIf.Store(true)
			in.IfNoneMatch = nil
			out, err = s.client.CopyObject(ctx, in, how)
		}
		if err != nil {
			return err
		}
		if out.CopyObjectResult == nil || aws.ToString(out.CopyObjectResult.ETag) == "" {
			return errForeign
		}
		date := s.clock.last()
		o = s.object(c.key, c.from.Size, out.CopyObjectResult.ETag, &date)
		return nil
	})
	if err != nil && t.lost {
		return s.settle(ctx, c.key, c.token, true, c.from.Size, err)
	}
	return o, err
}

// unknown reports whether a store refuses a request because of something that it
// does not know.
func (s *Store) unknown(ctx context.Context, err error) bool {
	return err != nil && s.classify(ctx, err).status == http.StatusNotImplemented
}

// inParts copies by UploadPartCopy.
func (c *copying) inParts(ctx context.Context) (store.Object, error) {
	size, err := c.s.tune.copySize(c.from.Size)
	if err != nil {
		return store.Object{}, err
	}
	inner, cancel := context.WithCancel(ctx)
	u := &upload{s: c.s, ctx: inner, cancel: cancel, key: c.key, opt: store.CreateOptions{PutOptions: c.opt}, token: c.token}
	o, err := c.sendParts(ctx, u, size)
	if err == nil {
		cancel()
		return o, nil
	}
	if aborted := u.Abort(); aborted != nil && !errors.Is(err, store.ErrConflict) {
		err = fmt.Errorf("%w (and parts may remain until a sweep)", err)
	}
	return store.Object{}, err
}

// copySize is the size of the parts that an object is copied in: the smallest, doubling
// from the least, that makes no more of them than a store takes.
func (t tuning) copySize(whole int64) (int64, error) {
	size := t.copyPart
	for whole/size >= maxParts { // one more may be the rest
		if size == maxPart {
			return 0, fmt.Errorf("%w: no store takes an object of %d bytes", store.ErrInvalid, whole)
		}
		size = min(2*size, maxPart)
	}
	return size, nil
}

func (c *copying) sendParts(ctx context.Context, u *upload, size int64) (store.Object, error) {
	if err := u.begin(); err != nil {
		return store.Object{}, err
	}
	number := int32(0)
	for off := int64(0); off < c.from.Size; off += size {
		number++
		if err := u.parts.copy(number, c.from, off, min(size, c.from.Size-off)); err != nil {
			return store.Object{}, either(ctx.Err(), err)
		}
	}
	if err := u.parts.wait(); err != nil {
		return store.Object{}, either(ctx.Err(), err)
	}
	return u.complete(ctx)
}

// copy hands the copy of [off, off+n) of a source, as a part, to a worker as soon as
// one is free. Its error is that of a part before it.
func (p *sender) copy(number int32, from store.Object, off, n int64) error {
	if p.ctx.Err() != nil {
		return p.wait()
	}
	p.g.Go(func() error {
		err := p.copyPart(number, from, off, n)
		if errors.Is(err, store.ErrConflict) { // of two conditions this has the one
			err = fmt.Errorf("%s: %w", store.Printable(from.Key), store.ErrChanged)
		}
		return err
	})
	return nil
}

func (p *sender) copyPart(number int32, from store.Object, off, n int64) error {
	in := &awss3.UploadPartCopyInput{
		Bucket: p.s.bucket(), Key: p.s.name(p.key), UploadId: &p.id, PartNumber: &number,
		CopySource: p.s.source(from.Key), CopySourceIfMatch: quote(from.ETag),
		CopySourceRange: aws.String(fmt.Sprintf("bytes=%d-%d", off, off+n-1)),
	}
	var made *types.CopyPartResult
	limit, how := p.s.waiting(n)
	p.begins()
	t, err := p.s.call(p.ctx, limit, func(ctx context.Context) error {
		if p.s.noPartIf.Load() {
			in.CopySourceIfMatch = nil
		}
		out, err := p.s.client.UploadPartCopy(ctx, in, how)
		if in.CopySourceIfMatch != nil && !p.s.amazon && p.s.unknown(ctx, err) { // we look afterwards
			p.s.noPartIf.Store(true)
			in.CopySourceIfMatch = nil
			out, err = p.s.client.UploadPartCopy(ctx, in, how)
		}
		if err != nil {
			return err
		}
		if made = out.CopyPartResult; made == nil || aws.ToString(made.ETag) == "" {
			return errForeign
		}
		return nil
	})
	p.ended(t, err)
	if err != nil {
		return fmt.Errorf("part %d: %w", number, err)
	}
	part := types.CompletedPart{PartNumber: &number, ETag: made.ETag}
	if p.sum == sumCRC64 {
		part.ChecksumCRC64NVME = made.ChecksumCRC64NVME
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.sent = append(p.sent, part)
	p.size += n
	return nil
}

// source names an object as the source of a copy. It is percent-encoded by us: the
// SDK sends it as it is, and stores differ on what a raw "+" is.
func (s *Store) source(key string) *string {
	var b strings.Builder
	for _, c := range []byte(s.opt.Bucket + "/" + s.opt.Prefix + key) {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', strings.IndexByte("-_.~/", c) >= 0:
			b.WriteByte(c)
		default:
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return aws.String(b.String())
}
