package s3

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"recfin/store"
)

// Head asks for one object.
func (s *Store) Head(ctx context.Context, key string) (store.Info, error) {
	if err := s.check(key); err != nil {
		return store.Info{}, s.fail("head", key, err)
	}
	var info store.Info
	_, err := s.call(ctx, s.tune.limit(0), func(ctx context.Context) (err error) {
		info, err = s.headOnce(ctx, key)
		return err
	})
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
func (s *Store) headOnce(ctx context.Context, key string) (store.Info, error) {
	out, err := s.client.HeadObject(ctx, &awss3.HeadObjectInput{
		Bucket: s.bucket(), Key: s.name(key), ChecksumMode: types.ChecksumModeEnabled,
	})
	if err != nil {
		return store.Info{}, err
	}
	if out.ContentLength == nil {
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
	if err != nil {
		p.close()
		cancel()
		return store.Body{}, s.fail("get", key, err)
	}
	delete(p.info.Metadata, tokenKey)
	b := &body{s: s, ctx: ctx, cancel: cancel, key: key, pin: opt.IfMatch, rc: p.rc, off: p.lo, end: p.hi}
	if opt.Prove && p.lo == 0 && p.hi == p.info.Size {
		b.proof = p.proof(ask)
	}
	return store.Body{ReadCloser: b, Info: p.info, Length: p.hi - p.lo, Proved: b.proof != nil}, nil
}

// header is a range as HTTP writes it; empty for a whole object.
func header(r store.Range) string {
	switch {
	case r.Off < 0:
		return "bytes=" + strconv.FormatInt(r.Off, 10)
	case r.Len > 0 && r.Off <= math.MaxInt64-r.Len:
		return fmt.Sprintf("bytes=%d-%d", r.Off, r.Off+r.Len-1)
	case r.Len > 0 || r.Off > 0:
		return fmt.Sprintf("bytes=%d-", r.Off)
	}
	return ""
}

// part is an opened part [lo, hi) of an object.
type part struct {
	info   store.Info
	rc     io.ReadCloser
	lo, hi int64
	sums   *awss3.GetObjectOutput // for its checksums; nil where no body came
}

func (p part) close() {
	if p.rc != nil {
		_ = p.rc.Close()
	}
}

// admit checks that the part is the one of the pinned version that was asked for.
func (p part) admit(r store.Range, opt store.GetOptions) error {
	if !opt.Admits(p.info.Object) {
		return store.ErrChanged
	}
	if err := r.Check(p.info.Size); err != nil {
		return err
	}
	if lo, hi := r.Bounds(p.info.Size); lo != p.lo || hi != p.hi {
		return fmt.Errorf("%w: the store answers with bytes %d to %d of %d, not with those asked for", store.ErrInvalid, p.lo, p.hi, p.info.Size)
	}
	return nil
}

// request is what a read asks for.
type request struct {
	key, span, pin string // the latter two may be empty
	prove          bool
}

// open sends the request; ctx lives on in the body.
func (s *Store) open(ctx context.Context, ask request) (part, error) {
	in := &awss3.GetObjectInput{Bucket: s.bucket(), Key: s.name(ask.key)}
	if ask.span != "" {
		in.Range = &ask.span
	}
	if ask.pin != "" {
		in.IfMatch = quote(ask.pin)
	}
	var how []func(*awss3.Options)
	if ask.prove {
		// Not by ChecksumMode: the SDK would compute what we compute, and could not
		// over a body that broke and is continued.
		how = append(how, awss3.WithAPIOptions(smithyhttp.AddHeaderValue("X-Amz-Checksum-Mode", "ENABLED")))
	}
	var p part
	_, err := s.call(ctx, s.tune.limit(0), func(attempt context.Context) error {
		live := ctx
		if wantsFresh(attempt) {
			live = withFresh(ctx)
		}
		out, err := s.client.GetObject(live, in, how...)
		if err != nil {
			return err
		}
		if p, err = s.opened(ask.key, out); err != nil {
			_ = out.Body.Close()
		}
		return err
	})
	if errors.Is(err, store.ErrConflict) { // 412
		err = store.ErrChanged
	}
	return p, err
}

func (s *Store) opened(key string, out *awss3.GetObjectOutput) (part, error) {
	p := part{rc: out.Body}
	var size int64
	switch {
	case out.ContentRange != nil:
		var err error
		if p.lo, p.hi, size, err = parseContentRange(*out.ContentRange); err != nil {
			return part{}, err
		}
	case out.ContentLength != nil && *out.ContentLength >= 0:
		size = *out.ContentLength
		p.hi = size
	default:
		return part{}, unavailable("the answer does not say how long the object is")
	}
	p.info = store.Info{
		Object:      s.object(key, size, out.ETag, out.LastModified),
		Metadata:    lower(out.Metadata),
		ContentType: aws.ToString(out.ContentType),
		Expires:     expires(aws.ToString(out.Expiration)),
		CRC64:       toHex(out.ChecksumCRC64NVME),
		Version:     version(out.VersionId),
	}
	p.sums = out
	return p, nil
}

// parseContentRange reads "bytes 0-9/100" as [0, 10) of 100.
func parseContentRange(text string) (lo, hi, size int64, err error) {
	bad := &fault{kind: store.ErrInvalid, text: "the store answers with an odd Content-Range"}
	span, total, ok := strings.Cut(strings.TrimPrefix(text, "bytes "), "/")
	first, last, ok2 := strings.Cut(span, "-")
	if !ok || !ok2 {
		return 0, 0, 0, bad
	}
	lo, err1 := strconv.ParseInt(first, 10, 64)
	hi, err2 := strconv.ParseInt(last, 10, 64)
	size, err3 := strconv.ParseInt(total, 10, 64)
	if err1 != nil || err2 != nil || err3 != nil || lo < 0 || hi < lo || hi >= size {
		return 0, 0, 0, bad
	}
	return lo, hi + 1, size, nil
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
