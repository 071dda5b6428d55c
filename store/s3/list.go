package s3

import (
	"context"
	"fmt"
	"iter"
	"net/url"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"recfin/internal/bug"
	"recfin/store"
)

// List yields the objects below prefix, a page of 1,000 at a time. Keys that
// others wrote come as they are, also those that CheckKey would refuse; the
// empty one (a marker object of the folder itself) is passed over. The keys and ETags
// of a page share one text: who keeps a few of many objects clones them.
func (s *Store) List(ctx context.Context, prefix string) iter.Seq2[store.Object, error] {
	return func(yield func(store.Object, error) bool) {
		l := listing{s: s, yield: yield, prefix: prefix}
		if err := l.run(ctx, prefix); err != nil {
			yield(store.Object{}, s.fail("list", prefix, err))
		}
	}
}

// listing is one List under way.
type listing struct {
	s      *Store
	yield  func(store.Object, error) bool
	prefix string
	last   string // key
	err    error
}

// run reads the first pages one after the other, and what is behind them in several
// places at once.
func (l *listing) run(ctx context.Context, prefix string) error {
	p := l.s.paging(prefix, "")
	var seen []*page
	for {
		page, err := p.next(ctx)
		if err != nil {
			return err
		}
		if !l.show(page, "", "") || !page.truncated {
			return l.err
		}
		if len(seen) == spreadAfter {
			continue
		}
		if seen = append(seen, page); len(seen) < spreadAfter {
			continue
		}
		g := measure(*p.in.Prefix, int(l.s.tune.pageSize), seen)
		if width := min(spreadWidth, l.s.opt.requests()); g.depth > 0 && width > 1 {
			return l.spread(ctx, p, g, width)
		}
	}
}

func (l *listing) spread(ctx context.Context, p *paging, g gauge, width int) error {
	like := l.s.pagingBehind(p, "") // p is not to be touched from now on
	sp := newSpread(ctx, p, g)
	defer sp.end()
	c := scout{s: l.s, sp: sp, like: like, prefix: *like.in.Prefix, from: sp.spans[0].lo, width: width}
	sp.work.Go(func() {
		if err := bug.Contain(func() error { c.run(); return nil }); err != nil {
			sp.fail(err)
		}
	})
	if err := sp.each(ctx, l.show); err != nil {
		return err
	}
	return l.err
}

// show yields the objects of a page whose names are behind lo and not behind hi; empty:
// any. It reports false when there is no more to yield.
func (l *listing) show(p *page, lo, hi string) bool {
	before := ""
	for _, e := range p.objects {
		name := p.name(e)
		if name <= before { // also among those that another span tells
			l.err = disorder(name, before)
			return false
		}
		before = name
		if name <= lo && lo != "" || hi != "" && name > hi {
			continue
		}
		o, err := l.s.listed(p, e)
		if err == nil && o.Key <= l.last && o.Key != "" {
			err = disorder(o.Key, l.last)
		}
		if err != nil {
			l.err = err
			return false
		}
		l.last = o.Key
		if o.Key != "" && !store.Hidden(o.Key, l.prefix) && !l.yield(o, nil) {
			return false
		}
	}
	return true
}

func disorder(name, before string) error {
	return fmt.Errorf("%w: key %s follows %s", errDisorder, store.Printable(name), store.Printable(before))
}

// errDisorder ends a listing that is not in byte order: what comes next might
// have been left out, or come for ever.
var errDisorder = fmt.Errorf("%w: the listing of the store is out of order", store.ErrInvalid)

func (s *Store) listed(p *page, e entry) (store.Object, error) {
	key, err := s.relative(p.name(e), "")
	if err != nil {
		return store.Object{}, err
	}
	return store.Object{Store: s.opt.Label, Key: key, Size: e.size, ETag: p.etag(e), Modified: e.modified()}, nil
}

// relative decodes a name of a listing and takes the prefix of the store away.
func (s *Store) relative(name string, enc types.EncodingType) (string, error) {
	name, err := plain(name, enc)
	if err != nil {
		return "", err
	}
	key, below := strings.CutPrefix(name, s.opt.Prefix)
	if !below {
		return "", fmt.Errorf("%w: the listing holds a key outside of its prefix: %q", store.ErrInvalid, name)
	}
	return key, nil
}

// plain decodes a name of a listing.
func plain(name string, enc types.EncodingType) (string, error) {
	if enc != types.EncodingTypeUrl {
		return name, nil
	}
	decoded, err := url.QueryUnescape(name)
	if err != nil {
		return "", fmt.Errorf("%w: the listing holds a key that is not well encoded: %q", store.ErrInvalid, name)
	}
	return decoded, nil
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
			for _, e := range page.folders {
				key, err := s.relative(page.name(e), "")
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
