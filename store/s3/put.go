package s3

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/aws/aws-sdk-go-v2/aws"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"

	"recfin/store"
)

// Put stores an object by one request. Where that had to be repeated and then
// meets a conflict, it may have met itself: the same bytes are success.
func (s *Store) Put(ctx context.Context, key string, body []byte, opt store.PutOptions) (store.Object, error) {
	if err := s.checkPut(ctx, key, opt, 0); err != nil {
		return store.Object{}, s.fail("put", key, err)
	}
	o, t, err := s.put(ctx, key, bytes.NewReader(body), opt)
	if errors.Is(err, store.ErrConflict) && t.lost {
		if same, errSame := s.holds(ctx, key, body); errSame != nil {
			err = fmt.Errorf("%w: its answer was lost: %w", store.ErrUnavailable, errSame)
		} else if same != nil {
			return *same, nil
		}
	}
	if err != nil {
		return store.Object{}, s.fail("put", key, err)
	}
	return o, nil
}

// checkPut says why an object cannot be stored; reserve is the room in its
// metadata that we need.
func (s *Store) checkPut(ctx context.Context, key string, opt store.PutOptions, reserve int) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := s.check(key); err != nil {
		return err
	}
	if err := opt.Check(); err != nil {
		return err
	}
	if _, ours := opt.Metadata[tokenKey]; ours {
		return fmt.Errorf("%w: metadata key %q cannot be used", store.ErrInvalid, tokenKey)
	}
	return store.CheckMetadata(opt.Metadata, store.MaxMetadata-reserve)
}

// put sends one PutObject, with retries. Over plain http the body is read more
// than once, which is why it must be able to seek.
func (s *Store) put(ctx context.Context, key string, body io.ReadSeeker, opt store.PutOptions) (store.Object, tries, error) {
	size, err := body.Seek(0, io.SeekEnd)
	if err == nil {
		_, err = body.Seek(0, io.SeekStart)
	}
	if err != nil {
		return store.Object{}, tries{}, err
	}
	sum, err := s.checksum().told(body, opt.CRC64)
	if err != nil {
		return store.Object{}, tries{}, err
	}
	in := &awss3.PutObjectInput{
		Bucket: s.bucket(), Key: s.name(key), Body: body,
		ContentLength: &size, ContentMD5: sum.md5, ChecksumCRC64NVME: sum.crc64,
		ContentType: optional(opt.ContentType), CacheControl: optional(opt.CacheControl), Metadata: opt.Metadata,
	}
	switch {
	case opt.IfAbsent:
		in.IfNoneMatch = aws.String("*")
	case opt.IfMatch != "":
		in.IfMatch = quote(opt.IfMatch)
	}
	var o store.Object
	t, err := s.call(ctx, s.tune.limit(size), func(ctx context.Context) error {
		if _, err := body.Seek(0, io.SeekStart); err != nil {
			return err
		}
		out, err := s.client.PutObject(ctx, in)
		if err == nil && aws.ToString(out.ETag) == "" {
			return errForeign
		}
		if err == nil {
			date := s.clock.last()
			o = s.object(key, size, out.ETag, &date)
		}
		return s.heard(ctx, sum, err)
	})
	if opt.IfMatch != "" && errors.Is(err, store.ErrNotExist) {
		err = conflict(err)
	}
	return o, t, err
}

// conflict turns a fault into the failure of a condition.
func conflict(err error) error {
	f := (*fault)(nil)
	if !errors.As(err, &f) {
		return store.ErrConflict
	}
	g := *f
	g.kind = store.ErrConflict
	return &g
}

func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// holds reads the object under the key and gives it if it has these bytes.
func (s *Store) holds(ctx context.Context, key string, want []byte) (*store.Object, error) {
	b, err := s.Get(ctx, key, store.Whole, store.GetOptions{})
	if errors.Is(err, store.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, bare(err)
	}
	defer b.Close()
	if b.Length != int64(len(want)) {
		return nil, nil
	}
	got, err := io.ReadAll(b)
	if err != nil {
		return nil, bare(err)
	}
	if !bytes.Equal(got, want) {
		return nil, nil
	}
	return &b.Info.Object, nil
}
