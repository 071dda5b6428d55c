package serve

import (
	"bytes"
	"net/http"
	"strconv"
	"time"
)

// answer is a response whose head waits for its first byte: until then it may still
// become an answer about an error.
type answer struct {
	http.ResponseWriter
	idle   time.Duration
	status int // 0: 200
	sent   bool
}

// WriteHeader notes the status; the last one counts.
func (a *answer) WriteHeader(status int) {
	if !a.sent {
		a.status = status
	}
}

// Write sends the head, and a part of the body. A client that takes nothing for long
// is given up.
func (a *answer) Write(p []byte) (int, error) {
	a.flush()
	a.wait()
	return a.ResponseWriter.Write(p)
}

// flush sends the head.
func (a *answer) flush() {
	if !a.sent {
		a.sent = true
		a.wait()
		a.ResponseWriter.WriteHeader(max(a.status, http.StatusOK))
	}
}

// wait has the connection wait for the client from now on. Where it has no deadlines,
// its own ones have to do.
func (a *answer) wait() {
	_ = http.NewResponseController(a.ResponseWriter).SetWriteDeadline(time.Now().Add(a.idle))
}

// text answers with a text that was made for this request.
func text(w http.ResponseWriter, r *http.Request, body []byte, kind string) error {
	h := w.Header()
	h.Set("Content-Type", kind)
	h.Set("Content-Length", strconv.Itoa(len(body)))
	if h.Get("Cache-Control") == "" {
		h.Set("Cache-Control", "no-cache")
	}
	if r.Method == http.MethodHead {
		return nil
	}
	_, _ = bytes.NewReader(body).WriteTo(w) // nobody is left to tell
	return nil
}
