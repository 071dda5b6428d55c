package s3double

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// sortedUploads gives the unfinished uploads by key and age.
func (s *Server) sortedUploads() []*upload {
	return slices.SortedFunc(maps.Values(s.uploads), func(a, b *upload) int {
		return cmp.Or(cmp.Compare(a.key, b.key), a.begun.Compare(b.begun), cmp.Compare(a.id, b.id))
	})
}

// listUploads answers ListMultipartUploads.
func (c *call) listUploads() *reply {
	w, bad := c.window()
	if bad != nil {
		return bad
	}
	if w.delimiter != "" {
		return notImplemented("uploads with a delimiter")
	}
	all := c.s.sortedUploads()
	key, id := c.arg("key-marker"), c.arg("upload-id-marker")
	from := slices.IndexFunc(all, func(u *upload) bool { return u.key == key && u.id == id }) + 1
	all = slices.DeleteFunc(all[from:], func(u *upload) bool {
		return !strings.HasPrefix(u.key, w.prefix) || u.key < key || id == "" && u.key == key
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
	after, _ := strconv.Atoi(c.arg("part-number-marker")) // absent: 0
	limit := c.s.opt.PageSize
	text, shown, last, more := "", 0, 0, false
	for _, n := range slices.Sorted(maps.Keys(u.parts)) {
		if n <= after {
			continue
		}
		if more = shown == limit; more {
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
