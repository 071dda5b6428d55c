package s3double

import (
	"crypto/md5"
	"encoding/base64"
	"encoding/hex"
	"encoding/xml"
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

// completion is the body of CompleteMultipartUpload.
type completion struct {
	XMLName xml.Name `xml:"CompleteMultipartUpload"`
	Parts   []struct {
		PartNumber int
		ETag       string
		Sums       []struct {
			XMLName xml.Name
			Value   string `xml:",chardata"`
		} `xml:",any"`
	} `xml:"Part"`
}

// completeUpload makes an object out of the parts that the request names.
func (c *call) completeUpload(u *upload) *reply {
	var list completion
	if err := xml.Unmarshal(c.body, &list); err != nil || len(list.Parts) == 0 {
		return refuse(http.StatusBadRequest, "MalformedXML")
	}
	if kind := c.head(typeHeader); kind != "" && kind != u.kindOr(fullObject) {
		return invalid("The upload was created using the " + u.kindOr(fullObject) + " checksum mode. The complete request must include the same")
	}
	parts, bad := c.named(u, list)
	if bad != nil {
		return bad
	}
	var received, stored []byte
	for _, p := range parts {
		received, stored = append(received, p.body...), append(stored, p.stored...)
	}
	if want := c.head("X-Amz-Mp-Object-Size"); want != "" && want != strconv.Itoa(len(received)) && !c.s.opt.Deaf.ObjectSize {
		return invalid("The provided x-amz-mp-object-size header value does not match what was computed")
	}
	if bad := c.checkSizes(parts); bad != nil {
		return bad
	}
	sums, bad := c.wholeSums(u, parts, stored)
	if bad != nil {
		return bad
	}
	if bad := c.condition(u.key); bad != nil {
		return bad
	}
	// The date of a multipart object is that of its begin.
	v := &version{body: c.spoiled(stored), etag: c.multipartETag(parts), at: u.begun, header: u.header, sums: sums}
	for _, p := range parts {
		v.parts = append(v.parts, int64(len(p.stored)))
	}
	delete(c.s.uploads, u.id)
	c.s.store(u.key, v)
	a := document("CompleteMultipartUploadResult", element("Location", c.s.Endpoint+"/"+c.s.opt.Bucket+"/"+encode(u.key, "/"))+
		element("Bucket", c.s.opt.Bucket)+element("Key", u.key)+element("ETag", v.etag)+c.sumElements(v))
	c.tellVersion(a, v)
	return a
}

func (u *upload) kindOr(none string) string {
	if u.kind == "" {
		return none
	}
	return u.kind
}

// named finds the parts that the list names. With a checksum of the client's
// choice the numbers have to be 1, 2, 3 and so on; AWS answers 500 to others.
func (c *call) named(u *upload, list completion) ([]*part, *reply) {
	var parts []*part
	last := 0
	for _, l := range list.Parts {
		if l.PartNumber <= last {
			return nil, refuse(http.StatusBadRequest, "InvalidPartOrder")
		}
		if u.algorithm != "" && l.PartNumber != last+1 {
			return nil, refuse(http.StatusInternalServerError, "InternalError", "part numbers with checksums are not consecutive")
		}
		last = l.PartNumber
		p := u.parts[l.PartNumber]
		if p == nil || quoted(l.ETag) != p.etag {
			return nil, refuse(http.StatusBadRequest, "InvalidPart")
		}
		told := ""
		for _, sum := range l.Sums {
			end := strings.TrimPrefix(sum.XMLName.Local, "Checksum")
			if c.s.opt.Checksums != ChecksumsComputed || end == sum.XMLName.Local {
				continue
			}
			algorithm := end[:1] + strings.ToLower(end[1:])
			if algorithms[algorithm] == nil || sum.Value != digest(algorithm, p.body) {
				return nil, refuse(http.StatusBadRequest, "InvalidPart")
			}
			told = sum.Value
		}
		if u.algorithm != "" && u.kind == composite && told == "" && c.s.opt.Checksums == ChecksumsComputed {
			return nil, invalid("The upload was created using a " + u.algorithm + " checksum. The complete request must include the checksum for each part")
		}
		parts = append(parts, p)
	}
	return parts, nil
}

// checkSizes holds the parts against the sizes that the store takes.
func (c *call) checkSizes(parts []*part) *reply {
	for i, p := range parts {
		last := i == len(parts)-1
		switch {
		case !last && int64(len(p.body)) < c.s.opt.MinPart:
			return refuse(http.StatusBadRequest, "EntityTooSmall")
		case c.s.opt.EqualParts && (!last && len(p.body) != len(parts[0].body) || len(p.body) > len(parts[0].body)):
			return refuse(http.StatusBadRequest, "InvalidPart", "All non-trailing parts must have the same length")
		}
	}
	return nil
}

// wholeSums holds the checksum of the whole object, where the client tells one,
// against what was stored, and gives those that are told of it.
func (c *call) wholeSums(u *upload, parts []*part, stored []byte) (http.Header, *reply) {
	sums := http.Header{}
	algorithm := u.algorithm
	if algorithm == "" {
		algorithm = crc64nvme
	}
	sent := c.head(sumHeader + algorithm)
	switch {
	case c.s.opt.Checksums == ChecksumsIgnored:
		return sums, nil
	case c.s.opt.Checksums == ChecksumsEchoed:
		if sent != "" {
			sums.Set(sumHeader+algorithm, sent)
			sums.Set(typeHeader, u.kindOr(fullObject))
		}
		return sums, nil
	}
	value := ""
	if u.kindOr(fullObject) == fullObject {
		value = digest(algorithm, stored)
	} else {
		var all []byte
		for _, p := range parts {
			raw, _ := base64.StdEncoding.DecodeString(digest(algorithm, p.stored)) // our own
			all = append(all, raw...)
		}
		value = fmt.Sprintf("%s-%d", digest(algorithm, all), len(parts))
	}
	if sent != "" && sent != value {
		return nil, refuse(http.StatusBadRequest, "BadDigest", "The "+strings.ToUpper(algorithm)+" you specified did not match the calculated checksum")
	}
	sums.Set(sumHeader+algorithm, value)
	sums.Set(typeHeader, u.kindOr(fullObject))
	return sums, nil
}

// multipartETag is the MD5 of the MD5s and the number of parts.
func (c *call) multipartETag(parts []*part) string {
	h := md5.New()
	for _, p := range parts {
		sum := md5.Sum(p.body)
		h.Write(sum[:])
	}
	return c.s.dressed(fmt.Sprintf("%s-%d", hex.EncodeToString(h.Sum(nil)), len(parts)))
}
