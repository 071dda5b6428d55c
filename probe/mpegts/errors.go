package mpegts

import "errors"

// Errors of a Demuxer. Each says that these bytes can never be demuxed; test
// for them with errors.Is. An error of the sink comes back as it is.
var (
	ErrNotTS       = errors.New("not an MPEG transport stream")
	ErrPacketSize  = errors.New("transport packets are not of 188 bytes")
	ErrNoProgram   = errors.New("no program map in the transport stream")
	ErrEncrypted   = errors.New("transport stream is encrypted")
	ErrUnsupported = errors.New("not supported")

	errReleased = errors.New("the demuxer has given its buffers back")
)
