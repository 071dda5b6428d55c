// Package matrix holds tests only: the matrix of kinds of pictures, sound,
// container and history that a recording may have, each joined and held against
// ffmpeg's own reading of the segments; what other programs do wrong; and input
// that cannot be joined.
//
// # The oracle
//
// A cell of the matrix is one combination. Its segments are made by ffmpeg,
// joined by our code, and read again by ffmpeg: the segments of each part joined
// by plain concatenation, never one by one, and the MP4 without its edit lists,
// which are applied here. Three things must agree:
//
//   - coded: each access unit, in order, byte by byte, but for parameter sets,
//     delimiters and filler;
//   - time: the presentation time of each access unit minus that of the first
//     picture of its part, to one tick of 90 kHz for pictures and 2 ms for sound,
//     with one shift for all tracks, so that sound stays with its pictures;
//   - decoded: the hash of each picture and of each frame of sound.
//
// Exempt, and counted: pictures at the start of a part that cannot be decoded,
// frames of silence that were put in, and the sound that a decoder makes of the
// first frames after a join, which depends on what it decoded before; and pictures
// of H.264 that are there and that a decoder does not show, because a part begins
// with one that is no IDR.
//
// Each cell goes through the joiner with the joins of a right plan, and through the
// whole finalizer. Cells that cannot exist are listed with the reason.
//
// A pairwise cover of the matrix is part of every test run; RECFIN_MATRIX=all
// runs every cell.
package matrix
