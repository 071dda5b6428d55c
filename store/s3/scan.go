package s3

import (
	"bytes"
	"unicode/utf8"
)

// scanner walks over a document of XML 1.0 that is as plain as every store writes a
// listing: elements of ASCII letters and digits, attributes on the root alone, text
// with the five named entities and references to ASCII. Whatever else may stand in
// such a document (CDATA, comments, prefixes, other encodings), and every mistake in
// it, ends the walk: all methods say ok = false then, and somebody slower decides. So
// what this one takes for good must mean the same to encoding/xml.
type scanner struct {
	b       []byte
	i       int    // what is next
	scratch []byte // texts that are not in b as they mean
}

// asIs are the bytes of a text that stand for themselves. Not among them are those
// that need a look: '<', '&', ']' (of "]]>"), '\r' (which XML makes '\n'), the control
// characters, which XML forbids, and all that is not ASCII.
var asIs = func() (is [256]bool) {
	for c := ' '; c <= 0x7f; c++ {
		is[c] = c != '<' && c != '&' && c != ']'
	}
	is['\t'], is['\n'] = true, true
	return is
}()

// space passes white space.
func (s *scanner) space() {
	for s.i < len(s.b) && (s.b[s.i] == ' ' || s.b[s.i] == '\n' || s.b[s.i] == '\t' || s.b[s.i] == '\r') {
		s.i++
	}
}

// take passes a text if it is next.
func (s *scanner) take(text string) bool {
	if len(s.b)-s.i < len(text) || string(s.b[s.i:s.i+len(text)]) != text {
		return false
	}
	s.i += len(text)
	return true
}

// text passes character data up to the next tag and gives what it means. The result
// is good for as long as the document is.
func (s *scanner) text() (value []byte, ok bool) {
	from := s.i
	for s.i < len(s.b) && asIs[s.b[s.i]] {
		s.i++
	}
	if s.i < len(s.b) && s.b[s.i] == '<' {
		return s.b[from:s.i], true
	}
	start := len(s.scratch)
	s.scratch = append(s.scratch, s.b[from:s.i]...)
	for s.i < len(s.b) && s.b[s.i] != '<' {
		if !s.char() {
			return nil, false
		}
	}
	return s.scratch[start:len(s.scratch):len(s.scratch)], s.i < len(s.b)
}

// char adds one character of a text to the scratch, or some that mean themselves.
func (s *scanner) char() bool {
	switch c := s.b[s.i]; {
	case asIs[c]:
		from := s.i
		for s.i < len(s.b) && asIs[s.b[s.i]] {
			s.i++
		}
		s.scratch = append(s.scratch, s.b[from:s.i]...)
	case c == '&':
		return s.reference()
	case c == ']':
		if bytes.HasPrefix(s.b[s.i:], []byte("]]>")) {
			return false
		}
		s.scratch = append(s.scratch, c)
		s.i++
	case c >= utf8.RuneSelf:
		r, n := utf8.DecodeRune(s.b[s.i:])
		if r == utf8.RuneError && n == 1 || r == 0xFFFE || r == 0xFFFF {
			return false
		}
		s.scratch = append(s.scratch, s.b[s.i:s.i+n]...)
		s.i += n
	default:
		return false
	}
	return true
}

// longest reference that is looked at: "&#x000D;" and some.
const maxReference = 12

// reference adds what an entity or a character reference stands for.
func (s *scanner) reference() bool {
	n := bytes.IndexByte(s.b[s.i:min(len(s.b), s.i+maxReference)], ';')
	if n < 0 {
		return false
	}
	name := s.b[s.i+1 : s.i+n]
	c, ok := byte(0), true
	switch string(name) {
	case "quot":
		c = '"'
	case "amp":
		c = '&'
	case "lt":
		c = '<'
	case "gt":
		c = '>'
	case "apos":
		c = '\''
	default:
		c, ok = asciiOf(name)
	}
	s.scratch = append(s.scratch, c)
	s.i += n + 1
	return ok
}

// asciiOf reads "#39" and "#x27" where they stand for a character of ASCII that XML
// allows.
func asciiOf(name []byte) (byte, bool) {
	digits, base := bytes.TrimPrefix(name, []byte("#")), 10
	if len(digits) == len(name) {
		return 0, false
	}
	if rest := bytes.TrimPrefix(digits, []byte("x")); len(rest) < len(digits) {
		digits, base = rest, 16
	}
	n := 0
	for _, c := range digits {
		if c = digit(c); int(c) >= base {
			return 0, false
		}
		if n = n*base + int(c); n > 0x7f {
			return 0, false
		}
	}
	return byte(n), len(digits) > 0 && (n >= ' ' || n == '\t' || n == '\n' || n == '\r')
}

// open passes the begin of an element without attributes. empty: it was its end too.
func (s *scanner) open() (name []byte, empty, ok bool) {
	if s.i >= len(s.b) || s.b[s.i] != '<' {
		return nil, false, false
	}
	s.i++
	name = s.name()
	switch {
	case len(name) == 0 || s.i >= len(s.b):
		return nil, false, false
	case s.b[s.i] == '>':
		s.i++
		return name, false, true
	}
	return name, true, s.take("/>")
}

// name passes letters and, behind the first, digits.
func (s *scanner) name() []byte {
	from := s.i
	for s.i < len(s.b) {
		c := s.b[s.i]
		letter := 'a' <= c|0x20 && c|0x20 <= 'z'
		if !letter && (s.i == from || c < '0' || c > '9') {
			break
		}
		s.i++
	}
	return s.b[from:s.i]
}

// close passes the end of an element.
func (s *scanner) close(name []byte) bool {
	i := s.i + 2 + len(name)
	if i >= len(s.b) || s.b[s.i] != '<' || s.b[s.i+1] != '/' || s.b[i] != '>' || !bytes.Equal(s.b[s.i+2:i], name) {
		return false
	}
	s.i = i + 1
	return true
}

// closes reports whether the end of an element is next.
func (s *scanner) closes() bool { return s.i+1 < len(s.b) && s.b[s.i] == '<' && s.b[s.i+1] == '/' }

// leaf passes the rest of an element that holds nothing but text.
func (s *scanner) leaf(name []byte, empty bool) (value []byte, ok bool) {
	if empty {
		return nil, true
	}
	value, ok = s.text()
	return value, ok && s.close(name)
}

// maxNesting is how deep an element that nobody knows is followed.
const maxNesting = 8

// skip passes the rest of an element whatever it holds.
func (s *scanner) skip(name []byte, empty bool, depth int) bool {
	if empty {
		return true
	}
	for {
		if _, ok := s.text(); !ok {
			return false
		}
		if s.closes() {
			return s.close(name)
		}
		inner, none, ok := s.open()
		if !ok || depth == maxNesting || !s.skip(inner, none, depth+1) {
			return false
		}
	}
}

// prologs are the declarations that documents begin with.
var prologs = []string{
	`<?xml version="1.0" encoding="UTF-8"?>`, `<?xml version="1.0" encoding="utf-8"?>`, `<?xml version="1.0"?>`,
	`<?xml version='1.0' encoding='UTF-8'?>`, `<?xml version='1.0' encoding='utf-8'?>`,
	`<?xml version="1.0" encoding="UTF-8" standalone="yes"?>`,
}

// root passes everything up to the children of the root, which must have this name.
func (s *scanner) root(name string) bool {
	s.space()
	for _, p := range prologs {
		if s.take(p) {
			break
		}
	}
	s.space()
	if !s.take("<" + name) {
		return false
	}
	for {
		before := s.i
		s.space()
		if s.take(">") {
			return true
		}
		if s.i == before || !s.attribute() {
			return false
		}
	}
}

// attribute passes name="value".
func (s *scanner) attribute() bool {
	if len(s.name()) == 0 || s.take(":") && len(s.name()) == 0 || !s.take("=") || s.i >= len(s.b) {
		return false
	}
	quote := s.b[s.i]
	if quote != '"' && quote != '\'' {
		return false
	}
	for s.i++; s.i < len(s.b) && s.b[s.i] != quote; s.i++ {
		if c := s.b[s.i]; !asIs[c] {
			return false
		}
	}
	s.i++
	return s.i <= len(s.b)
}
