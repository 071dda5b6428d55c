package report

import "errors"

// ErrURL: a link or a play leads to what a page must not lead to.
var ErrURL = errors.New("not an address for a page")
