package playlist

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"
)

// Of whatever sessions and pictures: a strict reader has nothing to say about all the
// playlists of a session and what leads to them.
func TestWrittenLints(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawSession(t)
		fragments := rapid.Bool().Draw(t, "fragments")
		groups := len(s.Renditions) > 1 && rapid.Bool().Draw(t, "groups")
		var multi Multi
		var set Set
		var media []*Media
		for r := range s.Renditions {
			uri, part := shelved(fragments, r)
			media = append(media, FromSession(s, r, uri, part))
		}
		target := TargetDuration(media...)
		for r, m := range media {
			m.Target = target
			name := fmt.Sprintf("%d.m3u8", r)
			set.Members = append(set.Members, Member{URI: name, Media: lints(t, name, m)})
			if sound := groups && r == len(media)-1; sound {
				multi.Audio = append(multi.Audio, Audio{URI: name, Group: "audio", Channels: 2, Default: true, Language: "eng"})
				continue
			}
			v := Variant{URI: name, Bandwidth: 1000 + r, Codecs: "avc1.42c01e,mp4a.40.2", Width: 64, Height: 64, FrameRate: Rate{25, 1}}
			if groups {
				v.Audio = "audio"
			}
			multi.Variants = append(multi.Variants, v)
			uri, part := shelved(fragments, r)
			stills := IFrames(s, r, drawFrames(t, s, r), uri, part)
			if len(stills.Segments) == 0 {
				continue
			}
			stills.Target = max(target, TargetDuration(stills))
			of := name
			name = fmt.Sprintf("%d-iframes.m3u8", r)
			set.Members = append(set.Members, Member{URI: name, Of: of, Media: lints(t, name, stills)})
			multi.IFrames = append(multi.IFrames, IFrameStream{URI: name, Bandwidth: 500, Codecs: "avc1.42c01e", Width: 64, Height: 64})
		}
		text, err := multi.Encode()
		if err != nil {
			t.Fatal(err)
		}
		read, findings := ParseMultivariant("index.m3u8", text)
		set.Multi = read
		for _, f := range append(findings, Lint(set)...) {
			// A slot that no rendition has is no session's, and rates are not measured here.
			if f.Rule != RuleSetGapAll && f.Rule != RuleBandwidthLow && f.Rule != RuleBandwidthHigh {
				t.Errorf("%v in\n%s", f, text)
			}
		}
	})
}

// shelved gives references and parts of the tests: transport streams, or fragments of
// which each brings its own init segment or has one of two.
func shelved(fragments bool, r int) (func(int) string, func(int) (ByteRange, *Map)) {
	if !fragments {
		return func(n int) string { return fmt.Sprintf("%d/%d.ts", r, n) }, nil
	}
	uri := func(n int) string { return fmt.Sprintf("%d/%d.m4s", r, n) }
	return uri, func(n int) (ByteRange, *Map) {
		if n%3 == 0 {
			return ByteRange{900, 100_000}, &Map{uri(n), ByteRange{0, 900}}
		}
		return ByteRange{}, &Map{URI: fmt.Sprintf("%d/init-%d.mp4", r, n/20)}
	}
}

// lints encodes a playlist and reads it, without any finding.
func lints(t *rapid.T, name string, m *Media) *MediaText {
	text, err := m.Encode()
	if err != nil {
		t.Fatal(err)
	}
	read, findings := ParseMedia(name, text)
	for _, f := range findings {
		if f.Rule != RuleGapOnly { // a rendition without media is none
			t.Fatalf("%v in\n%s", f, text)
		}
	}
	return read
}
