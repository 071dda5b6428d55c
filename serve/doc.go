// Package serve shows recordings in a browser, before they are finalized and after,
// so that a person can look before anything is deleted. It writes and deletes nothing.
//
//	/                                   all recordings
//	/r/<recording>                      the page of one: what a run would do, with a player
//	/play/<recording>/<session>/…       playlists of a session that is not finalized, computed from the plan
//	/media/<recording>/<session>/…      what those playlists name, by number in the plan
//	/store/<recording>/<key>            doors, outputs, and what finalized playlists name, by key
//	/healthz                            says "ok"
//
// A recording ID is one element of a path, escaped, with %2F for a slash.
//
// # What can be read
//
// Nobody reads a key because he asks for it. Below /media/ an address is a row of a
// plan with a checksum of the object that stood there when the playlist was made;
// below /store/ a key is looked up among the doors of the marker, the outputs that it
// vouches for and the segments that these name. Every read is pinned to the version
// that plan or marker saw: what was deleted since is 404, what was replaced 409.
//
// # Who can read
//
// Pages of others, in the same browser, must not. Names of hosts other than localhost
// are refused unless [Options].Hosts has them (a name that is made to resolve to
// 127.0.0.1 is still the name of somebody else; an address is not); other sites may
// not load anything, and scripts of other origins are given media and playlists only
// if they run on this machine too, or [Options].Origins has them.
//
// # What it costs
//
// A plan is made when somebody opens a recording, few at a time, and held for a while
// in a cache that is bounded by its size. Bodies pass through without being held.
// What nobody waits for any more is given up.
package serve
