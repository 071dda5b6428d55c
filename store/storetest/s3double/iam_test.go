package s3double

import (
	"strings"
	"testing"
)

// TestDeny: each operation needs its own right, and a condition that of reading.
func TestDeny(t *testing.T) {
	for action, asks := range map[string][]string{
		"s3:GetObject":                  {"GET x", "HEAD x", "PUT x If-Match", "DELETE x If-Match", "PUT y copy"},
		"s3:PutObject":                  {"PUT x", "POST x?uploads", "PUT x?partNumber=1&uploadId=u", "POST x?uploadId=u", "PUT y copy"},
		"s3:DeleteObject":               {"DELETE x", "DELETE x If-Match"},
		"s3:DeleteObjectVersion":        {"DELETE x?versionId=null"},
		"s3:GetObjectVersion":           {"GET x?versionId=null"},
		"s3:ListBucket":                 {"GET ?list-type=2", "HEAD ", "GET none", "HEAD none"},
		"s3:ListBucketVersions":         {"GET ?versions"},
		"s3:ListBucketMultipartUploads": {"GET ?uploads"},
		"s3:ListMultipartUploadParts":   {"GET x?uploadId=u"},
		"s3:AbortMultipartUpload":       {"DELETE x?uploadId=u"},
		"s3:GetBucketVersioning":        {"GET ?versioning"},
	} {
		for _, ask := range asks {
			d := New(t, Options{})
			d.Set("x", "x")
			words := strings.Split(ask+"  ", " ")
			header := h()
			switch words[2] {
			case "If-Match":
				header.Set("If-Match", `"stale"`)
			case "copy":
				header.Set("X-Amz-Copy-Source", "bucket/x")
			}
			c := d.client(t)
			if g := c.do(words[0], words[1], header, ""); g.status == 403 {
				t.Errorf("%s: %d %s before anything was denied", ask, g.status, g.code)
			}
			d.Set("x", "x")
			d.Deny(action, "")
			before := d.Body("x")
			if g := c.do(words[0], words[1], header, ""); g.status != 403 || g.code != "AccessDenied" && words[0] != "HEAD" {
				t.Errorf("%s without %s: %d %s", ask, action, g.status, g.code)
			}
			if d.Body("x") != before {
				t.Errorf("%s without %s had an effect", ask, action)
			}
			d.AllowAll()
			if g := c.do(words[0], words[1], header, ""); g.status == 403 {
				t.Errorf("%s: %d %s after all was allowed", ask, g.status, g.code)
			}
		}
	}
}

// TestDenyPrefix: a denial ends where its prefix ends, in the batch too.
func TestDenyPrefix(t *testing.T) {
	d := New(t, Options{Allow: func(action, key string) bool { return key != "never" }})
	c := d.client(t)
	d.Set("in/x", "x")
	d.Set("out/x", "x")
	d.Deny("s3:DeleteObject", "in/")
	d.Deny("s3:*", "all/")
	c.want(403, "AccessDenied", "DELETE", "in/x", nil, "")
	c.want(403, "AccessDenied", "PUT", "all/x", nil, "")
	c.want(403, "AccessDenied", "PUT", "never", nil, "")
	body := "<Delete><Object><Key>in/x</Key></Object><Object><Key>out/x</Key></Object></Delete>"
	g := c.must("POST", "?delete", h("Content-Md5", digestMD5([]byte(body))), body)
	if between(g.body, "Code") != "AccessDenied" || strings.Join(d.Keys(""), " ") != "in/x" {
		t.Errorf("%s; left %q", g.body, d.Keys(""))
	}
}

// TestDeaf: each condition that is passed over changes what must not be changed.
func TestDeaf(t *testing.T) {
	batch := "<Delete><Object><Key>x</Key><ETag>stale</ETag></Object></Delete>"
	for _, r := range []struct {
		name, method, target string
		header               []string
		body                 string
		deaf                 Deaf
	}{
		{"delete", "DELETE", "x", []string{"If-Match", `"stale"`}, "", Deaf{Delete: true}},
		{"batch", "POST", "?delete", []string{"Content-Md5", digestMD5([]byte(batch))}, batch, Deaf{DeleteBatch: true}},
		{"create", "PUT", "x", []string{"If-None-Match", "*"}, "new", Deaf{Create: true}},
		{"replace", "PUT", "x", []string{"If-Match", `"stale"`}, "new", Deaf{Replace: true}},
		{"get", "GET", "x", []string{"If-Match", `"stale"`}, "", Deaf{Get: true}},
	} {
		for _, deaf := range []bool{false, true} {
			opt := Options{}
			if deaf {
				opt.Deaf = r.deaf
			}
			d := New(t, opt)
			d.Set("x", "old")
			g := d.client(t).do(r.method, r.target, h(r.header...), r.body)
			effect := d.Body("x") != "old" || r.method == "GET" && g.body == "old"
			if effect != deaf {
				t.Errorf("%s, deaf %v: %d %s, there is %q", r.name, deaf, g.status, g.body, d.Body("x"))
			}
		}
	}
}
