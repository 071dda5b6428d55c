// Package fmp4 turns segments of MP4 (ISO/IEC 14496-12), fragmented or not, into
// access units: pictures and audio frames in the form in which they stand in an
// MP4 of ours.
//
// # What describes the samples
//
// A moov box, which stands in an init segment of its own, at the head of the
// segment, or behind its media. An init segment is handed to Init, or written
// like a segment in front of the one that it describes. Media in front of its
// moov is held, up to 64 MiB; above that ErrMoovLast says so, and whoever can
// read the file at any place looks for the moov where Behind points and hands it
// to Init. What holds for a segment holds on for the next one.
//
// # Times
//
// A sample stands at its decode time plus its composition offset, shifted by the
// edit list: by its empty edits to a later time, by the media time of its first
// other edit to an earlier one. So times are those of a player, and what a player
// would not show (priming of an encoder) stands before zero and is handed out all
// the same. Offsets are signed in all versions of their boxes. A fragment without
// tfdt goes on where the one before it ended.
//
// # Order
//
// Samples leave in the order of their decode times over all tracks, whatever
// their order in the file, so that fragments that hold one track behind the other
// come out interleaved. Payload that comes early waits, up to 32 MiB; a file that
// needs more comes out in the order in which it lies. Chunks must lie in the file
// in the order of their numbers.
//
// # Pictures
//
// H.264 and H.265 are cut into NAL units: lengths become four bytes wide,
// delimiters, fillers and ends of sequence are dropped, parameter sets in the
// stream are followed. What kind of access point a picture is, its bits say, not
// the container: muxers flag all or none. So do the frame headers of AV1 and
// VP9, whose samples stay as they are. Where nothing can be read, and for codecs
// that are not looked into, the container's word holds. Aspect, colours and
// rotation that the container tells stand above what the stream tells.
//
// # Sound
//
// Sample entries are read in the forms of ISO and of QuickTime. Frames of MPEG
// audio say what their entry leaves open, packets of Opus how long they last.
// What an edit list hides at the start of a track is priming: it is handed out at
// its time, before zero, and Priming of the track says how much it is.
//
// # Payload
//
// Samples that lie whole in one Write, in the order of their times, are handed out
// as slices of it. What has to wait is copied when Write returns. So whoever has
// a segment in memory should write it at once.
//
// # Damage
//
// Samples whose payload is not wholly there are dropped and counted as
// truncated: nothing is made up. Tables are read one sample at a time, so that no
// count in a file costs more than the bytes that stand behind it.
package fmp4
