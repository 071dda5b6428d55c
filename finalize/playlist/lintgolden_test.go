package playlist

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// lintGolden has what is missing in playlists that were made by hand: they leave out what a session always has.
var lintGolden = map[string]Rule{
	"testdata/maps.m3u8":         RuleDateMissing,
	"testdata/ranges.m3u8":       RuleDateMissing,
	"testdata/multivariant.m3u8": RuleCodecsMissing,
}

// What this program writes, a strict reading has nothing to say about.
func TestLintGolden(t *testing.T) {
	names, err := filepath.Glob("testdata/*.m3u8")
	if err != nil || len(names) < 9 {
		t.Fatal(names, err)
	}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var findings []Finding
		if bytes.Contains(text, []byte("#EXT-X-STREAM-INF")) {
			_, findings = ParseMultivariant(name, text)
		} else {
			_, findings = ParseMedia(name, text)
		}
		for _, f := range findings {
			if f.Rule != lintGolden[name] {
				t.Error(f)
			}
		}
	}
}
