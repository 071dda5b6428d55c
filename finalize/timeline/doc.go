// Package timeline decides what a recording is: which of the segments that lie
// in a store belong to it, in which order, which copy of each is right, where
// media does not continue, what is missing, and where one broadcast ends and the
// next begins. It is pure: no input or output, no clock, no random number, and
// the same result for any order of its input.
//
// The stages, one file each:
//
//	sift       what can never be chosen
//	timed      numbers for what has none, by start time (named: by name)
//	needs      what must be read before deciding
//	between    what need not be, because it is read later anyway
//	run        the segments of one writer, by number
//	restart    runs cut where a stream was restarted over old keys
//	axis       media time and wall time of a run; live, stops: what uploads tell
//	numbering  runs that count the same stream, and runs that do not: relate has
//	           the rules, evidence what they go by, onwards those without copies
//	choose     one copy for each number and rendition
//	cover      of numberings at the same time, the rows that hold most
//	link       whether two neighbours continue each other, and how long each lasts
//	wall       wall time of each slot, from uploads and media time
//	session    gaps, renditions, holes (midnight: pieces of a day)
//	drop       the reason for every segment that was not chosen
//	grid       which renditions are cut at the same times. Those that are not go
//	           through all stages apart from the others; then (apart) they take
//	           their wall times from those that lead (follow), what one lacks and
//	           another has becomes a GAP (fill), and discontinuities are placed in
//	           all of them (align)
//
// The cover takes whole segments: of what overlaps by more than 10 ms one is
// chosen, and whatever a dropped one holds beyond is called uncertain if it is
// more than the 50 ms that two times may differ and still be the same. The same
// 50 ms are the shortest end of a truncated segment that counts as a hole.
//
// Two rules stand above the others. Sequence numbers and media time decide about
// order; upload times only where they look live, because a bucket that was
// copied has the day of the copy on everything. And where the evidence does not
// settle whether two segments are copies, both are kept: a doubled stretch can
// be mended, a dropped one cannot.
//
// Evidence costs requests, so Build says what it lacks instead of asking for
// everything: the head of each segment, the whole of those that could be copies,
// and the whole of each one that nothing continues. Of segments whose length a
// key or a sidecar tells only the ends of runs are read, one pair of each two
// runs with numbers in common, what is out of line, and where the lengths of a
// stretch do not add up to the distance of its ends, ever smaller halves of it. So it
// is with segments that whoever asks will read whole once they are chosen: he builds
// the timeline again with what he has learned of them, and that one counts.
package timeline
