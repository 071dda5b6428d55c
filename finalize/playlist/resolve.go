package playlist

import (
	"cmp"
	"net/url"
	"path"
	"slices"
	"strings"
	"unicode/utf8"
)

// maxKey is the longest key of an object in bytes.
const maxKey = 1024

// Resolve gives the keys that a URI may mean which stands in the playlist or
// manifest with the key base, best first and each once. Which of them is meant,
// the listing tells.
//
// A relative URI is resolved as RFC 3986 §5.2 wants it and percent-decoded;
// then come the readings of writers that do not encode, that count on empty or
// dotted path segments being cleaned away or kept, and that mean the query or the
// fragment as part of the name. Of a URI with a scheme or a host or from the root
// it cannot be told where the bucket and the prefix of the store end: it may be
// every key that its path ends in, the longest first.
//
// It is the inverse of [RelativeURI]: the first key is the one that a relative
// reference was made for.
func Resolve(base, uri string) []string {
	var c candidates
	rest, absolute := afterHost(uri)
	for _, form := range forms(rest) {
		if absolute {
			c.suffixes(form)
			continue
		}
		dir := base[:strings.LastIndexByte(base, '/')+1]
		c.add(merge(dir, form, true))
		c.add(merge(dir, form, false))
		for _, f := range spellings(form) {
			c.add(clean(dir + f))
			c.add(dir + f)
		}
	}
	if absolute {
		slices.SortStableFunc(c.keys, func(a, b string) int {
			return cmp.Compare(strings.Count(b, "/"), strings.Count(a, "/"))
		})
	}
	return c.keys
}

// afterHost takes a scheme and a host away. absolute: there was one, or the path
// begins at the root.
func afterHost(uri string) (rest string, absolute bool) {
	head, rest, found := strings.Cut(uri, "://")
	if found && head != "" && strings.Trim(head, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-.") == "" {
		_, rest, _ = strings.Cut(rest, "/")
		return rest, true
	}
	if strings.HasPrefix(uri, "/") {
		return strings.TrimLeft(uri, "/"), true
	}
	return uri, false
}

// forms gives a URI without query and fragment, and with what of them may belong
// to the name.
func forms(uri string) []string {
	all := []string{uri}
	if plain, _, ok := strings.Cut(uri, "#"); ok {
		all = append(all, plain)
	}
	if plain, _, ok := strings.Cut(all[len(all)-1], "?"); ok {
		all = append(all, plain)
	}
	slices.Reverse(all)
	return all
}

// spellings gives a path percent-decoded, where that is possible, and as it is.
func spellings(p string) []string {
	if decoded, err := url.PathUnescape(p); err == nil && decoded != p {
		return []string{decoded, p}
	}
	return []string{p}
}

// merge resolves a relative path against a folder, which ends in a slash
// or is the root. Empty segments stay.
func merge(dir, p string, decode bool) string {
	var to []string
	if dir != "" {
		to = strings.Split(strings.TrimSuffix(dir, "/"), "/")
	}
	for element := range strings.SplitSeq(p, "/") {
		switch element {
		case ".":
		case "..":
			to = to[:max(len(to)-1, 0)]
		default:
			if decode {
				element = spellings(element)[0]
			}
			to = append(to, element)
		}
	}
	return strings.Join(to, "/")
}

// clean takes empty and dotted segments away.
func clean(p string) string { return strings.TrimPrefix(path.Clean("/"+p), "/") }

// candidates collects keys.
type candidates struct {
	keys []string
	seen map[string]bool
}

// add takes what can be a key.
func (c *candidates) add(key string) {
	if key == "" || len(key) > maxKey || key[0] == '/' || c.seen[key] || !utf8.ValidString(key) {
		return
	}
	if c.seen == nil {
		c.seen = map[string]bool{}
	}
	c.seen[key] = true
	c.keys = append(c.keys, key)
}

// suffixes adds every key that a path ends in.
func (c *candidates) suffixes(p string) {
	for _, s := range []string{merge("", p, true), merge("", p, false)} {
		c.ends(s)
	}
	for _, s := range spellings(p) {
		c.ends(clean(s))
		c.ends(s)
	}
}

func (c *candidates) ends(s string) {
	if n := len(s) - maxKey; n > 0 { // a key ends at most that far before the end
		_, s, _ = strings.Cut(s[n-1:], "/")
	}
	for s != "" {
		c.add(s)
		_, s, _ = strings.Cut(s, "/")
	}
}
