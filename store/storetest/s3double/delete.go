package s3double

import (
	"encoding/xml"
	"net/http"
	"slices"
	"strings"
)

// deleteObject answers DeleteObject.
func (c *call) deleteObject() *reply {
	if id := c.arg("versionId"); id != "" {
		return c.deleteVersion(id)
	}
	if c.head("X-Amz-If-Match-Size") != "" || c.head("X-Amz-If-Match-Last-Modified-Time") != "" {
		return notImplemented("A header you provided implies functionality that is not implemented") // of directory buckets
	}
	if bad := c.stale(c.key, quoted(c.head("If-Match")), c.s.opt.Deaf.Delete); bad != nil {
		return bad
	}
	a := answer(http.StatusNoContent)
	if marker := c.s.remove(c.key); marker != nil {
		a.header.Set("X-Amz-Delete-Marker", "true")
		c.tellVersion(a, marker)
	}
	return a
}

// stale holds a delete against its condition; nil: it may go on. Where nothing is,
// or a delete marker, any condition is 404, as was measured on AWS in 2026; a delete
// without one is good there.
func (c *call) stale(key, match string, deaf bool) *reply {
	if match == "" || deaf {
		return nil
	}
	switch v := c.s.bucket.current(key); {
	case v == nil:
		return noKey()
	case match != "*" && (match != v.etag || !strong(match)):
		return unmet()
	}
	return nil
}

// deleteVersion removes one version for good.
func (c *call) deleteVersion(id string) *reply {
	all := c.s.bucket.objects[c.key]
	c.s.bucket.put(c.key, slices.DeleteFunc(slices.Clone(all), func(v *version) bool { return v.id == id }))
	a := answer(http.StatusNoContent)
	a.header.Set("X-Amz-Version-Id", id)
	return a
}

// deletion is the body of DeleteObjects.
type deletion struct {
	XMLName xml.Name `xml:"Delete"`
	Quiet   bool
	Objects []struct {
		Key       string
		ETag      string
		VersionID string `xml:"VersionId"`
		// LastModifiedTime and Size are conditions of directory buckets.
		LastModifiedTime string
		Size             string
	} `xml:"Object"`
}

// deleteObjects answers DeleteObjects: one outcome for each key.
func (c *call) deleteObjects() *reply {
	algorithm, bad := c.checked()
	if bad != nil {
		return bad
	}
	if algorithm == "" && c.head("Content-Md5") == "" {
		return invalid("Missing required header for this request: Content-MD5 OR x-amz-checksum-*")
	}
	var d deletion
	if err := xml.Unmarshal(c.body, &d); err != nil || len(d.Objects) == 0 || len(d.Objects) > c.s.opt.BatchSize {
		return refuse(http.StatusBadRequest, "MalformedXML")
	}
	var text strings.Builder
	for _, o := range d.Objects {
		var bad *reply
		switch {
		case o.VersionID != "" || o.LastModifiedTime != "" || o.Size != "":
			bad = notImplemented()
		case !c.s.allowed("s3:DeleteObject", o.Key), o.ETag != "" && !c.s.allowed("s3:GetObject", o.Key):
			bad = accessDenied
		default:
			bad = c.stale(o.Key, quoted(o.ETag), c.s.opt.Deaf.DeleteBatch)
		}
		if bad != nil {
			text.WriteString("<Error>" + element("Key", o.Key) + element("Code", bad.code()) + element("Message", "about it") + "</Error>")
			continue
		}
		marker := c.s.remove(o.Key)
		if d.Quiet {
			continue
		}
		text.WriteString("<Deleted>" + element("Key", o.Key))
		if marker != nil {
			text.WriteString(element("DeleteMarker", true) + element("DeleteMarkerVersionId", marker.id))
		}
		text.WriteString("</Deleted>")
	}
	return document("DeleteResult", text.String())
}

// quoted gives an ETag its quotes, which S3 does not insist on.
func quoted(etag string) string {
	if etag == "" || etag[0] == '"' || etag[0] == 'W' || etag == "*" {
		return etag
	}
	return `"` + etag + `"`
}

// code is the code of an error.
func (a *reply) code() string {
	var e struct{ Code string }
	if xml.Unmarshal(a.body, &e) != nil {
		return ""
	}
	return e.Code
}
