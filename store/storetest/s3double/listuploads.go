package s3double

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
)

// order is that of listings: by key, then by age.
func (u *upload) order(v *upload) int {
	return cmp.Or(cmp.Compare(u.key, v.key), cmp.Compare(u.serial, v.serial))
}

// sortedUploads gives the unfinished uploads in order.
func (s *Server) sortedUploads() []*upload {
	return slices.SortedFunc(maps.Values(s.uploads), (*upload).order)
}

// listUploads answers ListMultipartUploads. A marker counts also when its upload has
// ended since.
func (c *call) listUploads() *reply {
	w, bad := c.window()
	if bad != nil {
		return bad
	}
	if w.delimiter != "" {
		return notImplemented("uploads with a delimiter")
	}
	marker := &upload{key: c.arg("key-marker"), serial: math.MaxInt}
	if id := c.arg("upload-id-marker"); id != "" && marker.key != "" {
		if _, err := fmt.Sscanf(id, uploadID, &marker.serial); err != nil {
			return argument("Invalid uploadId marker")
		}
	}
	all := slices.DeleteFunc(c.s.sortedUploads(), func(u *upload) bool {
		return !strings.HasPrefix(u.key, w.prefix) || marker.key != "" && u.order(marker) <= 0
	})
	more := len(all) > w.limit
	all = all[:min(len(all), w.limit)]
	text := element("Bucket", c.s.opt.Bucket) + element("MaxUploads", w.limit) + element("IsTruncated", more)
	if w.encoded {
		text += element("EncodingType", "url")
	}
	for _, u := range all {
		text += "<Upload><Key>" + w.name(u.key) + "</Key>" + element("UploadId", u.id) + element("Initiated", stamp(u.begun)) + "</Upload>"
	}
	if more && len(all) > 0 {
		last := all[len(all)-1]
		text += "<NextKeyMarker>" + w.name(last.key) + "</NextKeyMarker>" + element("NextUploadIdMarker", last.id)
	}
	return document("ListMultipartUploadsResult", text)
}

// listParts answers ListParts.
func (c *call) listParts(u *upload) *reply {
	w, bad := c.window()
	if bad != nil {
		return bad
	}
	after, _ := strconv.Atoi(c.arg("part-number-marker")) // absent: 0
	text, shown, last, more := "", 0, 0, false
	for _, n := range slices.Sorted(maps.Keys(u.parts)) {
		if n <= after {
			continue
		}
		if more = shown == w.limit; more {
			break
		}
		p := u.parts[n]
		text += "<Part>" + element("PartNumber", n) + element("ETag", p.etag) + element("Size", len(p.body)) + "</Part>"
		shown, last = shown+1, n
	}
	text += element("IsTruncated", more)
	if more {
		text += element("NextPartNumberMarker", last)
	}
	return document("ListPartsResult", element("Bucket", c.s.opt.Bucket)+element("Key", u.key)+element("UploadId", u.id)+text)
}
