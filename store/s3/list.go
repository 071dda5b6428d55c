package s3

import (
	"context"
	"fmt"
	"iter"
	"net/url"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"recfin/store"
)

// List yields the objects below prefix, a page of 1,000 at a time. Keys that
// others wrote come as they are, also those that CheckKey would refuse; the
// empty one (a marker object of the folder itself) is passed over. The keys and ETags
// of a page share one text: who keeps a few of many objects clones them.
func (s *Store) List(ctx context.Context, prefix string) iter.Seq2[store.Object, error] {
	return func(yield func(store.Object, error) bool) {
		last := ""
		for page, err := range s.pages(ctx, prefix, "") {
			if err != nil {
				yield(store.Object{}, s.fail("list", prefix, err))
				return
			}
			for _, e := range page.objects {
				o, err := s.listed(page, e)
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
	return strings.HasPrefix(key, store.Private) || key == strings.TrimSuffix(store.Private, "/")
}

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
