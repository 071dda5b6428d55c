package playlist

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// textReader takes a playlist apart into lines and tags by RFC 8216 §4.1 and §4.2,
// and notes what is against them. What follows an error is read as if it were mended,
// so that one error is one finding.
type textReader struct {
	report
	line  int
	seen  map[string]bool // tags that may stand once
	multi bool            // a multivariant playlist

	version     int // EXT-X-VERSION; 0: none
	versionLine int
	needs       int    // the version that the tags need
	needsTag    string // the tag that needs it
	independent bool
}

// lineHandler gets what a line means. The tag is known and of the kind of the
// playlist; the value is the text behind its colon.
type lineHandler interface {
	tag(name, value string)
	uri(line string)
}

const byteOrderMark = '\uFEFF'

// read goes through all lines. [textReader.checkVersion] is for the caller, once all
// needs are known.
func (r *textReader) read(text []byte, h lineHandler) {
	rest := string(text)
	if trimmed := strings.TrimPrefix(rest, string(byteOrderMark)); trimmed != rest {
		r.add(RuleEncoding, 1, "the text begins with a byte order mark")
		rest = trimmed
	}
	if rest == "" {
		r.add(RuleHeader, 1, "the text is empty")
		return
	}
	for rest != "" {
		var line string
		var ended bool
		line, rest, ended = strings.Cut(rest, "\n")
		r.line++
		if !ended {
			r.add(RuleLineEnd, r.line, "the last line has no end, as if the text had been cut off")
		} else {
			line = strings.TrimSuffix(line, "\r")
		}
		r.take(r.clean(line), h)
	}
}

// clean notes characters that must not be in a line, and white space around it.
func (r *textReader) clean(line string) string {
	if !plainText(line) {
		r.characters(line)
	}
	trimmed := strings.TrimLeftFunc(line, unicode.IsSpace)
	if title := strings.HasPrefix(trimmed, "#EXTINF:") || strings.HasPrefix(trimmed, "#") && !strings.HasPrefix(trimmed, "#EXT"); !title {
		trimmed = strings.TrimRightFunc(trimmed, unicode.IsSpace)
	}
	if trimmed != line {
		r.add(RuleWhitespace, r.line, "white space around %.60q", trimmed)
	}
	return trimmed
}

// plainText reports whether a line is of printable ASCII characters alone.
func plainText(line string) bool {
	for i := range len(line) {
		if line[i] < ' ' || line[i] > '~' {
			return false
		}
	}
	return true
}

// characters notes the first character of each sort that must not be in a line.
func (r *textReader) characters(line string) {
	if !utf8.ValidString(line) {
		r.add(RuleEncoding, r.line, "%.60q is not UTF-8", line)
	}
	if strings.ContainsRune(line, byteOrderMark) {
		r.add(RuleEncoding, r.line, "a byte order mark in %.60q", line)
	}
	if strings.Contains(line, "\r") {
		r.add(RuleLineEnd, r.line, "a CR without LF in %.60q", line)
	}
	for _, c := range line {
		if c != '\r' && (c < ' ' || c >= 0x7F && c <= 0x9F) {
			r.add(RuleControl, r.line, "U+%04X in %.60q", c, line)
			return
		}
	}
}

// take hands a line on by what it is.
func (r *textReader) take(line string, h lineHandler) {
	const header = "#EXTM3U"
	if r.line == 1 || line == header {
		if (r.line == 1) == (line == header) {
			return
		}
		if r.line > 1 {
			r.add(RuleHeader, r.line, "EXTM3U once more")
			return
		}
		r.add(RuleHeader, 1, "the first line is %.60q, not EXTM3U", line)
	}
	switch {
	case line == "":
		r.add(RuleBlankLine, r.line, "the line is blank")
	case strings.HasPrefix(line, "#EXT"):
		r.takeTag(line, h)
	case !strings.HasPrefix(line, "#"):
		h.uri(line)
	}
}

// takeTag checks what is the same for all tags.
func (r *textReader) takeTag(line string, h lineHandler) {
	name, value, valued := strings.Cut(line[1:], ":")
	spec, known := tagSpecs[name]
	switch {
	case !known:
		r.add(RuleUnknownTag, r.line, "the tag %.60q is unknown", name)
		return
	case spec.of == ofMedia && r.multi:
		r.add(RuleTagMixed, r.line, "%s in a multivariant playlist", name)
		return
	case spec.of == ofMulti && !r.multi:
		r.add(RuleTagMixed, r.line, "%s in a media playlist", name)
		return
	}
	if spec.once {
		if r.seen[name] {
			r.add(RuleTagRepeated, r.line, "%s once more", name)
			return
		}
		if r.seen == nil {
			r.seen = map[string]bool{}
		}
		r.seen[name] = true
	}
	if valued == (spec.shape == shapeBare) {
		if valued {
			r.add(RuleTagValue, r.line, "%s has the value %.60q and takes none", name, value)
		} else {
			r.add(RuleTagValue, r.line, "%s has no value", name)
			return
		}
	}
	if spec.note != "" {
		r.add(spec.note, r.line, "%s: this program does not write it", name)
		if spec.shape == shapeList {
			r.list(name, value)
		}
		return
	}
	switch name {
	case "EXT-X-VERSION":
		r.takeVersion(value)
	case "EXT-X-INDEPENDENT-SEGMENTS":
		r.independent = true
	default:
		h.tag(name, value)
	}
}

func (r *textReader) takeVersion(value string) {
	n, ok := number(value)
	if !ok || n < 1 || n > 1000 {
		r.add(RuleTagValue, r.line, "EXT-X-VERSION %.60q is no version", value)
		n = 0
	}
	r.version, r.versionLine = int(n), r.line
}

// need notes that a tag needs a version.
func (r *textReader) need(version int, tag string) {
	if version > r.needs {
		r.needs, r.needsTag = version, tag
	}
}

// checkVersion compares the version with what the tags need. Media says by itself
// which one is too high; of a multivariant playlist that depends on the media.
func (r *textReader) checkVersion() {
	r.needs = max(r.needs, 1)
	if r.seen["EXT-X-VERSION"] && r.version == 0 {
		r.version = r.needs // not readable, and noted
	}
	r.version = max(r.version, 1)
	switch {
	case r.version < r.needs:
		r.add(RuleVersionLow, r.versionLine, "the version is %d, %s needs %d", r.version, r.needsTag, r.needs)
	case r.version > r.needs && !r.multi:
		r.add(RuleVersionHigh, r.versionLine, "the version is %d, the tags need %d", r.version, r.needs)
	}
}

// integerValue reads a tag's value that is a decimal-integer.
func (r *textReader) integerValue(tag, value string) (uint64, bool) {
	n, ok := decimalInt(value)
	if !ok {
		r.add(RuleTagValue, r.line, "%s %.60q is no decimal-integer", tag, value)
	}
	return n, ok
}

// decimalInt reads a decimal-integer (RFC 8216 §4.2): up to 20 digits below 2⁶⁴.
func decimalInt(s string) (uint64, bool) {
	if s == "" || len(s) > 20 || !digits(s) {
		return 0, false
	}
	n, err := strconv.ParseUint(s, 10, 64)
	return n, err == nil
}

// decimalFloat reports whether a text is a decimal-floating-point (RFC 8216 §4.2),
// which a decimal-integer is too.
func decimalFloat(s string) bool {
	whole, frac, point := strings.Cut(s, ".")
	return whole != "" && digits(whole) && (!point || frac != "" && digits(frac))
}
