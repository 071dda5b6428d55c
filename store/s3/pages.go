package s3

import (
	"context"
	"fmt"
	"iter"

	"github.com/aws/aws-sdk-go-v2/aws"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"recfin/store"
)

// maxEmpty is how many pages without a name a listing may have one after the
// other. Where much was deleted some are to be expected; for ever is a defect.
const maxEmpty = 1000

// pages asks for one page after the other. Their names are plain. An error is
// its last pair.
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
		last, empty := "", 0
		for {
			page, err := s.page(ctx, in, last)
			more := err == nil && aws.ToBool(page.IsTruncated)
			if more {
				err = follow(in, page)
			}
			if err == nil {
				if _, end := ends(page); end != "" {
					last, empty = end, 0
				} else if empty++; empty > maxEmpty {
					err = unavailable("the listing goes on and holds nothing")
				}
			}
			if err != nil {
				yield(nil, err)
				return
			}
			if !yield(page, nil) || !more {
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
// its way, and must not pass for a short listing. One that begins at or before
// the last name of the page before it came twice: what should be in its place
// would be missing.
func (s *Store) page(ctx context.Context, in *awss3.ListObjectsV2Input, last string) (*awss3.ListObjectsV2Output, error) {
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
		if err := decode(page); err != nil {
			return &fault{kind: store.ErrInvalid, text: err.Error()}
		}
		if begin, _ := ends(page); found > 0 && last != "" && begin <= last {
			return unavailable("a page of the listing came twice")
		}
		return nil
	})
	return page, err
}

// decode makes the names of a page plain.
func decode(page *awss3.ListObjectsV2Output) error {
	for i := range page.Contents {
		name, err := plain(aws.ToString(page.Contents[i].Key), page.EncodingType)
		if err != nil {
			return err
		}
		page.Contents[i].Key = &name
	}
	for i := range page.CommonPrefixes {
		name, err := plain(aws.ToString(page.CommonPrefixes[i].Prefix), page.EncodingType)
		if err != nil {
			return err
		}
		page.CommonPrefixes[i].Prefix = &name
	}
	return nil
}

// ends gives the first and the last name of a page; empty: it has none.
func ends(page *awss3.ListObjectsV2Output) (first, last string) {
	note := func(name *string) {
		n := aws.ToString(name)
		if first == "" || n < first {
			first = n
		}
		last = max(last, n)
	}
	for i := range page.Contents {
		note(page.Contents[i].Key)
	}
	for i := range page.CommonPrefixes {
		note(page.CommonPrefixes[i].Prefix)
	}
	return first, last
}
