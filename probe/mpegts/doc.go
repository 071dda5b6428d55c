// Package mpegts turns an MPEG transport stream (ISO/IEC 13818-1) into access
// units: pictures and audio frames with unwrapped timestamps, in the form in
// which they stand in an MP4.
//
// # What it assumes, and what not
//
// Real streams are looser than the standard. A PES packet is not an access
// unit: a picture may be split over two of them, two fields may share one, and
// a NAL unit or an audio frame may run over into the next. So the payload of a
// PID is one stream of bytes, in which PES headers only leave marks with
// timestamps. A timestamp belongs to the first access unit that begins in its
// PES packet (§2.4.3.7); a second PES packet that repeats the timestamps of the
// access unit it continues says nothing about the next one.
//
// Packets of PIDs that no map has named yet are held until the map is there; if
// none comes by the end, streams that can be recognized are believed without.
// Pictures that come before any parameter set are held until the sets are
// there. Both are bounded by what was really read and by a fixed limit.
//
// # Sound
//
// Frames of AAC in ADTS and in LATM, of AC-3 and E-AC-3, of MPEG audio and of Opus
// all begin with a sync word and tell their length: one finder finds them all.
// As long as it has found nothing, the bytes at the beginning of a PES packet
// decide which of them a stream holds, not its stream type; private data that the
// map does not explain are sound if three frames follow each other in them.
//
// Frames are not always access units. An ADTS frame or an AudioMuxElement may
// hold several; the sync frames of all substreams of E-AC-3 make one with six
// blocks, and fewer than six, at a cut, make none. Frames that come before the
// configuration they need (LATM, channel configuration 0 of ADTS) wait for it.
// The timestamp of a PES packet anchors the first access unit that begins in it;
// the others follow by their samples.
//
// The samples of Opus that are to be thrown away at the very start are its
// pre-skip (mp4.Track.Priming); they have a place in time like all others.
//
// # Damage
//
// A continuity counter out of step says that packets may be missing; as often
// it says only that somebody has spliced. So a gap discards nothing by itself:
// a picture around it is kept as it is (decoders conceal; players get the same
// bytes), and an audio frame around it is kept if the next frame's header
// stands where the frame's length says. Both are counted as damaged. Packets
// with transport_error_indicator are used and counted. A packet whose counter
// repeats is a duplicate only if its payload repeats too, because a segment
// that starts its counters anew meets the old value by chance.
//
// Cut, and therefore dropped and counted as truncated, is only what has no
// continuation: at Flush an audio frame that is not complete, and the last
// picture of a PES packet whose stated length was not reached; and at the very
// beginning a picture without its first slice. A last picture in a PES packet
// of unstated length cannot be told from a whole one and is handed out.
//
// # Determinism
//
// The samples depend on the bytes alone, not on how they were sliced into
// Write calls, and a stream that is cut at packet boundaries with Boundary
// between the pieces gives the samples of the uncut one.
//
// # Adding a codec
//
// A codec is a file with a type that implements parser, and a line in the table
// of codecs.go. Of sound with sync words only the coding and the unpacker are its
// own.
package mpegts
