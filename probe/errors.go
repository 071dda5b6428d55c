package probe

import "errors"

// Errors of measuring. Errors of the store come through unchanged (wrapped).
var (
	// ErrUnreadable: the bytes arrived in full, twice and equal both times, and
	// are no media container, or damaged beyond use.
	ErrUnreadable = errors.New("not readable as media")
	// ErrUndecodable: a container or codec that cannot be joined. The message
	// names it.
	ErrUndecodable = errors.New("cannot be joined")
	// ErrNeedsInit: fragments of MP4 without the moov box that describes them,
	// which stands in an init segment that was not given. It says nothing against
	// the bytes. It is also an ErrUndecodable.
	ErrNeedsInit = errors.New("init segment (moov) is missing")
	// ErrUnsupported: a known container that has no demuxer. It is also an ErrUndecodable.
	ErrUnsupported = errors.New("container is not supported")
)
