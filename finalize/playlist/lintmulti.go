package playlist

import "strings"

// ParseMultivariant reads a multivariant playlist by the letter of RFC 8216. The name
// stands in the findings, which come by line. Of a text with errors it gives what
// could be read; the result is never nil.
func ParseMultivariant(name string, text []byte) (*MultiText, []Finding) {
	r := &multiReader{out: &MultiText{Name: name}}
	r.name, r.multi = name, true
	r.read(text, r)
	r.finish()
	return r.out, r.all()
}

// multiReader takes the lines of a multivariant playlist.
type multiReader struct {
	textReader
	out     *MultiText
	waiting bool // the last variant has no URI yet
}

func (r *multiReader) tag(name, value string) {
	r.orphan()
	if len(r.out.Variants)+len(r.out.Media)+len(r.out.IFrames) >= maxChildren {
		r.add(RuleTooLong, r.line, "more than %d playlists", maxChildren)
		return
	}
	switch name {
	case "EXT-X-STREAM-INF":
		v := r.variant(name, r.list(name, value))
		r.out.Variants, r.waiting = append(r.out.Variants, v), true
	case "EXT-X-I-FRAME-STREAM-INF":
		list := r.list(name, value)
		v := r.variant(name, list)
		if uri, ok := list.find("URI"); ok {
			v.URI = uri.value
			r.reference(name, v.URI)
		}
		r.out.IFrames = append(r.out.IFrames, v)
	case "EXT-X-MEDIA":
		r.out.Media = append(r.out.Media, r.rendition(r.list(name, value)))
	}
}

// orphan notes a variant that no URI follows.
func (r *multiReader) orphan() {
	if r.waiting {
		r.add(RuleURIMissing, r.out.Variants[len(r.out.Variants)-1].Line, "no URI follows EXT-X-STREAM-INF")
	}
	r.waiting = false
}

// uri takes the URI of a variant stream, which follows its tag.
func (r *multiReader) uri(line string) {
	if !r.waiting {
		r.add(RuleURIMissing, r.line, "%.120q stands behind no EXT-X-STREAM-INF", line)
		return
	}
	r.waiting = false
	r.reference("variant stream", line)
	r.out.Variants[len(r.out.Variants)-1].URI = line
}

// variant reads what EXT-X-STREAM-INF and EXT-X-I-FRAME-STREAM-INF say
// (RFC 8216 §4.3.4.2, §4.3.4.3).
func (r *multiReader) variant(tag string, list attributeValues) VariantText {
	v := VariantText{
		Line: r.line, Codecs: list.get("CODECS"),
		Audio: list.get("AUDIO"), Video: list.get("VIDEO"), Subtitles: list.get("SUBTITLES"),
	}
	v.Bandwidth, _ = decimalInt(list.get("BANDWIDTH"))
	v.AverageBandwidth, _ = decimalInt(list.get("AVERAGE-BANDWIDTH"))
	v.Width, v.Height, _ = resolutionOf(list.get("RESOLUTION"))
	if captions, ok := list.find("CLOSED-CAPTIONS"); ok && captions.quoted {
		v.ClosedCaptions = captions.value
	} else {
		v.noCaptions = ok
	}
	if _, ok := list.find("BANDWIDTH"); ok && v.Bandwidth == 0 {
		r.add(RuleAttributeValue, r.line, "%s: BANDWIDTH is 0", tag)
	} else if ok && v.AverageBandwidth > v.Bandwidth {
		r.add(RuleAverage, r.line, "%s: AVERAGE-BANDWIDTH %d is above BANDWIDTH %d", tag, v.AverageBandwidth, v.Bandwidth)
	}
	if rate, ok := list.find("FRAME-RATE"); ok {
		v.FrameRate = r.frameRate(rate.value)
	}
	r.oneOf(tag, list, "HDCP-LEVEL", "TYPE-0", "TYPE-1", "NONE")
	r.oneOf(tag, list, "VIDEO-RANGE", "SDR", "HLG", "PQ")
	r.codecs(tag, list)
	return v
}

// frameRate reads FRAME-RATE in frames per 1000 seconds.
func (r *multiReader) frameRate(value string) int {
	d, ok := infDuration(value)
	_, decimals, _ := strings.Cut(value, ".")
	const most = 1000 // frames a second
	n := int(d.Milliseconds())
	if !ok || n <= 0 || n > most*1000 || len(decimals) > 3 {
		r.add(RuleFrameRate, r.line, "FRAME-RATE %.60q is no frame rate of three decimals", value)
		return 0
	}
	return n
}

// oneOf notes an enumerated attribute with a value that it cannot have, and gives the
// value otherwise.
func (r *multiReader) oneOf(tag string, list attributeValues, name string, values ...string) string {
	v, ok := list.find(name)
	if !ok {
		return ""
	}
	for _, s := range values {
		if v.value == s {
			return s
		}
	}
	r.add(RuleAttributeValue, r.line, "%s: %s=%s is none of %s", tag, name, v.cite(), strings.Join(values, ", "))
	return ""
}

// finish judges what can be judged only when all lines are known.
func (r *multiReader) finish() {
	if r.line == 0 {
		return // an empty text, and noted
	}
	r.orphan()
	r.checkVersion()
	m := r.out
	m.Version, m.Independent, m.needs = r.version, r.independent, r.needs
	if len(m.Variants) == 0 {
		r.add(RuleEmpty, 0, "it has no variant stream")
		return
	}
	r.judgeGroups()
	r.judgeVariants()
}

// judgeVariants: each variant stream stands once, and no captions means none
// anywhere.
func (r *multiReader) judgeVariants() {
	type combination struct{ uri, audio, video, subtitles, captions string }
	seen := map[combination]bool{}
	none := 0
	for i := range r.out.Variants {
		v := &r.out.Variants[i]
		c := combination{v.URI, v.Audio, v.Video, v.Subtitles, v.ClosedCaptions}
		if v.URI != "" && seen[c] {
			r.add(RuleVariantRepeated, v.Line, "%.120q once more", v.URI)
		}
		seen[c] = true
		if v.noCaptions {
			none++
		}
	}
	if none > 0 && none < len(r.out.Variants) {
		r.add(RuleCaptions, 0, "CLOSED-CAPTIONS=NONE in %d of %d variant streams", none, len(r.out.Variants))
	}
}
