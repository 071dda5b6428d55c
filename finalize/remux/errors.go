package remux

import (
	"errors"
	"fmt"
	"time"
)

// ErrSecondFile says that the media changes in a way that one file cannot hold
// (another codec, audio object type or sample rate, another rotation, too long a
// hole) and that there is no second one. It comes wrapped in a ConfigError.
var ErrSecondFile = errors.New("the media changes in a way that one file cannot hold")

// ErrOrder says that Begin, Write, End and Finish were called out of order.
var ErrOrder = errors.New("remux: call out of order")

// SegmentError says that the bytes of a segment could not be demuxed. The
// output is of no use; plan again without that segment.
type SegmentError struct {
	Index int    // of the Begin, from 0
	Name  string // Boundary.Name
	Err   error
}

// Error names the segment and the cause.
func (e *SegmentError) Error() string { return fmt.Sprintf("demux %s: %v", e.Name, e.Err) }

// Unwrap gives the cause.
func (e *SegmentError) Unwrap() error { return e.Err }

// ConfigError names the segment at which the media changes. It is ErrSecondFile.
type ConfigError struct {
	Index        int
	Name         string
	Was, Becomes string        // "mp4a.40.2 48000 Hz"
	Hole         time.Duration // instead, where that is the reason
}

// Error names the segment and both configurations.
func (e *ConfigError) Error() string {
	why := Change{Was: e.Was, Becomes: e.Becomes, Hole: e.Hole}
	return fmt.Sprintf("join %s: %v: %s", e.Name, ErrSecondFile, &why)
}

// Unwrap gives ErrSecondFile.
func (e *ConfigError) Unwrap() error { return ErrSecondFile }

// CodecError names the segment at which a codec begins that an MP4 of ours
// cannot hold yet. It is mp4.ErrCodec and says nothing against the segment: other
// outputs may hold it.
type CodecError struct {
	Index int
	Name  string
	Codec string // "hevc"
	Err   error
}

// Error names the segment and the codec.
func (e *CodecError) Error() string { return fmt.Sprintf("join %s: %v", e.Name, e.Err) }

// Unwrap gives the cause.
func (e *CodecError) Unwrap() error { return e.Err }
