package file

import "os"

// early writes to a file and has the disk begin at once, so that the sync at the
// end finds little to do. Left to itself the kernel gathers for seconds.
type early struct {
	d    *disk
	f    *os.File
	at   int64 // where the next byte goes
	idle int64 // bytes before at that were not yet handed to the disk
}

// writeBackStep is how much is handed to the disk at a time: large enough for
// long extents, small against what a sync may wait for.
const writeBackStep = 8 << 20

// Write implements io.Writer.
func (e *early) Write(p []byte) (int, error) {
	n, err := e.d.write(e.f, p, e.at)
	e.at += int64(n)
	e.idle += int64(n)
	if e.idle >= writeBackStep {
		startWriteBack(e.f, e.at-e.idle, e.idle)
		e.idle = 0
	}
	return n, err
}
