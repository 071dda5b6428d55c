package hlsjudge

import (
	"regexp"
	"strings"
)

// The values of RFC 6381 §3.3 for what this project knows, by their own
// specifications (ISO/IEC 14496-15 Annex E for the first two lines).
var (
	pictureCodecs = []*regexp.Regexp{
		regexp.MustCompile(`^avc[13]\.[0-9A-Fa-f]{6}$`),
		regexp.MustCompile(`^h(vc|ev)1\.[ABC]?[0-9]{1,2}\.[0-9A-Fa-f]{1,8}\.[LH][0-9]{1,3}(\.[0-9A-Fa-f]{1,2}){0,6}$`),
	}
	soundCodecs = []*regexp.Regexp{
		regexp.MustCompile(`^mp4a\.40\.[0-9]{1,2}$`),
		regexp.MustCompile(`^mp4a\.(6[6-9B]|A[56D]|a[56d]|6b)$`),
		regexp.MustCompile(`^(ac-3|ec-3|mp3|[Oo]pus|fLaC|flac|alac)$`),
	}
)

// codecs holds a list of formats against RFC 6381.
func (j *judge) codecs(tag, list string) (pictures, sound bool) {
	seen := map[string]bool{}
	for _, c := range strings.Split(list, ",") {
		isPicture, isSound := match(pictureCodecs, c), match(soundCodecs, c)
		if !isPicture && !isSound {
			j.say(j.Door, "RFC 6381", "%s: CODECS %q: %q is no format", tag, list, c)
		}
		if seen[c] {
			j.say(j.Door, "RFC 6381", "%s: CODECS %q says %q twice", tag, list, c)
		}
		seen[c] = true
		pictures, sound = pictures || isPicture, sound || isSound
	}
	return pictures, sound
}

func match(all []*regexp.Regexp, s string) bool {
	for _, r := range all {
		if r.MatchString(s) {
			return true
		}
	}
	return false
}
