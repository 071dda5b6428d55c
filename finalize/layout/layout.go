package layout

import (
	"errors"
	"fmt"
)

// Sentinels.
var (
	// ErrPattern is wrapped by every refusal of a pattern.
	ErrPattern = errors.New("layout pattern")
	// ErrFormat is wrapped when fields cannot be made into a key.
	ErrFormat = errors.New("layout cannot make a key")
)

// Layout maps object keys to fields and back. It is immutable.
type Layout struct {
	name     string
	patterns []*pattern
}

// Fields is what a key says. Nonce and Rendition are empty where the layout
// has no such field; Ext has no dot.
type Fields struct {
	Recording, Nonce, Rendition string
	Seq                         int64
	Ext                         string
}

// presets are the layouts that have a name; the patterns of one are tried in
// order.
var presets = map[string][]string{
	"nonce": {
		"{recording}/{nonce}/{rendition}/{seq}.{ext}",
		"{recording}/{rendition=source}/{seq}.{ext}",
	},
}

// Parse gives the preset of that name, or compiles a pattern. A pattern is told
// from a name by its braces. Errors wrap ErrPattern and say what is wrong,
// where, and what is allowed.
func Parse(nameOrPattern string) (*Layout, error) {
	texts, ok := presets[nameOrPattern]
	if !ok {
		texts = []string{nameOrPattern}
	}
	l := &Layout{name: nameOrPattern}
	for _, t := range texts {
		p, err := compile(t)
		if err != nil {
			return nil, fmt.Errorf("%w %q: %w", ErrPattern, nameOrPattern, err)
		}
		l.patterns = append(l.patterns, p)
	}
	return l, nil
}

// Name is the name of the preset or the text of the pattern.
func (l *Layout) Name() string { return l.name }

// Match reads a key. The first pattern that matches the whole key has it; false
// means that the key is unknown to this layout.
func (l *Layout) Match(key string) (Fields, bool) {
	for _, p := range l.patterns {
		if f, ok := p.match(key); ok {
			return f, true
		}
	}
	return Fields{}, false
}

// Format makes the canonical key of fields: the number without padding. The
// first pattern that reads its own result back as the same fields has it. A
// pattern with {*} or {**} cannot make keys. Errors wrap ErrFormat.
func (l *Layout) Format(f Fields) (string, error) {
	err := errors.New("no pattern")
	for _, p := range l.patterns {
		key, e := p.format(f)
		if e != nil {
			err = e
			continue
		}
		if got, ok := l.Match(key); !ok || got != f {
			err = fmt.Errorf("the fields do not survive in %q", key)
			continue
		}
		return key, nil
	}
	return "", fmt.Errorf("%w of %q: %w", ErrFormat, l.name, err)
}

// Prefix is a prefix of all keys of a recording in this layout. It ends in a
// slash where {recording} is a whole path element, so that a listing for foo
// never holds foo-2; elsewhere it may hold more, and Match tells.
func (l *Layout) Prefix(recording string) string {
	var out string
	for i, p := range l.patterns {
		pre := p.prefix(recording)
		if i == 0 {
			out = pre
			continue
		}
		out = commonPrefix(out, pre)
	}
	return out
}

// RecordingsAt says where one delimiter listing shows the names of all
// recordings: the folders right under prefix. False where the layout needs a
// listing of everything (the recording is no path element of its own behind a
// constant prefix).
func (l *Layout) RecordingsAt() (prefix string, ok bool) {
	for i, p := range l.patterns {
		pre, whole := p.recordingsAt()
		if !whole || i > 0 && pre != prefix {
			return "", false
		}
		prefix = pre
	}
	return prefix, true
}

func commonPrefix(a, b string) string {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return a[:n]
}
