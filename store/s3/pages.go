package s3

import (
	"context"
	"fmt"
	"iter"

	"github.com/aws/aws-sdk-go-v2/aws"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// maxEmpty is how many pages without a name a listing may have one after the
// other. Where much was deleted some are to be expected; for ever is a defect.
const maxEmpty = 1000

// pages asks for one page after the other. An error is its last pair.
func (s *Store) pages(ctx context.Context, prefix, delimiter string) iter.Seq2[*page, error] {
	return func(yield func(*page, error) bool) {
		p := s.paging(prefix, delimiter)
		for {
			page, err := p.next(ctx)
			if !yield(page, err) || err != nil || !page.truncated {
				return
			}
		}
	}
}

// paging is a listing under way.
type paging struct {
	s     *Store
	in    *awss3.ListObjectsV2Input
	last  string // name that was seen
	empty int    // pages without a name, of late
}

func (s *Store) paging(prefix, delimiter string) *paging {
	return s.pagingOf(s.opt.Prefix+prefix, delimiter)
}

// pagingOf is paging by a prefix as the bucket knows it.
func (s *Store) pagingOf(prefix, delimiter string) *paging {
	p := &paging{s: s, in: &awss3.ListObjectsV2Input{
		Bucket:       s.bucket(),
		Prefix:       &prefix,
		EncodingType: types.EncodingTypeUrl,
		MaxKeys:      &s.tune.pageSize,
	}}
	if delimiter != "" {
		p.in.Delimiter = &delimiter
	}
	return p
}

// pagingBehind is a listing like another one that begins behind a name.
func (s *Store) pagingBehind(like *paging, name string) *paging {
	in := *like.in
	in.ContinuationToken, in.StartAfter = nil, &name
	return &paging{s: s, in: &in}
}

// next asks for the page that follows.
func (p *paging) next(ctx context.Context) (*page, error) {
	page, err := p.page(ctx)
	if err != nil {
		return nil, err
	}
	if page.truncated {
		if page.next == "" || page.next == aws.ToString(p.in.ContinuationToken) {
			return nil, unavailable("the listing is cut off and does not say how it goes on")
		}
		p.in.ContinuationToken, p.in.StartAfter = &page.next, nil
	}
	if page.end != "" {
		p.last, p.empty = page.end, 0
	} else if p.empty++; p.empty > maxEmpty {
		return nil, unavailable("the listing goes on and holds nothing")
	}
	return page, nil
}

// page asks for one page. A page that holds less than it says was cut short on
// its way, and must not pass for a short listing. One that begins at or before
// the last name of the page before it came twice: what should be in its place
// would be missing.
func (p *paging) page(ctx context.Context) (*page, error) {
	var page *page
	_, err := p.s.call(ctx, p.s.tune.limit(0), func(ctx context.Context) (err error) {
		page, err = p.s.listPage(ctx, p.in)
		if err != nil {
			return err
		}
		if !page.whole {
			return unavailable("the answer is not a whole listing")
		}
		if page.found() < page.count {
			return unavailable(fmt.Sprintf("a page of the listing holds %d of %d keys", page.found(), page.count))
		}
		if page.found() > 0 && p.last != "" && page.begin <= p.last {
			return unavailable("a page of the listing came twice")
		}
		return nil
	})
	return page, err
}
