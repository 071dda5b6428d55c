package main

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"recfin/internal/broadcast"
)

// TestHostileArguments: names on the command line never lead out of the folders that
// they are for, and nothing is written for a name that cannot be one.
func TestHostileArguments(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	inner := filepath.Join(dir, "inner")
	s := broadcast.Make(t, broadcast.Options{})
	broadcast.Lay(t, broadcast.Folder(dir), s.Uploads("secret/A/720p", 0, 1, onAir))
	broadcast.Lay(t, broadcast.Folder(inner), s.Uploads("foo/A/720p", 0, 1, onAir))
	before := tree(t, dir)
	for _, id := range []string{"", ".", "..", "../secret", "../../x", "/etc", "foo/..", "foo/../../secret", "a//b", ".recfin", ".recfin/leases", "a\n", "\x1b[31m", "a\x00b", "\xff\xfe", strings.Repeat("x/", 5000) + "x", strings.Repeat("x", 2000)} {
		for _, args := range [][]string{{"finalize"}, {"finalize", "--json"}, {"plan"}, {"keep"}, {"finalize", "--force", "--delete", "sources", "--format", "mp4", "--delete-delay", "0"}} {
			r := recfin(append(append(args, "--store", inner, "--log-format", "json", "--"), id)...)
			staysOnItsLine(t, r)
			if r.code == exitDone || len(r.out)+len(r.err) > 1<<20 {
				t.Errorf("recfin %q %.80q: exit code %d, %d bytes\n%.1000s", args, id, r.code, len(r.out)+len(r.err), r.text())
			}
		}
		if id != "" {
			r := recfin("finalize", "--store", inner, "--as", id, "foo")
			if staysOnItsLine(t, r); r.code == exitDone && id != "a\n" && id != "\x1b[31m" {
				t.Errorf("--as %.80q: exit code %d", id, r.code)
			}
		}
		r := recfin("plan", "--store", inner, "--explain", id+"/x.ts")
		if staysOnItsLine(t, r); r.code == exitDone {
			t.Errorf("--explain %.80q: exit code %d", id, r.code)
		}
	}
	for name, what := range tree(t, dir) {
		if had, ok := before[name]; !strings.HasPrefix(name, "inner") && name != "." && (!ok || had != what) {
			t.Errorf("%s was written or changed", name)
		}
	}
}

// TestPlaylistsFetchNothing: what playlists and manifests name elsewhere is never
// asked for, neither by URL nor by a way up, nor through a link out of the folder.
func TestPlaylistsFetchNothing(t *testing.T) {
	t.Parallel()
	var hits atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { hits.Add(1) }))
	defer server.Close()
	for name, c := range map[string]struct{ layout, key, text string }{
		"hls":      {"hls", "foo/index.m3u8", "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXT-X-KEY:METHOD=AES-128,URI=\"URL/key\"\n#EXT-X-MAP:URI=\"URL/init.mp4\"\n#EXTINF:2,\nURL/foo/A/720p/0.ts\n#EXTINF:2,\n../../outside/A/720p/0.ts\n#EXTINF:2,\n/etc/passwd\n#EXTINF:2,\nfile:///etc/passwd\n#EXTINF:2,\nlinked/0.ts\n#EXTINF:2,\nA/720p/0.ts\n"},
		"variants": {"hls", "foo/index.m3u8", "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nURL/720p.m3u8\n#EXT-X-STREAM-INF:BANDWIDTH=2\n../../outside/720p.m3u8\n#EXT-X-STREAM-INF:BANDWIDTH=3\n720p.m3u8\n"},
		"livepeer": {"livepeer", "foo/A/playlist_1748800000000000000.json", `{"segments":{"720p":[{"uri":"URL/foo/A/720p/0.ts","duration_ms":2000},{"uri":"../../../outside/A/720p/0.ts","seq_no":1,"duration_ms":2000},{"uri":"//127.0.0.1/x.ts","seq_no":2}]}}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			top := t.TempDir()
			dir := filepath.Join(top, "store")
			s := broadcast.Make(t, broadcast.Options{})
			broadcast.Lay(t, broadcast.Folder(top), s.Uploads("outside/A/720p", 0, 1, onAir))
			broadcast.Lay(t, broadcast.Folder(dir), s.Uploads("foo/A/720p", 0, 1, onAir))
			list := "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\nA/720p/0.ts\n#EXTINF:2,\nA/720p/1.ts\n"
			for key, text := range map[string]string{c.key: strings.ReplaceAll(c.text, "URL", server.URL), "foo/720p.m3u8": list} {
				if err := broadcast.Folder(dir)(key, []byte(text), onAir.Add(time.Hour)); err != nil {
					t.Fatal(err)
				}
			}
			if err := os.Symlink(filepath.Join(top, "outside", "A", "720p"), filepath.Join(dir, "foo", "linked")); err != nil {
				t.Fatal(err)
			}
			outside := tree(t, filepath.Join(top, "outside"))
			for _, args := range [][]string{{"plan", "--json"}, {"finalize", "--json", "--format", "mp4", "--delete", "sources", "--delete-delay", "0"}} {
				r := recfin(append(args, "--store", dir, "--layout", c.layout, "foo")...)
				if strings.Contains(r.out, "root:") || strings.Contains(r.out, `"key":"../`) || strings.Contains(r.out, `"key":"foo/linked`) {
					t.Errorf("recfin %q: %s", args, r.text())
				}
				staysOnItsLine(t, r)
			}
			unchanged(t, outside, filepath.Join(top, "outside"), "a run beside it")
		})
	}
	t.Cleanup(func() {
		if n := hits.Load(); n > 0 {
			t.Errorf("the server was asked %d times", n)
		}
	})
}
