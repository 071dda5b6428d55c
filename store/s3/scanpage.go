package s3

import (
	"bytes"
	"time"
)

// The elements of a page (ListBucketResult of ListObjectsV2) that mean something to the
// SDK, which takes them in any case of letters.
var (
	pageNames = bytes.Fields([]byte("Contents CommonPrefixes IsTruncated NextContinuationToken KeyCount EncodingType " +
		"MaxKeys Name Prefix Delimiter ContinuationToken StartAfter"))
	objectNames = bytes.Fields([]byte("Key LastModified ETag Size StorageClass Owner ChecksumAlgorithm ChecksumType RestoreStatus"))
	ownerNames  = bytes.Fields([]byte("DisplayName ID"))
)

// scan reads a page into b. ok = false: it is not as plain as it should be, or not
// good, and b has no meaning.
func scan(body []byte, b *builder) (ok bool) {
	s := pageScanner{scanner: scanner{b: body, scratch: b.scratch}, to: b}
	defer func() { b.scratch = s.scratch }()
	root := []byte("ListBucketResult")
	if !s.root(string(root)) {
		return false
	}
	for {
		s.space()
		if s.closes() {
			if !s.close(root) {
				return false
			}
			s.space()
			return s.i == len(body)
		}
		s.scratch = s.scratch[:0] // what was said of the child before this one is copied
		name, empty, ok := s.open()
		if !ok || !s.child(name, empty) {
			return false
		}
	}
}

// pageScanner knows the elements of a page.
type pageScanner struct {
	scanner
	to   *builder
	seen uint // of the elements that a page has once

	day   [10]byte // of a date, as it was read last,
	since int64    // and its begin in seconds since 1970
}

// first reports whether an element comes for the first time.
func first(seen *uint, bit uint) bool {
	before := *seen
	*seen |= 1 << bit
	return *seen != before
}

// child passes a child of the root.
func (s *pageScanner) child(name []byte, empty bool) bool {
	switch string(name) {
	case "Contents":
		return !empty && s.object(name)
	case "CommonPrefixes":
		return !empty && s.folder(name)
	case "IsTruncated":
		v, ok := s.leaf(name, empty)
		s.to.truncated, s.to.whole = string(v) == "true", true
		return ok && first(&s.seen, 0) && (s.to.truncated || string(v) == "false")
	case "NextContinuationToken":
		v, ok := s.leaf(name, empty)
		s.to.next = string(v)
		return ok && first(&s.seen, 1)
	case "KeyCount":
		v, ok := s.leaf(name, empty)
		n, number := decimal(v, 9)
		s.to.count = int(n)
		return ok && number && first(&s.seen, 2)
	case "EncodingType":
		v, ok := s.leaf(name, empty)
		s.to.encoded = string(v) == "url"
		return ok && first(&s.seen, 3)
	case "MaxKeys":
		v, ok := s.leaf(name, empty)
		_, number := decimal(v, 9)
		return ok && number
	case "Name", "Prefix", "Delimiter", "ContinuationToken", "StartAfter":
		_, ok := s.leaf(name, empty)
		return ok
	}
	return s.unknown(name, empty, pageNames)
}

// unknown passes an element that nobody knows. One that the SDK would know is not for
// this scanner.
func (s *pageScanner) unknown(name []byte, empty bool, known [][]byte) bool {
	for _, k := range known {
		if bytes.EqualFold(name, k) {
			return false
		}
	}
	return s.skip(name, empty, 0)
}

// object passes the rest of Contents. An object without a name or a size is for somebody
// else.
func (s *pageScanner) object(parent []byte) bool {
	o := fields{}
	for {
		s.space()
		if s.closes() {
			break
		}
		name, empty, ok := s.open()
		if !ok || !s.field(&o, name, empty) {
			return false
		}
	}
	const needed = 1<<seenKey | 1<<seenSize
	if o.seen&needed != needed || len(o.key) == 0 || !s.close(parent) {
		return false
	}
	s.to.object(o.key, o.etag, o.size, o.at)
	return true
}

// fields are those of an object that are used.
type fields struct {
	key, etag []byte
	size      int64
	at        time.Time
	seen      uint
}

const (
	seenKey = iota
	seenSize
	seenETag
	seenDate
)

// field passes a child of Contents.
func (s *pageScanner) field(o *fields, name []byte, empty bool) bool {
	switch string(name) {
	case "Key":
		v, ok := s.leaf(name, empty)
		o.key = v
		return ok && first(&o.seen, seenKey)
	case "Size":
		v, ok := s.leaf(name, empty)
		size, number := decimal(v, 18)
		o.size = size
		return ok && number && first(&o.seen, seenSize)
	case "ETag":
		v, ok := s.leaf(name, empty)
		o.etag = v
		return ok && first(&o.seen, seenETag)
	case "LastModified":
		v, ok := s.leaf(name, empty)
		at, good := s.date(v)
		o.at = at
		return ok && good && first(&o.seen, seenDate)
	case "StorageClass", "ChecksumAlgorithm", "ChecksumType":
		_, ok := s.leaf(name, empty)
		return ok
	case "Owner":
		return empty || s.owner(name)
	}
	return s.unknown(name, empty, objectNames)
}

// owner passes the rest of Owner.
func (s *pageScanner) owner(parent []byte) bool {
	for {
		s.space()
		if s.closes() {
			return s.close(parent)
		}
		name, empty, ok := s.open()
		if !ok {
			return false
		}
		switch string(name) {
		case "ID", "DisplayName":
			_, ok = s.leaf(name, empty)
		default:
			ok = s.unknown(name, empty, ownerNames)
		}
		if !ok {
			return false
		}
	}
}

// folder passes the rest of CommonPrefixes.
func (s *pageScanner) folder(parent []byte) bool {
	s.space()
	name, empty, ok := s.open()
	if !ok || empty || string(name) != "Prefix" {
		return false
	}
	v, ok := s.leaf(name, false)
	s.space()
	if !ok || len(v) == 0 || !s.close(parent) {
		return false
	}
	s.to.folder(v)
	return true
}

// decimal reads a number of at most that many digits.
func decimal(v []byte, digits int) (n int64, ok bool) {
	for _, c := range v {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int64(c-'0')
	}
	return n, len(v) > 0 && len(v) <= digits
}

// date reads "2006-01-02T15:04:05Z" and the same with a fraction of up to nine digits.
func (s *pageScanner) date(v []byte) (time.Time, bool) {
	if len(v) < 20 || len(v) > 30 || len(v) == 21 || v[len(v)-1] != 'Z' || v[10] != 'T' || v[13] != ':' || v[16] != ':' {
		return time.Time{}, false
	}
	if string(v[:10]) != string(s.day[:]) {
		t, err := time.Parse(time.DateOnly, string(v[:10]))
		if err != nil {
			return time.Time{}, false
		}
		s.since = t.Unix()
		copy(s.day[:], v)
	}
	hour, ok1 := decimal(v[11:13], 2)
	minute, ok2 := decimal(v[14:16], 2)
	second, ok3 := decimal(v[17:19], 2)
	if !ok1 || !ok2 || !ok3 || hour > 23 || minute > 59 || second > 59 {
		return time.Time{}, false
	}
	nsec := int64(0)
	if len(v) > 20 {
		fraction, ok := decimal(v[20:len(v)-1], 9)
		if !ok || v[19] != '.' {
			return time.Time{}, false
		}
		for range 9 - (len(v) - 21) {
			fraction *= 10
		}
		nsec = fraction
	}
	return time.Unix(s.since+hour*3600+minute*60+second, nsec).UTC(), true
}
