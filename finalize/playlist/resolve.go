package playlist

import (
	"net/url"
	"path"
	"slices"
	"strings"
	"unicode/utf8"
)

// maxKey is the longest key of an object in bytes, maxPath the longest path of a
// URI that is looked at: no key is longer than that, however it is escaped.
const (
	maxKey  = 1024
	maxPath = 6 * maxKey
)

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
	dir := base[:strings.LastIndexByte(base, '/')+1]
	for _, form := range forms(rest) {
		if absolute {
			c.endsOf(tail(form, maxPath))
			continue
		}
		if len(form) > maxPath {
			continue
		}
		c.add(merge(dir, form, true))
		c.add(merge(dir, form, false))
		for _, s := range spellings(form) {
			c.add(clean(dir + s))
			c.add(dir + s)
		}
	}
	return c.keys
}

const schemeLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-."

// afterHost takes a scheme and a host away. absolute: there was one, or the path
// begins at the root.
func afterHost(uri string) (rest string, absolute bool) {
	head, rest, found := strings.Cut(uri, "://")
	if found && head != "" && strings.Trim(head, schemeLetters) == "" {
		_, rest, _ = strings.Cut(rest, "/")
		return rest, true
	}
	if strings.HasPrefix(uri, "/") {
		return strings.TrimLeft(uri, "/"), true
	}
	return uri, false
}

// forms gives a URI without query and fragment, then with what of them may belong
// to the name; none of them is empty.
func forms(uri string) []string {
	all := []string{uri}
	if plain, _, ok := strings.Cut(uri, "#"); ok {
		all = append(all, plain)
	}
	if plain, _, ok := strings.Cut(all[len(all)-1], "?"); ok {
		all = append(all, plain)
	}
	slices.Reverse(all)
	return slices.DeleteFunc(all, func(s string) bool { return s == "" })
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
	seen map[string]bool // of keys, once they are many
}

// few is how many keys are looked through one by one.
const few = 16

// add takes what can be a key.
func (c *candidates) add(key string) {
	if key == "" || len(key) > maxKey || key[0] == '/' || !utf8.ValidString(key) {
		return
	}
	if c.seen == nil {
		if slices.Contains(c.keys, key) {
			return
		}
		if len(c.keys) == few {
			c.seen = make(map[string]bool, 2*few)
			for _, k := range c.keys {
				c.seen[k] = true
			}
		}
	}
	if c.seen != nil {
		if c.seen[key] {
			return
		}
		c.seen[key] = true
	}
	c.keys = append(c.keys, key)
}

// endsOf adds every key that a path ends in, those of most elements first, and
// of as many elements the best reading first.
func (c *candidates) endsOf(p string) {
	readings := []string{merge("", p, true), merge("", p, false)}
	for _, s := range spellings(p) {
		readings = append(readings, clean(s), s)
	}
	most := 0
	var all [][]string // the ends of each reading, the shortest first
	for i, s := range readings {
		if slices.Contains(readings[:i], s) {
			continue
		}
		e := ends(tail(s, maxKey))
		most = max(most, len(e))
		all = append(all, e)
	}
	for n := most - 1; n >= 0; n-- {
		for _, e := range all {
			if n < len(e) {
				c.add(e[n])
			}
		}
	}
}

// tail gives the last elements of a path that has more than n bytes: as many as
// fit.
func tail(p string, n int) string {
	if over := len(p) - n; over > 0 {
		_, p, _ = strings.Cut(p[over-1:], "/")
	}
	return p
}

// ends gives the last element of a path, the last two, and so on.
func ends(p string) []string {
	var e []string
	for at := len(p); at >= 0; {
		at = strings.LastIndexByte(p[:at], '/')
		e = append(e, p[at+1:])
	}
	return e
}
