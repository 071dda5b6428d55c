package main

import (
	"fmt"
	"io"
	"sync"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// visible is what everything is printed through. Names of keys and messages of
// stores come from strangers; a rune that a terminal or a log may take for more than
// text (escapes, C1 controls, overrides of direction, separators of lines) arrives
// as \uXXXX. In a JSON document that means the same string. It is the last line of
// defence: line feeds pass, so a name must be kept on its line where it is put into
// a text.
type visible struct {
	mu   sync.Mutex
	to   io.Writer
	rest []byte // the beginning of a rune
}

// through puts another writer in between: what it writes to is where this one wrote.
func (v *visible) through(w io.Writer) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.to = w
}

// Write prints p. It reports all of p as written, or the error of the writer below.
func (v *visible) Write(p []byte) (int, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	n := len(p)
	if len(v.rest) == 0 && harmless(p) {
		if _, err := v.to.Write(p); err != nil {
			return 0, err
		}
		return n, nil
	}
	p = append(v.rest, p...)
	v.rest = nil
	out := make([]byte, 0, len(p)+16)
	for len(p) > 0 {
		if !utf8.FullRune(p) {
			v.rest = append([]byte(nil), p...)
			break
		}
		r, size := utf8.DecodeRune(p)
		switch {
		case r == '\n' || r == '\t' || unicode.IsPrint(r):
			out = utf8.AppendRune(out, r)
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			out = fmt.Appendf(out, `\u%04x\u%04x`, high, low)
		default:
			out = fmt.Appendf(out, `\u%04x`, r)
		}
		p = p[size:]
	}
	if _, err := v.to.Write(out); err != nil {
		return 0, err
	}
	return n, nil
}

// harmless reports whether a text can be printed as it is; most can.
func harmless(p []byte) bool {
	for _, c := range p {
		if (c < ' ' || c > '~') && c != '\n' && c != '\t' {
			return false
		}
	}
	return true
}
