package finalize_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"recfin/finalize"
)

// TestDiscontinuityWhere: another broadcaster takes over in the middle of eight
// segments on one clock. There is a discontinuity only where something changes that
// a player has to know.
func TestDiscontinuityWhere(t *testing.T) {
	larger, wider := high, high
	larger.Width, larger.Height = 1920, 1088
	wider.Wide = true
	for name, c := range map[string]struct {
		next feed
		want int
	}{
		"the same":         {high, 0},
		"another size":     {larger, 1},
		"sound of 16 kHz":  {wider, 1},
		"what it is about": {feed{Content: "another match", Width: high.Width, Height: high.Height}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(false)
			w.lay("rec/A/720p", high, 0, 3, 0)
			w.lay("rec/B/720p", c.next, 4, 7, 0)
			// A rendition in which nothing changes is marked in the same place.
			w.lay("rec/A/360p", low, 0, 7, 0)
			mustRun(t, only(w, finalize.Formats{HLS: true}), "rec")
			for key, e := range w.Snapshot() {
				if !strings.HasPrefix(key, outPath+"rec/") || !strings.HasSuffix(key, "0p.m3u8") {
					continue
				}
				text := string(e.Body)
				at := strings.Index(text, "#EXT-X-DISCONTINUITY\n")
				if n := strings.Count(text, "#EXT-X-DISCONTINUITY\n"); n != c.want || n > 0 && strings.Count(text[:at], "#EXTINF") != 4 {
					t.Errorf("%d discontinuities, want %d before the fifth segment:\n%s", n, c.want, text)
				}
			}
		})
	}
}

// The bytes of the init segment count, not its key.
func TestSameInitElsewhere(t *testing.T) {
	dir := encode(t, 8, "-f", "hls", "-hls_time", "2", "-hls_list_size", "0", "-hls_segment_type", "fmp4", "-hls_fmp4_init_filename", "init.mp4", "-hls_segment_filename", "%d.m4s", "x.m3u8")
	body := func(name string) []byte {
		b, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	// A free box behind the moov changes nothing but the bytes.
	other := append(body("init.mp4"), 0, 0, 0, 8, 'f', 'r', 'e', 'e')
	for name, c := range map[string]struct {
		init []byte
		want int
	}{"the same bytes": {body("init.mp4"), 0}, "other bytes": {other, 1}} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(false)
			for n, nonce := range []string{"A", "A", "B", "B"} {
				w.Set("rec/"+nonce+"/720p/"+string(rune('0'+n))+".m4s", body(string(rune('0'+n))+".m4s"), uploaded(n), nil)
			}
			w.Set("rec/A/720p/init.mp4", body("init.mp4"), uploaded(0), nil)
			w.Set("rec/B/720p/init.mp4", c.init, uploaded(2), nil)
			mustRun(t, only(w, finalize.Formats{HLS: true}), "rec")
			for key, e := range w.Snapshot() {
				if strings.HasPrefix(key, outPath) && strings.HasSuffix(key, "720p.m3u8") {
					if n := bytes.Count(e.Body, []byte("#EXT-X-DISCONTINUITY\n")); n != c.want {
						t.Errorf("%d discontinuities, want %d:\n%s", n, c.want, e.Body)
					}
				}
			}
		})
	}
}
