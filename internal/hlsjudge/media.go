package hlsjudge

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

// media is a media playlist (§4.3.2, §4.3.3).
type media struct {
	path     string
	once     map[string]string // tags that stand once, with their values
	stills   bool              // EXT-X-I-FRAMES-ONLY
	target   time.Duration
	segments []segment
}

// segment is a media segment with the tags that apply to it.
type segment struct {
	uri, object string
	lasts       time.Duration
	hasInf      bool
	disc, gap   bool
	date        time.Time // zero without EXT-X-PROGRAM-DATE-TIME
	part        *span     // nil for all of the object
	follows     bool      // EXT-X-BYTERANGE without an offset
	mapped      *initial  // the EXT-X-MAP in force
	newMap      bool      // it stands before this one
	number      int       // of discontinuities up to it
}

// initial is a media initialization section (§4.3.2.5).
type initial struct {
	object string
	part   *span
}

// Tags of which there is at most one in a media playlist (§4.3.1.2, §4.3.3,
// §4.3.5.1).
var onceTags = map[string]bool{
	"EXT-X-VERSION": true, "EXT-X-TARGETDURATION": true, "EXT-X-MEDIA-SEQUENCE": true, "EXT-X-PLAYLIST-TYPE": true,
	"EXT-X-ENDLIST": true, "EXT-X-I-FRAMES-ONLY": true, "EXT-X-INDEPENDENT-SEGMENTS": true,
}

// Tags without a value.
var bareTags = map[string]bool{
	"EXT-X-ENDLIST": true, "EXT-X-I-FRAMES-ONLY": true, "EXT-X-INDEPENDENT-SEGMENTS": true, "EXT-X-DISCONTINUITY": true, "EXT-X-GAP": true,
}

var (
	infValue  = regexp.MustCompile(`^([0-9]{1,9})(\.[0-9]+)?,(.*)$`)
	dateValue = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}(Z|[+-]\d\d:\d\d)$`)
	mapTypes  = map[string]*regexp.Regexp{"URI": quotedString, "BYTERANGE": quotedString}
)

func (j *judge) readMedia(path, text string) *media {
	m := &media{path: path, once: map[string]string{}}
	var s segment
	for _, line := range j.lines(path, text) {
		if strings.HasPrefix(line, "#") {
			tag, value, valued := strings.Cut(line[1:], ":")
			if bareTags[tag] && valued {
				j.say(path, "§4.3", "%s has no value", tag)
			}
			if !onceTags[tag] {
				j.segmentTag(m, &s, tag, value)
				continue
			}
			if _, again := m.once[tag]; again {
				j.say(path, "§4.3.3", "%s twice", tag)
			}
			if tag == "EXT-X-MEDIA-SEQUENCE" && len(m.segments) > 0 {
				j.say(path, "§4.3.3.2", "%s after a segment", tag)
			}
			m.once[tag] = value
			continue
		}
		s.uri = line
		s.object, _ = j.resolve(path, line)
		s.inherit(m)
		if n := len(m.segments); s.follows && n > 0 && m.segments[n-1].object != s.object {
			j.say(path, "§4.3.2.2", "segment %d has no offset and is in another object than the one before", n)
		}
		m.segments = append(m.segments, s)
		s = segment{}
	}
	if s != (segment{}) {
		j.say(path, "§4.3.2", "tags of a segment without its URI")
	}
	_, m.stills = m.once["EXT-X-I-FRAMES-ONLY"]
	j.mediaRules(m)
	j.references(m)
	return m
}

// inherit takes over what holds on from the segment before.
func (s *segment) inherit(m *media) {
	if n := len(m.segments); n > 0 {
		before := m.segments[n-1]
		s.number = before.number
		if !s.newMap {
			s.mapped = before.mapped
		}
	}
	if s.disc {
		s.number++
	}
}

// segmentTag reads a tag that applies to the next segment (§4.3.2).
func (j *judge) segmentTag(m *media, s *segment, tag, value string) {
	twice := false
	switch tag {
	case "EXTINF":
		twice, s.hasInf = s.hasInf, true
		s.lasts = j.duration(m.path, value)
	case "EXT-X-DISCONTINUITY":
		twice, s.disc = s.disc, true
	case "EXT-X-GAP":
		twice, s.gap = s.gap, true
	case "EXT-X-BYTERANGE":
		twice = s.part != nil
		next := int64(-1)
		if n := len(m.segments); n > 0 && m.segments[n-1].part != nil {
			next = m.segments[n-1].part.end()
		}
		part, ok := readSpan(value, next)
		if !ok {
			j.say(m.path, "§4.3.2.2", "EXT-X-BYTERANGE:%s, segment %d", value, len(m.segments))
		}
		s.part, s.follows = &part, !strings.Contains(value, "@")
	case "EXT-X-MAP":
		twice, s.newMap = s.newMap, true
		s.mapped = j.readMap(m.path, value)
	case "EXT-X-PROGRAM-DATE-TIME":
		twice = !s.date.IsZero()
		date, err := time.Parse(time.RFC3339Nano, value)
		if err != nil || !dateValue.MatchString(value) {
			j.say(m.path, "§4.3.2.6", "EXT-X-PROGRAM-DATE-TIME:%s", value)
		}
		s.date = date
	case "EXTM3U":
		j.say(m.path, "§4.3.1.1", "EXTM3U is not the first line alone")
	case "EXT-X-MEDIA", "EXT-X-STREAM-INF", "EXT-X-I-FRAME-STREAM-INF", "EXT-X-SESSION-DATA", "EXT-X-SESSION-KEY":
		j.say(m.path, "§4.3.4", "%s in a media playlist", tag)
	default:
		j.say(m.path, "promise: known tags", "%s", tag)
	}
	if twice {
		j.say(m.path, "§4.3.2", "%s twice at segment %d", tag, len(m.segments))
	}
}

// duration reads <duration>,[<title>] (§4.3.2.1) to the nanosecond.
func (j *judge) duration(path, value string) time.Duration {
	is := infValue.FindStringSubmatch(value)
	if is == nil {
		j.say(path, "§4.3.2.1", "EXTINF:%s", value)
		return 0
	}
	if len(is[2]) < 6 {
		j.say(path, "promise: EXTINF with 5 decimals", "EXTINF:%s", value)
	}
	fraction := strings.TrimPrefix(is[2], ".") + "000000000"
	n, err := strconv.ParseInt(is[1]+fraction[:9], 10, 64)
	if err != nil {
		j.say(path, "§4.3.2.1", "EXTINF:%s", value)
	}
	return time.Duration(n)
}

func (j *judge) readMap(path, list string) *initial {
	attrs := j.attributes(path, "EXT-X-MAP", list, mapTypes, "URI")
	i := &initial{}
	if attrs["URI"] != "" {
		i.object, _ = j.resolve(path, attrs["URI"])
	}
	if value, ok := attrs["BYTERANGE"]; ok {
		part, ok := readSpan(value, 0) // without an offset it is at the start (§4.3.2.5)
		if !ok {
			j.say(path, "§4.3.2.5", "BYTERANGE=%q", value)
		}
		i.part = &part
	}
	return i
}

func (i *initial) same(o *initial) bool {
	if i == nil || o == nil {
		return i == o
	}
	return i.object == o.object && (i.part == nil) == (o.part == nil) && (i.part == nil || *i.part == *o.part)
}
