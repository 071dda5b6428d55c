package finalize_test

import (
	"fmt"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"recfin/finalize"
	"recfin/internal/golden"
	"recfin/internal/hlscases"
	"recfin/store"
)

// TestGoldenHLS finalizes the cases of package hlscases. What lies in the store
// stands in testdata/hls/NAME/objects.txt, and all playlists in want.m3u8, to be
// read beside each other.
func TestGoldenHLS(t *testing.T) {
	for _, c := range hlscases.All() {
		t.Run(c.Name, func(t *testing.T) {
			w := c.Lay(t)
			before := w.Store.Snapshot()
			golden.Check(t, "hls/"+c.Name+"/objects.txt", "# "+c.Shows+"\n"+uploadsText(before))
			w.Finalize(t)
			for _, deep := range []bool{false, true} {
				soundly(t, w.Config, c.Recording, deep)
			}
			after := w.Store.Snapshot()
			golden.Check(t, "hls/"+c.Name+"/want.m3u8", playlistsText(after))
			nothingToSay(t, w)
			for _, s := range c.Sessions {
				if _, ok := after[w.Door(s.ID)]; !ok {
					t.Errorf("there is no door %s", w.Door(s.ID))
				}
				for _, f := range lintSession(t, after, w.Door(s.ID)) {
					t.Error(f)
				}
			}
		})
	}
}

// nothingToSay holds that reading the recording back finds nothing, of a sample and of
// all of it.
func nothingToSay(t *testing.T, w *hlscases.World) {
	t.Helper()
	f, err := finalize.New(w.Config)
	if err != nil {
		t.Fatal(err)
	}
	for _, deep := range []bool{false, true} {
		v, err := f.Verify(t.Context(), w.Recording, finalize.VerifyOptions{Deep: deep})
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range v.Findings {
			t.Errorf("deep %v: %+v", deep, x)
		}
	}
}

// uploadsText lists what a store holds, without sizes.
func uploadsText(all snapshot) string {
	var b strings.Builder
	for _, key := range slices.Sorted(maps.Keys(all)) {
		fmt.Fprintf(&b, "%s %s\n", all[key].Modified.Format("2006-01-02T15:04:05.000Z"), store.Printable(key))
	}
	return b.String()
}

// What depends on the version of the encoder: how many bytes its output has.
var encoded = []struct {
	is *regexp.Regexp
	as string
}{
	{regexp.MustCompile(`\b([0-9]+)-[0-9a-f]{16}/`), "$1-HASH/"},
	{regexp.MustCompile(`BANDWIDTH=[0-9]+`), "BANDWIDTH=N"},
	{regexp.MustCompile(`#EXT-X-BYTERANGE:[0-9]+@[1-9][0-9]*`), "#EXT-X-BYTERANGE:N@M"},
	{regexp.MustCompile(`#EXT-X-BYTERANGE:[0-9]+@0\b`), "#EXT-X-BYTERANGE:N@0"},
	{regexp.MustCompile(`BYTERANGE="[0-9]+@[1-9][0-9]*"`), `BYTERANGE="N@M"`},
	{regexp.MustCompile(`BYTERANGE="[0-9]+@0"`), `BYTERANGE="N@0"`},
}

// playlistsText are the playlists that recfin wrote: the doors, and behind each
// those of its version.
func playlistsText(all snapshot) string {
	var b strings.Builder
	for _, key := range slices.Sorted(maps.Keys(all)) {
		if !strings.HasPrefix(key, outPath) || path.Base(key) != "index.m3u8" {
			continue
		}
		fmt.Fprintf(&b, "# %s\n%s\n", store.Printable(key), all[key].Body)
		for _, inner := range slices.Sorted(maps.Keys(all)) {
			if strings.HasPrefix(inner, path.Dir(key)+"/") && strings.HasSuffix(inner, ".m3u8") && inner != key {
				fmt.Fprintf(&b, "# %s\n%s\n", store.Printable(inner), all[inner].Body)
			}
		}
	}
	text := b.String()
	for _, e := range encoded {
		text = e.is.ReplaceAllString(text, e.as)
	}
	return text
}
