package playlist

import (
	"regexp"
	"slices"
	"strings"
)

// codecForms are the forms of the codecs that HLS clients know, by their first
// element: ISO/IEC 14496-15 annex E (avc, hevc), RFC 6381 §3.3 (mp4a), the AV1 and
// VP9 bindings, and names without parameters.
var codecForms = map[string]*regexp.Regexp{
	"avc1": regexp.MustCompile(`^avc1\.[0-9A-Fa-f]{6}$`),
	"avc3": regexp.MustCompile(`^avc3\.[0-9A-Fa-f]{6}$`),
	"hvc1": regexp.MustCompile(`^hvc1\.[A-C]?[0-9]{1,2}\.[0-9A-Fa-f]{1,8}\.[LH][0-9]{1,3}(?:\.[0-9A-Fa-f]{1,2}){0,6}$`),
	"hev1": regexp.MustCompile(`^hev1\.[A-C]?[0-9]{1,2}\.[0-9A-Fa-f]{1,8}\.[LH][0-9]{1,3}(?:\.[0-9A-Fa-f]{1,2}){0,6}$`),
	"dvh1": regexp.MustCompile(`^dvh1\.[0-9]{2}\.[0-9]{2}$`),
	"dvhe": regexp.MustCompile(`^dvhe\.[0-9]{2}\.[0-9]{2}$`),
	"av01": regexp.MustCompile(`^av01\.[0-2]\.[0-9]{2}[MH]\.(?:08|10|12)(?:\.[01]\.[0-9]{3}\.[0-9]{2}\.[0-9]{2}\.[0-9]{2}\.[01])?$`),
	"vp09": regexp.MustCompile(`^vp09(?:\.[0-9]{2}){3,8}$`),
	"mp4a": regexp.MustCompile(`^mp4a\.(?:40\.(?:[1-9]|[1-9][0-9])|6[0-9A-Fa-f]|[Aa][0-9A-Fa-f])$`),
	"ac-3": regexp.MustCompile(`^ac-3$`),
	"ec-3": regexp.MustCompile(`^ec-3$`),
	"Opus": regexp.MustCompile(`^Opus$`),
	"opus": regexp.MustCompile(`^opus$`),
	"fLaC": regexp.MustCompile(`^fLaC$`),
	"alac": regexp.MustCompile(`^alac$`),
	"wvtt": regexp.MustCompile(`^wvtt$`),
	"stpp": regexp.MustCompile(`^stpp(?:\..+)?$`),
}

// pictureCodecs are those of codecForms that are of pictures.
var pictureCodecs = []string{"avc1", "avc3", "hvc1", "hev1", "dvh1", "dvhe", "av01", "vp09"}

// codecElement is the form of any codec (RFC 6381 §3.2).
var codecElement = regexp.MustCompile(`^[0-9A-Za-z!#$&^_+-]+(?:\.[0-9A-Za-z!#$&^_+-]+)*$`)

// codecs checks CODECS, that video comes with a RESOLUTION, and that the sound of an
// audio group has a codec.
func (r *multiReader) codecs(tag string, list attributeValues) {
	v, ok := list.find("CODECS")
	if list.lacks("CODECS") {
		r.add(RuleCodecsMissing, r.line, "%s says no CODECS", tag)
	}
	if !ok {
		return
	}
	seen := map[string]bool{}
	video, sound := false, false
	for codec := range strings.SplitSeq(v.value, ",") {
		kind, _, _ := strings.Cut(codec, ".")
		form := codecForms[kind]
		switch {
		case !codecElement.MatchString(codec), form != nil && !form.MatchString(codec):
			r.add(RuleCodecs, r.line, "%s: %.60q in CODECS is no codec", tag, codec)
		case form == nil:
			r.add(RuleCodecsUnknown, r.line, "%s: the codec %.60q is not known", tag, codec)
		case tag == "EXT-X-I-FRAME-STREAM-INF" && !slices.Contains(pictureCodecs, kind):
			r.add(RuleCodecsPictures, r.line, "%s: the codec %.60q is not one of pictures", tag, codec)
		case seen[codec]:
			r.add(RuleCodecsUnknown, r.line, "%s: the codec %.60q once more", tag, codec)
		}
		seen[codec] = true
		switch {
		case slices.Contains(pictureCodecs, kind):
			video = true
		case kind == "wvtt", kind == "stpp":
		default:
			sound = true // or what may be
		}
	}
	if video && list.lacks("RESOLUTION") {
		r.add(RuleResolutionMissing, r.line, "%s has video and says no RESOLUTION", tag)
	}
	if group, ok := list.find("AUDIO"); ok && !sound {
		r.add(RuleCodecsSound, r.line, "%s: CODECS has no codec of the audio group %.60q", tag, group.value)
	}
}
