package finalize

import (
	"cmp"
	"encoding/hex"
	"fmt"
	"hash/fnv"
	"slices"

	"recfin/store"
)

const (
	stateFormat  = "recfin/state"
	stateVersion = 1

	stateFolder = "state/" // in the private folder of the outputs
	statePages  = 256      // a power of two, so that equal shares of 2, 4 … 256 have pages of their own

	// maxScopes is how many jobs with other stores or layouts share a page. Of more, those
	// that wrote last are kept.
	maxScopes = 8
)

// nameHash is the hash by which a recording has its page, and its place in the round of
// looks. Its low bits are those that Shard.Takes uses, so a share of a power of two
// meets only its own pages.
func nameHash(recording string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(recording))
	return mix(h.Sum64())
}

// stateDir is where the state is.
func (c Config) stateDir() string { return c.OutPath + store.Private + stateFolder }

// statePageKey is where page p is.
func (c Config) statePageKey(p int) string { return c.stateDir() + fmt.Sprintf("%02x", p) }

// statePage is one page as it stands in the store: gzipped JSON. It is a cache.
type statePage struct {
	Format  string       `json:"format"` // "recfin/state"
	Version int          `json:"version"`
	Scopes  []stateScope `json:"scopes"` // the one that was written last comes first
}

// stateScope are the recordings of one page that one set of stores and layouts shows, by
// column and by name. A job with other ones lists other objects, so what was known of a
// recording there says nothing here.
type stateScope struct {
	Scope    string   `json:"scope"`
	Settings []string `json:"settings"` // hashes, of which Set holds the number
	Name     []string `json:"name"`     // sorted
	Commit   []int64  `json:"commit"`   // upload time of the marker, Unix seconds by the clock of its store
	Due      []int64  `json:"due"`      // the earliest deletion that waits; 0: none does
	Listing  []string `json:"listing"`  // sum over the sources; empty: not known
	Set      []int    `json:"set"`
	Flags    []int    `json:"flags"`
}

// Bits of stateScope.Flags.
const (
	stateTrouble = 1 << iota // the last run could not finish it: nothing else holds of the row
	stateIndexed             // its sessions are in the index of days
	stateFlags   = 1<<iota - 1
)

// stateRow is what is known of one recording: with these settings everything that was
// listed then was dealt with.
type stateRow struct {
	name     string
	commit   int64 // Unix seconds
	due      int64 // Unix seconds; 0: none
	listing  string
	settings string
	flags    int
}

func (r *stateRow) trouble() bool { return r.flags&stateTrouble != 0 }

// equal reports whether nothing would change.
func (r *stateRow) equal(o *stateRow) bool { return *r == *o }

// sum is the sum over the sources; false: it is not known.
func (r *stateRow) sum() (v [16]byte, ok bool) {
	n, err := hex.Decode(v[:], []byte(r.listing))
	return v, err == nil && n == len(v)
}

// decodeState reads a page. Anybody may have written it, so what makes no sense is no
// page of this program, and the whole of it is not believed.
func decodeState(raw []byte) (*statePage, error) {
	p := &statePage{}
	if err := decodeGzip(raw, p); err != nil {
		return nil, err
	}
	if p.Format != stateFormat || p.Version != stateVersion {
		return nil, fmt.Errorf("%w: it has format %q version %d", errForm, p.Format, p.Version)
	}
	for i := range p.Scopes {
		if err := p.Scopes[i].check(); err != nil {
			return nil, err
		}
	}
	return p, nil
}

func (s *stateScope) check() error {
	n := len(s.Name)
	for _, l := range []int{len(s.Commit), len(s.Due), len(s.Listing), len(s.Set), len(s.Flags)} {
		if l != n {
			return fmt.Errorf("%w: its columns have different lengths", ErrRefused)
		}
	}
	for i := range n {
		switch {
		case i > 0 && s.Name[i-1] >= s.Name[i]:
			return fmt.Errorf("%w: its names are not sorted", ErrRefused)
		case s.Set[i] < 0 || s.Set[i] >= len(s.Settings), s.Flags[i]&^stateFlags != 0, s.Due[i] < 0:
			return fmt.Errorf("%w: its row of %s makes no sense", ErrRefused, store.Printable(s.Name[i]))
		case len(s.Listing[i]) > 32:
			return fmt.Errorf("%w: its sum of %s makes no sense", ErrRefused, store.Printable(s.Name[i]))
		}
	}
	return nil
}

// row is row i.
func (s *stateScope) row(i int) stateRow {
	return stateRow{name: s.Name[i], commit: s.Commit[i], due: s.Due[i], listing: s.Listing[i], settings: s.Settings[s.Set[i]], flags: s.Flags[i]}
}

// add puts a row behind all others.
func (s *stateScope) add(r *stateRow) {
	set := slices.Index(s.Settings, r.settings)
	if set < 0 {
		set = len(s.Settings)
		s.Settings = append(s.Settings, r.settings)
	}
	s.Name, s.Commit, s.Due = append(s.Name, r.name), append(s.Commit, r.commit), append(s.Due, r.due)
	s.Listing, s.Set, s.Flags = append(s.Listing, r.listing), append(s.Set, set), append(s.Flags, r.flags)
}

// of is what the page has of a scope; nil: nothing. A nil page has nothing.
func (p *statePage) of(scope string) *stateScope {
	if p == nil {
		return nil
	}
	for i := range p.Scopes {
		if p.Scopes[i].Scope == scope {
			return &p.Scopes[i]
		}
	}
	return nil
}

// with is the page with other rows of one scope, sorted by name here.
func (p *statePage) with(scope string, rows []stateRow) *statePage {
	slices.SortFunc(rows, func(a, b stateRow) int { return cmp.Compare(a.name, b.name) })
	own := stateScope{Scope: scope}
	for i := range rows {
		own.add(&rows[i])
	}
	next := &statePage{Format: stateFormat, Version: stateVersion, Scopes: []stateScope{own}}
	if p == nil {
		return next
	}
	for _, s := range p.Scopes {
		if s.Scope != scope && len(next.Scopes) < maxScopes {
			next.Scopes = append(next.Scopes, s)
		}
	}
	return next
}
