package hlsjudge

import (
	"net/url"
	"regexp"
	"strings"
)

// The characters of a relative reference without authority (RFC 3986 §3.3, §3.4,
// §3.5).
var reference = regexp.MustCompile(`^([A-Za-z0-9\-._~!$&'()*+,;=:@/?#]|%[0-9A-Fa-f]{2})+$`)

// resolve is the key to which a URI leads that stands in the playlist at a path
// (RFC 3986 §5.2).
func (j *judge) resolve(base, uri string) (key string, ok bool) {
	if !reference.MatchString(uri) {
		j.say(base, "RFC 3986", "%q is no URI reference", uri)
		return "", false
	}
	first, _, _ := strings.Cut(uri, "/")
	switch {
	case strings.ContainsAny(uri, "?#"):
		j.say(base, "promise: URIs are paths", "%q holds a query or a fragment", uri)
		return "", false
	case strings.HasPrefix(uri, "/"), strings.Contains(first, ":"):
		j.say(base, "promise: URIs are relative", "%q", uri)
		return "", false
	}
	at := strings.Split(base, "/")
	at = at[:len(at)-1]
	for _, part := range strings.Split(uri, "/") {
		switch part {
		case "..":
			if len(at) == 0 {
				j.say(base, "promise: URIs are relative", "%q leaves the store", uri)
				return "", false
			}
			at = at[:len(at)-1]
		case ".":
		default:
			plain, err := url.PathUnescape(part)
			if err != nil {
				j.say(base, "RFC 3986", "%q: %v", uri, err)
				return "", false
			}
			at = append(at, plain)
		}
	}
	return strings.Join(at, "/"), true
}
