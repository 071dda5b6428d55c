package remux

import (
	"time"

	"recfin/probe"
)

// Measured is what one segment became. Counts are of access units.
type Measured struct {
	// Start is the position of the segment's first access unit in the output, as
	// if all files of it were one (the decode time of its first picture; without
	// video of its first audio frame, which is negative for priming). A segment that brought nothing stands where the one before ends.
	Start time.Duration
	// Duration reaches to the start of the next segment of the same part, or to
	// the end of the segment's own media where the part ends or a hole follows. What a join
	// stretches is not in it.
	Duration time.Duration
	// File is the file of its first access unit, LastFile that of its last, from 0.
	// Where another file begins inside it, sound goes there at once and pictures
	// from their next access point on.
	File, LastFile int
	// Join: media time did not run on into this segment although the plan said
	// so; it began a new part.
	Join bool
	// Splits counts the joins inside the segment, which begin parts too.
	Splits int

	Video, Audio   int // source samples that were written
	DroppedLeading int // pictures that could not be decoded after a join
	DroppedAudio   int // frames that lay over what was there
	Overlapping    int // pictures of a time that another copy has (Boundary.Shared)
	Silent         int // frames of silence put in before the segment's frames

	// Damage is what the demuxer met while it read the segment. Some of it may be
	// about the end of the one before.
	Damage probe.Damage
	Held   Held // how much of the segment the output has

	// IFrames and Described are what probe.Media says of the segment.
	IFrames   []probe.IFrame
	Described bool
	// Independent: its first sample, in decode order, is an IDR picture; without video:
	// it begins with a whole frame of sound.
	Independent bool
}

// Result is what all segments became.
type Result struct {
	Segments []Measured // one for each Begin, in order
	Parts    int
	Files    []File // those that were written, in order; the first is that of New

	// Sums over the segments.
	Video, Audio                 int
	DroppedLeading, DroppedAudio int
	Overlapping                  int
	Silent                       int

	// Problems in constant words with a count and the first key concerned,
	// sorted.
	Problems []string
}
