package layout

import (
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"
)

// maxPattern bounds a pattern; S3 keys end at 1,024 bytes.
const maxPattern = 1024

// names are the fields that a pattern may use.
var names = map[string]field{
	"recording": recording, "nonce": nonce, "rendition": rendition,
	"seq": seq, "ext": ext, "*": anyPart, "**": anyDepth,
}

// allowed is what an error offers.
const allowed = "allowed are {recording}, {nonce}, {rendition}, {seq}, {ext}, {*}, {**} and constants such as {rendition=source}"

// media are the extensions of {ext}. Thumbnails, playlists and metadata lie
// beside segments and must stay unknown.
var media = []string{
	"ts", "m2ts", "mts", "tsv", "tsa",
	"mp4", "m4s", "m4v", "m4a", "cmfv", "cmfa", "fmp4",
	"aac", "mp3", "ac3", "ec3",
}

// shapes are the regular expressions of the variable fields.
var shapes = map[field]string{
	recording: `([^/]+)`, nonce: `([^/]+)`, rendition: `([^/]+)`,
	seq: `([0-9]{1,18})`, ext: `((?i:` + strings.Join(media, "|") + `))`,
	anyPart: `[^/]+`,
}

// compile reads a pattern. Its errors say where (in bytes, from 1) and what is
// allowed.
func compile(text string) (*pattern, error) {
	switch {
	case text == "":
		return nil, fmt.Errorf("is empty; use the preset nonce or a pattern such as {recording}/{nonce}/{rendition}/{seq}.ts")
	case !strings.ContainsAny(text, "{}"):
		return nil, fmt.Errorf("is neither the preset nonce nor a pattern with fields in braces; %s", allowed)
	case len(text) > maxPattern:
		return nil, fmt.Errorf("is longer than %d bytes", maxPattern)
	case !utf8.ValidString(text):
		return nil, fmt.Errorf("is not valid UTF-8")
	}
	p := &pattern{}
	p.fixed[rendition] = defaultRendition
	var have [fields]bool
	at := 1
	for _, element := range strings.Split(text, "/") {
		tokens, err := scan(element, at)
		if err != nil {
			return nil, err
		}
		if err := p.add(tokens, &have, at); err != nil {
			return nil, err
		}
		at += len(element) + 1
	}
	if !have[recording] || !have[seq] {
		return nil, fmt.Errorf("lacks {recording} or {seq}; both are needed")
	}
	p.trailingExtension(have[ext])
	re, err := regexp.Compile(p.expression())
	if err != nil {
		return nil, fmt.Errorf("cannot be compiled: %w", err)
	}
	p.re = re
	return p, nil
}

// scan splits one path element into tokens. at is its place in the pattern.
func scan(element string, at int) ([]token, error) {
	if element == "" {
		return nil, fmt.Errorf("at byte %d: an empty path element (a slash at an end, or two in a row); keys have none", at)
	}
	if element == "." || element == ".." {
		return nil, fmt.Errorf("at byte %d: the path element %q; keys have none", at, element)
	}
	var tokens []token
	for i := 0; i < len(element); {
		n := strings.IndexAny(element[i:], "{}")
		if n < 0 {
			n = len(element) - i
		}
		if n > 0 {
			tokens = append(tokens, token{text: element[i : i+n]})
			i += n
			continue
		}
		if element[i] == '}' {
			return nil, fmt.Errorf("at byte %d: a closing brace without an opening one", at+i)
		}
		end := strings.IndexAny(element[i+1:], "{}")
		if end < 0 || element[i+1+end] == '{' {
			return nil, fmt.Errorf("at byte %d: an opening brace that is not closed before the next slash or brace", at+i)
		}
		t, err := parseField(element[i+1:i+1+end], at+i)
		if err != nil {
			return nil, err
		}
		tokens = append(tokens, t)
		i += end + 2
	}
	return tokens, nil
}

// parseField reads what stands between braces.
func parseField(body string, at int) (token, error) {
	name, constant, isConstant := strings.Cut(body, "=")
	f, ok := names[name]
	if !ok {
		return token{}, fmt.Errorf("at byte %d: unknown field {%s}; %s", at, body, allowed)
	}
	if !isConstant {
		return token{field: f}, nil
	}
	if f == seq || f == anyPart || f == anyDepth {
		return token{}, fmt.Errorf("at byte %d: {%s} cannot be a constant", at, name)
	}
	if constant == "" || constant == "." || constant == ".." {
		return token{}, fmt.Errorf("at byte %d: {%s} needs a constant that can be a name", at, body)
	}
	return token{field: f, text: constant}, nil
}

// add takes the tokens of the next path element.
func (p *pattern) add(tokens []token, have *[fields]bool, at int) error {
	for i, t := range tokens {
		if t.field == literal {
			continue
		}
		if t.field == anyDepth && len(tokens) > 1 {
			return fmt.Errorf("at byte %d: {**} must be a whole path element", at)
		}
		if i > 0 && t.variable() && tokens[i-1].variable() {
			return fmt.Errorf("at byte %d: two fields with nothing between them; put a literal there", at)
		}
		if have[t.field] && t.field != anyPart {
			return fmt.Errorf("at byte %d: the same field for the second time; each may stand once", at)
		}
		have[t.field] = true
		if !t.variable() {
			p.fixed[t.field] = t.text
		}
	}
	p.elements = append(p.elements, tokens)
	return nil
}

// trailingExtension takes the extension from the end of a pattern that has no
// field for it.
func (p *pattern) trailingExtension(has bool) {
	last := p.elements[len(p.elements)-1]
	t := last[len(last)-1]
	dot := strings.LastIndexByte(t.text, '.')
	if has || t.field != literal || dot < 0 {
		return
	}
	for _, m := range media {
		if strings.EqualFold(m, t.text[dot+1:]) {
			p.fixed[ext] = t.text[dot+1:]
		}
	}
}

// expression is the pattern as a regular expression over a whole key.
func (p *pattern) expression() string {
	var b strings.Builder
	b.WriteString(`\A`)
	group := 0
	for i, element := range p.elements {
		last := i == len(p.elements)-1
		if element[0].field == anyDepth {
			b.WriteString(`(?:[^/]+/)*`)
			if last {
				b.WriteString(`[^/]+`)
			}
			continue
		}
		for _, t := range element {
			if !t.variable() {
				b.WriteString(regexp.QuoteMeta(t.text))
				continue
			}
			b.WriteString(shapes[t.field])
			if t.field != anyPart {
				group++
				p.group[t.field] = group
			}
		}
		if !last {
			b.WriteByte('/')
		}
	}
	b.WriteString(`\z`)
	return b.String()
}
