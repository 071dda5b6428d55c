package s3double

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
)

// client is a caller of S3 that leaves nothing out and tries nothing again.
type client struct {
	t                            testing.TB
	endpoint, bucket, region     string
	accessKey, secretKey         string
	http                         *http.Client
	afterSigning                 func(r *http.Request)
	at                           time.Time // of the signature; zero: now
	unsignedPayload, noSignature bool
}

func (s *Server) client(t testing.TB) *client {
	return &client{
		t: t, endpoint: s.Endpoint, bucket: s.Bucket, region: s.Region, accessKey: s.AccessKey, secretKey: s.SecretKey,
		http: &http.Client{Transport: &http.Transport{DisableKeepAlives: true}},
	}
}

// got is an answer; err is that of the connection, also in mid-body.
type got struct {
	status int
	code   string // of an error
	header http.Header
	body   string
	err    error
}

// h makes a header of pairs.
func h(pairs ...string) http.Header {
	header := http.Header{}
	for i := 0; i+1 < len(pairs); i += 2 {
		header.Add(pairs[i], pairs[i+1])
	}
	return header
}

// do asks for "key?query" in the bucket.
func (c *client) do(method, target string, header http.Header, body string) got {
	c.t.Helper()
	key, query, _ := strings.Cut(target, "?")
	u, err := url.Parse(c.endpoint + "/" + c.bucket + "?" + query)
	if err != nil {
		c.t.Fatal(err)
	}
	if key != "" {
		u.Path, u.RawPath = u.Path+"/"+key, u.Path+"/"+encode(key, "/")
	}
	r, err := http.NewRequestWithContext(c.t.Context(), method, u.String(), strings.NewReader(body))
	if err != nil {
		c.t.Fatal(err)
	}
	for name, values := range header {
		r.Header[name] = slices.Clone(values)
	}
	c.sign(r, body)
	if c.afterSigning != nil {
		c.afterSigning(r)
	}
	resp, err := c.http.Do(r)
	if err != nil {
		return got{err: err}
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	g := got{status: resp.StatusCode, header: resp.Header, body: string(text), err: err}
	var e struct {
		XMLName xml.Name
		Code    string
	}
	if xml.Unmarshal(text, &e) == nil && e.XMLName.Local == "Error" {
		g.code = e.Code
	}
	return g
}

// sign is Signature Version 4 over all headers.
func (c *client) sign(r *http.Request, body string) {
	if c.noSignature {
		return
	}
	at := c.at
	if at.IsZero() {
		at = time.Now()
	}
	r.Header.Set("X-Amz-Date", at.UTC().Format(signedDate))
	r.Header.Set(payloadHash, c.sum(body))
	if c.unsignedPayload {
		r.Header.Set(payloadHash, "UNSIGNED-PAYLOAD")
	}
	c.resign(r)
}

// resign signs a request as it is.
func (c *client) resign(r *http.Request) {
	r.Header.Del("Authorization")
	names := []string{"host"}
	for name := range r.Header {
		names = append(names, strings.ToLower(name))
	}
	slices.Sort(names)
	date := r.Header.Get("X-Amz-Date")
	scope := []string{date[:8], c.region, "s3", "aws4_request"}
	text := fmt.Sprintf("%s\n%s\n%s\n%s", signing, date, strings.Join(scope, "/"), c.sum(canonical(r, names)))
	key := []byte("AWS4" + c.secretKey)
	for _, part := range append(scope, text) {
		m := hmac.New(sha256.New, key)
		m.Write([]byte(part))
		key = m.Sum(nil)
	}
	r.Header.Set("Authorization", fmt.Sprintf("%s Credential=%s/%s, SignedHeaders=%s, Signature=%x",
		signing, c.accessKey, strings.Join(scope, "/"), strings.Join(names, ";"), key))
}

// must is do where nothing else than success is of interest.
func (c *client) must(method, target string, header http.Header, body string) got {
	c.t.Helper()
	g := c.do(method, target, header, body)
	if g.err != nil || g.status >= 300 || g.code != "" {
		c.t.Fatalf("%s %s: %d %s, %v", method, target, g.status, g.code, g.err)
	}
	return g
}

// want does and holds the answer against a status and the code of an error.
func (c *client) want(status int, code, method, target string, header http.Header, body string) got {
	c.t.Helper()
	g := c.do(method, target, header, body)
	if g.err != nil || g.status != status || g.code != code {
		c.t.Errorf("%s %s %v: %d %q, %v, want %d %q", method, target, header, g.status, g.code, g.err, status, code)
	}
	return g
}

// between gives the text of the first element of a name.
func between(text, name string) string {
	_, rest, _ := strings.Cut(text, "<"+name+">")
	inner, _, _ := strings.Cut(rest, "</"+name+">")
	var plain struct {
		Text string `xml:",chardata"`
	}
	_ = xml.Unmarshal([]byte("<x>"+inner+"</x>"), &plain)
	return plain.Text
}

// begin opens an upload and gives what its requests end in.
func (c *client) begin(key string, header http.Header) (id string) {
	c.t.Helper()
	return url.QueryEscape(between(c.must("POST", key+"?uploads", header, "").body, "UploadId"))
}

// part sends a part and gives its line for the list.
func (c *client) part(key, id string, n int, header http.Header, body string) string {
	c.t.Helper()
	etag := c.must("PUT", fmt.Sprintf("%s?partNumber=%d&uploadId=%s", key, n, id), header, body).header.Get("Etag")
	return line(n, etag, "")
}

func line(n int, etag, more string) string {
	var b bytes.Buffer
	_ = xml.EscapeText(&b, []byte(etag))
	return fmt.Sprintf("<Part><PartNumber>%d</PartNumber><ETag>%s</ETag>%s</Part>", n, b.String(), more)
}

func list(lines ...string) string {
	return "<CompleteMultipartUpload>" + strings.Join(lines, "") + "</CompleteMultipartUpload>"
}

// sum is the hash of a body as it is signed.
func (c *client) sum(body string) string { return fmt.Sprintf("%x", sha256.Sum256([]byte(body))) }
