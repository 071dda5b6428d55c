package s3

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"recfin/store"
)

// maxPage is the largest page of a listing in bytes: 1,000 names of 1,024 bytes, each
// byte written as "&#x0A;", and as much again around them, are below a quarter of it.
const maxPage = 64 * mib

// listPage asks for one page of a listing. The SDK signs, resolves and reads errors as
// it does for all requests; only the decoding of a good answer is ours, because that of
// the SDK takes 14 ms of CPU time for a page of 1,000 objects.
func (s *Store) listPage(ctx context.Context, in *awss3.ListObjectsV2Input) (*page, error) {
	r := pageReader{}
	_, err := s.client.ListObjectsV2(ctx, in, awss3.WithAPIOptions(r.install))
	if err == nil && r.page == nil {
		err = unavailable("the answer is not a whole listing") // it has no body
	}
	if err != nil {
		return nil, err
	}
	return r.page, nil
}

// pageReader takes the place of the SDK's decoder of a page.
type pageReader struct {
	sdk  middleware.DeserializeMiddleware
	page *page
}

const sdkDecoder = "OperationDeserializer"

func (r *pageReader) install(stack *middleware.Stack) (err error) {
	r.sdk, err = stack.Deserialize.Swap(sdkDecoder, r)
	return err
}

// ID is that of the decoder whose place this is.
func (r *pageReader) ID() string { return sdkDecoder }

// memories are what pages were read and built in.
var memories = sync.Pool{New: func() any { return new(memory) }}

type memory struct {
	body bytes.Buffer
	b    builder
}

// HandleDeserialize reads an answer. A page that is not as plain as the scanner wants
// it is decoded by the SDK, and so is everything that is no page.
func (r *pageReader) HandleDeserialize(ctx context.Context, in middleware.DeserializeInput, next middleware.DeserializeHandler) (
	middleware.DeserializeOutput, middleware.Metadata, error,
) {
	out, meta, err := next.HandleDeserialize(ctx, in)
	resp, is := out.RawResponse.(*smithyhttp.Response)
	again := middleware.DeserializeHandlerFunc(func(context.Context, middleware.DeserializeInput) (middleware.DeserializeOutput, middleware.Metadata, error) {
		return out, meta, err
	})
	if err != nil || !is || resp.StatusCode < 200 || resp.StatusCode >= 300 {
		return r.sdk.HandleDeserialize(ctx, in, again)
	}
	m := memories.Get().(*memory)
	defer memories.Put(m)
	m.body.Reset()
	if err := readPage(&m.body, resp.Body); err != nil {
		return out, meta, err
	}
	m.b.reset()
	if !scan(m.body.Bytes(), &m.b) {
		resp.Body = io.NopCloser(bytes.NewReader(m.body.Bytes()))
		out, meta, err := r.sdk.HandleDeserialize(ctx, in, again)
		if err != nil {
			return out, meta, err
		}
		list, is := out.Result.(*awss3.ListObjectsV2Output)
		if !is {
			return out, meta, &smithy.DeserializationError{Err: fmt.Errorf("a page of type %T", out.Result)}
		}
		m.b.reset()
		if err := m.b.convert(list); err != nil {
			return out, meta, err
		}
	}
	out.Result = &awss3.ListObjectsV2Output{}
	r.page, err = m.b.finish()
	if err != nil {
		err = &fault{kind: store.ErrInvalid, text: err.Error()}
	}
	return out, meta, err
}

// readPage reads an answer to its end and closes it.
func readPage(to *bytes.Buffer, body io.ReadCloser) error {
	defer body.Close()
	n, err := to.ReadFrom(io.LimitReader(body, maxPage+1))
	switch {
	case err != nil:
		return &smithy.DeserializationError{Err: err}
	case n > maxPage:
		return &fault{kind: store.ErrInvalid, text: fmt.Sprintf("a page of the listing has more than %d bytes", maxPage)}
	}
	return nil
}

// convert takes over a page that the SDK has decoded.
func (b *builder) convert(list *awss3.ListObjectsV2Output) error {
	if list.IsTruncated != nil {
		b.truncated, b.whole = *list.IsTruncated, true
	}
	if list.KeyCount != nil {
		b.count = int(*list.KeyCount)
	}
	b.next = aws.ToString(list.NextContinuationToken)
	b.encoded = list.EncodingType == types.EncodingTypeUrl
	for i := range list.Contents {
		o := &list.Contents[i]
		if aws.ToString(o.Key) == "" || o.Size == nil || *o.Size < 0 {
			return unavailable("the listing holds an object without a name or a size")
		}
		b.object([]byte(*o.Key), []byte(aws.ToString(o.ETag)), *o.Size, aws.ToTime(o.LastModified))
	}
	for _, c := range list.CommonPrefixes {
		if aws.ToString(c.Prefix) == "" {
			return unavailable("the listing holds a folder without a name")
		}
		b.folder([]byte(*c.Prefix))
	}
	return nil
}
