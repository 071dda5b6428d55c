package hlsjudge

import (
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

// lines are the lines of a playlist (§4.1) after EXTM3U (§4.3.1.1), without
// blank ones and comments.
func (j *judge) lines(path, text string) []string {
	if !utf8.ValidString(text) {
		j.say(path, "§4.1", "not UTF-8")
	}
	if strings.HasPrefix(text, "\uFEFF") {
		j.say(path, "§4.1", "a byte order mark")
	}
	if !strings.HasSuffix(text, "\n") {
		j.say(path, "§4.1", "the last line is not ended")
	}
	all := strings.Split(strings.TrimSuffix(strings.ReplaceAll(text, "\r\n", "\n"), "\n"), "\n")
	if all[0] != "#EXTM3U" {
		j.say(path, "§4.3.1.1", "the first line is %q", all[0])
	}
	var lines []string
	for i, line := range all {
		for _, r := range line {
			if r < 0x20 || r >= 0x7f && r <= 0x9f {
				j.say(path, "§4.1", "line %d holds U+%04X", i+1, r)
			}
		}
		if i > 0 && line != "" && (!strings.HasPrefix(line, "#") || strings.HasPrefix(line, "#EXT")) {
			lines = append(lines, line)
		}
	}
	return lines
}

// The types of attribute values (§4.2).
var (
	decimalInteger = regexp.MustCompile(`^[0-9]{1,20}$`)
	decimalFloat   = regexp.MustCompile(`^[0-9]+(\.[0-9]+)?$`)
	quotedString   = regexp.MustCompile(`^"[^"\r\n]*"$`)
	resolution     = regexp.MustCompile(`^[1-9][0-9]*x[1-9][0-9]*$`)
	yesOrNo        = regexp.MustCompile(`^(YES|NO)$`)

	attributeName = regexp.MustCompile(`^[A-Z0-9-]+$`)
)

// attributes reads an attribute-list (§4.2) and holds each value against its
// type. Quotes are taken off.
func (j *judge) attributes(path, tag, list string, types map[string]*regexp.Regexp, required ...string) map[string]string {
	attrs := map[string]string{}
	for _, pair := range pairs(list) {
		name, value, ok := strings.Cut(pair, "=")
		is := types[name]
		_, again := attrs[name]
		switch {
		case !ok || !attributeName.MatchString(name):
			j.say(path, "§4.2", "%s: %q is no attribute", tag, pair)
		case again:
			j.say(path, "§4.2", "%s: %s twice", tag, name)
		case is == nil:
			j.say(path, "promise: known attributes", "%s: %s", tag, name)
		case !is.MatchString(value):
			j.say(path, "§4.2", "%s: %s=%s is not of its type", tag, name, value)
		}
		attrs[name] = strings.Trim(value, `"`)
	}
	for _, name := range required {
		if attrs[name] == "" {
			j.say(path, "§4.3", "%s without %s", tag, name)
		}
	}
	return attrs
}

// pairs parts a list at the commas that stand outside of quotes.
func pairs(list string) []string {
	var all []string
	quoted, from := false, 0
	for i := range len(list) {
		switch {
		case list[i] == '"':
			quoted = !quoted
		case list[i] == ',' && !quoted:
			all = append(all, list[from:i])
			from = i + 1
		}
	}
	return append(all, list[from:])
}

// integer reads a decimal-integer (§4.2); ok is false for what is none or is
// beyond any size or rate.
func integer(s string) (n int64, ok bool) {
	if !decimalInteger.MatchString(s) {
		return 0, false
	}
	n, err := strconv.ParseInt(s, 10, 64)
	return n, err == nil
}

// span is a sub-range of a resource in bytes.
type span struct {
	length, offset int64
}

func (s span) end() int64 { return s.offset + s.length }

// readSpan reads <n>[@<o>] (§4.3.2.2). Without an offset it begins at next; -1
// is for a place where it cannot do without.
func readSpan(s string, next int64) (span, bool) {
	length, offset, given := strings.Cut(s, "@")
	n, ok := integer(length)
	if !ok || n == 0 {
		return span{}, false
	}
	o := next
	if given {
		if o, ok = integer(offset); !ok {
			return span{}, false
		}
	}
	return span{n, o}, o >= 0 && o <= 1<<62-n && n <= 1<<62
}
