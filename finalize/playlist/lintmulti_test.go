package playlist

import (
	"strings"
	"testing"
)

// multiText joins lines behind the head of a multivariant playlist.
func multiText(lines ...string) string {
	return "#EXTM3U\n#EXT-X-VERSION:4\n" + strings.Join(lines, "\n") + "\n"
}

const (
	streamInf = `#EXT-X-STREAM-INF:BANDWIDTH=2000000,AVERAGE-BANDWIDTH=1000000,CODECS="avc1.42c01e,mp4a.40.2",RESOLUTION=640x360,FRAME-RATE=29.970`
	audioInf  = `#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="en",LANGUAGE="en",DEFAULT=YES,AUTOSELECT=YES,CHANNELS="2",URI="en.m3u8"`
	frenchInf = `#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="fr",LANGUAGE="fr",AUTOSELECT=YES,CHANNELS="6/JOC",URI="fr.m3u8"`
	framesInf = `#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=100000,CODECS="avc1.42c01e",RESOLUTION=640x360,URI="360p/iframes.m3u8"`
	grouped   = streamInf + `,AUDIO="a"`
)

// cut takes a part out of a line, or puts another in its place.
func cut(line, old, with string) string {
	if !strings.Contains(line, old) {
		panic(old)
	}
	return strings.Replace(line, old, with, 1)
}

var lintMultiValid = []string{
	multiText(streamInf, "360p.m3u8"),
	multiText("#EXT-X-INDEPENDENT-SEGMENTS", audioInf, frenchInf, grouped, "360p.m3u8", framesInf),
	multiText(cut(streamInf, `avc1.42c01e,mp4a.40.2`, `hvc1.1.6.L93.B0,ec-3,ac-3,mp4a.6B,Opus`), "360p.m3u8"),
	multiText(cut(streamInf, `avc1.42c01e`, `hev1.A2.20.H153.90.a`), "360p.m3u8"),
	multiText(cut(streamInf, `avc1.42c01e`, `av01.0.04M.08`), "360p.m3u8"),
	multiText(cut(streamInf, `avc1.42c01e`, `vp09.00.31.08`), "360p.m3u8"),
	multiText(`#EXT-X-STREAM-INF:BANDWIDTH=1,CODECS="mp4a.40.34"`, "a.m3u8"),
	multiText(streamInf+`,CLOSED-CAPTIONS=NONE,HDCP-LEVEL=TYPE-1,VIDEO-RANGE=PQ,SCORE=1`, "360p.m3u8"),
	multiText(`#EXT-X-MEDIA:TYPE=CLOSED-CAPTIONS,GROUP-ID="c",NAME="x",INSTREAM-ID="CC1"`, streamInf+`,CLOSED-CAPTIONS="c"`, "360p.m3u8"),
	multiText(`#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="c",NAME="x",FORCED=NO,URI="s.m3u8"`, streamInf+`,SUBTITLES="c"`, "360p.m3u8"),
	multiText(audioInf, cut(audioInf, `"a"`, `"b"`), grouped, "360p.m3u8", cut(grouped, `"a"`, `"b"`), "360p.m3u8"),
}

var lintMulti = []lintCase{
	{RuleTagMixed, 5, multiText(streamInf, "360p.m3u8", "#EXTINF:2.000000,")},
	{RuleTagMixed, 5, multiText(streamInf, "360p.m3u8", "#EXT-X-ENDLIST")},
	{RuleForeignTag, 5, multiText(streamInf, "360p.m3u8", `#EXT-X-SESSION-DATA:DATA-ID="a",VALUE="b"`)},
	{RuleUnsupportedTag, 5, multiText(streamInf, "360p.m3u8", `#EXT-X-SESSION-KEY:METHOD=AES-128,URI="k"`)},
	{RuleTagRepeated, 3, multiText("#EXT-X-VERSION:4", streamInf, "360p.m3u8")},
	{RuleAttributeList, 3, multiText(cut(streamInf, `,mp4a`, `","mp4a`), "360p.m3u8")},
	{RuleAttributeList, 3, multiText(cut(streamInf, `,CODECS`, `, CODECS`), "360p.m3u8")},
	{RuleAttributeList, 3, multiText(cut(streamInf, `=640x360`, `=640 x 360`), "360p.m3u8")},
	{RuleAttributeRepeated, 3, multiText(streamInf+",BANDWIDTH=2000000", "360p.m3u8")},
	{RuleAttributeType, 3, multiText(cut(streamInf, `"avc1.42c01e,mp4a.40.2"`, `mp4a.40.2`), "360p.m3u8")},
	{RuleAttributeType, 3, multiText(cut(streamInf, "640x360", "640*360"), "360p.m3u8")},
	{RuleAttributeType, 3, multiText(cut(streamInf, "640x360", "640x0"), "360p.m3u8")},
	{RuleAttributeType, 3, multiText(cut(streamInf, "640x360", `"640x360"`), "360p.m3u8")},
	{RuleAttributeType, 3, multiText(cut(streamInf, "2000000", "2e6"), "360p.m3u8")},
	{RuleAttributeType, 3, multiText(cut(streamInf, "29.970", "30/1"), "360p.m3u8")},
	{RuleAttributeType, 3, multiText(streamInf+",CLOSED-CAPTIONS=c", "360p.m3u8")},
	{RuleAttributeMissing, 3, multiText(cut(streamInf, "BANDWIDTH=2000000,AVERAGE-BANDWIDTH=1000000,", ""), "360p.m3u8")},
	{RuleAttributeMissing, 5, multiText(streamInf, "360p.m3u8", cut(framesInf, `,URI="360p/iframes.m3u8"`, ""))},
	{RuleAttributeMissing, 3, multiText(cut(audioInf, `NAME="en",`, ""), grouped, "360p.m3u8")},
	{RuleAttributeMissing, 3, multiText(`#EXT-X-MEDIA:TYPE=CLOSED-CAPTIONS,GROUP-ID="c",NAME="x"`, streamInf+`,CLOSED-CAPTIONS="c"`, "360p.m3u8")},
	{RuleAttributeMissing, 3, multiText(`#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="c",NAME="x"`, streamInf+`,SUBTITLES="c"`, "360p.m3u8")},
	{RuleAttributeValue, 3, multiText(cut(streamInf, "BANDWIDTH=2000000,AVERAGE-BANDWIDTH=1000000", "BANDWIDTH=0"), "360p.m3u8")},
	{RuleAttributeValue, 3, multiText(cut(audioInf, "DEFAULT=YES", "DEFAULT=yes"), grouped, "360p.m3u8")},
	{RuleAttributeValue, 3, multiText(cut(audioInf, "AUTOSELECT=YES", "AUTOSELECT=NO"), grouped, "360p.m3u8")},
	{RuleAttributeValue, 3, multiText(cut(audioInf, `LANGUAGE="en"`, `LANGUAGE="en_US"`), grouped, "360p.m3u8")},
	{RuleAttributeValue, 3, multiText(cut(audioInf, `CHANNELS="2"`, `CHANNELS="stereo"`), grouped, "360p.m3u8")},
	{RuleAttributeValue, 3, multiText(cut(audioInf, `NAME="en"`, `NAME=""`), grouped, "360p.m3u8")},
	{RuleAttributeValue, 3, multiText(audioInf+`,FORCED=NO`, grouped, "360p.m3u8")},
	{RuleAttributeValue, 3, multiText(audioInf+`,INSTREAM-ID="CC1"`, grouped, "360p.m3u8")},
	{RuleAttributeValue, 3, multiText(`#EXT-X-MEDIA:TYPE=CLOSED-CAPTIONS,GROUP-ID="c",NAME="x",INSTREAM-ID="CC1",URI="c"`, streamInf+`,CLOSED-CAPTIONS="c"`, "360p.m3u8")},
	{RuleAttributeValue, 3, multiText(streamInf+`,HDCP-LEVEL=1`, "360p.m3u8")},
	{RuleAttributeUnknown, 3, multiText(streamInf+",PROGRAM-ID=1", "360p.m3u8")},
	{RuleAttributeUnknown, 3, multiText(streamInf+`,NAME="360p"`, "360p.m3u8")},
	{RuleAttributeUnknown, 5, multiText(streamInf, "360p.m3u8", framesInf+`,FRAME-RATE=25.000`)},
	{RuleVersionLow, 2, multiText(`#EXT-X-MEDIA:TYPE=CLOSED-CAPTIONS,GROUP-ID="c",NAME="x",INSTREAM-ID="SERVICE1"`, streamInf+`,CLOSED-CAPTIONS="c"`, "360p.m3u8")},
	{RuleURI, 4, multiText(streamInf, "360 p.m3u8")},
	{RuleURI, 3, multiText(cut(audioInf, `URI="en.m3u8"`, `URI="é.m3u8"`), grouped, "360p.m3u8")},
	{RuleURIReach, 4, multiText(streamInf, "/360p.m3u8")},
	{RuleURIMissing, 3, multiText(streamInf)},
	{RuleURIMissing, 3, multiText(streamInf, cut(streamInf, "640x", "641x"), "360p.m3u8")},
	{RuleURIMissing, 5, multiText(streamInf, "360p.m3u8", "480p.m3u8")},
	{RuleEmpty, 0, multiText("#")},

	{RuleAverage, 3, multiText(cut(streamInf, "=1000000", "=2000001"), "360p.m3u8")},
	{RuleCodecs, 3, multiText(cut(streamInf, "avc1.42c01e", "avc1.42c0"), "360p.m3u8")},
	{RuleCodecs, 3, multiText(cut(streamInf, ",mp4a", ", mp4a"), "360p.m3u8")},
	{RuleCodecs, 3, multiText(cut(streamInf, ",mp4a.40.2", ","), "360p.m3u8")},
	{RuleCodecs, 3, multiText(cut(streamInf, "avc1.42c01e", "hvc1.1.6"), "360p.m3u8")},
	{RuleCodecs, 3, multiText(cut(streamInf, "mp4a.40.2", "mp4a"), "360p.m3u8")},
	{RuleCodecsMissing, 3, multiText("#EXT-X-STREAM-INF:BANDWIDTH=1", "360p.m3u8")},
	{RuleCodecsUnknown, 3, multiText(cut(streamInf, "mp4a.40.2", "sowt"), "360p.m3u8")},
	{RuleCodecsUnknown, 3, multiText(cut(streamInf, "mp4a.40.2", "avc1.42c01e"), "360p.m3u8")},
	{RuleCodecsPictures, 5, multiText(streamInf, "360p.m3u8", cut(framesInf, "avc1.42c01e", "avc1.42c01e,mp4a.40.2"))},
	{RuleCodecsSound, 4, multiText(audioInf, cut(grouped, ",mp4a.40.2", ""), "360p.m3u8")},
	{RuleResolutionMissing, 3, multiText(cut(streamInf, ",RESOLUTION=640x360", ""), "360p.m3u8")},
	{RuleFrameRate, 3, multiText(cut(streamInf, "29.970", "29.9703"), "360p.m3u8")},
	{RuleFrameRate, 3, multiText(cut(streamInf, "29.970", "0.000"), "360p.m3u8")},
	{RuleGroup, 3, multiText(grouped, "360p.m3u8")},
	{RuleGroup, 4, multiText(audioInf, cut(grouped, `"a"`, `"A"`), "360p.m3u8", grouped, "361p.m3u8")},
	{RuleGroupUnused, 3, multiText(audioInf, streamInf, "360p.m3u8")},
	{RuleGroupName, 4, multiText(audioInf, cut(frenchInf, `NAME="fr"`, `NAME="en"`), grouped, "360p.m3u8")},
	{RuleGroupDefault, 4, multiText(audioInf, frenchInf+",DEFAULT=YES", grouped, "360p.m3u8")},
	{RuleGroupSelect, 4, multiText(audioInf, cut(frenchInf, `"fr",A`, `"en",A`), grouped, "360p.m3u8")},
	{RuleGroupMembers, 4, multiText(audioInf, cut(frenchInf, `"a"`, `"b"`), grouped, "360p.m3u8", cut(grouped, `"a"`, `"b"`), "360p.m3u8")},
	{RuleCaptions, 0, multiText(streamInf+",CLOSED-CAPTIONS=NONE", "360p.m3u8", streamInf, "361p.m3u8")},
	{RuleChannelsMissing, 3, multiText(cut(audioInf, `,CHANNELS="2"`, ""), grouped, "360p.m3u8")},
	{RuleVariantRepeated, 5, multiText(streamInf, "360p.m3u8", streamInf, "360p.m3u8")},
}

func TestLintMultivariant(t *testing.T) {
	for _, text := range lintMultiValid {
		m, findings := ParseMultivariant("x", []byte(text))
		for _, f := range findings {
			t.Errorf("%v in\n%s", f, text)
		}
		if len(m.Variants) == 0 || m.Version != 4 {
			t.Errorf("%+v", m)
		}
	}
	for _, c := range lintMulti {
		_, findings := ParseMultivariant("x.m3u8", []byte(c.text))
		sole(t, c, findings)
	}
}

// What a strict reading gives.
func TestLintMultiText(t *testing.T) {
	m, _ := ParseMultivariant("x", []byte(multiText("#EXT-X-INDEPENDENT-SEGMENTS", audioInf, frenchInf, grouped, "360p.m3u8", framesInf)))
	if !m.Independent || len(m.Variants) != 1 || len(m.Media) != 2 || len(m.IFrames) != 1 {
		t.Fatalf("%+v", m)
	}
	want := VariantText{URI: "360p.m3u8", Line: 6, Bandwidth: 2000000, AverageBandwidth: 1000000, Codecs: "avc1.42c01e,mp4a.40.2", Width: 640, Height: 360, FrameRate: 29970, Audio: "a"}
	if m.Variants[0] != want {
		t.Errorf("%+v", m.Variants[0])
	}
	if q := m.Media[1]; q.Type != "AUDIO" || q.URI != "fr.m3u8" || q.Line != 5 || q.Group != "a" || q.Name != "fr" || q.Language != "fr" || q.Channels != "6/JOC" || q.Default || !q.Autoselect {
		t.Errorf("%+v", q)
	}
	if v := m.IFrames[0]; v.URI != "360p/iframes.m3u8" || v.Bandwidth != 100000 || v.Line != 8 {
		t.Errorf("%+v", v)
	}
}
