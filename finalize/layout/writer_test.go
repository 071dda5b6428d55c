package layout_test

import (
	"slices"
	"strings"
	"testing"

	"recfin/finalize/layout"
)

// TestWriters: where the keys of one writer stand, and where that cannot be told
// without listing everything.
func TestWriters(t *testing.T) {
	for _, c := range []struct {
		layout   string
		roots    []string // nil: not told
		prefixes []string // of the writer w in the recording r
	}{
		{"nonce", []string{""}, []string{"r/w/"}},
		{"livepeer", []string{""}, []string{"r/w/"}},
		{"catalyst", []string{"", "hls/"}, []string{"hls/r/w/", "r/w/"}},
		{"manifests", []string{""}, []string{"r/w/"}},
		{"ivs", nil, nil},
		{"mediamtx", nil, nil},
		{"wubloader", nil, nil},
		{"live/{recording}/{nonce}-{rendition}/{seq}.ts", []string{"live/"}, []string{"live/r/w"}},
		{"{nonce}/{recording}/{seq}.ts", nil, nil},
		{"{recording}/{rendition}/{nonce}/{seq}.ts", nil, nil},
		{"{recording}-{nonce}/{seq}.ts", nil, nil},
		{"{recording=cam}/{nonce}/{seq}.ts", nil, nil},
		{"{recording}/{seq}.ts", nil, nil},
	} {
		l, err := layout.Parse(c.layout, layout.Options{})
		if err != nil {
			t.Fatal(err)
		}
		roots, ok := l.WritersAt()
		if ok != (c.roots != nil) || !slices.Equal(roots, c.roots) {
			t.Errorf("%s: roots %q (%v), want %q", c.layout, roots, ok, c.roots)
		}
		if !ok {
			continue
		}
		if got := l.WriterPrefixes("r", "w"); !slices.Equal(got, c.prefixes) {
			t.Errorf("%s: prefixes %q, want %q", c.layout, got, c.prefixes)
		}
		if got := l.WriterPrefixes("r", "a/b"); len(got) > 0 && c.layout != "manifests" {
			t.Errorf("%s: prefixes %q of a writer that is no path element", c.layout, got)
		}
		// What the layout reads of the writer stands under one of the prefixes.
		for _, key := range []string{"r/w/720p/0.ts", "r/w/source/0.ts", "hls/r/w/source/0.ts", "live/r/w-720p/0.ts"} {
			f, ok := l.Match(key)
			if ok && f.Recording == "r" && f.Nonce == "w" && !slices.ContainsFunc(c.prefixes, func(p string) bool { return strings.HasPrefix(key, p) }) {
				t.Errorf("%s: %s is under none of %q", c.layout, key, c.prefixes)
			}
		}
	}
}
