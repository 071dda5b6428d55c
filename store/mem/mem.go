// Package mem is the reference store: in memory, deterministic, and stricter
// than S3 wherever S3 is lenient by accident. What works here works anywhere.
//
// Beyond the contract of package store it refuses metadata keys in upper case,
// metadata that an HTTP header cannot carry, and a body that is larger than the
// SizeHint of its upload; and a pinned read fails when the object was replaced
// before its last byte was read. Its options also make it as bad as some store
// is: deaf to conditions, without checksums, or with no right to delete.
package mem

import (
	"crypto/md5"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"recfin/store"
)

// Start is the first time that the default clock shows.
var Start = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// Options of a store in memory. The zero value is a good one.
type Options struct {
	Name   string           // label "mem://NAME/"; default "test"
	Clock  func() time.Time // default: Start, and 1 ns later each time it is asked
	Opaque bool             // ETags are counters, as from a gateway, instead of the MD5 of the contents

	// Unlike a store that does all it should:
	IgnorePutIf    bool // writes take no notice of conditions
	IgnoreDeleteIf bool // deletes of one victim at a time take no notice of its version
	IgnoreBatchIf  bool // nor do deletes with DeleteOptions.Batch
	DenyDelete     bool // no right to delete anything
	NoChecksums    bool // it computes none and compares none

	// Versioned: what is deleted or replaced is kept and can be brought back, see
	// Hidden and Restore.
	Versioned bool
}

// Store is a store in memory. It is safe for concurrent use.
type Store struct {
	opt   Options
	label string

	mu      sync.Mutex
	ticks   time.Duration     // of the default clock
	etags   int               // opaque ETags given so far
	objects map[string]*entry // an entry is never modified, only replaced
	hidden  map[string][]*entry
	version int       // of a versioned store, given so far
	batches int       // calls of Delete in the batch form
	sorted  []string  // keys in order; nil when it must be made again
	uploads []*upload // begun, neither committed nor aborted
}

var _ store.Store = (*Store)(nil)

type entry struct {
	info  store.Info
	body  []byte
	cache string
}

// Entry is one object in a Snapshot. Body and Metadata must not be modified.
type Entry struct {
	Body         []byte
	ETag         string
	Modified     time.Time
	ContentType  string
	CacheControl string
	Metadata     map[string]string
}

// New makes an empty store.
func New(opt Options) *Store {
	if opt.Name == "" {
		opt.Name = "test"
	}
	return &Store{opt: opt, label: "mem://" + opt.Name + "/", objects: map[string]*entry{}}
}

var registry = struct {
	sync.Mutex
	stores map[string]*Store
}{stores: map[string]*Store{}}

// Open gives the store of this process that has the name, and makes it when it
// is asked for the first time. It is what "mem://NAME" means.
func Open(name string) *Store {
	registry.Lock()
	defer registry.Unlock()
	s := registry.stores[name]
	if s == nil {
		s = New(Options{Name: name})
		registry.stores[name] = s
	}
	return s
}

// Label is "mem://NAME/".
func (s *Store) Label() string { return s.label }

// Snapshot gives all objects, those below ".recfin/" too.
func (s *Store) Snapshot() map[string]Entry {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := make(map[string]Entry, len(s.objects))
	for key, e := range s.objects {
		all[key] = e.shown()
	}
	return all
}

func (e *entry) shown() Entry {
	return Entry{
		Body: e.body, ETag: e.info.ETag, Modified: e.info.Modified,
		ContentType: e.info.ContentType, CacheControl: e.cache, Metadata: e.info.Metadata,
	}
}

// Clone gives a store of its own with the same label, objects and clock. It has
// no unfinished uploads. A Clock of the options is shared.
func (s *Store) Clone() *Store {
	s.mu.Lock()
	defer s.mu.Unlock()
	return &Store{
		opt: s.opt, label: s.label, ticks: s.ticks, etags: s.etags,
		objects: maps.Clone(s.objects), hidden: cloneHidden(s.hidden), version: s.version,
	}
}

// Set stores an object as if it had been uploaded at the given time. It is for
// fixtures, and panics on a key or metadata that Put refuses.
func (s *Store) Set(key string, body []byte, modified time.Time, metadata map[string]string) store.Object {
	if err := check(key, store.PutOptions{Metadata: metadata}); err != nil {
		panic(fmt.Sprintf("mem: set %q: %v", key, err))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.set(key, slices.Clone(body), modified, store.PutOptions{Metadata: metadata})
}

// Uploads gives the keys of the unfinished uploads, in order of key. An upload
// that a crash left behind shows here.
func (s *Store) Uploads() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var keys []string
	for _, u := range s.uploads {
		keys = append(keys, u.key)
	}
	slices.Sort(keys)
	return keys
}

// Batches is how often the batch form of Delete was asked for.
func (s *Store) Batches() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.batches
}

// now asks the clock; the caller holds the lock.
func (s *Store) now() time.Time {
	if s.opt.Clock != nil {
		return s.opt.Clock().UTC()
	}
	s.ticks++
	return Start.Add(s.ticks - 1)
}

// set replaces an object; the caller holds the lock and gives up body.
func (s *Store) set(key string, body []byte, modified time.Time, opt store.PutOptions) store.Object {
	etag := ""
	if s.opt.Opaque {
		s.etags++
		etag = fmt.Sprintf("opaque-%06d", s.etags)
	} else {
		sum := md5.Sum(body)
		etag = hex.EncodeToString(sum[:])
	}
	o := store.Object{Store: s.label, Key: key, Size: int64(len(body)), ETag: etag, Modified: modified.UTC()}
	if _, there := s.objects[key]; !there {
		s.sorted = nil
	}
	s.hide(key)
	e := &entry{
		info:  store.Info{Object: o, Metadata: maps.Clone(opt.Metadata), ContentType: opt.ContentType, Version: s.nextVersion()},
		body:  body,
		cache: opt.CacheControl,
	}
	if !s.opt.NoChecksums {
		e.info.CRC64 = store.CRC64(body)
	}
	s.objects[key] = e
	return o
}

// remove deletes an object; the caller holds the lock.
func (s *Store) remove(key string) {
	s.hide(key)
	delete(s.objects, key)
	s.sorted = nil
}

// keys gives the listed keys that begin with prefix, in order; the caller holds
// the lock. The slice is never modified afterwards.
func (s *Store) keys(prefix string) []string {
	if !store.Hidden(store.Private, prefix) {
		var within []string
		for key := range s.objects {
			if strings.HasPrefix(key, prefix) {
				within = append(within, key)
			}
		}
		slices.Sort(within)
		return within
	}
	if s.sorted == nil {
		s.sorted = make([]string, 0, len(s.objects))
		for key := range s.objects {
			if !store.Hidden(key, "") {
				s.sorted = append(s.sorted, key)
			}
		}
		slices.Sort(s.sorted)
	}
	lo, _ := slices.BinarySearch(s.sorted, prefix)
	hi := lo
	for hi < len(s.sorted) && strings.HasPrefix(s.sorted[hi], prefix) {
		hi++
	}
	return s.sorted[lo:hi]
}

// fail names what was being done.
func (s *Store) fail(op, key string, err error) error {
	return &store.Error{Op: op, Store: s.label, Key: key, Err: err}
}
