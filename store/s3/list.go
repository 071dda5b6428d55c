package s3

import (
	"context"
	"fmt"
	"iter"
	"net/url"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"recfin/store"
)

// List yields the objects below prefix, a page of 1,000 at a time. Keys that
// others wrote come as they are, also those that CheckKey would refuse; the
// empty one (a marker object of the folder itself) is passed over.
func (s *Store) List(ctx context.Context, prefix string) iter.Seq2[store.Object, error] {
	return func(yield func(store.Object, error) bool) {
		last := ""
		for page, err := range s.pages(ctx, prefix, "") {
			if err != nil {
				yield(store.Object{}, s.fail("list", prefix, err))
				return
			}
			for i := range page.Contents {
				o, err := s.listed(&page.Contents[i], page.EncodingType)
				if err == nil && o.Key <= last && o.Key != "" {
					err = fmt.Errorf("%w: key %s follows %s", errDisorder, store.Printable(o.Key), store.Printable(last))
				}
				if err != nil {
					yield(store.Object{}, s.fail("list", prefix, err))
					return
				}
				last = o.Key
				if o.Key != "" && !private(o.Key) && !yield(o, nil) {
					return
				}
			}
		}
	}
}

// errDisorder ends a listing that is not in byte order: what comes next might
// have been left out, or come for ever.
var errDisorder = fmt.Errorf("%w: the listing of the store is out of order", store.ErrInvalid)

// private reports whether the key is never listed.
func private(key string) bool {
	return key+"/" == store.Private || strings.HasPrefix(key, store.Private)
}

func (s *Store) listed(c *types.Object, enc types.EncodingType) (store.Object, error) {
	key, err := s.relative(aws.ToString(c.Key), enc)
	if err != nil {
		return store.Object{}, err
	}
	return store.Object{
		Store:    s.opt.Label,
		Key:      key,
		Size:     aws.ToInt64(c.Size),
		ETag:     unquote(aws.ToString(c.ETag)),
		Modified: aws.ToTime(c.LastModified).UTC(),
	}, nil
}

// relative decodes a name of a listing and takes the prefix of the store away.
func (s *Store) relative(name string, enc types.EncodingType) (string, error) {
	if enc == types.EncodingTypeUrl {
		plain, err := url.QueryUnescape(name)
		if err != nil {
			return "", fmt.Errorf("%w: the listing holds a key that is not well encoded: %q", store.ErrInvalid, name)
		}
		name = plain
	}
	key, below := strings.CutPrefix(name, s.opt.Prefix)
	if !below {
		return "", fmt.Errorf("%w: the listing holds a key outside of its prefix: %q", store.ErrInvalid, name)
	}
	return key, nil
}

// Folders yields the next elements below prefix, by a listing with a delimiter.
func (s *Store) Folders(ctx context.Context, prefix string) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		if prefix != "" && !strings.HasSuffix(prefix, "/") {
			yield("", s.fail("list", prefix, fmt.Errorf("%w: a folder ends in a slash", store.ErrInvalid)))
			return
		}
		last := ""
		for page, err := range s.pages(ctx, prefix, "/") {
			if err != nil {
				yield("", s.fail("list", prefix, err))
				return
			}
			for _, c := range page.CommonPrefixes {
				key, err := s.relative(aws.ToString(c.Prefix), page.EncodingType)
				if err == nil && key <= last {
					err = fmt.Errorf("%w: folder %s follows %s", errDisorder, store.Printable(key), store.Printable(last))
				}
				if err != nil {
					yield("", s.fail("list", prefix, err))
					return
				}
				last = key
				name := strings.TrimSuffix(strings.TrimPrefix(key, prefix), "/")
				if name != "" && key != store.Private && !yield(name, nil) {
					return
				}
			}
		}
	}
}

// pages asks for one page after the other. An error is its last pair.
func (s *Store) pages(ctx context.Context, prefix, delimiter string) iter.Seq2[*awss3.ListObjectsV2Output, error] {
	return func(yield func(*awss3.ListObjectsV2Output, error) bool) {
		in := &awss3.ListObjectsV2Input{
			Bucket:       s.bucket(),
			Prefix:       s.name(prefix),
			EncodingType: types.EncodingTypeUrl,
			MaxKeys:      &s.tune.pageSize,
		}
		if delimiter != "" {
			in.Delimiter = &delimiter
		}
		for {
			page, err := s.page(ctx, in)
			if err == nil && aws.ToBool(page.IsTruncated) {
				err = follow(in, page)
			}
			if err != nil {
				yield(nil, err)
				return
			}
			if !yield(page, nil) || !aws.ToBool(page.IsTruncated) {
				return
			}
		}
	}
}

// follow makes in the request for the page after this one.
func follow(in *awss3.ListObjectsV2Input, page *awss3.ListObjectsV2Output) error {
	next := aws.ToString(page.NextContinuationToken)
	if next == "" || next == aws.ToString(in.ContinuationToken) {
		return unavailable("the listing is cut off and does not say how it goes on")
	}
	in.ContinuationToken = &next
	return nil
}

// page asks for one page. A page that holds less than it says was cut short on
// its way, and must not pass for a short listing.
func (s *Store) page(ctx context.Context, in *awss3.ListObjectsV2Input) (*awss3.ListObjectsV2Output, error) {
	var page *awss3.ListObjectsV2Output
	_, err := s.call(ctx, s.tune.limit(0), func(ctx context.Context) (err error) {
		page, err = s.client.ListObjectsV2(ctx, in)
		if err != nil {
			return err
		}
		if page.IsTruncated == nil {
			return unavailable("the answer is not a whole listing")
		}
		found := len(page.Contents) + len(page.CommonPrefixes)
		if found < int(aws.ToInt32(page.KeyCount)) {
			return unavailable(fmt.Sprintf("a page of the listing holds %d of %d keys", found, *page.KeyCount))
		}
		return nil
	})
	return page, err
}
