package doctest

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"recfin/store/storetest/s3double"
)

// The keys that the documentation of AWS has in its examples; pages may show them.
const (
	exampleKey    = "AKIAIOSFODNN7EXAMPLE"
	exampleSecret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
)

// object is what lies in a bucket when a page begins.
type object struct {
	key      string
	body     []byte
	uploaded time.Time
}

// cloud is all of S3 that a page sees: buckets come into being as they are asked for.
type cloud struct {
	t      testing.TB
	server *httptest.Server
	fill   map[string][]object // by bucket
	opt    s3double.Options

	mu      sync.Mutex
	buckets map[string]*s3double.Server
	hosts   map[string]string // of a bucket: "s3+https://minio.example:9000/", as the page calls it
}

func newCloud(t testing.TB, w world) *cloud {
	c := &cloud{t: t, fill: w.buckets, opt: w.s3, buckets: map[string]*s3double.Server{}, hosts: map[string]string{}}
	c.server = httptest.NewServer(c)
	t.Cleanup(c.server.Close)
	return c
}

// ServeHTTP leads a request to its bucket.
func (c *cloud) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	c.bucket(name).ServeHTTP(w, r)
}

func (c *cloud) bucket(name string) *s3double.Server {
	c.mu.Lock()
	defer c.mu.Unlock()
	if b := c.buckets[name]; b != nil {
		return b
	}
	opt := c.opt
	opt.Bucket, opt.AccessKey, opt.SecretKey = name, exampleKey, exampleSecret
	b := s3double.New(c.t, opt)
	for _, o := range c.fill[name] {
		b.SetObject(s3double.Object{Key: o.key, Body: o.body, Modified: o.uploaded})
	}
	c.buckets[name] = b
	return b
}

// foreign is a URL of a store on a host that a page has made up.
var foreign = regexp.MustCompile(`s3\+https?://(?:[^/@\s'"]*@)?[a-z0-9][a-z0-9.-]*(?::[0-9]+)?/([a-z0-9][a-z0-9.-]*)`)

// inward replaces made-up hosts in a script by that of the cloud.
func (c *cloud) inward(script string) string {
	return foreign.ReplaceAllStringFunc(script, func(url string) string {
		bucket := foreign.FindStringSubmatch(url)[1]
		c.hosts[bucket] = c.withoutUser(url)
		return "s3+" + c.server.URL + "/" + bucket
	})
}

func (c *cloud) withoutUser(url string) string {
	scheme, rest, _ := strings.Cut(url, "://")
	if _, host, ok := strings.Cut(rest, "@"); ok {
		rest = host
	}
	return scheme + "://" + rest
}

// outward puts the hosts of the page back into what was printed.
func (c *cloud) outward(text string) string {
	for bucket, url := range c.hosts {
		text = strings.ReplaceAll(text, "s3+"+c.server.URL+"/"+bucket, url)
	}
	return text
}
