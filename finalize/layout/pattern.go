package layout

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// defaultRendition is the rendition of a layout whose keys name none.
const defaultRendition = "source"

// field is a named part of a key.
type field uint8

const (
	literal field = iota
	recording
	nonce
	rendition
	seq
	ext
	anyPart  // {*}
	anyDepth // {**}
	fields
)

// token is a piece of a pattern. A field with text is a constant.
type token struct {
	field field
	text  string
}

// variable tells a token whose text the key decides.
func (t token) variable() bool { return t.field != literal && t.text == "" }

// pattern is one compiled pattern.
type pattern struct {
	elements [][]token // by path element
	re       *regexp.Regexp
	group    [fields]int    // capture of a variable field; 0: none
	fixed    [fields]string // constants and defaults
}

// match reads a whole key.
func (p *pattern) match(key string) (Fields, bool) {
	m := p.re.FindStringSubmatchIndex(key)
	if m == nil {
		return Fields{}, false
	}
	value := func(f field) string {
		if g := p.group[f]; g > 0 {
			return key[m[2*g]:m[2*g+1]]
		}
		return p.fixed[f]
	}
	f := Fields{Recording: value(recording), Nonce: value(nonce), Rendition: value(rendition), Ext: value(ext)}
	for _, v := range []string{f.Recording, f.Nonce, f.Rendition} {
		if v == "." || v == ".." {
			return Fields{}, false
		}
	}
	n, err := strconv.ParseInt(value(seq), 10, 64)
	if err != nil {
		return Fields{}, false
	}
	f.Seq, f.Numbered = n, true
	return f, true
}

// format puts fields in place; the caller reads the result back.
func (p *pattern) format(f Fields) (string, error) {
	if f.Seq < 0 {
		return "", fmt.Errorf("the number %d is negative", f.Seq)
	}
	var b strings.Builder
	for i, element := range p.elements {
		if i > 0 {
			b.WriteByte('/')
		}
		for _, t := range element {
			switch {
			case !t.variable():
				b.WriteString(t.text)
			case t.field == anyPart || t.field == anyDepth:
				return "", errors.New("{*} and {**} leave open what stands in their place")
			default:
				b.WriteString(f.text(t.field))
			}
		}
	}
	return b.String(), nil
}

// text is the value of a field as it stands in a key.
func (f Fields) text(which field) string {
	switch which {
	case recording:
		return f.Recording
	case nonce:
		return f.Nonce
	case rendition:
		return f.Rendition
	case seq:
		return strconv.FormatInt(f.Seq, 10)
	case ext:
		return f.Ext
	}
	return ""
}

// prefix is what all keys of a recording begin with, as far as the pattern
// tells.
func (p *pattern) prefix(name string) string {
	var b strings.Builder
	for i, element := range p.elements {
		if i > 0 {
			b.WriteByte('/')
		}
		for _, t := range element {
			switch {
			case !t.variable():
				b.WriteString(t.text)
			case t.field == recording:
				b.WriteString(name)
			default:
				return b.String()
			}
		}
	}
	return b.String()
}

// recordingsAt is the constant part before {recording}, where that is an
// element of its own.
func (p *pattern) recordingsAt() (string, bool) {
	var b strings.Builder
	for i, element := range p.elements {
		if len(element) == 1 && element[0].variable() && element[0].field == recording {
			return b.String(), i < len(p.elements)-1
		}
		for _, t := range element {
			if t.variable() || t.field == recording {
				return "", false
			}
			b.WriteString(t.text)
		}
		b.WriteByte('/')
	}
	return "", false
}
