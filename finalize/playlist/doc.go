// Package playlist writes HLS playlists of finished recordings, and reads the
// playlists and manifests that writers leave beside their segments.
//
// The texts follow RFC 8216 and, where that is silent (EXT-X-GAP),
// draft-pantos-hls-rfc8216bis. The package is pure: the same values give the
// same bytes, and nothing is read or written.
//
// [FromSession] turns one rendition of a session into a [Media] playlist, one
// segment for each slot, so that all renditions have the same segments at the
// same places. [TargetDuration] is then taken over all of them, and
// [Media.Encode] gives the text. [IFrames] makes the I-frame playlist beside it, and
// [Multi] lists them all.
//
// # Sidecars
//
// [ReadM3U8], [ReadLivepeer] and [ReadIVS] give a [Sidecar]: what a writer said
// of its segments. It saves looking into them and is never the truth. The texts
// come from anybody: what is not understood is refused with [ErrSidecar], and
// memory grows with the text and no faster. [Resolve] gives the keys that a URI
// may mean; the listing decides.
//
// # Strict reading
//
// [ParseMedia] and [ParseMultivariant] read what was written by the letter of the
// specification, and [Lint] compares the playlists of a session with each other. They
// share with the writing side how numbers are read and [Bandwidth] is measured, no
// more, and give each broken [Rule] as a [Finding]: what is wrong, where, how bad that is, and what to do.
// A rule whose reference is "recfin" is no rule of the specification but a promise of
// this program. Of each rule and playlist a few findings are kept, and counted.
//
// # References
//
// A URI in a [Segment], a [Variant], an [Audio] or an [IFrameStream] is a URI
// reference as it will stand in the text, already percent-encoded. [RelativeURI]
// makes one from a key. Encoding refuses whatever is not one, so that no name can
// break out of its line.
//
// # Numbers
//
// Times are integers. EXTINF has six decimals, and its rounding is carried
// from segment to segment: the sum of any first n values differs from the sum
// of the first n durations by at most half a microsecond.
//
// Playlists are written with github.com/grafov/m3u8. What that library does
// differently from the rules is put right in one file, grafov.go, which also says
// why it reads nothing here.
package playlist
