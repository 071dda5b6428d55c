package s3double

import (
	"net/http"
	"net/url"
	"strings"
	"time"
)

// put answers PutObject.
func (c *call) put() *reply {
	algorithm, bad := c.checked()
	if bad != nil {
		return bad
	}
	if bad := c.checkHeader(); bad != nil {
		return bad
	}
	if bad := c.condition(c.key); bad != nil {
		return bad
	}
	stored := c.spoiled(c.body)
	v := &version{
		body: stored, etag: c.s.newETag(c.body), at: c.now,
		header: kept(c.r.Header), sums: c.sumsOf(algorithm, stored),
	}
	c.s.store(c.key, v)
	a := answer(http.StatusOK)
	a.header.Set("Etag", v.etag)
	for name := range v.sums {
		a.header.Set(name, v.sums.Get(name))
	}
	c.tellVersion(a, v)
	return a
}

// maxKey and maxMetadata are limits of S3 in bytes.
const (
	maxKey      = 1024
	maxMetadata = 2048
)

// checkHeader holds key and metadata against the limits of S3.
func (c *call) checkHeader() *reply {
	if len(c.key) > maxKey {
		return refuse(http.StatusBadRequest, "KeyTooLongError")
	}
	n := 0
	for name, values := range kept(c.r.Header) {
		if end, meta := strings.CutPrefix(name, "X-Amz-Meta-"); meta {
			n += len(end) + len(strings.Join(values, ","))
		}
	}
	if n > maxMetadata {
		return refuse(http.StatusBadRequest, "MetadataTooLarge")
	}
	return nil
}

// condition holds a write against its condition ("Add preconditions to S3
// operations with conditional requests"); nil: it may go on.
func (c *call) condition(key string) *reply {
	there := c.s.bucket.current(key)
	absent, match := c.head("If-None-Match"), quoted(c.head("If-Match"))
	switch {
	case absent != "" && absent != "*", absent != "" && match != "", match == "*":
		return notImplemented("A header you provided implies functionality that is not implemented")
	case absent != "" && !c.s.opt.Deaf.Create && there != nil:
		return unmet()
	case match == "" || c.s.opt.Deaf.Replace:
		return nil
	case there == nil:
		return noKey()
	case match != there.etag || !strong(match):
		return unmet()
	}
	return nil
}

// strong reports whether an ETag can match at all (RFC 9110 §13.1.1).
func strong(etag string) bool { return strings.HasPrefix(etag, `"`) }

// source gives what a copy is made from.
func (c *call) source() (*version, *reply) {
	text := strings.TrimPrefix(c.head("X-Amz-Copy-Source"), "/")
	path, query, _ := strings.Cut(text, "?")
	path, err := url.PathUnescape(path)
	bucket, key, found := strings.Cut(path, "/")
	if err != nil || !found {
		return nil, argument("Invalid copy source encoding")
	}
	if bucket != c.s.opt.Bucket {
		return nil, refuse(http.StatusNotFound, "NoSuchBucket")
	}
	if !c.s.allowed("s3:GetObject", key) {
		return nil, accessDenied
	}
	id, _ := strings.CutPrefix(query, "versionId=")
	v, bad := c.wanted(key, id)
	if bad != nil {
		return nil, bad
	}
	if c.x.Op == "UploadPartCopy" && c.s.opt.NoCopyIf && c.head("X-Amz-Copy-Source-If-Match") != "" {
		return nil, notImplemented("A header you provided implies functionality that is not implemented")
	}
	if want := c.head("X-Amz-Copy-Source-If-Match"); want != "" && want != v.etag && !c.s.opt.Deaf.Source {
		return nil, unmet()
	}
	if v.archived() {
		return nil, refuse(http.StatusForbidden, "ObjectNotInActiveTierError")
	}
	return v, nil
}

// copyObject answers CopyObject.
func (c *call) copyObject() *reply {
	from, bad := c.source()
	if bad != nil {
		return bad
	}
	replace := c.head("X-Amz-Metadata-Directive") == "REPLACE"
	same := strings.HasPrefix(strings.TrimPrefix(c.head("X-Amz-Copy-Source"), "/"), c.s.opt.Bucket+"/"+encode(c.key, "/"))
	if same && !replace && c.s.bucket.current(c.key) == from {
		return invalid("This copy request is illegal because it is trying to copy an object to itself")
	}
	if bad := c.checkHeader(); bad != nil {
		return bad
	}
	if bad := c.copyCondition(from); bad != nil {
		return bad
	}
	v := &version{body: c.spoiled(from.body), etag: c.s.newETag(from.body), at: c.now, header: from.header}
	if replace {
		v.header = kept(c.r.Header)
	}
	v.sums = http.Header{}
	if c.s.opt.Checksums == ChecksumsComputed {
		v.sums.Set(crcHeader, digest(crc64nvme, v.body))
		v.sums.Set(typeHeader, fullObject)
	}
	c.s.store(c.key, v)
	a := document("CopyObjectResult", element("ETag", v.etag)+element("LastModified", stamp(v.at))+c.sumElements(v))
	c.tellVersion(a, v)
	return a
}

// copyCondition holds a copy against what a request may copy, and its condition on
// what is replaced.
func (c *call) copyCondition(from *version) *reply {
	conditional := c.head("If-None-Match") != ""
	switch {
	case int64(len(from.body)) > c.s.opt.MaxCopy:
		return invalid("The specified copy source is larger than the maximum allowable size for a copy source")
	case conditional && c.s.opt.NoCopyIf:
		return notImplemented("A header you provided implies functionality that is not implemented")
	case conditional && c.s.opt.Deaf.Copy:
		return nil
	}
	return c.condition(c.key)
}

// sumElements tells checksums in a document, as ChecksumCRC64NVME and the like.
func (c *call) sumElements(v *version) string {
	text := ""
	for name := range v.sums {
		if end := strings.TrimPrefix(name, sumHeader); algorithms[end] != nil {
			text += element("Checksum"+strings.ToUpper(end), v.sums.Get(name))
		}
	}
	if kind := v.sums.Get(typeHeader); kind != "" {
		text += element("ChecksumType", kind)
	}
	return text
}

// stamp is a time as S3 writes it into documents.
func stamp(t time.Time) string { return t.UTC().Format(stampFormat) }

const stampFormat = "2006-01-02T15:04:05.000Z"
