package s3double

import (
	"io"
	"log"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"
	"time"
)

// Server is a running double. Its methods may be called at any time.
type Server struct {
	Endpoint  string // "http://127.0.0.1:PORT"
	Bucket    string
	Region    string
	AccessKey string
	SecretKey string

	opt  Options
	http *httptest.Server
	done chan struct{} // closed by Close: nobody hangs any longer

	mu      sync.Mutex // the state of the bucket; never held while somebody talks
	bucket  bucket
	uploads map[string]*upload
	serial  int
	denied  []denial

	ctl control
}

// control is what decides about requests before they reach the bucket. It has a
// lock of its own, so that a hook may look at the bucket.
type control struct {
	mu      sync.Mutex
	log     []Request
	counts  map[string]int
	faults  []*armed
	hook    func(*Exchange) bool
	late    []lateEffect
	crash   *crash
	dice    *rand.Rand
	active  int
	ceiling int
}

// New starts a double that ends with the test.
func New(t testing.TB, opt Options) *Server {
	t.Helper()
	opt = opt.filled()
	s := &Server{
		Bucket: opt.Bucket, Region: opt.Region, AccessKey: opt.AccessKey, SecretKey: opt.SecretKey,
		opt: opt, done: make(chan struct{}), uploads: map[string]*upload{},
	}
	s.bucket.objects = map[string][]*version{}
	s.ctl.counts = map[string]int{}
	s.ctl.dice = rand.New(rand.NewPCG(opt.Seed, opt.Seed))
	s.http = httptest.NewUnstartedServer(s)
	s.http.Config.ErrorLog = log.New(io.Discard, "", 0) // broken connections are the point
	if opt.TLS {
		s.http.StartTLS()
	} else {
		s.http.Start()
	}
	s.Endpoint = s.http.URL
	t.Cleanup(s.Close)
	return s
}

// Close ends the server: from now on connections are refused. The bucket can
// still be looked at.
func (s *Server) Close() {
	s.ctl.mu.Lock()
	select {
	case <-s.done:
		s.ctl.mu.Unlock()
		return
	default:
		close(s.done)
	}
	s.ctl.mu.Unlock()
	s.http.CloseClientConnections()
	s.http.Close()
}

// URL is the store URL of a folder in the bucket, credentials included.
func (s *Server) URL(prefix string) string {
	u, err := url.Parse(s.Endpoint)
	if err != nil {
		return ""
	}
	u.Scheme = "s3+" + u.Scheme
	u.User = url.UserPassword(s.AccessKey, s.SecretKey)
	u.Path = "/" + s.Bucket + "/" + prefix
	u.RawQuery = url.Values{"region": {s.Region}}.Encode()
	return u.String()
}

// HTTP is the server below, for its certificate.
func (s *Server) HTTP() *httptest.Server { return s.http }

// now is the store's time in whole seconds.
func (s *Server) now() time.Time { return s.opt.Clock().UTC().Truncate(time.Second) }

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	x := s.exchange(w, r)
	defer s.leave(x)
	if !s.enter(x) {
		return
	}
	x.meet()
}
