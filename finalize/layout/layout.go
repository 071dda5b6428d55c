package layout

import (
	"errors"
	"fmt"
	"maps"
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
	patterns []*pattern
}

// presets are the layouts that have a name; the patterns of one are tried in
// order.
var presets = map[string][]string{
	"nonce": {
		"{recording}/{nonce}/{rendition}/{seq}.{ext}",
		"{recording}/{rendition=source}/{seq}.{ext}",
	},
}

// Options say how keys are read.
type Options struct {
	Zone *time.Location // of the times in keys; nil: UTC
}

// Presets are the names of the presets, sorted.
func Presets() []string { return slices.Sorted(maps.Keys(presets)) }

// Parse gives the preset of that name, or compiles a pattern. A pattern is told
// from a name by its braces. Errors wrap ErrPattern and say what is wrong,
// where, and what is allowed.
func Parse(nameOrPattern string, _ Options) (*Layout, error) {
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

// LaterWins reports whether of equal copies the later upload is kept: the writer
// uploads before it verifies, and its retry is the good one.
func (l *Layout) LaterWins() bool { return l.name == "nonce" }

// ReusesKeys reports whether a node that starts over overwrites its keys from 0.
func (l *Layout) ReusesKeys() bool { return l.name == "livepeer" }

// ByPlaylist reports whether playlists give the renditions and the order.
func (l *Layout) ByPlaylist() bool { return l.name == "hls" }

// Prefixes are listings that together hold all keys of a recording, sorted, none
// inside another. One ends in a slash where {recording} is a whole path element,
// so that a listing for foo never holds foo-2; elsewhere it may hold more, and
// Match tells.
func (l *Layout) Prefixes(recording string) []string {
	var all []string
	for _, p := range l.patterns {
		all = append(all, p.prefix(recording))
	}
	return Outermost(all)
}

// Outermost sorts prefixes and leaves out those that lie inside another, so that
// no key is listed twice.
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
// the folders right under the prefixes, none of which lies under another. False
// where the layout needs a listing of everything (the recording is no path
// element of its own behind a constant prefix).
func (l *Layout) RecordingsAt() (prefixes []string, ok bool) {
	for _, p := range l.patterns {
		pre, whole := p.recordingsAt()
		if !whole || len(prefixes) > 0 && pre != prefixes[0] {
			return nil, false
		}
		prefixes = append(prefixes[:0], pre)
	}
	return prefixes, true
}
