// Package hlscases are recordings for tests of HLS: what a store holds, the
// settings, and what is known of the recording without this program. Their
// pictures bear their number and that of their stream, see internal/timecode, so
// that a test of a player can tell what it shows.
//
//	for _, c := range hlscases.All() {
//		w := c.Lay(t)
//		w.Finalize(t)
//		…
//	}
package hlscases
