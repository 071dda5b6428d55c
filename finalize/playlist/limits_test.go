package playlist

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

// TestManyEntries: a few megabytes of text do not become gigabytes in memory.
func TestManyEntries(t *testing.T) {
	m3u8 := "#EXTM3U\n" + strings.Repeat("#EXTINF:1\na\n", maxEntries+1)
	if _, err := ReadM3U8([]byte(m3u8)); !errors.Is(err, ErrSidecar) || !strings.Contains(err.Error(), errTooMany.Error()) {
		t.Errorf("one more than allowed: %.200v", err)
	}
	if s, err := ReadM3U8([]byte(strings.TrimSuffix(m3u8, "#EXTINF:1\na\n"))); err != nil || len(s.Entries) != maxEntries {
		t.Errorf("as many as allowed: %.200v", err)
	}
	json := `{"segments":{"a":[` + strings.Repeat(`{"uri":"a"},`, maxEntries) + `{"uri":"a"}]}}`
	if _, err := ReadLivepeer([]byte(json)); !errors.Is(err, ErrSidecar) || !strings.Contains(err.Error(), errTooMany.Error()) {
		t.Errorf("JSON: %.200v", err)
	}
	var b strings.Builder
	b.WriteString("#EXTM3U\n")
	for n := range maxChildren + 5 {
		fmt.Fprintf(&b, "#EXT-X-STREAM-INF:BANDWIDTH=1\n%d.m3u8\n", n)
	}
	if s, err := ReadM3U8([]byte(b.String())); err != nil || len(s.Children) != maxChildren {
		t.Errorf("children: %.200v", err)
	}
	deep := strings.Repeat(`{"tracks":`, 1<<20)
	if _, err := ReadLivepeer([]byte(deep)); !errors.Is(err, ErrSidecar) {
		t.Errorf("a deep document: %.200v", err)
	}
}
