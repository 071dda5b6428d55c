package s3double

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

func (c *call) headBucket() *reply {
	a := answer(http.StatusOK)
	a.header.Set("X-Amz-Bucket-Region", c.s.opt.Region)
	return a
}

func (c *call) bucketVersioning() *reply {
	status := map[Versioning]string{VersioningOn: "Enabled", VersioningSuspended: "Suspended"}[c.s.opt.Versioning]
	if status == "" {
		return document("VersioningConfiguration", "")
	}
	return document("VersioningConfiguration", element("Status", status))
}

// get answers GetObject and HeadObject.
func (c *call) get() *reply {
	v, bad := c.wanted(c.key, c.arg("versionId"))
	if bad != nil {
		return bad
	}
	if want := c.head("If-Match"); want != "" && want != "*" && (want != v.etag || !strong(want)) && !c.s.opt.Deaf.Get {
		return unmet()
	}
	a := answer(http.StatusOK)
	c.describe(a, v)
	if c.head("If-None-Match") == v.etag {
		a.status = http.StatusNotModified
		return a
	}
	if c.x.Op == "GetObject" && v.archived() {
		return refuse(http.StatusForbidden, "InvalidObjectState")
	}
	lo, hi, part := cut(c.head("Range"), int64(len(v.body)))
	switch {
	case part && lo >= hi:
		a := refuse(http.StatusRequestedRangeNotSatisfiable, "InvalidRange")
		a.header.Set("Content-Range", fmt.Sprintf("bytes */%d", len(v.body)))
		return a
	case part:
		a.status = http.StatusPartialContent
		a.header.Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", lo, hi-1, len(v.body)))
	case c.head("X-Amz-Checksum-Mode") == "ENABLED":
		for name := range v.sums {
			a.header.Set(name, v.sums.Get(name))
		}
	}
	a.body = v.body[lo:hi]
	return a
}

// wanted gives a version of a key, the current one where none is named.
func (c *call) wanted(key, id string) (*version, *reply) {
	if id == "" {
		v := c.s.bucket.current(key)
		if v == nil && !c.s.allowed("s3:ListBucket", key) {
			return nil, accessDenied // or it would tell what is there
		}
		if v == nil {
			a := noKey()
			if all := c.s.bucket.objects[key]; len(all) > 0 {
				a.header.Set("X-Amz-Delete-Marker", "true")
				a.header.Set("X-Amz-Version-Id", all[len(all)-1].id)
			}
			return nil, a
		}
		return v, nil
	}
	for _, v := range c.s.bucket.objects[key] {
		if v.id == id && v.hidden {
			return nil, refuse(http.StatusMethodNotAllowed, "MethodNotAllowed")
		}
		if v.id == id {
			return v, nil
		}
	}
	return nil, refuse(http.StatusNotFound, "NoSuchVersion")
}

// describe tells of an object what its headers tell.
func (c *call) describe(a *reply, v *version) {
	for name, values := range v.header {
		a.header[name] = slices.Clone(values)
	}
	a.header.Set("Etag", v.etag)
	a.header.Set("Last-Modified", v.at.Format(http.TimeFormat))
	a.header.Set("Accept-Ranges", "bytes")
	c.tellVersion(a, v)
	if v.class != "" {
		a.header.Set("X-Amz-Storage-Class", v.class)
	}
	if v.expires != "" {
		a.header.Set("X-Amz-Expiration", v.expires)
	}
}

// tellVersion names the version where the bucket has such.
func (c *call) tellVersion(a *reply, v *version) {
	if c.s.opt.Versioning != VersioningOff && v != nil {
		a.header.Set("X-Amz-Version-Id", v.id)
	}
}

func (v *version) archived() bool { return v.class == "GLACIER" || v.class == "DEEP_ARCHIVE" }

// cut reads a Range header with one range (RFC 9110 §14.2); one that it cannot
// read is no range, as there. lo >= hi cannot be satisfied.
func cut(header string, size int64) (lo, hi int64, part bool) {
	text, found := strings.CutPrefix(header, "bytes=")
	from, to, both := strings.Cut(text, "-")
	if !found || !both || strings.Contains(text, ",") {
		return 0, size, false
	}
	first, err1 := strconv.ParseInt(from, 10, 64)
	last, err2 := strconv.ParseInt(to, 10, 64)
	switch {
	case from == "" && err2 == nil && last >= 0:
		return max(0, size-last), size, true
	case err1 != nil || first < 0, to != "" && (err2 != nil || last < first):
		return 0, size, false
	case to == "":
		return first, size, true
	}
	return first, min(last+1, size), true
}
