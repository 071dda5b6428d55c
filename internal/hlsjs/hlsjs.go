// Package hlsjs holds hls.js, the player of HLS for browsers, as its project
// publishes it:
//
//	version  1.6.15, the file dist/hls.min.js of the npm package hls.js
//	origin   github.com/video-dev/hls.js
//	licence  Apache-2.0, see LICENSE
//	SHA-256  413a83e2bb0c77ed0bf0be105d539d17ef45dfd984a0b13ecd3b14a901383938
//
// To update it, take dist/hls.min.js and LICENSE out of the package of another
// version unchanged, and put its version and its sum here and into Version and
// Sum: a test holds the file against them. A page that runs it needs nothing from
// elsewhere; its last line names a source map, which only tools for developers
// would ask for.
package hlsjs

import _ "embed"

// Version is that of Script, and Sum its SHA-256.
const (
	Version = "1.6.15"
	Sum     = "413a83e2bb0c77ed0bf0be105d539d17ef45dfd984a0b13ecd3b14a901383938"
)

// Script defines the class Hls in the page that runs it.
//
//go:embed hls.min.js
var Script []byte
