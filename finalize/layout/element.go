package layout

import "strings"

const (
	maxElement = 1024 // bytes of a path element; keys of S3 end there, names of files at 255
	maxTokens  = 16   // pieces of a path element of a pattern
)

// element is one path element of a pattern.
type element struct{ tokens []token }

// deep tells the element that takes any number of them.
func (e *element) deep() bool { return e.tokens[0].deep }

// match reads one path element of a key.
func (e *element) match(text string, r *reading) bool {
	if t := &e.tokens[0]; len(e.tokens) == 1 {
		if !t.variable() {
			return text == t.text
		}
		longest, shortest := t.lengths(text)
		if longest < len(text) || shortest > len(text) || !t.accepts(text) {
			return false
		}
		r.set(t, text)
		return true
	}
	if e.numbered() {
		return e.matchNumbered(text, r)
	}
	d := division{element: e, text: text}
	if !d.from(0, 0) {
		return false
	}
	begin := 0
	for i := range e.tokens {
		if e.tokens[i].variable() {
			r.set(&e.tokens[i], text[begin:d.end[i]])
		}
		begin = d.end[i]
	}
	return true
}

// numbered tells an element like {seq}.ts or {seq}.{ext}, as most are.
func (e *element) numbered() bool {
	n := len(e.tokens)
	return e.tokens[0].field == seq && e.tokens[0].variable() && (n == 2 || n == 3 && e.tokens[2].field == ext && e.tokens[2].variable())
}

// matchNumbered is match of such an element, which leaves nothing to divide: the number
// takes all digits, and the literal follows.
func (e *element) matchNumbered(text string, r *reading) bool {
	n := digits(text)
	rest, ok := strings.CutPrefix(text[n:], e.tokens[1].text)
	if !ok || n == 0 || n > maxDigits {
		return false
	}
	if len(e.tokens) == 2 {
		if rest != "" {
			return false
		}
		r.set(&e.tokens[0], text[:n])
		return true
	}
	if t := &e.tokens[2]; len(rest) < 2 || len(rest) > maxExt || !t.accepts(rest) {
		return false
	}
	r.set(&e.tokens[0], text[:n])
	r.set(&e.tokens[2], rest)
	return true
}

// division divides a text among the tokens of an element; the field on the left
// takes as much as it can.
type division struct {
	*element
	text string
	end  [maxTokens]int // where the text of each token ends

	// dead is the first place from which a name and the rest are known not to
	// fit; 0: none. What does not fit there fits nowhere behind it, since a name
	// may end wherever it likes. So no place is tried twice.
	dead [maxTokens]int
}

// from divides the text that begins at a place among the tokens from i on.
func (d *division) from(i, at int) bool {
	if i == len(d.tokens) {
		return at == len(d.text)
	}
	t, rest := &d.tokens[i], d.text[at:]
	if !t.variable() {
		d.end[i] = at + len(t.text)
		return strings.HasPrefix(rest, t.text) && d.from(i+1, d.end[i])
	}
	if d.dead[i] > 0 && at >= d.dead[i] {
		return false
	}
	longest, shortest := t.lengths(rest)
	for n := d.before(i, at, longest); n >= shortest; n = d.before(i, at, n-1) {
		if d.end[i] = at + n; t.accepts(rest[:n]) && d.from(i+1, d.end[i]) {
			return true
		}
	}
	if t.free() {
		d.dead[i] = at
	}
	return false
}

// before is the greatest length up to n that token i can have so that the
// literal after it follows, or the text ends with it; -1: none.
func (d *division) before(i, at, n int) int {
	rest := d.text[at:]
	if i == len(d.tokens)-1 {
		if n < len(rest) {
			return -1
		}
		return n
	}
	next := d.tokens[i+1].text
	if i+2 < len(d.tokens) && d.dead[i+2] > 0 {
		n = min(n, d.dead[i+2]-1-len(next)-at)
	}
	if n < 0 {
		return -1
	}
	return strings.LastIndex(rest[:min(len(rest), n+len(next))], next)
}
