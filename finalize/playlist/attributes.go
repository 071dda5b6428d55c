package playlist

import (
	"fmt"
	"strings"
)

// attribute finds one value in an attribute list (RFC 8216 §4.2), without its
// quotes. Of writers that are careless with blanks, blanks are forgiven. An
// error means that the list cannot be taken apart as far as the attribute.
func attribute(list, name string) (value string, ok bool, err error) {
	for strings.TrimSpace(list) != "" {
		key, rest, found := strings.Cut(list, "=")
		if !found {
			return "", false, fmt.Errorf("attribute %.40q without a value", key)
		}
		rest = strings.TrimLeft(rest, " \t")
		if strings.HasPrefix(rest, `"`) {
			if value, rest, found = strings.Cut(rest[1:], `"`); !found {
				return "", false, fmt.Errorf("attribute %.40q: the quotes are open", key)
			}
			_, list, _ = strings.Cut(rest, ",")
		} else {
			value, list, _ = strings.Cut(rest, ",")
			value = strings.TrimSpace(value)
		}
		if strings.TrimSpace(key) == name {
			return value, true, nil
		}
	}
	return "", false, nil
}
