package finalize

import (
	"net/url"
	"slices"
	"strings"
)

// clientKey gives the key that a client asks for when the playlist with the key base
// names a reference: RFC 3986 §5.2.2 for references without a scheme and a host, and
// percent-decoding. ok is false where the reference leads out of the store, or
// cannot be a key: a scheme, a host, a path from the root (nobody but the server
// knows where the store begins in it), or more ".." than there are folders.
func clientKey(base, reference string) (key string, ok bool) {
	path, _, _ := strings.Cut(reference, "#")
	path, _, _ = strings.Cut(path, "?")
	if path == "" {
		return base, reference == "" || reference[0] != '/'
	}
	first, _, _ := strings.Cut(path, "/")
	if strings.HasPrefix(path, "/") || strings.Contains(first, ":") {
		return "", false
	}
	to := strings.Split(base, "/")
	to = to[:len(to)-1]
	elements := strings.Split(path, "/")
	if last := elements[len(elements)-1]; last == "" || last == "." || last == ".." {
		return "", false // a folder
	}
	for _, element := range elements {
		switch element {
		case ".":
			continue
		case "..":
			if len(to) == 0 {
				return "", false
			}
			to = to[:len(to)-1]
			continue
		}
		name, err := url.PathUnescape(element)
		if err != nil || name == "." || name == ".." || strings.Contains(name, "/") {
			return "", false
		}
		to = append(to, name)
	}
	if slices.Equal(to, []string{""}) {
		return "", false
	}
	return strings.Join(to, "/"), true
}
