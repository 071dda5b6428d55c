package playlist

import (
	"slices"
	"strings"
	"testing"
)

// lintSet is a session as texts, by the URI of each playlist, in this order.
type lintSet struct {
	multi   string
	uris    []string
	texts   map[string]string
	members map[string]Member // what else is known of them
}

// slotLines are two slots, a discontinuity and two more.
func slotLines(name string, inf ...string) []string {
	return []string{
		"#EXT-X-PROGRAM-DATE-TIME:2026-11-21T12:00:00.000Z",
		inf[0], name + "0.ts", inf[1], name + "1.ts", "#EXT-X-DISCONTINUITY",
		"#EXT-X-PROGRAM-DATE-TIME:2026-11-21T12:00:10.000Z",
		inf[2], name + "2.ts", inf[3], name + "3.ts",
	}
}

// baseSet is a valid session: two renditions, one of them with a gap, sound cut
// elsewhere, and I pictures. Each segment has 250,000 bytes, so each second a million
// bits.
func baseSet() lintSet {
	low := slotLines("low", inf, inf, inf, inf)
	low = append(low[:9:9], "#EXT-X-GAP", inf, "gap.ts")
	sound := []string{
		"#EXT-X-PROGRAM-DATE-TIME:2026-11-21T12:00:00.000Z",
		"#EXTINF:1.500000,", "s0.aac", inf, "s1.aac", "#EXTINF:0.400000,", "s2.aac", "#EXT-X-DISCONTINUITY",
		"#EXT-X-PROGRAM-DATE-TIME:2026-11-21T12:00:10.000Z", inf, "s3.aac", inf, "s4.aac",
	}
	pictures := []string{
		"#EXT-X-PROGRAM-DATE-TIME:2026-11-21T12:00:00.000Z",
		"#EXTINF:4.000000,", "#EXT-X-BYTERANGE:1000@376", "../high0.ts", "#EXT-X-DISCONTINUITY",
		"#EXT-X-PROGRAM-DATE-TIME:2026-11-21T12:00:10.000Z",
		inf, "#EXT-X-BYTERANGE:1000@376", "../high2.ts", inf, "#EXT-X-BYTERANGE:1000@376", "../high3.ts",
	}
	sizes := []int64{250000, 250000, 250000, 250000}
	return lintSet{
		multi: "#EXTM3U\n#EXT-X-VERSION:4\n" +
			`#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="s",CHANNELS="2",URI="sound.m3u8"` + "\n" +
			`#EXT-X-STREAM-INF:BANDWIDTH=1200000,AVERAGE-BANDWIDTH=1200000,CODECS="avc1.42c01e,mp4a.40.2",RESOLUTION=640x360,AUDIO="a"` + "\nhigh.m3u8\n" +
			`#EXT-X-STREAM-INF:BANDWIDTH=1200000,AVERAGE-BANDWIDTH=1200000,CODECS="avc1.42c01e,mp4a.40.2",RESOLUTION=320x180,AUDIO="a"` + "\nlow.m3u8\n" +
			`#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=5000,CODECS="avc1.42c01e",RESOLUTION=640x360,URI="high/iframes.m3u8"` + "\n",
		uris: []string{"high.m3u8", "low.m3u8", "sound.m3u8", "high/iframes.m3u8"},
		texts: map[string]string{
			"high.m3u8":         mediaText(3, slotLines("high", inf, inf, inf, inf)...),
			"low.m3u8":          mediaText(8, low...),
			"sound.m3u8":        mediaText(3, sound...),
			"high/iframes.m3u8": strings.Replace(pictureText(4, pictures...), "DURATION:2", "DURATION:4", 1),
		},
		members: map[string]Member{
			"high.m3u8":         {Sizes: sizes},
			"low.m3u8":          {Sizes: sizes},
			"sound.m3u8":        {Sizes: []int64{18750, 25000, 5000, 25000, 25000}, OwnSlots: true},
			"high/iframes.m3u8": {Of: "high.m3u8"},
		},
	}
}

// lint reads all texts, which must be right by themselves, and compares them.
func (s lintSet) lint(t *testing.T) []Finding {
	t.Helper()
	multi, alone := ParseMultivariant("multi", []byte(s.multi))
	set := Set{Multi: multi}
	for _, uri := range s.uris {
		m := s.members[uri]
		var findings []Finding
		m.URI = uri
		m.Media, findings = ParseMedia(uri, []byte(s.texts[uri]))
		alone = append(alone, findings...)
		set.Members = append(set.Members, m)
	}
	for _, f := range alone {
		t.Error(f)
	}
	return Lint(set)
}

// setCase changes the valid session. A rule is broken in one playlist, in one line.
type setCase struct {
	rule     Rule
	playlist string
	line     int
	change   func(s *lintSet)
}

// in replaces a part of one text.
func in(uri, old, with string) func(*lintSet) {
	return func(s *lintSet) {
		if uri == "multi" {
			s.multi = cut(s.multi, old, with)
			return
		}
		s.texts[uri] = cut(s.texts[uri], old, with)
	}
}

// both does one thing after another.
func both(changes ...func(*lintSet)) func(*lintSet) {
	return func(s *lintSet) {
		for _, c := range changes {
			c(s)
		}
	}
}

var lintSets = []setCase{
	{RuleSetKind, "multi", 8, in("multi", `URI="high/iframes.m3u8"`, `URI="low.m3u8"`)},
	{RuleSetKind, "multi", 4, both(in("multi", "RESOLUTION=640x360,AUDIO=\"a\"\nhigh.m3u8", "RESOLUTION=640x360,AUDIO=\"a\"\nhigh/iframes.m3u8"), func(s *lintSet) {
		s.members["high/iframes.m3u8"], s.members["sound.m3u8"] = Member{}, Member{OwnSlots: true}
	})},
	{RuleSetTarget, "low.m3u8", 0, in("low.m3u8", "TARGETDURATION:2", "TARGETDURATION:3")},
	{RuleSetTargetHigh, "high.m3u8", 0, both(in("high.m3u8", "TARGETDURATION:2", "TARGETDURATION:3"), in("low.m3u8", "TARGETDURATION:2", "TARGETDURATION:3"), in("sound.m3u8", "TARGETDURATION:2", "TARGETDURATION:3"))},
	{RuleSetDiscontinuities, "low.m3u8", 12, in("low.m3u8", "#EXT-X-DISCONTINUITY\n", "")},
	{RuleSetDiscontinuities, "low.m3u8", 0, in("low.m3u8", "#EXT-X-PROGRAM", "#EXT-X-DISCONTINUITY-SEQUENCE:1\n#EXT-X-PROGRAM")},
	{RuleSetDiscontinuities, "sound.m3u8", 0, in("sound.m3u8", "#EXT-X-DISCONTINUITY\n", "")},
	{RuleSetDiscontinuities, "high/iframes.m3u8", 0, in("high/iframes.m3u8", "#EXT-X-DISCONTINUITY\n", "")},
	{RuleSetDuration, "sound.m3u8", 7, in("sound.m3u8", inf+"\ns1.aac\n#EXTINF:0.400000,\ns2.aac", "#EXTINF:0.400000,\ns1.aac")},
	{RuleSetSlots, "low.m3u8", 7, in("low.m3u8", inf+"\nlow0.ts", "#EXTINF:1.850000,\nlow0.ts")},
	{RuleSetEnds, "low.m3u8", 9, in("low.m3u8", inf+"\nlow1.ts", "#EXTINF:1.850000,\nlow1.ts")},
	{RuleSetCount, "low.m3u8", 0, in("low.m3u8", inf+"\nlow0.ts\n"+inf+"\nlow1.ts", inf+"\nlow0.ts")},
	{RuleSetGap, "low.m3u8", 10, in("low.m3u8", inf+"\nlow1.ts", "#EXT-X-GAP\n#EXTINF:1.900000,\ngap.ts")},
	{RuleSetGapAll, "high.m3u8", 16, func(s *lintSet) {
		in("high.m3u8", inf+"\nhigh3.ts", "#EXT-X-GAP\n"+inf+"\ngap.ts")(s)
		in("high.m3u8", "VERSION:3", "VERSION:8")(s)
		s.uris = s.uris[:2]
	}},
	{RuleSetDateMissing, "sound.m3u8", 0, both(in("sound.m3u8", "#EXT-X-PROGRAM-DATE-TIME:2026-11-21T12:00:00.000Z\n", ""), in("sound.m3u8", "#EXT-X-PROGRAM-DATE-TIME:2026-11-21T12:00:10.000Z\n", ""))},
	{RuleSetDate, "low.m3u8", 13, in("low.m3u8", "12:00:10.000Z", "12:00:10.002Z")},
	{RuleSetDate, "sound.m3u8", 15, in("sound.m3u8", "12:00:10.000Z", "12:00:13.000Z")},
	{RuleIFrameDuration, "high/iframes.m3u8", 9, in("high/iframes.m3u8", "#EXTINF:4.0", "#EXTINF:3.9")},
	{RuleIFrameObject, "high/iframes.m3u8", 9, in("high/iframes.m3u8", "../high0.ts", "../low0.ts")},
	{RuleIFrameObject, "high/iframes.m3u8", 9, in("high/iframes.m3u8", "../high0.ts", "high0.ts")},
	{RuleBandwidthLow, "multi", 4, in("multi", "BANDWIDTH=1200000,AVERAGE-BANDWIDTH=1200000", "BANDWIDTH=1090000")},
	{RuleBandwidthLow, "multi", 4, in("multi", "AVERAGE-BANDWIDTH=1200000", "AVERAGE-BANDWIDTH=900000")},
	{RuleBandwidthLow, "multi", 8, in("multi", "BANDWIDTH=5000", "BANDWIDTH=3000")},
	{RuleBandwidthHigh, "multi", 4, in("multi", "BANDWIDTH=1200000", "BANDWIDTH=1220000")},
	{RuleVersionHigh, "multi", 0, in("multi", "VERSION:4", "VERSION:9")},
}

func TestLintSet(t *testing.T) {
	for _, f := range baseSet().lint(t) {
		t.Error(f)
	}
	for _, c := range lintSets {
		s := baseSet()
		c.change(&s)
		findings := s.lint(t)
		if len(findings) != 1 || findings[0].Rule != c.rule || findings[0].Playlist != c.playlist || findings[0].Line != c.line {
			t.Errorf("want only %s in %s:%d, got %v", c.rule, c.playlist, c.line, findings)
		}
	}
}

// Boundaries that are each 50 ms off, one this way and one that way, are those of one
// slot.
func TestLintSlotsApart(t *testing.T) {
	s := baseSet()
	in("low.m3u8", inf+"\nlow0.ts", "#EXTINF:1.910000,\nlow0.ts")(&s)
	for _, f := range s.lint(t) {
		t.Error(f)
	}
}

// Parts of an object hold the pictures that lie within them.
func TestLintPicturesInRanges(t *testing.T) {
	media, _ := ParseMedia("m", []byte(mediaText(4, inf, "#EXT-X-BYTERANGE:100@50", "a.ts", inf, "#EXT-X-BYTERANGE:100", "a.ts")))
	for part, held := range map[string]bool{"10@50": true, "10@140": true, "10@240": true, "10@241": false, "10@145": false, "10@40": false, "100@150": true, "101@150": false} {
		pictures, _ := ParseMedia("p", []byte(pictureText(4, "#EXTINF:4.000000,", "#EXT-X-BYTERANGE:"+part, "../a.ts")))
		findings := Lint(Set{Members: []Member{{URI: "m.m3u8", Media: media}, {URI: "m/iframes.m3u8", Media: pictures, Of: "m.m3u8"}}})
		if ok := len(findings) == 0; ok != held || !ok && findings[0].Rule != RuleIFrameObject {
			t.Errorf("%s: %v", part, findings)
		}
	}
}

// Whatever is missing, nothing panics, and nothing is said of what is not there.
func TestLintSparse(t *testing.T) {
	multi, _ := ParseMultivariant("multi", []byte(baseSet().multi))
	empty, _ := ParseMedia("empty", nil)
	for _, set := range []Set{
		{},
		{Multi: multi},
		{Multi: multi, Members: []Member{{URI: "high.m3u8"}}},
		{Multi: multi, Members: []Member{{URI: "high.m3u8", Media: empty}, {URI: "low.m3u8", Media: empty}, {Media: empty, Of: "high.m3u8"}}},
	} {
		if findings := Lint(set); len(findings) > 0 {
			t.Error(findings)
		}
	}
}

// Each rule is known, and broken by a case.
func TestLintRules(t *testing.T) {
	broken := map[Rule]bool{RuleTooLong: true} // see TestLintTooLong
	for _, list := range [][]lintCase{lintMedia, lintMulti} {
		for _, c := range list {
			broken[c.rule] = true
		}
	}
	for _, c := range lintSets {
		broken[c.rule] = true
	}
	rules := Rules()
	for i, r := range rules {
		if !broken[r] {
			t.Errorf("no case breaks %s", r)
		}
		if slices.Contains(rules[:i], r) {
			t.Errorf("%s is there twice", r)
		}
		if r.Reference() == "" || r.Says() == "" || r.Do() == "" || r.Severity() < Info || r.Severity() > Error {
			t.Errorf("%+v", r.facts())
		}
		delete(broken, r)
	}
	if len(broken) > 0 {
		t.Errorf("rules that are not in the table: %v", broken)
	}
}

// A playlist of more than can be played is not read to its end.
func TestLintTooLong(t *testing.T) {
	many := make([]byte, 0, 5*maxChildren)
	for range maxChildren + 1 {
		many = append(many, streamInf+"\na\n"...)
	}
	m, findings := ParseMultivariant("x", append([]byte("#EXTM3U\n"), many...))
	if len(m.Variants) != maxChildren || !slices.ContainsFunc(findings, func(f Finding) bool { return f.Rule == RuleTooLong }) {
		t.Error(len(m.Variants), findings)
	}
}
