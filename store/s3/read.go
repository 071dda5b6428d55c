package s3

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"recfin/store"
)

// Head asks for one object and for the checksum of the whole of it.
func (s *Store) Head(ctx context.Context, key string) (store.Info, error) {
	return s.head(ctx, key, types.ChecksumModeEnabled)
}

// head asks for one object. The checksum of one that is encrypted (SSE-KMS) is told
// to those only who may decrypt it: who does not need it does not ask.
func (s *Store) head(ctx context.Context, key string, sums types.ChecksumMode) (store.Info, error) {
	if err := s.check(key); err != nil {
		return store.Info{}, s.fail("head", key, err)
	}
	var info store.Info
	_, err := s.call(ctx, s.tune.limit(0), func(ctx context.Context) (err error) {
		info, err = s.headOnce(ctx, key, sums)
		return err
	})
	if errors.Is(err, store.ErrNotExist) && nameless(err) {
		if sure := s.gone(ctx, key); sure != nil {
			err = sure
		}
	}
	if err != nil {
		return store.Info{}, s.fail("head", key, err)
	}
	if info.CRC64 != "" {
		s.tellsCRC64.Store(true)
	}
	delete(info.Metadata, tokenKey)
	return info, nil
}

// headOnce asks once, and leaves our token in the metadata.
func (s *Store) headOnce(ctx context.Context, key string, sums types.ChecksumMode) (store.Info, error) {
	out, err := s.client.HeadObject(ctx, &awss3.HeadObjectInput{
		Bucket: s.bucket(), Key: s.name(key), ChecksumMode: sums,
	})
	if err != nil {
		return store.Info{}, err
	}
	switch {
	case foreign(out.ETag, out.LastModified, false):
		return store.Info{}, errForeign
	case out.ContentLength == nil:
		return store.Info{}, unavailable("the answer does not say how long the object is")
	}
	return store.Info{
		Object:      s.object(key, *out.ContentLength, out.ETag, out.LastModified),
		Metadata:    lower(out.Metadata),
		ContentType: aws.ToString(out.ContentType),
		Expires:     expires(aws.ToString(out.Expiration)),
		CRC64:       toHex(out.ChecksumCRC64NVME),
		Version:     version(out.VersionId),
	}, nil
}

// version is the name of a version that outlives a delete. "null" is that of a
// bucket without versions, or where they are suspended: then it does not.
func version(id *string) string {
	if aws.ToString(id) == "null" {
		return ""
	}
	return aws.ToString(id)
}

// expires reads x-amz-expiration: expiry-date="Fri, 21 Dec 2012 00:00:00 GMT",
// rule-id="…". Zero: there is none, or it cannot be read.
func expires(header string) time.Time {
	_, date, _ := strings.Cut(header, `expiry-date="`)
	date, _, _ = strings.Cut(date, `"`)
	t, err := http.ParseTime(date)
	if err != nil {
		return time.Time{}
	}
	return t.UTC()
}

func (s *Store) object(key string, size int64, etag *string, modified *time.Time) store.Object {
	o := store.Object{Store: s.opt.Label, Key: key, Size: size, ETag: unquote(aws.ToString(etag))}
	if modified != nil {
		o.Modified = modified.UTC()
	}
	return o
}

// lower copies metadata with keys in lower case.
func lower(m map[string]string) map[string]string {
	if len(m) == 0 {
		return nil
	}
	out := make(map[string]string, len(m))
	for k, v := range maps.All(m) {
		out[strings.ToLower(k)] = v
	}
	return out
}

// unquote takes the quotes of an ETag away; a weak one stays marked as such.
func unquote(etag string) string {
	rest, weak := strings.CutPrefix(etag, "W/")
	rest = strings.TrimSuffix(strings.TrimPrefix(rest, `"`), `"`)
	if weak {
		return "W/" + rest
	}
	return rest
}

func quote(etag string) *string { return aws.String(`"` + etag + `"`) }

// Get opens a part of an object. A store that does not look at If-Match is
// found out by the ETag of its answer.
func (s *Store) Get(ctx context.Context, key string, r store.Range, opt store.GetOptions) (store.Body, error) {
	err := s.check(key)
	if err == nil && r.Len < 0 {
		err = r.Check(0)
	}
	if err != nil {
		return store.Body{}, s.fail("get", key, err)
	}
	ctx, cancel := context.WithCancel(ctx)
	ask := request{key: key, span: header(r), pin: opt.IfMatch, prove: opt.Prove}
	if r.Off == 0 && r.Len > 0 && r.Len == opt.Size && (opt.Sized || opt.IfMatch != "") {
		ask.span = "" // all of it: a checksum comes with the whole only
	}
	p, err := s.open(ctx, ask)
	if errors.Is(err, store.ErrRange) {
		p, err = s.outside(ctx, key, r)
	}
	if err == nil {
		err = p.admit(r, opt)
	}
	if errors.Is(err, store.ErrChanged) && p.info.ETag == opt.IfMatch && opt.IfMatch != "" {
		err = s.shorter(ctx, key, p.info.Size, opt, err)
	}
	if err != nil {
		p.close()
		cancel()
		return store.Body{}, s.fail("get", key, err)
	}
	delete(p.info.Metadata, tokenKey)
	b := &body{s: s, ctx: ctx, cancel: cancel, key: key, pin: opt.IfMatch, rc: p.rc, from: p.lo, off: p.lo, end: p.hi}
	if opt.Prove && p.lo == 0 && p.hi == p.info.Size {
		b.proof = p.proof(ask)
	}
	return store.Body{ReadCloser: b, Info: p.info, Length: p.hi - p.lo, Proved: b.proof != nil}, nil
}

// outside answers a range that the store found no byte in. No range fits an
// empty object, of which the contract gives an empty body.
func (s *Store) outside(ctx context.Context, key string, r store.Range) (part, error) {
	info, err := s.Head(ctx, key)
	if err != nil {
		return part{}, bare(err)
	}
	lo, hi := r.Bounds(info.Size)
	if lo != hi { // it was another version that the range did not fit
		return part{}, store.ErrChanged
	}
	return part{info: info, lo: lo, hi: hi}, nil
}

// shorter looks once more where the version that was asked for came with another
// size. Where the store stands by the size that the caller knows, the answer was cut
// on its way and has been given a length that fits: that says nothing of the object.
func (s *Store) shorter(ctx context.Context, key string, size int64, opt store.GetOptions, changed error) error {
	info, err := s.head(ctx, key, "")
	switch {
	case errors.Is(err, store.ErrNotExist):
		return changed
	case err != nil:
		return bare(err)
	case info.Size == size || !opt.Admits(info.Object):
		return changed
	}
	return unavailable(fmt.Sprintf("the answer is for %d of its %d bytes", size, info.Size))
}

// bare takes what the contract puts around an error away again.
func bare(err error) error {
	if e := (*store.Error)(nil); errors.As(err, &e) {
		return e.Err
	}
	return err
}

// Now gives the Date of the last answer, or asks where that is older than a second.
func (s *Store) Now(ctx context.Context) (time.Time, error) {
	if err := ctx.Err(); err != nil {
		return time.Time{}, s.fail("ask the time", "", err)
	}
	if date, ok := s.clock.fresh(time.Second); ok {
		return date, nil
	}
	var answered error
	_, err := s.call(ctx, s.tune.limit(0), func(ctx context.Context) error {
		_, answered = s.client.HeadBucket(ctx, &awss3.HeadBucketInput{Bucket: s.bucket()})
		if _, ok := s.clock.fresh(time.Second); ok {
			return nil
		}
		if answered == nil {
			return unavailable("its answers carry no date")
		}
		return answered
	})
	if err != nil {
		return time.Time{}, s.fail("ask the time", "", err)
	}
	return s.clock.last(), nil
}
