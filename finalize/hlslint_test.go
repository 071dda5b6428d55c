package finalize_test

import (
	"net/url"
	"path"
	"slices"
	"strings"
	"testing"

	"recfin/finalize/playlist"
)

// lintSession reads a session by its door as a client does, with the sizes of what it
// names, and gives what a strict reading has to say: nothing.
func lintSession(t *testing.T, all snapshot, door string) []playlist.Finding {
	t.Helper()
	multi, findings := playlist.ParseMultivariant(door, all[door].Body)
	set := playlist.Set{Multi: multi}
	add := func(uri, of string, own bool) {
		if uri == "" || slices.ContainsFunc(set.Members, func(m playlist.Member) bool { return m.URI == uri }) {
			return
		}
		key := follow(t, door, uri)
		media, more := playlist.ParseMedia(key, all[key].Body)
		m := playlist.Member{URI: uri, Media: media, OwnSlots: own, Of: of, Sizes: make([]int64, len(media.Segments))}
		for i, s := range media.Segments {
			object := follow(t, key, s.URI)
			if _, ok := all[object]; ok == s.Gap {
				t.Errorf("%s:%d: %s is there: %v", key, s.Line, object, ok)
			}
			m.Sizes[i] = int64(len(all[object].Body))
		}
		set.Members, findings = append(set.Members, m), append(findings, more...)
	}
	for _, v := range multi.Variants {
		add(v.URI, "", v.Width == 0)
	}
	for _, q := range multi.Media {
		add(q.URI, "", true)
	}
	for _, v := range multi.IFrames {
		add(v.URI, strings.TrimSuffix(v.URI, "/iframes.m3u8")+".m3u8", false)
	}
	return append(findings, playlist.Lint(set)...)
}

// follow gives the key that a reference in a playlist leads to.
func follow(t *testing.T, base, uri string) string {
	t.Helper()
	name, err := url.PathUnescape(uri)
	if err != nil {
		t.Error(err)
	}
	return path.Join(path.Dir(base), name)
}
