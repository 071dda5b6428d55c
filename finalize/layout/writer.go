package layout

import (
	"slices"
	"strings"
)

// WritersAt says where delimiter listings show the recordings of one writer
// without listing everything: recordings are the folders right under the roots,
// and the prefixes of WriterPrefixes hold what it wrote of one of them. A folder
// under one root may be another root; Match tells. False where the layout has no
// writers, or where a key says something else before it says the recording and
// the writer.
func (l *Layout) WritersAt() (roots []string, ok bool) {
	for _, p := range l.patterns {
		if p.fixed.Kind != Media || !p.has(nonce) {
			continue
		}
		root, whole := p.recordingsAt()
		if _, told := p.writerPrefix("r", "w"); !whole || !told {
			return nil, false
		}
		if !slices.Contains(roots, root) {
			roots = append(roots, root)
		}
	}
	slices.Sort(roots)
	return roots, len(roots) > 0
}

// WriterPrefixes are listings that together hold all segments that a writer left
// of a recording, sorted, none inside another.
func (l *Layout) WriterPrefixes(recording, writer string) []string {
	var all []string
	for _, p := range l.patterns {
		if p.fixed.Kind != Media || !p.has(nonce) {
			continue
		}
		if prefix, ok := p.writerPrefix(recording, writer); ok {
			all = append(all, prefix)
		}
	}
	return Outermost(all)
}

// has reports whether the pattern has a field.
func (p *pattern) has(f field) bool {
	for i := range p.elements {
		if slices.ContainsFunc(p.elements[i].tokens, func(t token) bool { return t.variable() && t.field == f }) {
			return true
		}
	}
	return false
}

// writerPrefix is what all keys of a writer in a recording begin with. False: they
// cannot be told from others by their beginning.
func (p *pattern) writerPrefix(name, writer string) (string, bool) {
	if p.fixed.Recording != "" {
		return "", false
	}
	var b strings.Builder
	named := false
	for i := range p.elements {
		if i > 0 {
			b.WriteByte('/')
		}
		tokens := p.elements[i].tokens
		for k, t := range tokens {
			switch {
			case !t.variable():
				b.WriteString(t.text)
			case t.field == recording:
				if !t.deep && strings.Contains(name, "/") {
					return "", false
				}
				b.WriteString(name)
				named = true
			case t.field == nonce:
				if !t.deep && strings.Contains(writer, "/") {
					return "", false
				}
				b.WriteString(writer)
				if k == len(tokens)-1 && i < len(p.elements)-1 {
					b.WriteByte('/')
				}
				return b.String(), named
			default:
				return "", false
			}
		}
	}
	return "", false
}
