package finalize_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"recfin/finalize"
)

// TestHostilePlaylists: whatever playlists say, every object is in the plan once,
// no byte of it twice, and planning again says the same.
func TestHostilePlaylists(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		w := newWorld(false)
		var names []string
		for n := range rapid.IntRange(1, 6).Draw(rt, "objects") {
			name := rapid.SampledFrom([]string{"s%d.ts", "a/s%d.ts", "b/%d_x.ts", "x%d"}).Draw(rt, "name")
			names = append(names, fmt.Sprintf(name, rapid.IntRange(0, 12).Draw(rt, "number")))
			w.Set("rec/"+names[n], high.segment(n), uploaded(n), nil)
		}
		names = append(names, "gone.ts", "../other/s1.ts", "https://host/bucket/rec/s1.ts", "%zz", "s1.ts?x=1#y")
		for n := range rapid.IntRange(1, 3).Draw(rt, "playlists") {
			key := rapid.SampledFrom([]string{"rec/index.m3u8", "rec/a/index.m3u8", "rec/low.m3u8", "rec/deep/er/p.m3u8"}).Draw(rt, "playlist")
			var b strings.Builder
			fmt.Fprintf(&b, "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXT-X-MEDIA-SEQUENCE:%d\n", rapid.SampledFrom([]int64{0, 7, 1 << 40}).Draw(rt, "sequence"))
			for range rapid.IntRange(0, 8).Draw(rt, "entries") {
				switch rapid.IntRange(0, 5).Draw(rt, "tag") {
				case 0:
					fmt.Fprintf(&b, "#EXT-X-BYTERANGE:%d@%d\n", rapid.IntRange(1, 4000).Draw(rt, "length"), rapid.IntRange(0, 4000).Draw(rt, "offset"))
				case 1:
					b.WriteString("#EXT-X-DISCONTINUITY\n")
				case 2:
					fmt.Fprintf(&b, "#EXT-X-MAP:URI=%q\n", rapid.SampledFrom(names).Draw(rt, "map"))
				}
				fmt.Fprintf(&b, "#EXTINF:%s,\n%s\n", rapid.SampledFrom([]string{"2", "0", "1.5", "90000"}).Draw(rt, "duration"), rapid.SampledFrom(names).Draw(rt, "entry"))
			}
			w.Set(key, []byte(b.String()), uploaded(n*3), nil)
		}
		r, err := plan(laid(t, "hls", w), "rec")
		switch {
		case errors.Is(err, finalize.ErrUsage), errors.Is(err, finalize.ErrNothing):
			return // not one segment is left
		case err != nil && !errors.Is(err, finalize.ErrRefused):
			rt.Fatal(err)
		}
		everyObjectOnce(rt, r, w)
		everyByteOnce(rt, r)
		if again, _ := plan(laid(t, "hls", w), "rec"); decisionText(again) != decisionText(r) {
			rt.Errorf("planned twice:\n%s\n%s", decisionText(r), decisionText(again))
		}
	})
}
