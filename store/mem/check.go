package mem

import (
	"fmt"
	"strings"

	"recfin/store"
)

// maxMetadata is what S3 takes: the bytes of all keys and values.
const maxMetadata = 2048

// check says why an object cannot be stored under the key with these options.
func check(key string, opt store.PutOptions) error {
	if err := store.CheckKey(key); err != nil {
		return err
	}
	if err := opt.Check(); err != nil {
		return err
	}
	total := 0
	for k, v := range opt.Metadata {
		total += len(k) + len(v)
		if k == "" || strings.ToLower(k) != k || !printableASCII(k) || strings.ContainsAny(k, " :") {
			return fmt.Errorf("%w: metadata key %q is not a header name in lower case", store.ErrInvalid, k)
		}
		if !printableASCII(v) || strings.TrimSpace(v) != v {
			return fmt.Errorf("%w: metadata %q holds %q, which a header cannot carry", store.ErrInvalid, k, v)
		}
	}
	if total > maxMetadata {
		return fmt.Errorf("%w: metadata of %d bytes, %d are allowed", store.ErrInvalid, total, maxMetadata)
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
