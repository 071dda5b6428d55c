// Package versity runs versitygw, an S3 server with a folder behind it, for
// integration tests. The variable RECFIN_TEST_S3 puts another endpoint in its
// place: s3+http://KEY:SECRET@HOST[:PORT]/BUCKET (or s3+https), with ?region=
// where that is not us-east-1. Its bucket must be there already; tests work
// below a fresh prefix of it.
package versity

import (
	"crypto/rand"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"recfin/internal/testenv"
)

// Endpoint is the variable that names another S3 endpoint for the tests.
const Endpoint = "RECFIN_TEST_S3"

const region = "us-east-1"

// Server is a running S3 server.
type Server struct {
	Endpoint  string // "http://127.0.0.1:PORT"
	AccessKey string
	SecretKey string
	Region    string

	Process int // of a server that Launch started

	root    string // folder of the buckets; empty: not ours
	bucket  string // the one of an endpoint that is not ours
	buckets atomic.Int64
}

// Start starts a server that ends with the test, or gives the one that
// RECFIN_TEST_S3 names. Without versitygw (on PATH, in the bin folder of GOPATH
// or of this repository) the test is skipped, or fails where
// RECFIN_TEST_REQUIRE is set.
func Start(t testing.TB) *Server {
	t.Helper()
	if text := os.Getenv(Endpoint); text != "" {
		s, err := parse(text)
		if err != nil {
			t.Fatalf("%s: %v", Endpoint, err)
		}
		return s
	}
	program := find(t)
	s, stop, err := Launch(program, t.TempDir(), t.TempDir())
	if err != nil {
		t.Fatalf("start versitygw: %v", err)
	}
	t.Cleanup(func() {
		if err := stop(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// External reports whether the server is not ours but that of RECFIN_TEST_S3.
func (s *Server) External() bool { return s.root == "" }

// Bucket gives the name of a fresh bucket, or the only one of an external server.
func (s *Server) Bucket(t testing.TB) string {
	t.Helper()
	if s.External() {
		return s.bucket
	}
	name := fmt.Sprintf("bucket-%d", s.buckets.Add(1))
	if err := os.Mkdir(filepath.Join(s.root, name), 0o755); err != nil {
		t.Fatal(err)
	}
	return name
}

// Folder is the folder behind a bucket: objects are files in it, dated by their
// times of modification. Of an external server it is empty.
func (s *Server) Folder(bucket string) string {
	if s.External() {
		return ""
	}
	return filepath.Join(s.root, bucket)
}

// Prefix gives a prefix that nothing is below: empty in a fresh bucket.
func (s *Server) Prefix() string {
	if s.External() {
		return "recfin-test/" + strings.ToLower(rand.Text()) + "/"
	}
	return ""
}

// URL is the store URL of a bucket, credentials included.
func (s *Server) URL(bucket string) string {
	u, err := url.Parse(s.Endpoint)
	if err != nil {
		return ""
	}
	u.Scheme = "s3+" + u.Scheme
	u.User = url.UserPassword(s.AccessKey, s.SecretKey)
	u.Path = "/" + bucket
	u.RawQuery = url.Values{"region": {s.Region}}.Encode()
	return u.String()
}

// parse reads RECFIN_TEST_S3; its errors do not echo it.
func parse(text string) (*Server, error) {
	u, err := url.Parse(strings.TrimPrefix(text, "s3+"))
	if err != nil || u.User == nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return nil, fmt.Errorf("want s3+http://KEY:SECRET@HOST/BUCKET")
	}
	secret, _ := u.User.Password()
	bucket := strings.Trim(u.Path, "/")
	if bucket == "" || strings.Contains(bucket, "/") {
		return nil, fmt.Errorf("want one bucket and no prefix behind %s", u.Host)
	}
	s := &Server{
		Endpoint: u.Scheme + "://" + u.Host, AccessKey: u.User.Username(), SecretKey: secret,
		Region: u.Query().Get("region"), bucket: bucket,
	}
	if s.Region == "" {
		s.Region = region
	}
	return s, nil
}

// find gives the path of the program.
func find(t testing.TB) string {
	t.Helper()
	const name = "versitygw"
	var dirs []string
	if out, err := exec.Command("go", "env", "GOPATH").Output(); err == nil {
		dirs = append(dirs, filepath.Join(strings.TrimSpace(string(out)), "bin"))
	}
	if out, err := exec.Command("go", "env", "GOMOD").Output(); err == nil {
		dirs = append(dirs, filepath.Join(filepath.Dir(strings.TrimSpace(string(out))), "bin"))
	}
	for _, dir := range dirs {
		if path, err := exec.LookPath(filepath.Join(dir, name)); err == nil {
			return path
		}
	}
	return testenv.Need(t, name)
}
