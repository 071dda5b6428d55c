package mp4

import "io"

// Taker is a writer that keeps what it is given, so that a chunk can be written
// elsewhere while the next one is put together, without a copy.
type Taker interface {
	io.Writer
	// Take is Write of all of p, which belongs to the taker from then on. It
	// gives another buffer, of any content and length, for what follows.
	Take(p []byte) (spare []byte, err error)
}
