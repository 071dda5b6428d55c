// Package sound reads the headers of audio codecs: sync frames of AC-3, E-AC-3
// and MPEG audio, packets of Opus, the AudioSpecificConfig of MPEG-4 audio and
// its multiplex LATM. It knows no container and keeps no state but that of a
// LATM multiplex; what it finds is told in the sample entries of package mp4.
//
// Functions that read a header take the bytes from the beginning of a frame on,
// of which there may be more or fewer than the frame has, and never panic. How
// many bytes they need at least stands beside them.
package sound
