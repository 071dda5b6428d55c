package s3double

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// TestMultipartRefused: a list of parts that is not in order makes no object, and
// the upload stays for another try.
func TestMultipartRefused(t *testing.T) {
	large := strings.Repeat("0123456789abcdef", 5<<16)
	small := large[:len(large)-1]
	for _, r := range []struct {
		name   string
		opt    Options
		begin  http.Header
		sizes  []string // bodies of parts 1, 2, …
		list   func(line []string) []string
		header http.Header
		status int
		code   string
	}{
		{"as it should be", Options{}, nil, []string{large, "tail"}, nil, nil, 200, ""},
		{"first too small", Options{}, nil, []string{small, "tail"}, nil, nil, 400, "EntityTooSmall"},
		{"of two sizes", Options{}, nil, []string{large, large + "x", "tail"}, nil, nil, 200, ""},
		{"of two sizes on R2", Options{EqualParts: true}, nil, []string{large, large + "x", "tail"}, nil, nil, 400, "InvalidPart"},
		{"a larger last on R2", Options{EqualParts: true}, nil, []string{large, large + "x"}, nil, nil, 400, "InvalidPart"},
		{"equal on R2", Options{EqualParts: true}, nil, []string{large, large, "x"}, nil, nil, 200, ""},
		{"backwards", Options{MinPart: 1}, nil, []string{"a", "b"}, func(l []string) []string { return []string{l[1], l[0]} }, nil, 400, "InvalidPartOrder"},
		{"twice the same", Options{MinPart: 1}, nil, []string{"a", "b"}, func(l []string) []string { return []string{l[0], l[0]} }, nil, 400, "InvalidPartOrder"},
		{"one never sent", Options{MinPart: 1}, nil, []string{"a", "b"}, func(l []string) []string { return append(l, line(3, `"x"`, "")) }, nil, 400, "InvalidPart"},
		{"another ETag", Options{MinPart: 1}, nil, []string{"a", "b"}, func(l []string) []string { return []string{l[0], line(2, `"x"`, "")} }, nil, 400, "InvalidPart"},
		{"no parts", Options{MinPart: 1}, nil, []string{"a"}, func([]string) []string { return nil }, nil, 400, "MalformedXML"},
		{"one left out", Options{MinPart: 1}, nil, []string{"a", "b", "c"}, func(l []string) []string { return []string{l[0], l[2]} }, nil, 200, ""},
		{"wrong size", Options{MinPart: 1}, nil, []string{"a", "b"}, nil, h("X-Amz-Mp-Object-Size", "3"), 400, "InvalidRequest"},
		{"wrong size, deaf", Options{MinPart: 1, Deaf: Deaf{ObjectSize: true}}, nil, []string{"a", "b"}, nil, h("X-Amz-Mp-Object-Size", "3"), 200, ""},
		{"right size", Options{MinPart: 1}, nil, []string{"a", "b"}, nil, h("X-Amz-Mp-Object-Size", "2"), 200, ""},
		{"wrong checksum", Options{MinPart: 1}, nil, []string{"a", "b"}, nil, h(crcHeader, digest(crc64nvme, []byte("ba"))), 400, "BadDigest"},
		{"right checksum", Options{MinPart: 1}, nil, []string{"a", "b"}, nil, h(crcHeader, digest(crc64nvme, []byte("ab")), typeHeader, fullObject), 200, ""},
		{"another kind", Options{MinPart: 1}, nil, []string{"a"}, nil, h(typeHeader, composite), 400, "InvalidRequest"},
		{"wrong checksum of a part", Options{MinPart: 1}, nil, []string{"a"}, func(l []string) []string {
			return []string{strings.Replace(l[0], "</Part>", "<ChecksumCRC32>AAAAAA==</ChecksumCRC32></Part>", 1)}
		}, nil, 400, "InvalidPart"},
		{"there already", Options{MinPart: 1}, nil, []string{"a"}, nil, h("If-None-Match", "*"), 412, "PreconditionFailed"},
		{"there no more", Options{MinPart: 1}, nil, []string{"a"}, nil, h("If-Match", `"x"`), 412, "PreconditionFailed"},
	} {
		t.Run(r.name, func(t *testing.T) {
			d := New(t, r.opt)
			d.Set("x", "before")
			c := d.client(t)
			id := c.begin("x", r.begin)
			var lines []string
			whole := ""
			for i, body := range r.sizes {
				lines = append(lines, c.part("x", id, i+1, nil, body))
				whole += body
			}
			if r.list != nil {
				lines = r.list(lines)
			}
			c.want(r.status, r.code, "POST", "x?uploadId="+id, r.header, list(lines...))
			if r.code != "" {
				if d.Body("x") != "before" || len(d.Uploads()) != 1 {
					t.Errorf("there are %d bytes and %d uploads", len(d.Body("x")), len(d.Uploads()))
				}
				c.want(204, "", "DELETE", "x?uploadId="+id, nil, "")
			} else if got := d.Body("x"); got != whole && r.name != "one left out" || got == "before" || len(d.Uploads()) != 0 {
				t.Errorf("there are %d bytes of %d and %d uploads", len(got), len(whole), len(d.Uploads()))
			}
			c.want(404, "NoSuchUpload", "PUT", "x?partNumber=1&uploadId="+id, nil, "late")
		})
	}
}

// TestPartRefused: a part that is not what it says is not taken.
func TestPartRefused(t *testing.T) {
	d := New(t, Options{MinPart: 1})
	c := d.client(t)
	c.want(501, "NotImplemented", "POST", "x?uploads", h("If-None-Match", "*"), "")
	c.want(400, "InvalidRequest", "POST", "x?uploads", h("X-Amz-Checksum-Algorithm", "MD4"), "")
	c.want(400, "InvalidRequest", "POST", "x?uploads", h("X-Amz-Checksum-Algorithm", "SHA256", typeHeader, fullObject), "")
	c.want(400, "InvalidRequest", "POST", "x?uploads", h("X-Amz-Checksum-Algorithm", "CRC64NVME", typeHeader, composite), "")
	c.want(400, "InvalidRequest", "POST", "x?uploads", h(typeHeader, fullObject), "")
	id := c.begin("x", h("X-Amz-Checksum-Algorithm", "CRC64NVME"))
	sum := h(crcHeader, digest(crc64nvme, []byte("a")))
	part := func(n int) string { return fmt.Sprintf("x?partNumber=%d&uploadId=%s", n, id) }
	c.want(400, "InvalidArgument", "PUT", part(0), sum, "a")
	c.want(400, "InvalidArgument", "PUT", part(10001), sum, "a")
	c.want(400, "BadDigest", "PUT", part(1), sum, "b")
	c.want(400, "BadDigest", "PUT", part(1), h("Content-Md5", digestMD5([]byte("b"))), "a")
	c.want(400, "InvalidRequest", "PUT", part(1), nil, "a")
	c.want(400, "InvalidRequest", "PUT", part(1), h(sumHeader+"Crc32", digest("Crc32", []byte("a"))), "a")
	c.want(404, "NoSuchUpload", "PUT", "y?partNumber=1&uploadId="+id, sum, "a")
	if parts := d.Uploads()[0].Parts; len(parts) != 0 {
		t.Fatalf("parts %v were taken", parts)
	}

	// With a checksum of the client's choice the numbers have no gap.
	first, third := c.part("x", id, 1, sum, "a"), c.part("x", id, 3, sum, "a")
	c.want(500, "InternalError", "POST", "x?uploadId="+id, nil, list(first, third))
	second := c.part("x", id, 2, sum, "a")
	c.want(500, "InternalError", "POST", "x?uploadId="+id, nil, list(second, third))
	g := c.want(200, "", "POST", "x?uploadId="+id, nil, list(first, second, third))
	if want := digest(crc64nvme, []byte("aaa")); between(g.body, "ChecksumCRC64NVME") != want || between(g.body, "ChecksumType") != fullObject {
		t.Errorf("%s", g.body)
	}

	id = c.begin("x", h("X-Amz-Checksum-Algorithm", "SHA256"))
	header := h(sumHeader+"Sha256", digest("Sha256", []byte("a")))
	first = c.part("x", id, 1, header, "a")
	c.want(400, "InvalidRequest", "POST", "x?uploadId="+id, nil, list(first))
	told := strings.Replace(first, "</Part>", "<ChecksumSHA256>"+header.Get(sumHeader+"Sha256")+"</ChecksumSHA256></Part>", 1)
	g = c.want(200, "", "POST", "x?uploadId="+id, nil, list(told))
	if !strings.HasSuffix(between(g.body, "ChecksumSHA256"), "-1") || between(g.body, "ChecksumType") != composite {
		t.Errorf("%s", g.body)
	}
}

// TestCopies: objects and parts out of what is there, with their conditions.
func TestCopies(t *testing.T) {
	d := New(t, Options{MinPart: 1})
	c := d.client(t)
	from := d.SetObject(Object{Key: "a b", Body: []byte("0123456789"), Metadata: map[string]string{"who": "me"}})
	d.SetObject(Object{Key: "cold", Body: []byte("x"), Class: "GLACIER"})
	source := h("X-Amz-Copy-Source", "/bucket/a%20b", "X-Amz-Copy-Source-If-Match", `"`+from.ETag+`"`)
	c.want(200, "", "PUT", "y", source, "")
	if got, _ := d.Get("y"); string(got.Body) != "0123456789" || got.Metadata["who"] != "me" || got.CRC64 != from.CRC64 {
		t.Errorf("%+v", got)
	}
	replace := h("X-Amz-Copy-Source", "bucket/a%20b", "X-Amz-Metadata-Directive", "REPLACE", "X-Amz-Meta-Who", "you")
	c.want(200, "", "PUT", "y", replace, "")
	if got, _ := d.Get("y"); got.Metadata["who"] != "you" {
		t.Errorf("%+v", got)
	}
	c.want(412, "PreconditionFailed", "PUT", "z", h("X-Amz-Copy-Source", "bucket/a%20b", "X-Amz-Copy-Source-If-Match", `"x"`), "")
	c.want(404, "NoSuchKey", "PUT", "z", h("X-Amz-Copy-Source", "bucket/none"), "")
	c.want(404, "NoSuchBucket", "PUT", "z", h("X-Amz-Copy-Source", "other/a%20b"), "")
	c.want(403, "ObjectNotInActiveTierError", "PUT", "z", h("X-Amz-Copy-Source", "bucket/cold"), "")
	c.want(400, "InvalidRequest", "PUT", "a b", h("X-Amz-Copy-Source", "bucket/a%20b"), "")
	c.want(412, "PreconditionFailed", "PUT", "y", h("X-Amz-Copy-Source", "bucket/a%20b", "If-None-Match", "*"), "")

	id := c.begin("up", nil)
	at := func(n int) string { return fmt.Sprintf("up?partNumber=%d&uploadId=%s", n, id) }
	source.Set("X-Amz-Copy-Source-Range", "bytes=2-4")
	g := c.want(200, "", "PUT", at(1), source, "")
	source.Set("X-Amz-Copy-Source-Range", "bytes=8-10")
	c.want(400, "InvalidArgument", "PUT", at(2), source, "")
	c.want(200, "", "POST", "up?uploadId="+id, nil, list(line(1, between(g.body, "ETag"), "")))
	if d.Body("up") != "234" {
		t.Errorf("%q", d.Body("up"))
	}
}

// TestETags: what they are made of.
func TestETags(t *testing.T) {
	const md5OfA = "0cc175b9c0f1b6a831c399e269772661"
	for opt, want := range map[string]struct {
		opt  Options
		same bool
	}{
		"MD5":    {Options{MinPart: 1}, true},
		"opaque": {Options{MinPart: 1, OpaqueETags: true}, false},
	} {
		d := New(t, want.opt)
		c := d.client(t)
		one, two := d.Set("1", "a").ETag, d.Set("2", "a").ETag
		if (one == two) != want.same || (one == md5OfA) != want.same {
			t.Errorf("%s: %s and %s", opt, one, two)
		}
		id := c.begin("3", nil)
		c.must("POST", "3?uploadId="+id, nil, list(c.part("3", id, 1, nil, "a"), c.part("3", id, 2, nil, "a")))
		// The MD5 of two MD5s.
		if got, _ := d.Get("3"); (got.ETag == "7b3c799ee8b11a11c798c8b41bed8502-2") != want.same {
			t.Errorf("%s: %s", opt, got.ETag)
		}
	}
	if weak := New(t, Options{WeakETags: true}).Set("1", "").ETag; !strings.HasPrefix(weak, "W/") {
		t.Errorf("weak: %s", weak)
	}
}
