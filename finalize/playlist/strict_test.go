package playlist

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// A second reading of the rules: a parser written from RFC 8216 (and the GAP
// tag of its successor) that shares nothing with the encoder and refuses what
// the RFC merely discourages.

type parsedMedia struct {
	version, target int
	independent     bool
	stills          bool
	segments        []parsedSegment
}

type parsedSegment struct {
	uri      string
	micros   int64
	disc     bool
	gap      bool
	dateTime time.Time
	part     parsedRange
	initial  string      // URI of the EXT-X-MAP in force, "" for none
	initPart parsedRange // and its BYTERANGE
	newMap   bool        // EXT-X-MAP stands right before it
}

// parsedRange is zero where there is none.
type parsedRange struct {
	length, offset int
}

var (
	decimalInteger = regexp.MustCompile(`^(0|[1-9][0-9]{0,19})$`)
	infValue       = regexp.MustCompile(`^(0|[1-9][0-9]*)\.([0-9]{6}),$`)
	isoTime        = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$`)
	reference      = regexp.MustCompile(`^([A-Za-z0-9\-._~!$&'()*,;=:@/?+\[\]]|%[0-9A-Fa-f]{2})+$`)
	quoted         = regexp.MustCompile(`^"[^"\r\n]*"$`)
	resolution     = regexp.MustCompile(`^[1-9][0-9]*x[1-9][0-9]*$`)
	rangeValue     = regexp.MustCompile(`^([1-9][0-9]*)@(0|[1-9][0-9]*)$`)
	threeDecimals  = regexp.MustCompile(`^(0|[1-9][0-9]*)\.[0-9]{3}$`)
)

// textLines checks §4.1: UTF-8 without BOM, no control characters but LF, no
// blank line, the last line ended.
func textLines(text []byte) ([]string, error) {
	s := string(text)
	if !utf8.ValidString(s) || strings.HasPrefix(s, "\uFEFF") {
		return nil, errors.New("not plain UTF-8")
	}
	if !strings.HasSuffix(s, "\n") {
		return nil, errors.New("the last line is not ended")
	}
	lines := strings.Split(strings.TrimSuffix(s, "\n"), "\n")
	for i, line := range lines {
		if line == "" {
			return nil, fmt.Errorf("line %d is blank", i+1)
		}
		for _, r := range line {
			if r < 0x20 || r >= 0x7f && r <= 0x9f || r == '\u2028' || r == '\u2029' {
				return nil, fmt.Errorf("line %d holds U+%04X", i+1, r)
			}
		}
	}
	if lines[0] != "#EXTM3U" {
		return nil, errors.New("no EXTM3U")
	}
	return lines[1:], nil
}

func integer(s string) (int, error) {
	if !decimalInteger.MatchString(s) {
		return 0, fmt.Errorf("%q is no decimal-integer", s)
	}
	return strconv.Atoi(s)
}

// uriLine checks that a URI line is a URI reference that Go understands too.
func uriLine(line string) error {
	if !reference.MatchString(line) {
		return fmt.Errorf("%q is no URI reference", line)
	}
	if _, err := url.Parse(line); err != nil {
		return err
	}
	return nil
}

func parseMedia(text []byte) (*parsedMedia, error) {
	lines, err := textLines(text)
	if err != nil {
		return nil, err
	}
	if lines[len(lines)-1] != "#EXT-X-ENDLIST" {
		return nil, errors.New("a VOD playlist must end with ENDLIST")
	}
	m := &parsedMedia{}
	seen := map[string]string{}
	var seg parsedSegment
	inf := false
	for _, line := range lines[:len(lines)-1] {
		tag, value, _ := strings.Cut(line, ":")
		if !strings.HasPrefix(line, "#") {
			if !inf {
				return nil, fmt.Errorf("URI %q without EXTINF", line)
			}
			if err := uriLine(line); err != nil {
				return nil, err
			}
			seg.uri = line
			if !seg.newMap && len(m.segments) > 0 { // §4.3.2.5: it holds until the next one
				before := m.segments[len(m.segments)-1]
				seg.initial, seg.initPart = before.initial, before.initPart
			}
			m.segments = append(m.segments, seg)
			seg, inf = parsedSegment{}, false
			continue
		}
		if inf {
			return nil, fmt.Errorf("%s between EXTINF and its URI", tag)
		}
		if once(tag) {
			if _, again := seen[tag]; again {
				return nil, fmt.Errorf("%s twice", tag)
			}
			if len(m.segments) > 0 {
				return nil, fmt.Errorf("%s after a segment", tag)
			}
			seen[tag] = value
			continue
		}
		if inf, err = seg.tag(tag, value); err != nil {
			return nil, err
		}
	}
	if seg != (parsedSegment{}) || inf {
		return nil, errors.New("tags without a segment")
	}
	return m, m.header(seen)
}

func once(tag string) bool {
	switch tag {
	case "#EXT-X-VERSION", "#EXT-X-TARGETDURATION", "#EXT-X-MEDIA-SEQUENCE", "#EXT-X-PLAYLIST-TYPE", "#EXT-X-INDEPENDENT-SEGMENTS", "#EXT-X-I-FRAMES-ONLY":
		return true
	}
	return false
}

func (s *parsedSegment) tag(tag, value string) (inf bool, err error) {
	switch tag {
	case "#EXT-X-DISCONTINUITY":
		if s.disc || value != "" {
			return false, errors.New("bad DISCONTINUITY")
		}
		s.disc = true
	case "#EXT-X-GAP":
		if s.gap || value != "" {
			return false, errors.New("bad GAP")
		}
		s.gap = true
	case "#EXT-X-PROGRAM-DATE-TIME":
		if !s.dateTime.IsZero() || !isoTime.MatchString(value) {
			return false, fmt.Errorf("bad PROGRAM-DATE-TIME %q", value)
		}
		if s.dateTime, err = time.Parse(time.RFC3339Nano, value); err != nil {
			return false, err
		}
	case "#EXT-X-BYTERANGE":
		if s.part != (parsedRange{}) {
			return false, errors.New("BYTERANGE twice")
		}
		s.part, err = readRange(value)
		return false, err
	case "#EXT-X-MAP":
		if s.newMap || s.part != (parsedRange{}) || !s.dateTime.IsZero() {
			return false, errors.New("MAP twice, or behind what some clients then forget")
		}
		s.newMap = true
		return false, s.mapTag(value)
	case "#EXTINF":
		part := infValue.FindStringSubmatch(value)
		if part == nil {
			return false, fmt.Errorf("bad EXTINF %q", value)
		}
		s.micros, err = strconv.ParseInt(part[1]+part[2], 10, 64)
		return true, err
	default:
		return false, fmt.Errorf("unknown tag %s", tag)
	}
	return false, nil
}

// readRange reads n@o. The offset may be absent by §4.3.2.2; we always write it.
func readRange(s string) (r parsedRange, err error) {
	m := rangeValue.FindStringSubmatch(s)
	if m == nil {
		return r, fmt.Errorf("bad range %q", s)
	}
	if r.length, err = strconv.Atoi(m[1]); err != nil {
		return r, err
	}
	if r.offset, err = strconv.Atoi(m[2]); err != nil {
		return r, err
	}
	return r, nil
}

// mapTag checks §4.3.2.5: URI and BYTERANGE are quoted-strings, URI is required.
func (s *parsedSegment) mapTag(list string) error {
	attrs, err := splitAttributes(list)
	if err != nil {
		return err
	}
	for name, value := range attrs {
		if !quoted.MatchString(value) {
			return fmt.Errorf("MAP: %s=%s is not quoted", name, value)
		}
		value = value[1 : len(value)-1]
		switch name {
		case "URI":
			s.initial = value
			err = uriLine(value)
		case "BYTERANGE":
			s.initPart, err = readRange(value)
		default:
			err = fmt.Errorf("MAP: attribute %s", name)
		}
		if err != nil {
			return err
		}
	}
	if s.initial == "" {
		return errors.New("MAP without URI")
	}
	return nil
}

// header checks the tags that stand once, and what §4.3.3.1 and §7 ask of them.
func (m *parsedMedia) header(seen map[string]string) (err error) {
	if m.version, err = integer(seen["#EXT-X-VERSION"]); err != nil {
		return fmt.Errorf("VERSION: %w", err)
	}
	if m.target, err = integer(seen["#EXT-X-TARGETDURATION"]); err != nil {
		return fmt.Errorf("TARGETDURATION: %w", err)
	}
	if seen["#EXT-X-MEDIA-SEQUENCE"] != "0" || seen["#EXT-X-PLAYLIST-TYPE"] != "VOD" {
		return errors.New("not a VOD playlist from 0")
	}
	_, m.independent = seen["#EXT-X-INDEPENDENT-SEGMENTS"]
	_, m.stills = seen["#EXT-X-I-FRAMES-ONLY"]
	need, mapped, changed := 3, 6, false
	if m.stills {
		need, mapped = 4, 5
	}
	for i, s := range m.segments {
		changed = changed || s.disc
		if s.part != (parsedRange{}) {
			need = max(need, 4)
		}
		if s.newMap {
			need = max(need, mapped)
			if before := m.segments[max(i-1, 0)]; i > 0 && before.initial == s.initial && before.initPart == s.initPart && !changed {
				return fmt.Errorf("segment %d: MAP without a change", i)
			}
			changed = false
		}
		if changed && s.initial != "" && !s.gap {
			return fmt.Errorf("segment %d: no MAP behind a discontinuity", i)
		}
		if m.stills && !s.gap && s.part == (parsedRange{}) {
			return fmt.Errorf("segment %d: a whole object for a picture", i)
		}
		if s.gap {
			need = max(need, 8)
			if s.part != (parsedRange{}) {
				return fmt.Errorf("segment %d: a gap with BYTERANGE", i)
			}
		}
		if (s.micros+500_000)/1_000_000 > int64(m.target) {
			return fmt.Errorf("EXTINF of %d µs above the target %d", s.micros, m.target)
		}
	}
	if m.version != need {
		return fmt.Errorf("version %d, lowest that will do is %d", m.version, need)
	}
	return nil
}

// splitAttributes reads an attribute-list (§4.2).
func splitAttributes(s string) (map[string]string, error) {
	attrs := map[string]string{}
	for s != "" {
		name, rest, ok := strings.Cut(s, "=")
		if !ok || name == "" || strings.Trim(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") != "" {
			return nil, fmt.Errorf("bad attribute name %q", name)
		}
		end := strings.IndexByte(rest, ',')
		if strings.HasPrefix(rest, `"`) {
			close := strings.IndexByte(rest[1:], '"')
			if close < 0 {
				return nil, errors.New("open quoted-string")
			}
			end = close + 2
			if end == len(rest) {
				end = -1
			} else if rest[end] != ',' {
				return nil, fmt.Errorf("%q after a quoted-string", rest[end:])
			}
		}
		value := rest
		s = ""
		if end >= 0 {
			value, s = rest[:end], rest[end+1:]
			if s == "" {
				return nil, errors.New("comma at the end")
			}
		}
		if _, again := attrs[name]; again {
			return nil, fmt.Errorf("%s twice", name)
		}
		attrs[name] = value
	}
	return attrs, nil
}
