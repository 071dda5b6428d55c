package layout

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// maxPattern bounds a pattern in bytes; S3 keys end at 1,024.
const maxPattern = 1024

// names are the fields that a pattern may use.
var names = map[string]field{
	"recording": recording, "nonce": nonce, "rendition": rendition,
	"seq": seq, "time": start, "duration": duration, "quality": quality, "hash": hash,
	"ext": ext, "name": named, "*": anyPart, "**": anyDepth, "#": anyDigits,
}

// allowed is what an error offers.
const allowed = "allowed are {recording}, {recording**}, {nonce}, {nonce**}, {rendition}, {seq}, {time:2006-01-02T15-04-05}, {duration}, {quality}, {hash}, {ext}, {name}, {*}, {**}, {#}, and constants such as {rendition=source} (the text is in the key) or {recording:=cam1} (it is not)"

// compiler collects what the tokens of a pattern say.
type compiler struct {
	*pattern
	have  [fields]bool
	parts [parts]bool // of the time
}

// compile reads a pattern. Its errors say where (in bytes, from 1) and what is
// allowed.
func compile(s spec) (*pattern, error) {
	switch {
	case s.text == "":
		return nil, fmt.Errorf("is empty; use one of the presets %s, or a pattern such as {recording}/{nonce}/{rendition}/{seq}.ts", strings.Join(Presets(), ", "))
	case !strings.ContainsAny(s.text, "{}"):
		return nil, fmt.Errorf("is neither one of the presets %s nor a pattern with fields in braces; %s", strings.Join(Presets(), ", "), allowed)
	case len(s.text) > maxPattern:
		return nil, fmt.Errorf("is longer than %d bytes", maxPattern)
	case !utf8.ValidString(s.text):
		return nil, fmt.Errorf("is not valid UTF-8")
	}
	c := compiler{pattern: &pattern{deep: -1, fixed: Fields{Kind: s.kind, Form: s.form}}}
	at := 1
	for _, text := range strings.Split(s.text, "/") {
		if err := c.element(text, at); err != nil {
			return nil, err
		}
		at += len(text) + 1
	}
	c.trailingExtension()
	if err := c.check(); err != nil {
		return nil, err
	}
	return c.pattern, nil
}

// element reads the next path element. at is its place in the pattern.
func (c *compiler) element(text string, at int) error {
	if text == "" {
		return fmt.Errorf("at byte %d: an empty path element (a slash at an end, or two in a row); keys have none", at)
	}
	if text == "." || text == ".." {
		return fmt.Errorf("at byte %d: the path element %q; keys have none", at, text)
	}
	var tokens []token
	for i := 0; i < len(text); {
		t, n, err := c.token(text[i:], at+i)
		if err != nil {
			return err
		}
		if k := len(tokens); k > 0 && n > 0 && t.variable() && tokens[k-1].variable() {
			return fmt.Errorf("at byte %d: two fields with nothing between them; put a literal there", at)
		}
		if t.field != literal || t.text != "" {
			tokens = append(tokens, t)
		}
		i += n
	}
	switch {
	case len(tokens) == 0:
		return fmt.Errorf("at byte %d: %s stands for no text in the key; put it directly before or behind another part", at, text)
	case len(tokens) > maxTokens:
		return fmt.Errorf("at byte %d: a path element of more than %d parts", at, maxTokens)
	}
	for i := range tokens {
		if !tokens[i].deep {
			continue
		}
		if len(tokens) > 1 {
			return fmt.Errorf("at byte %d: {**}, {recording**} and {nonce**} must be a whole path element", at)
		}
		if c.deep >= 0 {
			return fmt.Errorf("at byte %d: a second field of any depth; there may be one of {**}, {recording**} and {nonce**}", at)
		}
		c.deep = len(c.elements)
	}
	c.elements = append(c.elements, element{tokens})
	return nil
}

// token reads a literal or a field, n bytes long, and notes the field. A field
// that stands for no text in the key gives the empty literal.
func (c *compiler) token(text string, at int) (t token, n int, err error) {
	n = strings.IndexAny(text, "{}")
	if n < 0 {
		n = len(text)
	}
	if n > 0 {
		return token{text: text[:n]}, n, nil
	}
	if text[0] == '}' {
		return t, 0, fmt.Errorf("at byte %d: a closing brace without an opening one", at)
	}
	end := strings.IndexAny(text[1:], "{}")
	if end < 0 || text[1+end] == '{' {
		return t, 0, fmt.Errorf("at byte %d: an opening brace that is not closed before the next slash or brace", at)
	}
	t, err = c.field(text[1:1+end], at)
	return t, end + 2, err
}

// field reads what stands between braces.
func (c *compiler) field(body string, at int) (token, error) {
	name, constant, hidden := strings.Cut(body, ":=")
	isConstant := hidden
	if !hidden {
		name, constant, isConstant = strings.Cut(body, "=")
	}
	name, format, isFormat := strings.Cut(name, ":")
	bare, deep := strings.CutSuffix(name, "**")
	f, ok := names[name]
	if deep && (bare == "recording" || bare == "nonce") {
		f, ok = names[bare], true
	}
	if !ok || isFormat && f != start {
		return token{}, fmt.Errorf("at byte %d: unknown field {%s}; %s", at, body, allowed)
	}
	repeats := f == anyPart || f == anyDigits || f == start
	if c.have[f] && !repeats {
		return token{}, fmt.Errorf("at byte %d: {%s} for the second time; each may stand once", at, name)
	}
	c.have[f] = true
	switch {
	case f == start && isConstant, !isConstant && f == start && format == "":
		return token{}, fmt.Errorf("at byte %d: {%s} needs a format, as in {time:2006-01-02T15-04-05}; %s", at, name, allowedTime)
	case f == start:
		return c.time(format, at+len("{time:"))
	case isConstant:
		return c.constant(f, body, constant, hidden, deep, at)
	}
	if deep && f == recording {
		c.least = 1
	}
	return token{field: f, deep: deep || f == anyDepth}, nil
}

// constant notes the text of a field. A hidden one is not in the key.
func (c *compiler) constant(f field, body, text string, hidden, deep bool, at int) (token, error) {
	if deep || !c.fix(f, text) {
		return token{}, fmt.Errorf("at byte %d: {%s} cannot be a constant", at, body)
	}
	if text == "" || text == "." || text == ".." {
		return token{}, fmt.Errorf("at byte %d: {%s} needs a constant that can be a name", at, body)
	}
	if hidden {
		return token{}, nil
	}
	return token{field: f, text: text}, nil
}

// fix gives a field its text for all keys. False: it cannot have one.
func (c *compiler) fix(f field, text string) bool {
	switch f {
	case recording, nonce, rendition, quality, hash, ext:
		r := reading{Fields: c.fixed}
		r.set(&token{field: f}, text)
		c.fixed = r.Fields
		return true
	}
	return false
}

// time reads the format of a time, of which there may be several in a pattern.
func (c *compiler) time(format string, at int) (token, error) {
	k, err := parseClock(format, at)
	if err != nil {
		return token{}, err
	}
	for _, a := range k {
		if a.part != plain && c.parts[a.part] {
			return token{}, fmt.Errorf("at byte %d: the time has %s for the second time", at, partNames[a.part])
		}
		c.parts[a.part] = true
	}
	return token{field: start, clock: k}, nil
}

// trailingExtension takes the extension from the end of a pattern that has no
// field for it.
func (c *compiler) trailingExtension() {
	last := c.elements[len(c.elements)-1].tokens
	t := last[len(last)-1]
	if dot := strings.LastIndexByte(t.text, '.'); !c.have[ext] && t.field == literal && dot >= 0 {
		c.fixed.Ext = t.text[dot+1:]
	}
}

// check says what a pattern lacks, gives defaults, and finishes it.
func (c *compiler) check() error {
	if !c.have[recording] {
		return fmt.Errorf("lacks {recording}; where keys do not say it, a constant such as {recording:=cam1}")
	}
	if c.have[start] {
		for p := year; p <= second; p++ {
			if !c.parts[p] {
				return fmt.Errorf("has a time without %s; together its parts need 2006 01 02 15 04 05; use {*} for a date that does not matter", partNames[p])
			}
		}
		c.timed = true
	}
	if !c.have[seq] && !c.have[start] && !c.have[ext] && c.fixed.Ext == "" {
		return fmt.Errorf("has no {seq}, no {time:…} and no extension, so that thumbnails and playlists would pass for segments; end it in .{ext} or in an extension such as .ts")
	}
	c.counts = c.have[seq] && c.have[named]
	if c.deep == len(c.elements)-1 {
		c.least = 1
	}
	if k := c.fixed.Kind; !c.have[rendition] && (k == Media || k == Init) {
		c.fixed.Rendition = defaultRendition
	}
	return nil
}
