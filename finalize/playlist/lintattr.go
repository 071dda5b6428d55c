package playlist

import (
	"slices"
	"strings"
	"unicode"
)

// attributeKind is the type of an attribute's value (RFC 8216 §4.2).
type attributeKind int

const (
	kindInteger attributeKind = iota
	kindFloat
	kindQuoted
	kindEnumerated
	kindResolution
	kindQuotedOrNone // a quoted-string or the enumerated-string NONE
)

var kindNames = [...]string{"decimal-integer", "decimal-floating-point", "quoted-string", "enumerated-string", "decimal-resolution", "quoted-string or NONE"}

// attributeValue is one entry of an attribute list.
type attributeValue struct {
	name, value string // the value without its quotes
	quoted      bool
	bad         bool // not of its type, and noted
}

// attributeValues are the attributes of a tag.
type attributeValues struct {
	all   []attributeValue
	whole bool // nothing was lost to an error
}

// get gives the value of an attribute, "" where there is none.
func (a attributeValues) get(name string) string {
	v, _ := a.find(name)
	return v.value
}

// find gives an attribute that is there and of its type.
func (a attributeValues) find(name string) (attributeValue, bool) {
	for _, v := range a.all {
		if v.name == name && !v.bad {
			return v, true
		}
	}
	return attributeValue{}, false
}

// lacks reports whether an attribute is surely not there.
func (a attributeValues) lacks(name string) bool {
	return a.whole && !slices.ContainsFunc(a.all, func(v attributeValue) bool { return v.name == name })
}

// maxAttributes is how many attributes of a list are read: no tag has as many.
const maxAttributes = 64

// list reads an attribute list by the letter and notes what is wrong with it.
func (r *textReader) list(tag, text string) attributeValues {
	list := r.split(tag, text)
	specs, checked := attributeSpecs[tag]
	if !checked {
		return list
	}
	for i := range list.all {
		v := &list.all[i]
		spec, ok := specOf(specs, v.name)
		if !ok {
			r.add(RuleAttributeUnknown, r.line, "%s: the attribute %.60q is unknown", tag, v.name)
		} else if v.bad = !v.is(spec.kind); v.bad {
			r.add(RuleAttributeType, r.line, "%s: %s=%s is no %s", tag, v.name, v.cite(), kindNames[spec.kind])
		}
	}
	for _, spec := range specs {
		if spec.required && list.lacks(spec.name) {
			r.add(RuleAttributeMissing, r.line, "%s: %s is missing", tag, spec.name)
		}
	}
	return list
}

func specOf(specs []attributeSpec, name string) (attributeSpec, bool) {
	for _, s := range specs {
		if s.name == name {
			return s, true
		}
	}
	return attributeSpec{}, false
}

// split takes a list apart.
func (r *textReader) split(tag, text string) (list attributeValues) {
	bad := func(format string, args ...any) {
		r.add(RuleAttributeList, r.line, "%s: "+format, append([]any{tag}, args...)...)
	}
	for rest := text; ; {
		name, tail, found := strings.Cut(rest, "=")
		if !found {
			bad("%.60q is no attribute", rest)
			return list
		}
		if !attributeName(name) {
			bad("%.60q is no name of an attribute", name)
			return list
		}
		v := attributeValue{name: name}
		if strings.HasPrefix(tail, `"`) {
			v.quoted = true
			if v.value, tail, found = strings.Cut(tail[1:], `"`); !found {
				bad("the quotes of %s are open", name)
				return list
			}
			if tail != "" && tail[0] != ',' {
				bad("%.60q behind the quotes of %s", tail, name)
				return list
			}
			tail, found = strings.CutPrefix(tail, ",")
		} else {
			v.value, tail, found = strings.Cut(tail, ",")
			if v.value == "" || strings.ContainsFunc(v.value, func(c rune) bool { return c == '"' || unicode.IsSpace(c) }) {
				bad("%s=%.60q has no value, or white space or quotes in it", name, v.value)
				return list
			}
		}
		if _, again := list.find(name); again {
			r.add(RuleAttributeRepeated, r.line, "%s: %s once more", tag, name)
		} else {
			list.all = append(list.all, v)
		}
		if !found {
			list.whole = true
			return list
		}
		if rest = tail; len(list.all) == maxAttributes {
			bad("more than %d attributes", maxAttributes)
			return list
		}
	}
}

// attributeName reports whether a text is an AttributeName.
func attributeName(s string) bool {
	return s != "" && strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") == ""
}

// is reports whether a value is of a type.
func (v attributeValue) is(kind attributeKind) bool {
	switch kind {
	case kindQuoted:
		return v.quoted
	case kindQuotedOrNone:
		return v.quoted || v.value == "NONE"
	}
	if v.quoted {
		return false
	}
	switch kind {
	case kindInteger:
		_, ok := decimalInt(v.value)
		return ok
	case kindFloat:
		return decimalFloat(v.value)
	case kindResolution:
		_, _, ok := resolutionOf(v.value)
		return ok
	}
	return true
}

// cite gives a value as it was written, cut, for a finding.
func (v attributeValue) cite() string {
	s := v.value
	if len(s) > 60 {
		s = strings.ToValidUTF8(s[:60], "") + "…"
	}
	s = printable(s)
	if v.quoted {
		return `"` + s + `"`
	}
	return s
}

// printable replaces what must not reach a line of a report.
func printable(s string) string {
	return strings.Map(func(c rune) rune {
		if !unicode.IsPrint(c) {
			return '_'
		}
		return c
	}, s)
}

// resolutionOf reads a decimal-resolution of pixels, each above 0 and below 2³¹.
func resolutionOf(s string) (width, height int, ok bool) {
	w, h, found := strings.Cut(s, "x")
	n, okW := decimalInt(w)
	m, okH := decimalInt(h)
	const most = 1<<31 - 1
	if !found || !okW || !okH || n < 1 || n > most || m < 1 || m > most {
		return 0, 0, false
	}
	return int(n), int(m), true
}
