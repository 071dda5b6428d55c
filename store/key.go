package store

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Private is the folder at the root of a store (and below <out>) that holds
// recfin's own files. At the root it is listed only to those who name a folder in it.
const Private = ".recfin/"

// Hidden reports whether a listing of a prefix passes over a key: at the root, Private
// and what is in it, unless the prefix goes on at least to a slash behind Private.
func Hidden(key, prefix string) bool {
	if key != strings.TrimSuffix(Private, "/") && !strings.HasPrefix(key, Private) {
		return false
	}
	within, named := strings.CutPrefix(prefix, Private)
	return !named || !strings.Contains(within, "/")
}

// MaxKey is the longest key in bytes.
const MaxKey = 1024

// CheckKey says why a key cannot be used, or nil.
func CheckKey(key string) error {
	switch {
	case key == "":
		return fmt.Errorf("%w: the key is empty", ErrInvalid)
	case len(key) > MaxKey:
		return fmt.Errorf("%w: the key has %d bytes, %d are allowed", ErrInvalid, len(key), MaxKey)
	case !utf8.ValidString(key):
		return fmt.Errorf("%w: the key is not valid UTF-8", ErrInvalid)
	case strings.HasPrefix(key, "/"):
		return fmt.Errorf("%w: the key begins with a slash", ErrInvalid)
	}
	return nil
}

// Printable gives a text (a key, a recording name) in a form that is safe in a
// message: as it is if every rune is printable, quoted otherwise.
func Printable(s string) string {
	for _, r := range s {
		if r == utf8.RuneError || !unicode.IsPrint(r) {
			return strconv.Quote(s)
		}
	}
	return s
}
