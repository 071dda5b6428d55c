package s3double

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

// TestSignatures: a request that is not signed as it must be has no effect.
func TestSignatures(t *testing.T) {
	at := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	for _, c := range []struct {
		name   string
		edit   func(c *client)
		status int
		code   string
	}{
		{"right", func(c *client) {}, 200, ""},
		{"payload not signed", func(c *client) { c.unsignedPayload = true }, 200, ""},
		{"not at all", func(c *client) { c.noSignature = true }, 403, "AccessDenied"},
		{"access key", func(c *client) { c.accessKey = "AKIAOTHER" }, 403, "InvalidAccessKeyId"},
		{"secret key", func(c *client) { c.secretKey += "x" }, 403, "SignatureDoesNotMatch"},
		{"region", func(c *client) { c.region = "mars-1" }, 400, "AuthorizationHeaderMalformed"},
		{"clock in time", func(c *client) { c.at = at.Add(14 * time.Minute) }, 200, ""},
		{"clock ahead", func(c *client) { c.at = at.Add(16 * time.Minute) }, 403, "RequestTimeTooSkewed"},
		{"clock behind", func(c *client) { c.at = at.Add(-16 * time.Minute) }, 403, "RequestTimeTooSkewed"},
		{"header changed", func(c *client) {
			c.afterSigning = func(r *http.Request) { r.Header.Set("X-Amz-Meta-A", "other") }
		}, 403, "SignatureDoesNotMatch"},
		{"header added", func(c *client) {
			c.afterSigning = func(r *http.Request) { r.Header.Set("X-Amz-Acl", "public-read") }
		}, 403, "AccessDenied"},
		{"query changed", func(c *client) {
			c.afterSigning = func(r *http.Request) { r.URL.RawQuery = "x-id=Other" }
		}, 403, "SignatureDoesNotMatch"},
		{"path changed", func(c *client) {
			c.afterSigning = func(r *http.Request) { r.URL.Path, r.URL.RawPath = "/bucket/other", "" }
		}, 403, "SignatureDoesNotMatch"},
		{"body changed", func(c *client) {
			c.afterSigning = func(r *http.Request) { r.Header.Set(payloadHash, strings.Repeat("0", 64)) }
		}, 403, "SignatureDoesNotMatch"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := New(t, Options{Clock: func() time.Time { return at }, MaxSkew: 15 * time.Minute})
			cl := d.client(t)
			cl.at = at
			c.edit(cl)
			cl.want(c.status, c.code, "PUT", "x", h("X-Amz-Meta-A", "b"), "body")
			if n := len(d.Objects()); n != 0 != (c.code == "") {
				t.Errorf("%d objects", n)
			}
		})
	}
}

// TestPayload: a body that is not the one that was signed has no effect.
func TestPayload(t *testing.T) {
	d := New(t, Options{})
	c := d.client(t)
	c.afterSigning = func(r *http.Request) { r.Body = http.NoBody; r.ContentLength = 0 }
	if g := c.do("PUT", "x", nil, "body"); g.status/100 != 4 {
		t.Errorf("%+v", g)
	}
	c = d.client(t)
	whole := c.sum("other")
	c.afterSigning = func(r *http.Request) {
		r.Header.Set(payloadHash, whole)
		c.resign(r)
	}
	c.want(400, "XAmzContentSHA256Mismatch", "PUT", "x", nil, "body")
	if len(d.Objects()) != 0 {
		t.Error("it was stored")
	}
}

// TestPutRefused: each of these leaves what is there as it is.
func TestPutRefused(t *testing.T) {
	d := New(t, Options{})
	c := d.client(t)
	there := `"` + d.Set("x", "first").ETag + `"`
	stale := `"` + strings.Repeat("0", 32) + `"`
	for _, r := range []struct {
		key    string
		header http.Header
		status int
		code   string
	}{
		{"x", h("If-None-Match", "*"), 412, "PreconditionFailed"},
		{"x", h("If-None-Match", stale), 501, "NotImplemented"},
		{"x", h("If-Match", stale), 412, "PreconditionFailed"},
		{"x", h("If-Match", "W/"+there), 412, "PreconditionFailed"},
		{"x", h("If-Match", there, "If-None-Match", "*"), 501, "NotImplemented"},
		{"gone", h("If-Match", there), 404, "NoSuchKey"},
		{"x", h("Content-Md5", digestMD5([]byte("other"))), 400, "BadDigest"},
		{"x", h("Content-Md5", "nonsense"), 400, "InvalidDigest"},
		{"x", h("X-Amz-Checksum-Crc64nvme", digest("Crc64nvme", []byte("other"))), 400, "BadDigest"},
		{"x", h("X-Amz-Checksum-Crc32", digest("Crc32", []byte("other"))), 400, "BadDigest"},
		{"x", h("X-Amz-Checksum-Crc32c", digest("Crc32", []byte("second"))), 400, "BadDigest"},
		{"x", h("X-Amz-Checksum-Sha1", digest("Sha1", []byte("other"))), 400, "BadDigest"},
		{"x", h("X-Amz-Checksum-Sha256", digest("Sha256", []byte("other"))), 400, "BadDigest"},
		{"x", h("X-Amz-Checksum-Sha1", digest("Sha1", []byte("second")), "X-Amz-Checksum-Crc32", digest("Crc32", []byte("second"))), 400, "InvalidRequest"},
		{"x", h("X-Amz-Checksum-Crc32", digest("Crc32", []byte("second")), "X-Amz-Sdk-Checksum-Algorithm", "CRC64NVME"), 400, "InvalidRequest"},
		{"x", h("X-Amz-Meta-Long", strings.Repeat("x", 2045)), 400, "MetadataTooLarge"},
		{strings.Repeat("k", 1025), nil, 400, "KeyTooLongError"},
		{"x?acl=", nil, 501, "NotImplemented"},
	} {
		c.want(r.status, r.code, "PUT", r.key, r.header, "second")
	}
	if d.Body("x") != "first" || len(d.Objects()) != 1 {
		t.Errorf("%q of %d objects", d.Body("x"), len(d.Objects()))
	}
	other := d.client(t)
	other.bucket = "another"
	other.want(404, "NoSuchBucket", "PUT", "x", nil, "second")
	other.want(404, "", "HEAD", "", nil, "")
	for _, header := range []http.Header{
		h("If-Match", there), h("X-Amz-Checksum-Crc32c", digest("Crc32c", []byte("second"))), h("If-None-Match", "*"),
		h("X-Amz-Meta-Long", strings.Repeat("x", 2044)),
	} {
		c.must("PUT", "x", header, "second")
		d.Remove("x")
	}
}

// TestDeleteRefused: a condition that does not hold keeps what is there, one by one
// and in the batch.
func TestDeleteRefused(t *testing.T) {
	d := New(t, Options{BatchSize: 2})
	c := d.client(t)
	d.Set("y", "y")
	there := d.Set("x", "x").ETag
	c.want(412, "PreconditionFailed", "DELETE", "x", h("If-Match", `"stale"`), "")
	c.want(412, "PreconditionFailed", "DELETE", "x", h("If-Match", `W/"`+there+`"`), "")
	c.want(404, "NoSuchKey", "DELETE", "gone", h("If-Match", "*"), "")
	c.want(404, "NoSuchKey", "DELETE", "gone", h("If-Match", there), "")
	c.want(501, "NotImplemented", "DELETE", "x", h("X-Amz-If-Match-Size", "7"), "")

	batch := func(status int, code, body string, header ...string) got {
		t.Helper()
		return c.want(status, code, "POST", "?delete", h(header...), "<Delete>"+body+"</Delete>")
	}
	object := func(key, etag string) string {
		return "<Object><Key>" + key + "</Key><ETag>" + etag + "</ETag></Object>"
	}
	batch(400, "InvalidRequest", object("x", there))
	batch(400, "BadDigest", object("x", there), "Content-Md5", digestMD5(nil))
	sum := func(body string) string { return digestMD5([]byte("<Delete>" + body + "</Delete>")) }
	three := object("x", there) + object("y", "") + object("z", "")
	batch(400, "MalformedXML", three, "Content-Md5", sum(three))
	batch(400, "MalformedXML", "", "Content-Md5", sum(""))
	for body, code := range map[string]string{
		object("x", "stale"):                          "PreconditionFailed",
		object("gone", "stale"):                       "NoSuchKey",
		"<Object><Key>x</Key><Size>1</Size></Object>": "NotImplemented",
	} {
		if g := batch(200, "", body, "Content-Md5", sum(body)); between(g.body, "Code") != code || strings.Contains(g.body, "<Deleted>") {
			t.Errorf("%s: %s", body, g.body)
		}
	}
	if len(d.Objects()) != 2 {
		t.Errorf("%d objects are left", len(d.Objects()))
	}
	both := "<Quiet>true</Quiet>" + object("x", there) + object("y", "stale")
	if g := batch(200, "", both, "Content-Md5", sum(both)); between(g.body, "Key") != "y" || strings.Contains(g.body, "Deleted") {
		t.Errorf("quiet: %s", g.body)
	}
	both = object("y", "") + object("gone", "")
	if g := batch(200, "", both, "Content-Md5", sum(both)); strings.Count(g.body, "<Deleted>") != 2 || len(d.Objects()) != 0 {
		t.Errorf("%s", g.body)
	}
}
