package s3double

import (
	"crypto/md5"
	"encoding/hex"
	"fmt"
	"hash/crc64"
	"maps"
	"net/http"
	"slices"
	"time"
)

// nullVersion is the name of what was written while a bucket had no versions.
const nullVersion = "null"

// version is one state of a key. It is never changed once it is stored.
type version struct {
	id      string
	body    []byte
	etag    string // with quotes
	at      time.Time
	header  http.Header // Content-Type, Cache-Control and X-Amz-Meta-*
	sums    http.Header // X-Amz-Checksum-*
	hidden  bool        // a delete marker
	class   string      // storage class; empty: STANDARD
	expires string      // x-amz-expiration
	parts   []int64     // sizes; nil: not a multipart object
}

// bucket is what is stored.
type bucket struct {
	objects map[string][]*version // oldest first
	// keys are in order all that have a current version, and some that had one: to
	// close the gap behind each of 50,000 deletes would take most of the time.
	keys []string
	gone int // keys without a current version
}

// current is the version that a reader gets, or nil.
func (b *bucket) current(key string) *version {
	all := b.objects[key]
	if len(all) == 0 || all[len(all)-1].hidden {
		return nil
	}
	return all[len(all)-1]
}

// put sets the versions of a key and keeps the order of the keys.
func (b *bucket) put(key string, all []*version) {
	before := b.current(key) != nil
	if len(all) == 0 {
		delete(b.objects, key)
	} else {
		b.objects[key] = all
	}
	after := b.current(key) != nil
	i, there := slices.BinarySearch(b.keys, key)
	switch {
	case after && !there:
		b.keys = slices.Insert(b.keys, i, key)
	case after && !before:
		b.gone--
	case before && !after:
		b.gone++
	}
	if b.gone > len(b.keys)/2 {
		b.keys, b.gone = b.listed(), 0
	}
}

// listed gives the keys that have a current version.
func (b *bucket) listed() []string {
	return slices.DeleteFunc(slices.Clone(b.keys), func(key string) bool { return b.current(key) == nil })
}

// store makes v the current version of a key.
func (s *Server) store(key string, v *version) {
	s.serial++
	all := s.bucket.objects[key]
	switch s.opt.Versioning {
	case VersioningOff:
		v.id, all = nullVersion, nil
	case VersioningOn:
		v.id = fmt.Sprintf("v%06d", s.serial)
	case VersioningSuspended:
		v.id = nullVersion
		all = slices.DeleteFunc(slices.Clone(all), func(w *version) bool { return w.id == nullVersion })
	}
	s.bucket.put(key, append(slices.Clip(all), v))
}

// remove deletes the current version of a key, or hides it.
func (s *Server) remove(key string) *version {
	if s.opt.Versioning == VersioningOff {
		s.bucket.put(key, nil)
		return nil
	}
	marker := &version{hidden: true, at: s.now()}
	s.store(key, marker)
	return marker
}

// newETag names contents: their MD5, or nothing that could be foretold.
func (s *Server) newETag(body []byte) string {
	sum := md5.Sum(body)
	return s.dressed(hex.EncodeToString(sum[:]))
}

// dressed gives the ETag for a digest of contents.
func (s *Server) dressed(digest string) string {
	if s.opt.OpaqueETags {
		s.serial++
		digest = fmt.Sprintf("opaque+/=&~%d", s.serial)
	}
	if s.opt.WeakETags {
		return `W/"` + digest + `"`
	}
	return `"` + digest + `"`
}

// nvme is the polynomial of CRC-64/NVME, reflected.
var nvme = crc64.MakeTable(0x9a6c9329ac4bc9b5)

// kept gives those headers of a write that are kept with the object.
func kept(from http.Header) http.Header {
	to := http.Header{}
	for name, values := range from {
		if name == "Content-Type" || name == "Cache-Control" || len(name) > 11 && name[:11] == "X-Amz-Meta-" {
			to[name] = slices.Clone(values)
		}
	}
	if to.Get("Content-Type") == "" {
		to.Set("Content-Type", "binary/octet-stream")
	}
	return to
}

// sortedKeys gives the keys that have any version, in order.
func (b *bucket) sortedKeys() []string { return slices.Sorted(maps.Keys(b.objects)) }
