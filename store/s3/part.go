package s3

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"recfin/store"
)

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
		out, err := s.get(ctx, attempt, in, how)
		if err != nil {
			return err
		}
		if p, err = s.opened(ask, out); err != nil {
			_ = out.Body.Close()
		}
		return err
	})
	if errors.Is(err, store.ErrConflict) { // 412
		err = store.ErrChanged
	}
	return p, err
}

// get sends one GetObject. attempt bounds the wait for the answer, ctx lives on in
// its body.
func (s *Store) get(ctx, attempt context.Context, in *awss3.GetObjectInput, how []func(*awss3.Options)) (*awss3.GetObjectOutput, error) {
	if wantsFresh(attempt) {
		ctx = withFresh(ctx)
	}
	live, cancel := context.WithCancel(ctx)
	stop := context.AfterFunc(attempt, cancel)
	out, err := s.client.GetObject(live, in, how...)
	if late := !stop(); late {
		if err == nil {
			_ = out.Body.Close()
		}
		err = attempt.Err()
	}
	if err != nil {
		cancel()
		return nil, err
	}
	out.Body = &cancelling{out.Body, cancel}
	return out, nil
}

func (s *Store) opened(ask request, out *awss3.GetObjectOutput) (part, error) {
	if foreign(out.ETag, out.LastModified, ask.pin != "") {
		return part{}, errForeign
	}
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
		Object:      s.object(ask.key, size, out.ETag, out.LastModified),
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
