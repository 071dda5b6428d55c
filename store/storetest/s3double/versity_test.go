package s3double

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"recfin/internal/versity"
)

// step is one request of the script that the double and a real server are held to.
// In target, header and body {NAME} stands for what an earlier step has kept.
type step struct {
	method, target string
	header         []string
	body           string
	keep           string   // name for the ETag of the answer, or for the element UploadId
	shows          []string // headers and elements of the answer that must be the same
	batch          bool     // the body needs its MD5
	unlike         string   // how versitygw 1.8.0 differs from AWS here
}

const delimited = "&delimiter=%2F"

// script is what S3, the double and versitygw agree on.
var script = []step{
	{method: "HEAD", target: ""},
	{method: "PUT", target: "a/1", header: []string{"Content-Type", "text/plain", "X-Amz-Meta-Who", "me", "Content-Md5", "{MD5 one}"}, body: "one", keep: "one", shows: []string{"Etag"}},
	{method: "PUT", target: "a/1", header: []string{"Content-Md5", "{MD5 two}"}, body: "one"},
	{method: "PUT", target: "a/1", header: []string{"X-Amz-Checksum-Crc64nvme", "AAAAAAAAAAA="}, body: "one"},
	{method: "PUT", target: "a/1", header: []string{"X-Amz-Checksum-Crc64nvme", "{CRC one}"}, body: "one", shows: []string{"Etag", "X-Amz-Checksum-Crc64nvme"}},
	{method: "HEAD", target: "a/1", header: []string{"X-Amz-Checksum-Mode", "ENABLED"}, shows: []string{"Etag", "Content-Length", "X-Amz-Checksum-Crc64nvme", "X-Amz-Checksum-Type", "Accept-Ranges"}},
	{method: "PUT", target: "a/1", header: []string{"If-None-Match", "*"}, body: "two"},
	{method: "PUT", target: "a/2", header: []string{"If-None-Match", "*"}, body: "two", keep: "two"},
	{method: "PUT", target: "a/1", header: []string{"If-Match", "{two}"}, body: "two"},
	{method: "PUT", target: "a/1", header: []string{"If-Match", "{one}"}, body: "two"},
	{method: "PUT", target: "none", header: []string{"If-Match", "{one}"}, body: "two"},
	{method: "GET", target: "a/1", shows: []string{"Etag", "Content-Length"}},
	{method: "GET", target: "a/1", header: []string{"Range", "bytes=1-1"}, shows: []string{"Content-Range", "Content-Length"}},
	{method: "GET", target: "a/1", header: []string{"Range", "bytes=-2"}, shows: []string{"Content-Range"}},
	{method: "GET", target: "a/1", header: []string{"Range", "bytes=1-"}, shows: []string{"Content-Range"}},
	{method: "GET", target: "a/1", header: []string{"Range", "bytes=1-99"}, shows: []string{"Content-Range"}},
	{method: "GET", target: "a/1", header: []string{"Range", "bytes=3-"}},
	{method: "GET", target: "a/1", header: []string{"If-Match", "{one}"}},
	{method: "GET", target: "a/1", header: []string{"If-Match", "{two}"}},
	{method: "GET", target: "none"},
	{method: "HEAD", target: "none"},
	{method: "PUT", target: "a b/ü+&", body: "odd"},
	{method: "PUT", target: "b", body: "three"},
	{method: "GET", target: "?list-type=2&prefix=a&encoding-type=url", shows: []string{"Key"}, unlike: "it encodes nothing"},
	{method: "GET", target: "?list-type=2&prefix=a", shows: []string{"Key", "KeyCount", "IsTruncated", "Size", "ETag"}},
	{method: "GET", target: "?list-type=2" + delimited, shows: []string{"Key", "Prefix", "KeyCount", "IsTruncated"}},
	{method: "GET", target: "?list-type=2&max-keys=2", shows: []string{"Key", "KeyCount", "IsTruncated", "MaxKeys"}},
	{method: "GET", target: "?list-type=2&max-keys=1" + delimited, shows: []string{"Key", "Prefix", "KeyCount", "IsTruncated"}},
	{method: "GET", target: "?list-type=2&start-after=a/1", shows: []string{"Key"}},
	{method: "GET", target: "?list-type=2&prefix=nothing", shows: []string{"Key", "KeyCount", "IsTruncated"}},
	{method: "POST", target: "up?uploads", header: []string{"X-Amz-Meta-Who", "me"}, keep: "up"},
	{method: "PUT", target: "up?partNumber=1&uploadId={up}", body: "{5M}", keep: "p1", shows: []string{"Etag"}},
	{method: "PUT", target: "up?partNumber=2&uploadId={up}", body: "tail", keep: "p2", shows: []string{"Etag"}},
	{method: "PUT", target: "up?partNumber=0&uploadId={up}", body: "tail"},
	{method: "PUT", target: "up?partNumber=10001&uploadId={up}", body: "tail"},
	{method: "PUT", target: "up?partNumber=3&uploadId=nonsense", body: "tail"},
	{method: "GET", target: "?uploads&prefix=u", shows: []string{"Key", "IsTruncated"}},
	{method: "GET", target: "up?uploadId={up}", shows: []string{"PartNumber", "Size", "ETag", "IsTruncated"}},
	{method: "POST", target: "up?uploadId={up}", body: "{list 2 p2 1 p1}", unlike: "it looks at the sizes first"},
	{method: "POST", target: "up?uploadId={up}", body: "{list 1 p2}"},
	{method: "POST", target: "up?uploadId={up}", body: "{list 1 p1 3 p2}"},
	{method: "POST", target: "up?uploadId={up}", body: "{list 1 p1 2 p2}", header: []string{"X-Amz-Mp-Object-Size", "7"}},
	{method: "POST", target: "up?uploadId={up}", body: "{list 1 p1 2 p2}", header: []string{"X-Amz-Mp-Object-Size", "5242884"}, shows: []string{"ETag"}},
	{method: "PUT", target: "up?partNumber=2&uploadId={up}", body: "tail"},
	{method: "HEAD", target: "up", shows: []string{"Content-Length", "Etag"}},
	{method: "POST", target: "up?uploads", keep: "small"},
	{method: "PUT", target: "up?partNumber=1&uploadId={small}", body: "tail", keep: "s1"},
	{method: "PUT", target: "up?partNumber=2&uploadId={small}", body: "tail", keep: "s2"},
	{method: "POST", target: "up?uploadId={small}", body: "{list 1 s1 2 s2}"},
	{method: "POST", target: "up?uploadId={small}", body: "{list 1 s1}", header: []string{"If-None-Match", "*"}},
	{method: "DELETE", target: "up?uploadId={small}"},
	{method: "DELETE", target: "up?uploadId={small}"},
	{method: "PUT", target: "copy", header: []string{"X-Amz-Copy-Source", "{bucket}/a/1"}, shows: []string{"ETag"}},
	{method: "PUT", target: "copy", header: []string{"X-Amz-Copy-Source", "{bucket}/none"}},
	{method: "PUT", target: "copy", header: []string{"X-Amz-Copy-Source", "{bucket}/a/1", "X-Amz-Copy-Source-If-Match", "{one}"}},
	{method: "DELETE", target: "b", header: []string{"If-Match", "{one}"}},
	{method: "DELETE", target: "b"},
	{method: "DELETE", target: "b"},
	{method: "POST", target: "?delete", body: "<Delete><Object><Key>copy</Key></Object><Object><Key>none</Key></Object></Delete>", batch: true, shows: []string{"Key"}},
	{method: "GET", target: "?list-type=2", shows: []string{"Key", "Size"}},
}

// TestAgainstVersity holds the double against a real server, step by step, and the
// tests' own signatures too.
func TestAgainstVersity(t *testing.T) {
	srv := versity.Start(t)
	if srv.External() {
		t.Skip("the script is for a server that is known")
	}
	d := New(t, Options{})
	real := &client{
		t: t, endpoint: srv.Endpoint, bucket: srv.Bucket(t), region: srv.Region, accessKey: srv.AccessKey, secretKey: srv.SecretKey,
		http: d.client(t).http,
	}
	judge, witness := player{c: d.client(t)}, player{c: real}
	for i, st := range script {
		ours, theirs := judge.play(st), witness.play(st)
		if ours == theirs != (st.unlike == "") {
			t.Errorf("step %d, %s %s %v:\nthe double %s\nversitygw  %s", i, st.method, st.target, st.header, ours, theirs)
		}
	}
}

// player plays the script on one server.
type player struct {
	c    *client
	kept map[string]string
}

// play gives what of the answer must be the same everywhere.
func (p *player) play(st step) string {
	if p.kept == nil {
		p.kept = map[string]string{"bucket": p.c.bucket, "5M": strings.Repeat("0123456789abcdef", 5<<16)}
	}
	var header []string
	for _, text := range st.header {
		header = append(header, p.fill(text))
	}
	body := p.fill(st.body)
	if st.batch {
		header = append(header, "Content-Md5", digestMD5([]byte(body)))
	}
	g := p.c.do(st.method, p.fill(st.target), h(header...), body)
	if id := between(g.body, "UploadId"); id != "" && st.keep != "" {
		p.kept[st.keep] = strings.NewReplacer("+", "%2B", "/", "%2F", "=", "%3D").Replace(id)
	} else if st.keep != "" {
		p.kept[st.keep] = g.header.Get("Etag")
	}
	text := fmt.Sprintf("%d %s %v", g.status, g.code, g.err)
	if st.method == "GET" && g.status < 300 && !strings.HasPrefix(g.body, "<") {
		text += fmt.Sprintf(" %.20q", g.body)
	}
	for _, name := range st.shows {
		found := regexp.MustCompile(`<`+name+`>([^<]+)</`).FindAllStringSubmatch(g.body, -1)
		for _, m := range found {
			text += " " + name + "=" + strings.Trim(strings.ReplaceAll(strings.ReplaceAll(m[1], "&quot;", `"`), "&#34;", `"`), `"`)
		}
		if v := g.header.Get(name); v != "" {
			text += " " + name + ": " + v
		}
	}
	return text
}

var reference = regexp.MustCompile(`\{[^}]*\}`)

// fill puts in what earlier steps kept.
func (p *player) fill(text string) string {
	return reference.ReplaceAllStringFunc(text, func(ref string) string {
		words := strings.Fields(strings.Trim(ref, "{}"))
		switch words[0] {
		case "MD5":
			return digestMD5([]byte(words[1]))
		case "CRC":
			return digest(crc64nvme, []byte(words[1]))
		case "list":
			var lines []string
			for i := 1; i+1 < len(words); i += 2 {
				n := 0
				_, _ = fmt.Sscan(words[i], &n)
				lines = append(lines, line(n, p.kept[words[i+1]], ""))
			}
			return list(lines...)
		}
		return p.kept[words[0]]
	})
}
