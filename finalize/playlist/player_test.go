package playlist_test

import (
	"net/http"
	"net/http/httptest"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"recfin/finalize/playlist"
	"recfin/internal/broadcast"
	"recfin/internal/testenv"
)

// A real player finds every segment, whatever its key, and plays all of it.
func TestPlayerFindsHostileKeys(t *testing.T) {
	ffprobe := testenv.Need(t, "ffprobe")
	series := broadcast.Make(t, broadcast.Options{})
	keys := []string{"foo/A b/720p/0.ts", "foo/#x?y=%41+z/1.ts", "foo/世界/a:b/2.ts", "foo//\"'<&>/3.ts"}

	const dir = "recordings/fo o/20261121T120000Z/1-ab"
	objects := map[string][]byte{}
	media := &playlist.Media{}
	for i, key := range keys {
		objects[key] = series.Body(t, i)
		media.Segments = append(media.Segments, playlist.Segment{URI: playlist.RelativeURI(dir, key), Duration: 2 * time.Second})
	}
	text, err := media.Encode()
	if err != nil {
		t.Fatal(err)
	}
	multi, err := (&playlist.Multi{Variants: []playlist.Variant{{
		URI: playlist.RelativeURI("recordings/fo o/20261121T120000Z", dir+"/720p+.m3u8"), Bandwidth: 1_000_000, Codecs: "avc1.42c00c,mp4a.40.2",
	}}}).Encode()
	if err != nil {
		t.Fatal(err)
	}
	objects[dir+"/720p+.m3u8"] = text
	objects["recordings/fo o/20261121T120000Z/index.m3u8"] = multi

	var mu sync.Mutex
	var missed []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, ok := objects[strings.TrimPrefix(r.URL.Path, "/bucket/")]
		if !ok {
			mu.Lock()
			missed = append(missed, r.URL.String())
			mu.Unlock()
			http.NotFound(w, r)
			return
		}
		w.Write(body)
	}))
	defer server.Close()
	out, err := exec.Command(ffprobe, "-v", "error", "-count_packets", "-select_streams", "v:0", "-show_entries", "stream=nb_read_packets:format=duration", "-of", "csv=p=0",
		server.URL+"/bucket/recordings/fo%20o/20261121T120000Z/index.m3u8").CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	mu.Lock()
	defer mu.Unlock()
	if got := strings.Fields(string(out)); len(missed) > 0 || len(got) == 0 || got[0] != "120" || got[len(got)-1] != "8.000000" {
		t.Errorf("ffprobe reads %q, not found: %q", out, missed)
	}
}
