// Package timeline decides what a recording is: which of the segments that lie
// in a store belong to it, in which order, which copy of each is right, where
// media does not continue, what is missing, and where one broadcast ends and the
// next begins. It is pure: no input or output, no clock, no random number, and
// the same result for any order of its input.
//
// The stages, one file each:
//
//	sift       what can never be chosen; what must be read before deciding
//	run        the segments of one writer, by number, with their clock
//	numbering  runs that count the same stream, and runs that do not
//	choose     one copy for each number and rendition
//	link       whether two neighbours continue each other, and how long each lasts
//	wall       wall time of each slot, from uploads and media time
//	session    gaps, renditions, holes
//	drop       the reason for every segment that was not chosen
//
// Two rules stand above the others. Sequence numbers and media time decide about
// order; upload times only where they look live, because a bucket that was
// copied has the day of the copy on everything. And where the evidence does not
// settle whether two segments are copies, both are kept: a doubled stretch can
// be mended, a dropped one cannot.
//
// Evidence costs requests, so Build says what it lacks instead of asking for
// everything: the head of each segment, the whole of those that could be copies,
// and the whole of each one that nothing continues.
package timeline
