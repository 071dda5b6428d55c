package finalize

import "slices"

// lastingMode is the mode in which a session gets its playlists that takes the place
// of those before, today being what is asked for. Where a playlist was written once,
// its mode is a fact like the segments that were chosen. A playlist that named
// segments where they lie may still be played, or be kept by somebody, when its
// version is superseded: so the segments of such a session are named for ever, and
// never go as sources, whatever is asked for later.
func lastingMode(today HLSMode, before ...*Record) HLSMode {
	lasting := today
	for _, r := range slices.Backward(before) {
		switch {
		case !r.hasPlaylists():
		case r.playlistsIn() != "":
			return HLSReference
		default:
			lasting = HLSMode(r.Settings.HLS)
		}
	}
	return lasting
}

// hasPlaylists reports whether any media playlist of a session was written.
func (r *Record) hasPlaylists() bool {
	return slices.ContainsFunc(r.Outputs, func(o Output) bool { return o.Kind == "hls" })
}
