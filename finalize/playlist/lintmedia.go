package playlist

// ParseMedia reads a media playlist by the letter of RFC 8216 and of what this
// program promises of a finished recording. The name stands in the findings, which
// come by line. Of a text with errors it gives what could be read; the result is
// never nil.
//
// What lies outside of the text is not looked at: [Lint] compares playlists with each
// other, and whether objects exist is for the caller to say. That all texts are in
// Unicode normalization form C (§4.1) is not checked.
func ParseMedia(name string, text []byte) (*MediaText, []Finding) {
	r := &mediaReader{out: &MediaText{Name: name}}
	r.name = name
	r.read(text, r)
	r.finish()
	return r.out, r.all()
}

// mediaReader takes the lines of a media playlist.
type mediaReader struct {
	textReader
	out      *MediaText
	next     SegmentText     // what tags have said of the segment to come
	before   map[string]bool // the tags that have
	open     string          // one of them that needs a segment, "" for none
	openLine int
	initial  *MapText
	placed   bool // EXT-X-BYTERANGE had an offset
	aimed    bool // EXT-X-TARGETDURATION can be read
	joined   bool // there was EXT-X-DISCONTINUITY
	maps     bool // there was EXT-X-MAP
}

func (r *mediaReader) tag(name, value string) {
	if r.out.Ended {
		r.add(RuleEndList, r.line, "%s behind EXT-X-ENDLIST", name)
	}
	switch name {
	case "EXT-X-TARGETDURATION":
		r.target(value)
	case "EXT-X-MEDIA-SEQUENCE":
		r.out.Sequence = r.first(name, value)
	case "EXT-X-DISCONTINUITY-SEQUENCE":
		r.out.Discontinuity = r.first(name, value)
	case "EXT-X-PLAYLIST-TYPE":
		r.kind(value)
	case "EXT-X-I-FRAMES-ONLY":
		r.out.IFramesOnly = true
		r.need(4, name)
	case "EXT-X-ENDLIST":
		r.out.Ended = true
	default:
		r.segmentTag(name, value)
	}
}

// kind takes EXT-X-PLAYLIST-TYPE (RFC 8216 §4.3.3.5).
func (r *mediaReader) kind(value string) {
	switch value {
	case "VOD":
		r.out.Type = value
	case "EVENT":
		r.out.Type = value
		r.add(RuleType, r.line, "EXT-X-PLAYLIST-TYPE is EVENT: it may still grow")
	default:
		r.add(RuleTagValue, r.line, "EXT-X-PLAYLIST-TYPE %.60q is neither VOD nor EVENT", value)
	}
}

// target takes EXT-X-TARGETDURATION (RFC 8216 §4.3.3.1).
func (r *mediaReader) target(value string) {
	n, ok := r.integerValue("EXT-X-TARGETDURATION", value)
	const most = 1<<31 - 1
	if ok && n > most {
		r.add(RuleTagValue, r.line, "EXT-X-TARGETDURATION %d is longer than anything", n)
		ok = false
	}
	if ok {
		r.out.Target, r.aimed = int(n), true
	}
}

// first takes a number of the first segment, which must stand before it
// (RFC 8216 §4.3.3.2, §4.3.3.3).
func (r *mediaReader) first(name, value string) uint64 {
	n, _ := r.integerValue(name, value)
	if len(r.out.Segments) > 0 {
		r.add(RuleTagPlace, r.line, "%s behind the first segment", name)
	} else if r.joined && name == "EXT-X-DISCONTINUITY-SEQUENCE" {
		r.add(RuleTagPlace, r.line, "%s behind EXT-X-DISCONTINUITY", name)
	}
	return n
}

// finish judges what can be judged only when all lines are known.
func (r *mediaReader) finish() {
	if r.line == 0 {
		return // an empty text, and noted
	}
	m := r.out
	if r.open != "" {
		r.add(RuleURIMissing, r.openLine, "no segment follows %s", r.open)
	}
	if r.maps {
		if m.IFramesOnly {
			r.need(5, "EXT-X-MAP")
		} else {
			r.need(6, "EXT-X-MAP")
		}
	}
	r.checkVersion()
	m.Version, m.Independent = r.version, r.independent
	if !r.seen["EXT-X-TARGETDURATION"] {
		r.add(RuleTargetMissing, 0, "EXT-X-TARGETDURATION is missing")
	}
	if !r.seen["EXT-X-PLAYLIST-TYPE"] {
		r.add(RuleType, 0, "EXT-X-PLAYLIST-TYPE is missing")
	}
	if !m.Ended {
		r.add(RuleEndList, 0, "EXT-X-ENDLIST is missing: it may be cut off, or still grow")
	}
	if len(m.Segments) == 0 {
		r.add(RuleEmpty, 0, "it has no segment")
		return
	}
	if s := &m.Segments[0]; s.Discontinuity {
		r.add(RuleJoinFirst, s.Line, "EXT-X-DISCONTINUITY before the first segment")
	}
	r.judgeDurations()
	r.judgeDates()
	r.judgeObjects()
	r.judgeOverlaps()
}
