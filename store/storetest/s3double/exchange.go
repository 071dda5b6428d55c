package s3double

import (
	"fmt"
	"io"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// Exchange is one request under way and the means to answer it.
type Exchange struct {
	Request
	R *http.Request
	W http.ResponseWriter

	s      *Server
	signed *reply // what is wrong with the signature, which is checked before a hook touches the request
	read   sync.Once
	body   []byte
	broken error // reading it
	run    sync.Once
	result *reply
	life   *crash    // the process that asked; nil: one that lives
	flip   int64     // stored byte that is changed on its way to the disk, from 1; 0: none
	seen   *Snapshot // what a listing shows; nil: what is there
}

func (s *Server) exchange(w http.ResponseWriter, r *http.Request) *Exchange {
	_, key := split(r)
	if key == "" {
		key = r.URL.Query().Get("prefix")
	}
	return &Exchange{
		Request: Request{Op: operation(r), Key: key, Query: r.URL.Query(), Header: r.Header.Clone()},
		R:       r, W: w, s: s, signed: s.unsigned(r),
	}
}

// meet lets the hook and the faults see the request; what they leave is answered.
func (x *Exchange) meet() {
	s := x.s
	s.ctl.mu.Lock()
	hook := s.ctl.hook
	s.ctl.mu.Unlock()
	if hook != nil && hook(x) {
		return
	}
	if do := s.fault(x); do != nil {
		do(x)
		return
	}
	x.Send(x.Effect())
}

// Reply is an answer that was made and not yet sent.
type Reply struct{ *reply }

// Status is the HTTP status of the answer.
func (a Reply) Status() int { return a.status }

// Effect lets the request take effect, once, and gives the answer.
func (x *Exchange) Effect() Reply {
	x.run.Do(func() { x.result = x.perform() })
	return Reply{x.result}
}

// Refuse answers with an error and lets nothing happen. The request is read to its
// end first, or a caller that still sends would hear a reset instead.
func (x *Exchange) Refuse(status int, code string) {
	x.load()
	x.Send(Reply{refuse(status, code)})
}

// Send sends an answer as it is. A caller that died meanwhile hears nothing.
func (x *Exchange) Send(a Reply) {
	if x.dead() {
		x.bury()
		return
	}
	x.write(a)
}

func (x *Exchange) write(a Reply) {
	x.head(a)
	if x.R.Method != http.MethodHead {
		_, _ = x.W.Write(a.body)
	}
}

// head sends status and header; the length is that of the whole body.
func (x *Exchange) head(a Reply) {
	h := x.W.Header()
	for name, values := range a.header {
		h[name] = values
	}
	h.Set("X-Amz-Request-Id", fmt.Sprintf("REQ%d", x.N))
	h.Set("X-Amz-Id-2", "HOST")
	h.Set("Date", x.s.opt.Clock().UTC().Format(http.TimeFormat))
	if h.Get("Content-Length") == "" && a.status != http.StatusNoContent && a.status != http.StatusNotModified {
		h.Set("Content-Length", strconv.Itoa(len(a.body)))
	}
	if x.R.Method == http.MethodHead && a.status >= 300 {
		h.Del("Content-Length")
		h.Del("Content-Type")
	}
	x.W.WriteHeader(a.status)
}

// Drop ends the connection without an answer.
func (x *Exchange) Drop() { panic(http.ErrAbortHandler) }

// Hang answers nothing until the caller gives up or the server is closed.
func (x *Exchange) Hang() {
	x.load() // a request that is not read hides that its caller has gone
	select {
	case <-x.R.Context().Done():
	case <-x.s.done:
	}
	x.Drop()
}

// load reads the request to its end.
func (x *Exchange) load() {
	x.read.Do(func() { x.body, x.broken = io.ReadAll(x.R.Body) })
}

// perform lets the request take effect. One whose body did not come whole has none.
func (x *Exchange) perform() *reply {
	x.load()
	s := x.s
	switch {
	case x.broken != nil:
		return refuse(http.StatusBadRequest, "IncompleteBody")
	case x.signed != nil:
		return x.signed
	}
	if bad := checkPayload(x.R, x.body); bad != nil {
		return bad
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if bucket, _ := split(x.R); bucket != s.opt.Bucket {
		return refuse(http.StatusNotFound, "NoSuchBucket")
	}
	c := &call{s: s, x: x, r: x.R, q: x.R.URL.Query(), key: x.Key, body: x.body, now: s.now()}
	if bad := c.authorize(); bad != nil {
		return bad
	}
	if a := c.do(); a != nil {
		return a
	}
	return notImplemented("the double does not know this request", x.R.Method, x.Op)
}

// call is one request inside of the bucket, with its lock held.
type call struct {
	s    *Server
	x    *Exchange
	r    *http.Request
	q    map[string][]string
	key  string
	body []byte
	now  time.Time
}

// has reports whether the query has a parameter, and arg gives its first value.
func (c *call) has(name string) bool { _, there := c.q[name]; return there }

func (c *call) arg(name string) string {
	if v := c.q[name]; len(v) > 0 {
		return v[0]
	}
	return ""
}

func (c *call) head(name string) string { return c.r.Header.Get(name) }

func (c *call) do() *reply {
	switch c.x.Op {
	case "HeadBucket":
		return c.headBucket()
	case "GetBucketVersioning":
		return c.bucketVersioning()
	case "ListObjectsV2":
		return c.listObjects()
	case "ListObjectVersions":
		return c.listVersions()
	case "ListMultipartUploads":
		return c.listUploads()
	case "HeadObject", "GetObject":
		return c.get()
	case "PutObject":
		return c.put()
	case "CopyObject":
		return c.copyObject()
	case "DeleteObject":
		return c.deleteObject()
	case "DeleteObjects":
		return c.deleteObjects()
	case "CreateMultipartUpload":
		return c.createUpload()
	case "Unknown":
		return nil
	}
	return c.multipart()
}
