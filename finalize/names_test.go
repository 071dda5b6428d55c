package finalize

import "testing"

// TestPlaylistName: writer and rendition by the path of a playlist.
func TestPlaylistName(t *testing.T) {
	for _, c := range []struct{ rel, called, nonce, rendition string }{
		{"index.m3u8", "", "", "source"},
		{"index.m3u8", "720p", "", "720p"},
		{"index.m3u8", "a/b", "", "source"},
		{"720p.m3u8", "high", "", "720p"},
		{"720p/index.m3u8", "high", "", "720p"},
		{"720p/720p.m3u8", "", "", "720p"},
		{"nodeA/720p/stream.m3u8", "", "nodeA", "720p"},
		{"nodeA/720p/720p.m3u8", "", "nodeA", "720p"},
		{"nodeA/720p.m3u8", "", "nodeA", "720p"},
		{"a/b/c/playlist.m3u8", "", "a/b", "c"},
	} {
		if nonce, rendition := playlistName(c.rel, c.called); nonce != c.nonce || rendition != c.rendition {
			t.Errorf("%s (%s): writer %q, rendition %q; want %q, %q", c.rel, c.called, nonce, rendition, c.nonce, c.rendition)
		}
	}
}
