package finalize

import (
	"strings"
	"testing"
)

// What a playlist of others names in any reading must never be deleted.
func TestReferencesTakeMore(t *testing.T) {
	const long = "https://h/bucket/rec/A/0.ts?X-Amz-Security-Token="
	cases := []struct {
		name, base, text string
		want             []string
	}{
		{"relative", "rec/index.m3u8", "#EXTM3U\n#EXTINF:2,\n720p/0.ts\n", []string{"rec/720p/0.ts", "720p/0.ts", "0.ts"}},
		{"encoded or not", "rec/index.m3u8", "a%20b.ts\n", []string{"rec/a b.ts", "rec/a%20b.ts"}},
		{"up", "rec/x/index.m3u8", "../A/0.ts\n", []string{"rec/A/0.ts"}},
		{"root", "index.m3u8", "/bucket/rec/0.ts\n", []string{"bucket/rec/0.ts", "rec/0.ts"}},
		{"attributes", "rec/index.m3u8", "#EXT-X-MAP:URI=\"init.mp4\",BYTERANGE=\"1@0\"\r\n", []string{"rec/init.mp4"}},
		{"DASH", "rec/x.mpd", "<BaseURL>A/0.mp4</BaseURL><S media=\"1.m4s\"/>", []string{"rec/A/0.mp4", "rec/1.m4s"}},
		{"DASH template", "rec/x.mpd", "<SegmentTemplate media='$RepresentationID$/$Number%05d$.m4s' initialization=\"$RepresentationID$/init.mp4\"/>", []string{"rec/720p/00001.m4s", "other/a/init.mp4"}},
		{"DASH template without an end", "rec/x.mpd", `<SegmentTemplate media="$Time$"/>`, []string{"rec/720p/0.ts"}},
		{"JSON", "rec/A/playlist_1.json", `{"segments":{"source":[{"uri":"https://h/b/rec/A/source/0.ts"}]}}`, []string{"b/rec/A/source/0.ts", "rec/A/source/0.ts", "h/b/rec/A/source/0.ts"}},
		{"query", "rec/index.m3u8", "0.ts?v=1\n", []string{"rec/0.ts", "rec/0.ts?v=1"}},
		{"signed at length", "x.m3u8", long + strings.Repeat("A", 8000), []string{"rec/A/0.ts"}},
		{"unterminated", "rec/index.m3u8", "0.ts", []string{"rec/0.ts"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := newNames()
			references([]byte(c.text), c.base, got)
			for _, key := range c.want {
				if !got.has(key) {
					t.Errorf("%q in %q: %q is not protected: %v", c.text[:min(len(c.text), 80)], c.base, key, got)
				}
			}
		})
	}
}
