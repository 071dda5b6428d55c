package s3double

import (
	"encoding/base64"
	"encoding/hex"
	"iter"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

// Object is a version of an object, for fixtures and asserts. Keys are those of the
// bucket, whatever prefix a store under test has.
type Object struct {
	Key         string
	Body        []byte
	ETag        string // without quotes; a fixture gets one
	Modified    time.Time
	ContentType string
	Metadata    map[string]string // keys in lower case
	CRC64       string            // CRC-64/NVME that the store tells of the whole, 16 hex digits; empty: none
	Class       string            // storage class; GLACIER and DEEP_ARCHIVE cannot be read
	Expires     string            // value of x-amz-expiration
	VersionID   string            // "null" in a bucket without versions
	Hidden      bool              // a delete marker
	Parts       []int64           // sizes of its parts; nil: it was not a multipart upload
}

// Set stores an object behind the back of everybody, and gives what is told of it.
func (s *Server) Set(key, body string) Object {
	return s.SetObject(Object{Key: key, Body: []byte(body)})
}

// SetObject is Set with a date (zero: now), metadata, a class or an expiry.
func (s *Server) SetObject(o Object) Object {
	s.mu.Lock()
	defer s.mu.Unlock()
	v := s.fixture(o)
	s.store(o.Key, v)
	return v.object(o.Key)
}

// fixture makes a version of what a fixture says of it.
func (s *Server) fixture(o Object) *version {
	if o.Modified.IsZero() {
		o.Modified = s.now()
	}
	header := http.Header{}
	if o.ContentType != "" {
		header.Set("Content-Type", o.ContentType)
	}
	for name, value := range o.Metadata {
		header.Set("X-Amz-Meta-"+name, value)
	}
	body := slices.Clone(o.Body)
	return &version{
		body: body, etag: s.newETag(body), at: o.Modified.UTC().Truncate(time.Second), header: kept(header),
		sums: s.ownSums(body), class: o.Class, expires: o.Expires,
	}
}

// Fill stores many objects with one body behind the back of everybody, in any order.
// Each has an ETag of its own, which is not that of its body, and no metadata: a
// million of them are made in seconds.
func (s *Server) Fill(keys iter.Seq[string], body string, modified time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	like := &version{body: []byte(body), at: modified.UTC().Truncate(time.Second), header: kept(http.Header{}), sums: http.Header{}}
	for key := range keys {
		v := *like
		v.etag, v.id = s.newETag([]byte(key)), nullVersion
		if s.bucket.current(key) == nil {
			s.bucket.keys = append(s.bucket.keys, key)
		}
		s.bucket.objects[key] = []*version{&v}
	}
	slices.Sort(s.bucket.keys)
	s.bucket.keys = slices.Compact(s.bucket.keys)
	s.bucket.gone = 0
	for _, key := range s.bucket.keys {
		if s.bucket.current(key) == nil {
			s.bucket.gone++
		}
	}
}

// ownSums are the checksums that the store computes by itself.
func (s *Server) ownSums(body []byte) http.Header {
	sums := http.Header{}
	if s.opt.Checksums == ChecksumsComputed {
		sums.Set(crcHeader, digest(crc64nvme, body))
		sums.Set(typeHeader, fullObject)
	}
	return sums
}

func (v *version) object(key string) Object {
	o := Object{
		Key: key, Body: v.body, ETag: strings.Trim(v.etag, `"`), Modified: v.at, ContentType: v.header.Get("Content-Type"),
		Metadata: map[string]string{}, Class: v.class, Expires: v.expires, VersionID: v.id, Hidden: v.hidden, Parts: v.parts,
	}
	for name := range v.header {
		if end, meta := strings.CutPrefix(name, "X-Amz-Meta-"); meta {
			o.Metadata[strings.ToLower(end)] = v.header.Get(name)
		}
	}
	if raw, err := base64.StdEncoding.DecodeString(v.sums.Get(crcHeader)); err == nil {
		o.CRC64 = hex.EncodeToString(raw)
	}
	return o
}

// Get gives the current version of a key.
func (s *Server) Get(key string) (Object, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	v := s.bucket.current(key)
	if v == nil {
		return Object{}, false
	}
	return v.object(key), true
}

// Body gives what a key holds; empty where there is none.
func (s *Server) Body(key string) string {
	o, _ := s.Get(key)
	return string(o.Body)
}

// Objects gives all current versions by key.
func (s *Server) Objects() map[string]Object {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := map[string]Object{}
	for _, key := range s.bucket.listed() {
		all[key] = s.bucket.current(key).object(key)
	}
	return all
}

// Keys gives the keys below prefix in order.
func (s *Server) Keys(prefix string) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.DeleteFunc(s.bucket.listed(), func(key string) bool { return !strings.HasPrefix(key, prefix) })
}

// Versions gives all versions of a key and its delete markers, the newest first.
func (s *Server) Versions(key string) []Object {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []Object
	for _, v := range slices.Backward(s.bucket.objects[key]) {
		all = append(all, v.object(key))
	}
	return all
}

// Remove deletes an object behind the back of everybody, as DeleteObject would.
func (s *Server) Remove(key string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.remove(key)
}

// Restore brings a version back by removing what came after it, and reports
// whether there is one of that name.
func (s *Server) Restore(key, id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := s.bucket.objects[key]
	i := slices.IndexFunc(all, func(v *version) bool { return v.id == id && !v.hidden })
	if i < 0 {
		return false
	}
	s.bucket.put(key, slices.Clone(all[:i+1]))
	return true
}

// Upload is a multipart upload that nobody has ended.
type Upload struct {
	ID    string
	Key   string
	Begun time.Time
	Parts map[int]int64 // sizes by number
}

// Uploads gives the unfinished uploads by key.
func (s *Server) Uploads() []Upload {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []Upload
	for _, u := range s.sortedUploads() {
		sizes := map[int]int64{}
		for n, p := range maps.All(u.parts) {
			sizes[n] = int64(len(p.body))
		}
		all = append(all, Upload{ID: u.id, Key: u.key, Begun: u.begun, Parts: sizes})
	}
	return all
}
