package playlist

import (
	"strings"
)

// reference checks a URI: by RFC 3986 §4.1, and that it leads to an object. what
// says whose it is.
func (r *textReader) reference(what, uri string) {
	if at := badURI(uri); at >= 0 {
		r.add(RuleURI, r.line, "%s: %.120q is no URI reference (byte %d)", what, uri, at)
		return
	}
	path, _, fragment := strings.Cut(uri, "#")
	scheme := schemeOf(path)
	switch {
	case fragment:
		r.add(RuleURIReach, r.line, "%s: %.120q has a fragment", what, uri)
	case scheme != "" && !strings.EqualFold(scheme, "http") && !strings.EqualFold(scheme, "https"):
		r.add(RuleURIReach, r.line, "%s: %.120q has the scheme %.20q", what, uri, scheme)
	case strings.HasPrefix(path, "/"):
		r.add(RuleURIReach, r.line, "%s: %.120q begins at a root", what, uri)
	}
}

// badURI gives the place of the first byte that keeps a text from being a
// URI-reference, -1 if it is one.
func badURI(uri string) int {
	if uri == "" {
		return 0
	}
	// RFC 3986 §3.2.2: square brackets stand around an address of a host.
	authority := strings.Index(uri, "//")
	end := -1
	if authority >= 0 && (authority == 0 || uri[authority-1] == ':') {
		end = len(uri)
		if n := strings.IndexAny(uri[authority+2:], "/?#"); n >= 0 {
			end = authority + 2 + n
		}
	}
	fragment := false
	for i := range len(uri) {
		c := uri[i]
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9':
		case strings.IndexByte("-._~!$&'()*+,;=:@/?", c) >= 0:
		case c == '%' && i+2 < len(uri) && isHex(uri[i+1]) && isHex(uri[i+2]):
		case (c == '[' || c == ']') && authority < i && i < end:
		case c == '#' && !fragment:
			fragment = true
		default:
			return i
		}
	}
	// RFC 3986 §4.2: what stands before a colon in the first path segment is a
	// scheme, and must look like one.
	if n := strings.IndexAny(uri, ":/?#"); n >= 0 && uri[n] == ':' && schemeOf(uri) == "" {
		return n
	}
	return -1
}

// schemeOf gives the scheme of a URI, "" of a relative reference.
func schemeOf(uri string) string {
	n := strings.IndexAny(uri, ":/?#")
	if n <= 0 || uri[n] != ':' {
		return ""
	}
	s := uri[:n]
	if strings.Trim(s, schemeLetters) != "" || strings.IndexByte("0123456789+-.", s[0]) >= 0 {
		return ""
	}
	return s
}
