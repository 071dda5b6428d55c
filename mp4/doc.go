// Package mp4 writes one progressive MP4 file in a single pass, and reads and
// checks one.
//
// A [Movie] takes samples as they come. The payload goes out at once, in chunks
// of at most a second, to the writer it was given: that is the body of the
// file. Of each sample only a few bytes stay in memory, in tables. When the last
// sample was written, [Movie.Finish] returns the [Head]: ftyp, moov, free and
// the header of mdat, everything that stands in front of the body. It is made
// on demand from the tables, so it is never one slice (48 h of video have a moov
// of about 100 MB).
//
//	file = head (ftyp moov free mdat-header) + body (chunk chunk chunk …)
//
// The caller leaves room for the head before it knows how long it becomes.
// Finish fills exactly that room where the head fits, and makes a longer one
// where it does not; chunk offsets follow.
//
// # Times
//
// All times are integers. A track counts in its own timescale, the movie in
// [Timescale]. The first DTS of a track is the zero of that track's media time,
// and [Movie.StartOffset] says where that zero lies in the movie.
//
// # Chapters
//
// [Movie.AddChapter] names stretches of the movie. They become a track of text
// that no player shows as such, with all its samples behind those of the media.
//
// # Sources
//
// Boxes follow ISO/IEC 14496-12 (ISO base media file format), sample entries
// ISO/IEC 14496-14 (MP4: AAC, MPEG audio) and 14496-15 (NAL unit structured
// video: H.264, H.265), ETSI TS 102 366 annex F (AC-3, E-AC-3), and the bindings
// that the makers of AV1, VP9 and Opus have published. Chapters follow the
// QuickTime File Format and, in udta, what Nero has made common.
package mp4
