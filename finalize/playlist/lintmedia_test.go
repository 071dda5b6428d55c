package playlist

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// lintCase is a text with one rule broken, and where.
type lintCase struct {
	rule Rule
	line int
	text string
}

// mediaText joins lines between the head and the end of a playlist.
func mediaText(version int, lines ...string) string {
	head := fmt.Sprintf("#EXTM3U\n#EXT-X-VERSION:%d\n#EXT-X-PLAYLIST-TYPE:VOD\n#EXT-X-TARGETDURATION:2\n", version)
	return head + strings.Join(lines, "\n") + "\n#EXT-X-ENDLIST\n"
}

const inf = "#EXTINF:2.000000,"

// pictureText is the same for I pictures.
func pictureText(version int, lines ...string) string {
	return mediaText(version, append([]string{"#EXT-X-I-FRAMES-ONLY"}, lines...)...)
}

// lintValid are playlists of which nothing is to be said. Lines begin at 5 in
// mediaText.
var lintValid = map[string]string{
	"plain":         mediaText(3, inf, "0.ts", inf, "../a%20b/1.ts"),
	"CR LF":         strings.ReplaceAll(mediaText(3, inf, "0.ts"), "\n", "\r\n"),
	"comment":       mediaText(3, "# anything  ", "#", inf, "0.ts"),
	"title":         mediaText(3, inf+"Übung, Teil 1 ", "0.ts"),
	"nine":          mediaText(3, "#EXTINF:2.499999999,", "0.ts"),
	"ranges":        mediaText(4, inf, "#EXT-X-BYTERANGE:188@0", "a.ts", inf, "#EXT-X-BYTERANGE:188", "a.ts", inf, "#EXT-X-BYTERANGE:188@1000", "a.ts"),
	"map":           mediaText(6, `#EXT-X-MAP:URI="i.mp4",BYTERANGE="700@0"`, inf, "0.m4s", inf, "1.m4s", `#EXT-X-MAP:URI="j.mp4"`, inf, "2.m4s"),
	"self-init":     mediaText(6, `#EXT-X-MAP:URI="0.mp4",BYTERANGE="700@0"`, inf, "#EXT-X-BYTERANGE:1000@700", "0.mp4"),
	"gap":           mediaText(8, inf, "0.ts", "#EXT-X-GAP", inf, "gap.ts", "#EXT-X-GAP", inf, "gap.ts", inf, "2.ts"),
	"dates":         mediaText(3, "#EXT-X-PROGRAM-DATE-TIME:2026-11-21T12:00:00.000Z", inf, "0.ts", inf, "1.ts", "#EXT-X-DISCONTINUITY", "#EXT-X-PROGRAM-DATE-TIME:2026-11-21T14:00:04.000+02:00", inf, "2.ts"),
	"sequences":     mediaText(3, "#EXT-X-MEDIA-SEQUENCE:18446744073709551615", "#EXT-X-DISCONTINUITY-SEQUENCE:7", inf, "0.ts"),
	"independent":   mediaText(3, "#EXT-X-INDEPENDENT-SEGMENTS", inf, "http://h:1/0.ts?a=%41"),
	"sound":         mediaText(3, inf, "0.aac"),
	"pictures":      pictureText(4, inf, "#EXT-X-BYTERANGE:188@376", "0.ts", inf, "#EXT-X-BYTERANGE:188@752", "0.ts"),
	"pictures, map": pictureText(5, `#EXT-X-MAP:URI="i.mp4"`, inf, "#EXT-X-BYTERANGE:188@0", "0.m4s"),
	"pictures, gap": pictureText(8, "#EXT-X-GAP", inf, "gap.ts", inf, "#EXT-X-BYTERANGE:188@752", "0.ts"),
}

var lintMedia = []lintCase{
	{RuleEncoding, 1, "\uFEFF" + mediaText(3, inf, "0.ts")},
	{RuleEncoding, 5, mediaText(3, "#EXTINF:2.000000,\xff", "0.ts")},
	{RuleEncoding, 5, mediaText(3, "# \uFEFF", inf, "0.ts")},
	{RuleControl, 5, mediaText(3, "#EXTINF:2.000000,a\tb", "0.ts")},
	{RuleControl, 5, mediaText(3, "#EXTINF:2.000000,a\u0085b", "0.ts")},
	{RuleLineEnd, 7, strings.TrimSuffix(mediaText(3, inf, "0.ts"), "\n")},
	{RuleLineEnd, 5, mediaText(3, "#EXTINF:2.000000,a\rb", "0.ts")},
	{RuleBlankLine, 6, mediaText(3, inf, "", "0.ts")},
	{RuleWhitespace, 6, mediaText(3, inf, " 0.ts")},
	{RuleWhitespace, 6, mediaText(3, inf, "0.ts ")},
	{RuleWhitespace, 1, " " + mediaText(3, inf, "0.ts")},
	{RuleHeader, 1, ""},
	{RuleHeader, 1, strings.Replace(mediaText(3, inf, "0.ts"), "#EXTM3U\n", "", 1)},
	{RuleHeader, 5, mediaText(3, "#EXTM3U", inf, "0.ts")},
	{RuleUnknownTag, 5, mediaText(3, "#EXT-X-ALLOW-CACHE:YES", inf, "0.ts")},
	{RuleUnknownTag, 5, mediaText(3, "#EXT-X-gap", inf, "0.ts")},
	{RuleForeignTag, 5, mediaText(3, "#EXT-X-START:TIME-OFFSET=-1.5", inf, "0.ts")},
	{RuleForeignTag, 5, mediaText(3, "#EXT-X-BITRATE:100", inf, "0.ts")},
	{RuleUnsupportedTag, 5, mediaText(3, `#EXT-X-KEY:METHOD=AES-128,URI="k"`, inf, "0.ts")},
	{RuleUnsupportedTag, 5, mediaText(3, `#EXT-X-DEFINE:NAME="a",VALUE="b"`, inf, "0.ts")},
	{RuleTagValue, 4, strings.Replace(mediaText(3, inf, "0.ts"), "DURATION:2", "DURATION:2.0", 1)},
	{RuleTagValue, 4, strings.Replace(mediaText(3, inf, "0.ts"), "DURATION:2", "DURATION", 1)},
	{RuleTagValue, 4, strings.Replace(mediaText(3, inf, "0.ts"), "DURATION:2", "DURATION:99999999999", 1)},
	{RuleTagValue, 2, strings.Replace(mediaText(3, inf, "0.ts"), "VERSION:3", "VERSION:x", 1)},
	{RuleTagValue, 2, strings.Replace(mediaText(3, inf, "0.ts"), "VERSION:3", "VERSION:0", 1)},
	{RuleTagValue, 3, strings.Replace(mediaText(3, inf, "0.ts"), "VOD", "vod", 1)},
	{RuleTagValue, 5, mediaText(3, "#EXT-X-INDEPENDENT-SEGMENTS:1", inf, "0.ts")},
	{RuleTagValue, 5, mediaText(3, "#EXT-X-MEDIA-SEQUENCE:-1", inf, "0.ts")},
	{RuleTagValue, 5, mediaText(3, "#EXT-X-MEDIA-SEQUENCE:18446744073709551616", inf, "0.ts")},
	{RuleTagMixed, 5, mediaText(3, `#EXT-X-STREAM-INF:BANDWIDTH=1`, inf, "0.ts")},
	{RuleTagRepeated, 5, mediaText(3, "#EXT-X-TARGETDURATION:2", inf, "0.ts")},
	{RuleTagRepeated, 8, mediaText(3, inf, "0.ts", "#EXT-X-ENDLIST")},
	{RuleTagRepeated, 6, mediaText(3, inf, inf, "0.ts")},
	{RuleTagRepeated, 8, mediaText(3, inf, "0.ts", "#EXT-X-DISCONTINUITY", "#EXT-X-DISCONTINUITY", inf, "1.ts")},
	{RuleTagPlace, 7, mediaText(3, inf, "0.ts", "#EXT-X-MEDIA-SEQUENCE:0", inf, "1.ts")},
	{RuleTagPlace, 7, mediaText(3, inf, "0.ts", "#EXT-X-DISCONTINUITY-SEQUENCE:0")},
	{RuleAttributeList, 5, mediaText(6, `#EXT-X-MAP:URI="i.mp4`, inf, "0.m4s")},
	{RuleAttributeList, 5, mediaText(6, `#EXT-X-MAP:URI="i.mp4",`, inf, "0.m4s")},
	{RuleAttributeList, 5, mediaText(6, `#EXT-X-MAP:URI="i.mp4", BYTERANGE="1@0"`, inf, "0.m4s")},
	{RuleAttributeList, 5, mediaText(6, `#EXT-X-MAP:URI="i.mp4"x`, inf, "0.m4s")},
	{RuleAttributeList, 5, mediaText(6, `#EXT-X-MAP:uri="i.mp4"`, inf, "0.m4s")},
	{RuleAttributeList, 5, mediaText(6, `#EXT-X-MAP:`, inf, "0.m4s")},
	{RuleAttributeList, 5, mediaText(6, `#EXT-X-MAP:URI="i.mp4"`+strings.Repeat(",A=", 3), inf, "0.m4s")},
	{RuleAttributeRepeated, 5, mediaText(6, `#EXT-X-MAP:URI="i.mp4",URI="i.mp4"`, inf, "0.m4s")},
	{RuleAttributeType, 5, mediaText(6, `#EXT-X-MAP:URI=i.mp4`, inf, "0.m4s")},
	{RuleAttributeType, 5, mediaText(6, `#EXT-X-MAP:URI="i.mp4",BYTERANGE=1@0`, inf, "0.m4s")},
	{RuleAttributeMissing, 5, mediaText(6, `#EXT-X-MAP:BYTERANGE="1@0"`, inf, "0.m4s")},
	{RuleAttributeUnknown, 5, mediaText(6, `#EXT-X-MAP:URI="i.mp4",X-A=1`, inf, "0.m4s")},
	{RuleVersionLow, 2, mediaText(2, inf, "0.ts")},
	{RuleVersionLow, 0, strings.Replace(mediaText(3, inf, "0.ts"), "#EXT-X-VERSION:3\n", "", 1)},
	{RuleVersionLow, 2, mediaText(3, inf, "#EXT-X-BYTERANGE:1@0", "0.ts")},
	{RuleVersionLow, 2, mediaText(5, `#EXT-X-MAP:URI="i.mp4"`, inf, "0.m4s")},
	{RuleVersionLow, 2, mediaText(7, inf, "0.ts", "#EXT-X-GAP", inf, "gap.ts")},
	{RuleVersionLow, 2, pictureText(4, `#EXT-X-MAP:URI="i.mp4"`, inf, "#EXT-X-BYTERANGE:1@0", "0.m4s")},
	{RuleVersionHigh, 2, mediaText(4, inf, "0.ts")},
	{RuleVersionHigh, 2, pictureText(6, `#EXT-X-MAP:URI="i.mp4"`, inf, "#EXT-X-BYTERANGE:1@0", "0.m4s")},
	{RuleURI, 6, mediaText(3, inf, "a b.ts")},
	{RuleURI, 6, mediaText(3, inf, "ä.ts")},
	{RuleURI, 6, mediaText(3, inf, "%zz.ts")},
	{RuleURI, 6, mediaText(3, inf, "a[0].ts")},
	{RuleURI, 6, mediaText(3, inf, "1:0.ts")},
	{RuleURI, 5, mediaText(6, `#EXT-X-MAP:URI=""`, inf, "0.m4s")},
	{RuleURIReach, 6, mediaText(3, inf, "/0.ts")},
	{RuleURIReach, 6, mediaText(3, inf, "//host/0.ts")},
	{RuleURIReach, 6, mediaText(3, inf, "0.ts#1")},
	{RuleURIReach, 6, mediaText(3, inf, "a:0.ts")},
	{RuleURIMissing, 7, mediaText(3, inf, "0.ts", inf)},
	{RuleURIMissing, 7, mediaText(3, inf, "0.ts", "#EXT-X-DISCONTINUITY")},
	{RuleEmpty, 0, mediaText(1, "#")},

	{RuleTargetMissing, 0, strings.Replace(mediaText(3, inf, "0.ts"), "#EXT-X-TARGETDURATION:2\n", "", 1)},
	{RuleTarget, 6, mediaText(3, "#EXTINF:2.500000,", "0.ts")},
	{RuleTarget, 7, mediaText(8, "#EXT-X-GAP", "#EXTINF:2.500000,", "gap.ts", inf, "1.ts")},
	{RuleTarget, 6, strings.Replace(mediaText(3, "#EXTINF:0.500000,", "0.ts"), "DURATION:2", "DURATION:0", 1)},
	{RuleInf, 5, mediaText(3, "#EXTINF:2.000000", "0.ts")},
	{RuleInf, 5, mediaText(1, "#EXTINF:2,000000,", "0.ts")},
	{RuleInf, 5, mediaText(1, "#EXTINF:-2.000000,", "0.ts")},
	{RuleInf, 5, mediaText(1, "#EXTINF: 2.000000,", "0.ts")},
	{RuleInf, 5, mediaText(1, "#EXTINF:1e0,", "0.ts")},
	{RuleInf, 5, mediaText(1, "#EXTINF:,", "0.ts")},
	{RuleInf, 5, mediaText(1, "#EXTINF:99999999999.000000,", "0.ts")},
	{RuleInfMissing, 5, mediaText(1, "0.ts")},
	{RuleInfDecimals, 5, mediaText(3, "#EXTINF:2.0000,", "0.ts")},
	{RuleInfDecimals, 5, mediaText(1, "#EXTINF:2,", "0.ts")},
	{RuleByteRange, 6, mediaText(4, inf, "#EXT-X-BYTERANGE:0@0", "0.ts")},
	{RuleByteRange, 6, mediaText(4, inf, "#EXT-X-BYTERANGE:1-2", "0.ts")},
	{RuleByteRange, 6, mediaText(4, inf, "#EXT-X-BYTERANGE:9223372036854775807@1", "0.ts")},
	{RuleByteRange, 5, mediaText(6, `#EXT-X-MAP:URI="i.mp4",BYTERANGE="0@0"`, inf, "0.m4s")},
	{RuleByteRange, 10, mediaText(4, inf, "#EXT-X-BYTERANGE:9223372036854775807@0", "0.ts", inf, "#EXT-X-BYTERANGE:1", "0.ts")},
	{RuleByteRangeStart, 7, mediaText(4, inf, "#EXT-X-BYTERANGE:1", "0.ts")},
	{RuleByteRangeStart, 10, mediaText(4, inf, "#EXT-X-BYTERANGE:1@0", "0.ts", inf, "#EXT-X-BYTERANGE:1", "1.ts")},
	{RuleByteRangeStart, 9, mediaText(4, inf, "0.ts", inf, "#EXT-X-BYTERANGE:1", "0.ts")},
	{RuleOverlap, 10, mediaText(4, inf, "#EXT-X-BYTERANGE:10@0", "0.ts", inf, "#EXT-X-BYTERANGE:10@9", "0.ts")},
	{RuleOverlap, 10, mediaText(4, inf, "#EXT-X-BYTERANGE:10@9", "0.ts", inf, "#EXT-X-BYTERANGE:10@0", "0.ts")},
	{RuleOverlap, 10, mediaText(3, inf, "0.ts", inf, "1.ts", inf, "0.ts")},
	{RuleMapMissing, 6, mediaText(3, inf, "0.m4s")},
	{RuleMapMissing, 6, mediaText(6, inf, "0.MP4?x=1", `#EXT-X-MAP:URI="i.mp4"`, inf, "1.m4s")},
	{RuleMapKind, 7, mediaText(6, `#EXT-X-MAP:URI="i.mp4"`, inf, "0.ts")},
	{RuleMapRange, 5, mediaText(6, `#EXT-X-MAP:URI="i.mp4",BYTERANGE="700"`, inf, "0.m4s")},
	{RuleDate, 5, mediaText(3, "#EXT-X-PROGRAM-DATE-TIME:2026-11-21 12:00:00.000Z", inf, "0.ts")},
	{RuleDate, 5, mediaText(3, "#EXT-X-PROGRAM-DATE-TIME:2026-02-30T12:00:00.000Z", inf, "0.ts")},
	{RuleDate, 5, mediaText(3, "#EXT-X-PROGRAM-DATE-TIME:1795262400", inf, "0.ts")},
	{RuleDateForm, 5, mediaText(3, "#EXT-X-PROGRAM-DATE-TIME:2026-11-21T12:00:00.000", inf, "0.ts")},
	{RuleDateForm, 5, mediaText(3, "#EXT-X-PROGRAM-DATE-TIME:2026-11-21T12:00:00Z", inf, "0.ts")},
	{RuleDateBack, 10, mediaText(3, "#EXT-X-PROGRAM-DATE-TIME:2026-11-21T12:00:00.000Z", inf, "0.ts", "#EXT-X-PROGRAM-DATE-TIME:2026-11-21T12:00:01.900Z", inf, "1.ts")},
	{RuleDateMissing, 6, mediaText(3, inf, "0.ts", "#EXT-X-PROGRAM-DATE-TIME:2026-11-21T12:00:00.000Z", inf, "1.ts")},
	{RuleDateMissing, 10, mediaText(3, "#EXT-X-PROGRAM-DATE-TIME:2026-11-21T12:00:00.000Z", inf, "0.ts", "#EXT-X-DISCONTINUITY", inf, "1.ts")},
	{RuleDateMissing, 12, mediaText(8, "#EXT-X-PROGRAM-DATE-TIME:2026-11-21T12:00:00.000Z", inf, "0.ts", "#EXT-X-GAP", inf, "gap.ts", inf, "1.ts")},
	{RuleJoinFirst, 7, mediaText(3, "#EXT-X-DISCONTINUITY", inf, "0.ts")},
	{RuleGapRange, 8, mediaText(8, "#EXT-X-GAP", inf, "#EXT-X-BYTERANGE:1@0", "gap.ts", inf, "1.ts")},
	{RuleGapURI, 7, mediaText(8, "#EXT-X-GAP", inf, "0.ts", inf, "1.ts")},
	{RuleGapURI, 7, mediaText(8, "#EXT-X-GAP", inf, "gapless.ts", inf, "1.ts")},
	{RuleGapOnly, 0, mediaText(8, "#EXT-X-GAP", inf, "gap.ts")},
	{RuleType, 0, strings.Replace(mediaText(3, inf, "0.ts"), "#EXT-X-PLAYLIST-TYPE:VOD\n", "", 1)},
	{RuleType, 3, strings.Replace(mediaText(3, inf, "0.ts"), "VOD", "EVENT", 1)},
	{RuleEndList, 0, strings.Replace(mediaText(3, inf, "0.ts"), "#EXT-X-ENDLIST\n", "", 1)},
	{RuleEndList, 8, strings.Replace(mediaText(3, inf, "0.ts"), "0.ts\n#EXT-X-ENDLIST\n", "#EXT-X-ENDLIST\n#\n0.ts\n", 1)},
	{RuleIFrameRange, 7, pictureText(4, inf, "0.ts")},
	{RuleIFrameInit, 8, pictureText(4, inf, "#EXT-X-BYTERANGE:188@0", "0.ts")},
}

// sole reports whether all findings are of one rule, and stand where they should.
func sole(t *testing.T, c lintCase, findings []Finding) {
	t.Helper()
	if len(findings) != 1 || findings[0].Rule != c.rule || findings[0].Line != c.line {
		t.Errorf("want only %s in line %d, got %v in\n%s", c.rule, c.line, findings, c.text)
		return
	}
	if f := findings[0]; f.Severity != c.rule.Severity() || f.Playlist != "x.m3u8" || f.Text == "" || strings.ContainsAny(f.Text, "\r\n\t") {
		t.Errorf("%+v", f)
	}
}

func TestLintMedia(t *testing.T) {
	for name, text := range lintValid {
		m, findings := ParseMedia(name, []byte(text))
		for _, f := range findings {
			t.Error(f)
		}
		if len(m.Segments) == 0 || m.Name != name {
			t.Errorf("%s: %+v", name, m)
		}
	}
	for _, c := range lintMedia {
		_, findings := ParseMedia("x.m3u8", []byte(c.text))
		sole(t, c, findings)
	}
}

// What a strict reading gives.
func TestLintMediaText(t *testing.T) {
	m, findings := ParseMedia("x", []byte(mediaText(8, "#EXT-X-INDEPENDENT-SEGMENTS", "#EXT-X-MEDIA-SEQUENCE:4", "#EXT-X-DISCONTINUITY-SEQUENCE:5",
		`#EXT-X-MAP:URI="i.mp4",BYTERANGE="700@10"`, "#EXT-X-PROGRAM-DATE-TIME:2026-11-21T14:00:00.5+02:00", "#EXTINF:1.2345678919,", "#EXT-X-BYTERANGE:100@700", "a.mp4",
		"#EXTINF:0.000001,", "#EXT-X-BYTERANGE:50", "a.mp4",
		"#EXT-X-DISCONTINUITY", "#EXT-X-PROGRAM-DATE-TIME:2026-11-21T13:00:00.000Z", "#EXT-X-GAP", inf, "gap.mp4")))
	if len(findings) != 1 || findings[0].Rule != RuleDateForm {
		t.Error(findings)
	}
	if m.Version != 8 || m.Target != 2 || m.Sequence != 4 || m.Discontinuity != 5 || m.Type != "VOD" || !m.Independent || !m.Ended || m.IFramesOnly || len(m.Segments) != 3 {
		t.Fatalf("%+v", m)
	}
	a, b, c := m.Segments[0], m.Segments[1], m.Segments[2]
	if a.URI != "a.mp4" || a.Line != 12 || a.Duration != 1234567891 || a.Range != (ByteRange{700, 100}) || a.Gap || a.Discontinuity ||
		!a.ProgramDateTime.Equal(time.Date(2026, 11, 21, 12, 0, 0, 5e8, time.UTC)) {
		t.Errorf("%+v", a)
	}
	if a.Map == nil || *a.Map != (MapText{"i.mp4", ByteRange{10, 700}, 8}) || b.Map != a.Map || c.Map != a.Map {
		t.Errorf("%+v", a.Map)
	}
	if b.Range != (ByteRange{800, 50}) || b.Duration != time.Microsecond || !b.ProgramDateTime.IsZero() {
		t.Errorf("%+v", b)
	}
	if !c.Gap || !c.Discontinuity || c.Range != (ByteRange{}) || c.Line != 20 {
		t.Errorf("%+v", c)
	}
	if got := m.Duration(); got != 3234568891 {
		t.Error(got)
	}
}

// Two rules at one place are two findings.
func TestLintSequenceBehindJoin(t *testing.T) {
	_, findings := ParseMedia("x", []byte(mediaText(3, "#EXT-X-DISCONTINUITY", "#EXT-X-DISCONTINUITY-SEQUENCE:0", inf, "0.ts")))
	if len(findings) != 2 || findings[0].Rule != RuleTagPlace || findings[0].Line != 6 || findings[1].Rule != RuleJoinFirst {
		t.Error(findings)
	}
}

// A playlist that is wrong everywhere gives few findings, and says how many there are.
func TestLintCap(t *testing.T) {
	var lines []string
	for i := range 1000 {
		lines = append(lines, "#EXTINF:3.000000,", fmt.Sprintf("%d.ts", i))
	}
	_, findings := ParseMedia("x", []byte(mediaText(3, lines...)))
	if len(findings) != maxFindings || !strings.HasSuffix(findings[maxFindings-1].Text, "(and 990 more of this rule)") || findings[0].Line != 6 {
		t.Error(findings)
	}
}
