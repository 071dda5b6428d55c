// Package remux turns the segments of one rendition of one session into the
// samples of one MP4, in a single pass. It is the time engine of the
// finalizer: it decides where each sample stands, never what it holds.
//
// # Parts
//
// A part is a stretch in which media time runs on. It begins where the plan
// says so (Boundary.Join) and wherever the media that is really read jumps on
// every track at once. Inside a part one demuxer runs across the segments, so
// an access unit that a segmenter cut in two stays one; between parts it is
// flushed and all of its state is dropped. All tracks of a part move by one
// shift: the smallest by which no track starts before that same track's end,
// rounded up to the frame grid of the audio. So holes are closed and sound
// stays with its pictures.
//
// # Several renditions
//
// Sound may be a rendition of its own (CMAF). Each input has its own demuxer and
// makes its own boundary test; their tracks share parts and shift, for a packager
// cuts one encoder's times apart and leaves them alone. The first input to find
// that its time does not run on begins the next part, and the others follow: by
// the same finding, or with their next segment. Until then the new part waits for
// its shift. Clocks that are more than 10 s off by the plan have nothing to do with
// each other, unless a wrap of 33 bits explains it: there the plan says where an
// input stands.
//
// # Where a part may start
//
// Pictures before the first random access point of a part cannot be decoded
// and are dropped, with the leading pictures of an access point that is no
// IDR. A part without any access point keeps everything. Nothing is dropped
// inside a part.
//
// # Copies that overlap
//
// Two copies on one clock that were cut at different times (Boundary.Shared) are
// one part. Equal pictures are skipped in the later copy; otherwise it takes over at
// its first access point, and the earlier one ends before the first of its
// pictures, in decode order, that reaches that point.
//
// # Decode times
//
// The i-th picture of a part in decode order gets the i-th smallest
// presentation time as its decode time, over a window of 16 pictures. So
// presentation times stay exact, decode times never step back whatever the
// reorder delay on either side of a join, and the durations add up to the
// presentation.
//
// # Sound
//
// Audio frames stand on the grid of their sample rate, one frame after the
// other. Where a time differs from the grid by more than 2 ms the table follows
// it. Whole frames of a gap are filled with coded silence, because players
// ignore gaps in the table of an audio track; a frame whose middle lies before
// the end of the one before is dropped. Opus packets may have any length, so its
// grid is their sum, and its silence is put together from packets of 2.5 to 20 ms.
//
// # Tracks and files
//
// A track of a part goes on with the track of the output that it is most like, by
// language, codec, channels and id. What one track cannot hold (another codec,
// audio object type, sample rate or rotation, a hole of half a day) begins another
// file, see Options.Next: at a join with the part; inside a part sound changes over
// at once and pictures at their next access point. Positions of segments and parts
// count on as if all files were one, and each file has its Marks.
//
// Only a file's first part has priming that is skipped (an edit list); the frames
// with which later parts begin are frames like others. Options.KeepGaps leaves
// planned holes as long as they were.
//
// All times are integers, and every conversion between timescales starts from
// an absolute time, so nothing drifts.
package remux
