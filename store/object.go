package store

import "time"

// Object is one stored object, as a listing shows it.
type Object struct {
	Store    string    // label of the store that holds it: its URL without credentials, query and order
	Key      string    // relative to the prefix of the store; never begins with a slash
	Size     int64     // bytes
	ETag     string    // opaque, without quotes; says "unchanged", never "the same as that one"
	Modified time.Time // upload time by the store's clock, UTC: a lower bound of the arrival
}

// Strong reports whether the ETag can prove that an object is unchanged. An
// empty or weak ETag matches nothing: the object can be read, never deleted.
func (o Object) Strong() bool {
	return o.ETag != "" && !(len(o.ETag) > 1 && o.ETag[0] == 'W' && o.ETag[1] == '/')
}

// Same reports whether both are the same version of the same object, as far
// as store, key, size and ETag tell.
func (o Object) Same(p Object) bool {
	return o.Store == p.Store && o.Key == p.Key && o.Size == p.Size && o.ETag == p.ETag
}

// Info is what a store knows of an object beyond its listing.
type Info struct {
	Object
	Metadata    map[string]string // user metadata, keys in lower case, without "x-amz-meta-"
	ContentType string
	// Expires is when a lifecycle rule of the store will delete the object, where it
	// says so (S3: x-amz-expiration); zero: it does not.
	Expires time.Time
	// CRC64 is the CRC-64/NVME of the whole object, 16 hex digits in lower case,
	// where the store tells one; empty: it does not. It proves something only where
	// Detect saw that the store computes it itself (Capabilities.Checksum).
	CRC64 string
	// Version names this version of the object, where the store keeps those that
	// are deleted or replaced (a bucket with versioning switched on); empty: it does
	// not. No version is ever deleted by name.
	Version string
	// File tells an object from all others where several keys may lead to one, as
	// links in a folder do; empty: each key is an object of its own. It is no part of
	// the version of an object, and is told by Head alone.
	File string
}

// Range is a part of an object in bytes.
type Range struct {
	Off int64 // first byte; negative: that many bytes from the end, Len is ignored
	Len int64 // number of bytes; 0: to the end
}

// Whole is the range of a whole object.
var Whole = Range{}

// Head is the range of the first n bytes.
func Head(n int64) Range { return Range{Len: n} }

// Bounds gives the half-open interval [lo, hi) that r means in an object of
// the given size, cut to what is there.
func (r Range) Bounds(size int64) (lo, hi int64) {
	lo = r.Off
	if lo < 0 {
		return max(0, size+lo), size
	}
	lo = min(lo, size)
	if r.Len <= 0 || r.Len > size-lo {
		return lo, size
	}
	return lo, lo + r.Len
}
