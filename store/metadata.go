package store

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// MaxMetadata is what S3 takes as user metadata: bytes of all keys and values.
const MaxMetadata = 2048

// CheckMetadata says why user metadata cannot travel in headers unchanged, or
// why it has more than limit bytes.
func CheckMetadata(m map[string]string, limit int) error {
	total := 0
	for _, k := range slices.Sorted(maps.Keys(m)) {
		v := m[k]
		total += len(k) + len(v)
		if k == "" || strings.ToLower(k) != k || !printableASCII(k) || strings.ContainsAny(k, " :") {
			return fmt.Errorf("%w: metadata key %q is not a header name in lower case", ErrInvalid, k)
		}
		if !printableASCII(v) || strings.TrimSpace(v) != v {
			return fmt.Errorf("%w: metadata %q holds %q, which a header cannot carry", ErrInvalid, k, v)
		}
	}
	if total > limit {
		return fmt.Errorf("%w: metadata of %d bytes, %d are allowed", ErrInvalid, total, limit)
	}
	return nil
}

func printableASCII(s string) bool {
	for i := range len(s) {
		if s[i] < 0x20 || s[i] > 0x7e {
			return false
		}
	}
	return true
}
