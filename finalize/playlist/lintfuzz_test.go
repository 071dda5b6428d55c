package playlist

import (
	"slices"
	"strings"
	"testing"
	"unicode"

	"pgregory.net/rapid"
)

// sound checks what holds for the findings of any text.
func sound(t *testing.T, text []byte, findings []Finding) {
	t.Helper()
	counts := map[Rule]int{}
	lines := strings.Count(string(text), "\n") + 1
	for i, f := range findings {
		counts[f.Rule]++
		if counts[f.Rule] > maxFindings || f.Line < 0 || f.Line > lines || f.Playlist != "x" || f.Severity != f.Rule.Severity() {
			t.Fatalf("%d of %d: %+v", i, len(findings), f)
		}
		if i > 0 && f.Line > 0 && (findings[i-1].Line == 0 || findings[i-1].Line > f.Line) {
			t.Fatalf("%v is behind %v", f, findings[i-1])
		}
		if len(f.Text) > 1000 || strings.ContainsFunc(f.Text, func(c rune) bool { return !unicode.IsPrint(c) }) {
			t.Fatalf("%q", f.Text)
		}
	}
}

// FuzzLint: no text makes the strict reading panic or say much, and one that it has
// nothing against, the tolerant reading takes too.
func FuzzLint(f *testing.F) {
	for _, text := range lintValid {
		f.Add([]byte(text))
	}
	for _, text := range lintMultiValid {
		f.Add([]byte(text))
	}
	for _, list := range [][]lintCase{lintMedia, lintMulti} {
		for _, c := range list {
			f.Add([]byte(c.text))
		}
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		media, ofMedia := ParseMedia("x", text)
		multi, ofMulti := ParseMultivariant("x", text)
		sound(t, text, ofMedia)
		sound(t, text, ofMulti)
		if len(ofMedia) == 0 && len(ofMulti) == 0 {
			t.Fatalf("both kinds of playlist: %q", text)
		}
		if len(ofMedia) == 0 && media.Sequence < 1<<62 {
			if s, err := ReadM3U8(text); err != nil && !media.IFramesOnly || err == nil && len(s.Entries) != len(media.Segments) {
				t.Fatalf("%v, %+v in %q", err, s, text)
			}
		}
		// The same playlist twice, as renditions and as pictures of itself.
		set := Set{Multi: multi, Members: []Member{
			{URI: "a", Media: media, Sizes: []int64{1}}, {URI: "b", Media: media, OwnSlots: true}, {URI: "c", Media: media, Of: "a"}, {URI: "d", Media: media},
		}}
		for _, v := range slices.Concat(multi.Variants, multi.IFrames) {
			set.Members = append(set.Members, Member{URI: v.URI, Media: media, Of: v.URI})
		}
		Lint(set)
	})
}

// Whatever is written, a strict reading finds exactly that, and nothing to say but
// what the writer leaves to its caller: dates, and objects that come twice.
func TestLintWritten(t *testing.T) {
	left := []Rule{RuleDateBack, RuleDateMissing, RuleOverlap, RuleGapURI, RuleGapOnly, RuleMapMissing, RuleMapKind, RuleJoinFirst}
	rapid.Check(t, func(t *rapid.T) {
		m := drawMedia(t)
		text, err := m.Encode()
		if err != nil {
			t.Skip(err)
		}
		got, findings := ParseMedia("x", text)
		for _, f := range findings {
			if !slices.Contains(left, f.Rule) {
				t.Fatalf("%v in\n%s", f, text)
			}
		}
		if len(got.Segments) != len(m.Segments) || got.Independent != m.Independent || got.IFramesOnly != m.IFramesOnly {
			t.Fatalf("%+v", got)
		}
		var initial *Map
		for i, s := range got.Segments {
			want := m.Segments[i]
			if want.Map != nil {
				initial = want.Map
			}
			if s.URI != want.URI || s.Gap != want.Gap || s.Discontinuity != want.Discontinuity || s.Range != want.Range || (s.Duration-want.Duration).Abs() > 1000 {
				t.Fatalf("segment %d: %+v, want %+v", i, s, want)
			}
			if (s.Map == nil) != (initial == nil) || initial != nil && (s.Map.URI != initial.URI || s.Map.Range != initial.Range) {
				t.Fatalf("segment %d: %+v, want %+v", i, s.Map, initial)
			}
			if !want.ProgramDateTime.IsZero() && want.ProgramDateTime.Sub(s.ProgramDateTime).Abs() >= dateTolerance {
				t.Fatalf("segment %d: %v, want %v", i, s.ProgramDateTime, want.ProgramDateTime)
			}
		}
	})
}

// Memory grows with the text and no faster, and little is allocated for a segment.
func TestLintMemory(t *testing.T) {
	per := func(segments int) (allocations float64) {
		text := []byte(mediaText(4, strings.Split(strings.TrimSuffix(strings.Repeat(inf+"\n#EXT-X-BYTERANGE:188\n0.ts\n", segments), "\n"), "\n")...))
		return testing.AllocsPerRun(1, func() { ParseMedia("x", text) }) / float64(segments)
	}
	few, many := per(1000), per(50_000)
	if few > 3 || many > few {
		t.Errorf("%.2f allocations a segment of 1,000, %.2f of 50,000", few, many)
	}
}

// Of a session whose renditions share their slots, with I pictures, a strict reading
// has nothing to say, but where a slot is missing in all of them.
func TestLintSession(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawSession(t)
		var media, pictures []*Media
		for r := range s.Renditions {
			media = append(media, FromSession(s, r, numbered, nil))
			pictures = append(pictures, IFrames(s, r, drawFrames(t, s, r), func(n int) string { return "../" + numbered(n) }, nil))
		}
		set := Set{}
		target := TargetDuration(media...)
		add := func(m *Media, uri, of string) {
			text, err := m.Encode()
			if err != nil {
				return // nothing to list
			}
			parsed, findings := ParseMedia(uri, text)
			for _, f := range findings {
				if f.Rule != RuleGapOnly {
					t.Fatalf("%v in\n%s", f, text)
				}
			}
			set.Members = append(set.Members, Member{URI: uri, Media: parsed, Of: of})
		}
		for r, m := range media {
			m.Target = target
			name := string(rune('a' + r))
			add(m, name+".m3u8", "")
			add(pictures[r], name+"/iframes.m3u8", name+".m3u8")
		}
		for _, f := range Lint(set) {
			if f.Rule != RuleSetGapAll {
				t.Fatal(f)
			}
		}
	})
}
