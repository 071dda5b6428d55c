package s3double

import (
	"crypto/md5"
	"encoding/hex"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// upload is a multipart upload that has not ended.
type upload struct {
	id        string
	serial    int // number in its id
	key       string
	header    http.Header
	algorithm string // as "Crc64nvme"; empty: none was named, and the server takes its own
	kind      string // of the checksum; empty: the default
	begun     time.Time
	parts     map[int]*part
}

// part is one part of it.
type part struct {
	body   []byte
	stored []byte // as it reaches the disk
	etag   string
	sum    string // of upload.algorithm, as the client said
}

const (
	maxPartNumber = 10000
	uploadID      = "upload.%d+/=" // form of an id, which has to be encoded
)

// createUpload answers CreateMultipartUpload.
func (c *call) createUpload() *reply {
	if bad := c.checkHeader(); bad != nil {
		return bad
	}
	if c.head("If-None-Match") != "" || c.head("If-Match") != "" {
		return notImplemented("A header you provided implies functionality that is not implemented")
	}
	u := &upload{key: c.key, header: kept(c.r.Header), begun: c.now, parts: map[int]*part{}}
	if c.s.opt.Checksums != ChecksumsIgnored {
		if bad := c.nameChecksum(u); bad != nil {
			return bad
		}
	}
	c.s.serial++
	u.serial, u.id = c.s.serial, fmt.Sprintf(uploadID, c.s.serial)
	c.s.uploads[u.id] = u
	a := document("InitiateMultipartUploadResult", element("Bucket", c.s.opt.Bucket)+element("Key", u.key)+element("UploadId", u.id))
	if u.algorithm != "" {
		a.header.Set("X-Amz-Checksum-Algorithm", strings.ToUpper(u.algorithm))
		a.header.Set(typeHeader, u.kind)
	}
	return a
}

// nameChecksum reads which checksum an upload will have.
func (c *call) nameChecksum(u *upload) *reply {
	name := c.head("X-Amz-Checksum-Algorithm")
	u.kind = c.head(typeHeader)
	if name == "" {
		if u.kind != "" {
			return invalid("The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header")
		}
		return nil
	}
	u.algorithm = name[:1] + strings.ToLower(name[1:])
	sha := strings.HasPrefix(u.algorithm, "Sha")
	if u.kind == "" {
		u.kind = composite
		if u.algorithm == crc64nvme {
			u.kind = fullObject
		}
	}
	switch {
	case algorithms[u.algorithm] == nil:
		return invalid("Checksum algorithm provided is unsupported")
	case u.kind != fullObject && u.kind != composite,
		u.kind == fullObject && sha, u.kind == composite && u.algorithm == crc64nvme:
		return invalid("The " + u.kind + " checksum type cannot be used with the " + name + " checksum algorithm")
	}
	return nil
}

// multipart answers what concerns an upload that was begun.
func (c *call) multipart() *reply {
	u := c.s.uploads[c.arg("uploadId")]
	if u == nil || u.key != c.key {
		return noUpload()
	}
	switch c.x.Op {
	case "UploadPart":
		return c.uploadPart(u)
	case "UploadPartCopy":
		return c.copyPart(u)
	case "CompleteMultipartUpload":
		return c.completeUpload(u)
	case "AbortMultipartUpload":
		delete(c.s.uploads, u.id)
		return answer(http.StatusNoContent)
	case "ListParts":
		return c.listParts(u)
	}
	return nil
}

// number is the part that a request is about.
func (c *call) number() (int, *reply) {
	n, err := strconv.Atoi(c.arg("partNumber"))
	if err != nil || n < 1 || n > maxPartNumber {
		return 0, argument("Part number must be an integer between 1 and 10000, inclusive")
	}
	return n, nil
}

func (c *call) uploadPart(u *upload) *reply {
	n, bad := c.number()
	if bad != nil {
		return bad
	}
	algorithm, bad := c.checked()
	if bad != nil {
		return bad
	}
	if u.algorithm != "" && algorithm != u.algorithm {
		return invalid("Checksum Type mismatch occurred, expected checksum Type: " + u.algorithm + ", actual checksum Type: " + algorithm)
	}
	p := &part{body: c.body, stored: c.spoiled(c.body), etag: c.partETag()}
	a := answer(http.StatusOK)
	a.header.Set("Etag", p.etag)
	if algorithm != "" {
		p.sum = c.head(sumHeader + algorithm)
		a.header.Set(sumHeader+algorithm, p.sum)
	}
	u.parts[n] = p
	return a
}

func (c *call) partETag() string {
	sum := md5.Sum(c.body)
	return c.s.dressed(hex.EncodeToString(sum[:]))
}

// copyPart answers UploadPartCopy.
func (c *call) copyPart(u *upload) *reply {
	n, bad := c.number()
	if bad != nil {
		return bad
	}
	from, bad := c.source()
	if bad != nil {
		return bad
	}
	size := int64(len(from.body))
	lo, hi := int64(0), size
	if text := c.head("X-Amz-Copy-Source-Range"); text != "" {
		var isPart bool
		if lo, hi, isPart = cut(text, size); !isPart || lo >= hi || !strings.HasSuffix(text, fmt.Sprintf("-%d", hi-1)) {
			return argument("The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the zero-based offsets")
		}
	}
	c.body = from.body[lo:hi]
	p := &part{body: c.body, stored: c.spoiled(c.body), etag: c.partETag()}
	text := element("ETag", p.etag) + element("LastModified", stamp(c.now))
	if u.algorithm != "" {
		p.sum = digest(u.algorithm, p.stored)
		text += element("Checksum"+strings.ToUpper(u.algorithm), p.sum)
	}
	u.parts[n] = p
	return document("CopyPartResult", text)
}
