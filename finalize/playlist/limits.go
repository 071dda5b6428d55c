package playlist

import "fmt"

// Of a few bytes of text an entry makes many in memory, so entries are counted: a
// sidecar of more is refused, and what it would say is measured. A playlist of 48 h
// in segments of 2 s has 86,400 in each rendition.
const (
	maxEntries  = 2_000_000
	maxChildren = 10_000 // of a multivariant playlist; the rest is passed over
)

var errTooMany = fmt.Errorf("it has more than %d segments", maxEntries)
