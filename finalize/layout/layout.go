package layout

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
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
	facts    preset
	patterns []*pattern // in the order in which they are tried
}

// Options say how keys are read.
type Options struct {
	Zone *time.Location // of the times in keys that name no offset; nil: UTC
}

// Parse gives the preset of that name, or compiles a pattern. A pattern is told
// from a name by its braces. Errors wrap ErrPattern and say what is wrong,
// where, and what is allowed.
func Parse(nameOrPattern string, opt Options) (*Layout, error) {
	facts, ok := presets[nameOrPattern]
	if !ok {
		facts.patterns = []spec{{text: nameOrPattern}}
	}
	zone := opt.Zone
	if zone == nil {
		zone = time.UTC
	}
	l := &Layout{name: nameOrPattern, facts: facts}
	var read []*pattern
	for _, s := range facts.patterns {
		p, err := compile(s)
		if err != nil {
			return nil, fmt.Errorf("%w %q: %w", ErrPattern, nameOrPattern, err)
		}
		p.zone = zone
		read = append(read, p)
		if i := p.initBeside(); i != nil {
			l.patterns = append(l.patterns, i)
		}
	}
	l.patterns = append(l.patterns, read...)
	return l, nil
}

// Name is the name of the preset or the text of the pattern.
func (l *Layout) Name() string { return l.name }

// LaterWins reports whether of equal copies the later upload is kept: the writer
// uploads before it verifies, failed copies stay, and the retry is the good one.
func (l *Layout) LaterWins() bool { return l.facts.laterWins }

// ReusesKeys reports whether a node that starts over overwrites its keys from 0.
func (l *Layout) ReusesKeys() bool { return l.facts.reusesKeys }

// ByPlaylist reports whether playlists give the renditions and the order.
func (l *Layout) ByPlaylist() bool { return l.facts.byPlaylist }

// Match reads a key. The first pattern that matches the whole key has it; an
// initialization segment is told before a segment. False means that the key is
// unknown to this layout.
func (l *Layout) Match(key string) (Fields, bool) {
	slashes, ok := usable(key)
	if !ok {
		return Fields{}, false
	}
	var r reading
	for _, p := range l.patterns {
		if p.match(key, slashes, &r) {
			return r.Fields, true
		}
	}
	return Fields{}, false
}

// usable counts the slashes of a key. False: it has an empty path element, a
// "." or a "..", or one that is longer than any store can hold.
func usable(key string) (slashes int, ok bool) {
	for {
		i := strings.IndexByte(key, '/')
		element := key
		if i >= 0 {
			element = key[:i]
		}
		if element == "" || element == "." || element == ".." || len(element) > maxElement {
			return 0, false
		}
		if i < 0 {
			return slashes, true
		}
		slashes++
		key = key[i+1:]
	}
}

// Format makes the canonical key of fields: the number without padding, the
// fraction of a duration without zeros at its end. The first pattern for the
// kind of object that reads its own result back as the same fields has it. A
// pattern with {*}, {**}, {#} or {name} cannot make keys. Errors wrap ErrFormat.
func (l *Layout) Format(f Fields) (string, error) {
	err := errors.New("no pattern for such an object")
	for _, p := range l.patterns {
		if p.fixed.Kind != f.Kind {
			continue
		}
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

// Prefixes are listings that together hold all keys of a recording, sorted, none
// inside another. One ends in a slash where {recording} is a whole path element,
// so that a listing for foo never holds foo-2; elsewhere it may hold more, and
// Match tells. None: no key can belong to the recording.
func (l *Layout) Prefixes(recording string) []string {
	var all []string
	for _, p := range l.patterns {
		if prefix, ok := p.prefix(recording); ok {
			all = append(all, prefix)
		}
	}
	return Outermost(all)
}

// Outermost sorts prefixes in place and leaves out those that lie inside
// another, so that no key is listed twice.
func Outermost(prefixes []string) []string {
	slices.Sort(prefixes)
	kept := prefixes[:0]
	for _, p := range prefixes {
		if len(kept) == 0 || !strings.HasPrefix(p, kept[len(kept)-1]) {
			kept = append(kept, p)
		}
	}
	return kept
}

// RecordingsAt says where delimiter listings show the names of all recordings:
// the folders right under the prefixes. False where the layout needs a listing
// of everything: the recording is no path element of its own behind a constant
// prefix, or one prefix lies inside another, so that it would pass for a
// recording itself.
func (l *Layout) RecordingsAt() (prefixes []string, ok bool) {
	for _, p := range l.patterns {
		if p.fixed.Kind != Media {
			continue
		}
		prefix, whole := p.recordingsAt()
		if !whole {
			return nil, false
		}
		if !slices.Contains(prefixes, prefix) {
			prefixes = append(prefixes, prefix)
		}
	}
	n := len(prefixes)
	if prefixes = Outermost(prefixes); len(prefixes) < n {
		return nil, false
	}
	return prefixes, n > 0
}
