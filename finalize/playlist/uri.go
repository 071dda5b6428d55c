package playlist

import (
	"fmt"
	"net/url"
	"strings"
)

// RelativeURI gives the reference (RFC 3986 §4.2) that leads from a playlist in
// the folder fromDir to an object, both of them keys of one store; a slash at
// the end of fromDir means nothing. The reference is percent-encoded: it is
// one line of plain ASCII, whatever the key holds.
//
// Not only what RFC 3986 reserves is encoded but also '+', which some servers
// read as a space, and a ':' in the first path segment, which would make the
// rest of it a scheme.
//
// No reference leads to a key that [Addressable] denies.
func RelativeURI(fromDir, key string) string {
	from := strings.Split(strings.TrimSuffix(fromDir, "/"), "/")
	if fromDir == "" || fromDir == "/" {
		from = nil
	}
	to := strings.Split(key, "/")
	common := 0
	for common < len(from) && common < len(to)-1 && from[common] == to[common] {
		common++
	}
	var b strings.Builder
	up := len(from) - common
	for range up {
		b.WriteString("../")
	}
	// An empty first segment would make "/…" (another root), "//…" (another
	// host) or "" (the playlist itself).
	if up == 0 && to[common] == "" {
		b.WriteString("./")
	}
	for i, element := range to[common:] {
		if i > 0 {
			b.WriteByte('/')
		}
		escape(&b, element, up == 0 && i == 0)
	}
	return b.String()
}

// Addressable reports whether a URL can name the object at all. A key with an
// element "." or ".." is another path for every client, encoded or not
// (RFC 3986 §5.2.4, §6.2.2.2).
func Addressable(key string) bool {
	for element := range strings.SplitSeq(key, "/") {
		if element == "." || element == ".." {
			return false
		}
	}
	return true
}

// escape percent-encodes one path segment.
func escape(b *strings.Builder, element string, first bool) {
	const hex = "0123456789ABCDEF"
	for i := range len(element) {
		c := element[i]
		if plain(c) && (c != ':' || !first) {
			b.WriteByte(c)
			continue
		}
		b.WriteByte('%')
		b.WriteByte(hex[c>>4])
		b.WriteByte(hex[c&15])
	}
}

// plain reports whether a byte of a path segment stands for itself: pchar of
// RFC 3986 §3.3 without '+'.
func plain(c byte) bool {
	switch {
	case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9':
		return true
	}
	return strings.IndexByte("-._~!$&'()*,;=:@", c) >= 0
}

// checkURI says why a text cannot stand as a URI line, or nil. Queries and
// absolute URLs are allowed, a fragment is not.
func checkURI(uri string) error {
	if uri == "" {
		return fmt.Errorf("%w: it is empty", ErrURI)
	}
	for i := range len(uri) {
		c := uri[i]
		switch {
		case plain(c), c == '/', c == '+', c == '?', c == '[', c == ']':
		case c == '%' && i+2 < len(uri) && isHex(uri[i+1]) && isHex(uri[i+2]):
		default:
			return fmt.Errorf("%w: %q at byte %d", ErrURI, uri, i)
		}
	}
	// A path alone cannot be wrong any more. It is what nearly all of them are.
	if strings.HasPrefix(uri, "//") || strings.ContainsAny(uri, ":[]") {
		if _, err := url.Parse(uri); err != nil {
			return fmt.Errorf("%w: %w", ErrURI, err)
		}
	}
	return nil
}

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}
