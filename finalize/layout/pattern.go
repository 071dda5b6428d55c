package layout

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// defaultRendition is the rendition of segments whose keys name none.
const defaultRendition = "source"

// field is a named part of a key.
type field uint8

const (
	literal field = iota
	recording
	nonce
	rendition
	seq
	start // {time:…}
	duration
	quality
	hash
	ext
	fragmentExt // extension of an initialization segment
	named       // {name}
	anyPart     // {*}
	anyDepth    // {**}
	anyDigits   // {#}
	fields
)

// token is a piece of a path element of a pattern. A field with text is a
// constant.
type token struct {
	field field
	text  string
	deep  bool  // takes any number of whole path elements
	clock clock // of start
}

// variable tells a token whose text the key decides.
func (t *token) variable() bool { return t.field != literal && t.text == "" }

// pattern is one compiled pattern.
type pattern struct {
	elements []element
	deep     int    // the path element that takes any number of them; -1: none
	least    int    // how many that takes at least
	fixed    Fields // constants, defaults and the kind of object
	timed    bool   // the key says when the segment began
	counts   bool   // two fields say the number, so that their order matters
	zone     *time.Location
}

// reading is what was read of a key so far.
type reading struct {
	Fields
	moment moment
}

// match reads a whole key that has so many slashes, elements from the right:
// the last one tells most.
func (p *pattern) match(key string, slashes int, r *reading) bool {
	if !p.fits(slashes) {
		return false
	}
	r.Fields, r.moment = p.fixed, moment{}
	return p.matchBefore(key, len(p.elements), len(key), r) && p.dated(r)
}

// fits tells whether a key of so many slashes can match.
func (p *pattern) fits(slashes int) bool {
	n := len(p.elements)
	return p.deep < 0 && slashes == n-1 || p.deep >= 0 && slashes >= n-2+p.least
}

// matchBefore reads the first n elements of the pattern, which stand in key[:end].
func (p *pattern) matchBefore(key string, n, end int, r *reading) bool {
	for i := n - 1; i > p.deep; i-- {
		slash := strings.LastIndexByte(key[:end], '/')
		if !p.elements[i].match(key[slash+1:end], r) {
			return false
		}
		end = slash
	}
	if p.deep < 0 {
		return true
	}
	begin := 0
	for i := range p.deep {
		slash := begin + strings.IndexByte(key[begin:], '/')
		if !p.elements[i].match(key[begin:slash], r) {
			return false
		}
		begin = slash + 1
	}
	if begin < end {
		r.set(&p.elements[p.deep].tokens[0], key[begin:end])
	}
	return true
}

// dated gives a reading its time.
func (p *pattern) dated(r *reading) (ok bool) {
	if p.timed {
		r.Time, r.Fold, ok = r.moment.in(p.zone)
		return ok
	}
	return true
}

// set takes the text of a field, which has the shape of it.
func (r *reading) set(t *token, text string) {
	switch t.field {
	case recording:
		r.Recording = text
	case nonce:
		r.Nonce = text
	case rendition:
		r.Rendition = text
	case quality:
		r.Quality = text
	case hash:
		r.Hash = text
	case ext, fragmentExt:
		r.Ext = text
	case seq:
		r.Seq, r.Numbered = decimal(text), true
	case named:
		if digits := digitsAtEnd(text); digits != "" && len(digits) <= maxDigits {
			r.Seq, r.Numbered = decimal(digits), true
		}
	case duration:
		r.Duration, _ = seconds(text)
	case start:
		t.clock.scan(text, &r.moment)
	}
}

// format puts fields in place; the caller reads the result back.
func (p *pattern) format(f Fields) (string, error) {
	var b []byte
	for i := range p.elements {
		if p.elements[i].deep() && p.elements[i].tokens[0].field == nonce && f.Nonce == "" {
			continue
		}
		if len(b) > 0 {
			b = append(b, '/')
		}
		for j := range p.elements[i].tokens {
			t := &p.elements[i].tokens[j]
			switch {
			case !t.variable():
				b = append(b, t.text...)
			case t.field == start:
				if f.Time.IsZero() {
					return "", errors.New("there is no start time")
				}
				b = t.clock.append(b, f.Time.In(p.zone))
			case t.field == anyPart || t.field == anyDepth || t.field == anyDigits || t.field == named:
				return "", errors.New("{*}, {**}, {#} and {name} leave open what stands in their place")
			case t.field == seq && f.Seq < 0 || t.field == duration && f.Duration < 0:
				return "", fmt.Errorf("the number %d or the duration %s is negative", f.Seq, f.Duration)
			default:
				b = append(b, f.text(t.field)...)
			}
		}
	}
	return string(b), nil
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
	case quality:
		return f.Quality
	case hash:
		return f.Hash
	case ext, fragmentExt:
		return f.Ext
	case seq:
		return strconv.FormatInt(f.Seq, 10)
	case duration:
		return secondsText(f.Duration)
	}
	return ""
}

// initBeside is the pattern of the initialization segment beside the segments
// of this one: the base name is init. None where the folder does not tell
// recording, writer and rendition, or the segments cannot need one.
func (p *pattern) initBeside() *pattern {
	last := len(p.elements) - 1
	if p.fixed.Kind != Media || p.deep == last || p.fixed.Ext != "" && !fragments[lower(p.fixed.Ext)] {
		return nil
	}
	for _, t := range p.elements[last].tokens {
		if t.variable() && (t.field == recording || t.field == nonce || t.field == rendition) {
			return nil
		}
	}
	i := *p
	i.elements = append(slices.Clone(p.elements[:last]), element{[]token{{text: "init."}, {field: fragmentExt}}})
	i.fixed.Kind, i.fixed.Ext, i.timed = Init, "", false
	return &i
}

// prefix is what all keys of a recording begin with, as far as the pattern
// tells. False: none of its keys can be of that recording.
func (p *pattern) prefix(name string) (string, bool) {
	if p.fixed.Recording != "" && p.fixed.Recording != name {
		return "", false
	}
	var b strings.Builder
	for i := range p.elements {
		if i > 0 {
			b.WriteByte('/')
		}
		for _, t := range p.elements[i].tokens {
			switch {
			case !t.variable():
				b.WriteString(t.text)
			case t.field == recording:
				if !t.deep && strings.Contains(name, "/") {
					return "", false
				}
				b.WriteString(name)
			default:
				return b.String(), true
			}
		}
	}
	return b.String(), true
}

// recordingsAt is the constant part before {recording}, where that is an
// element of its own.
func (p *pattern) recordingsAt() (string, bool) {
	var b strings.Builder
	for i := range p.elements {
		tokens := p.elements[i].tokens
		if len(tokens) == 1 && tokens[0].variable() && tokens[0].field == recording {
			return b.String(), i < len(p.elements)-1 && !tokens[0].deep
		}
		for _, t := range tokens {
			if t.variable() || t.field == recording {
				return "", false
			}
			b.WriteString(t.text)
		}
		b.WriteByte('/')
	}
	return "", false
}
