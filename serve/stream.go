package serve

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path"
	"strconv"
	"strings"
	"time"

	"recfin/store"
)

// contentTypes are those of what a recording is made of. Anything else is bytes: no
// name makes something that a browser would run.
var contentTypes = map[string]string{
	".m3u8": "application/vnd.apple.mpegurl",
	".ts":   "video/mp2t", ".m2ts": "video/mp2t",
	".mp4": "video/mp4", ".m4s": "video/mp4", ".m4v": "video/mp4", ".cmfv": "video/mp4",
	".m4a": "audio/mp4", ".cmfa": "audio/mp4",
	".aac": "audio/aac", ".mp3": "audio/mpeg", ".ac3": "audio/ac3", ".ec3": "audio/eac3",
	".vtt": "text/vtt",
}

func contentType(key string) string {
	if kind, ok := contentTypes[strings.ToLower(path.Ext(key))]; ok {
		return kind
	}
	return "application/octet-stream"
}

// checksum is that of a version of an object: of what it is, not of its bytes.
func checksum(o store.Object) string {
	var room [512]byte
	text := room[:0]
	for _, part := range []string{o.Store, o.Key, o.ETag} {
		text = append(append(strconv.AppendInt(text, int64(len(part)), 10), ':'), part...)
	}
	sum := sha256.Sum256(strconv.AppendInt(text, o.Size, 10))
	return hex.EncodeToString(sum[:8])
}

// stream passes an object through: the version that was named, or an error. Ranges
// and conditions are those of net/http; several ranges in one request are not served,
// and all of the object is instead (RFC 9110 §14.2).
func (s *Server) stream(w http.ResponseWriter, r *http.Request, o store.Object) error {
	from := s.stores[o.Store]
	if from == nil {
		return &refusal{http.StatusNotFound, "this server has no store " + o.Store + ": start it with --store for that too"}
	}
	if err := s.reads.enter(r.Context()); err != nil {
		return err
	}
	defer s.reads.leave()
	ctx, cancel := context.WithCancelCause(r.Context())
	defer cancel(nil)
	c := &content{ctx: ctx, from: from, o: o, promised: func() (int64, bool) {
		n, err := strconv.ParseInt(w.Header().Get("Content-Length"), 10, 64)
		return n, err == nil
	}}
	idle := time.AfterFunc(s.opt.Idle, func() {
		cancel(fmt.Errorf("%w: nothing of %s came for %s", store.ErrUnavailable, store.Printable(o.Key), s.opt.Idle))
	})
	defer idle.Stop()
	c.moved = func() { idle.Reset(s.opt.Idle) }
	defer c.close()
	if r.Method == http.MethodHead {
		if err := c.check(); err != nil {
			return c.why(err)
		}
	}
	r = oneRange(r, o.Size)
	h := w.Header()
	h.Set("Content-Type", contentType(o.Key))
	h.Set("ETag", `"`+checksum(o)+`"`)
	h.Set("Cache-Control", "private, no-cache")
	http.ServeContent(w, r, "", o.Modified, c)
	return c.err
}

// oneRange gives a request without several ranges. The last 0 bytes are none, which
// net/http takes for a part of the object (RFC 9110 §14.1.2).
func oneRange(r *http.Request, size int64) *http.Request {
	asked := r.Header.Get("Range")
	none := strings.Trim(strings.TrimPrefix(asked, "bytes=-"), "0 ") == "" && strings.HasPrefix(asked, "bytes=-0")
	if !none && !strings.Contains(asked, ",") {
		return r
	}
	r = r.Clone(r.Context())
	r.Header.Del("Range")
	if none {
		r.Header.Set("Range", "bytes="+strconv.FormatInt(size, 10)+"-")
	}
	return r
}

// content reads an object as far as it is asked for, from one place on. It is used by
// one goroutine.
type content struct {
	ctx      context.Context
	from     store.Reader
	o        store.Object
	promised func() (int64, bool) // how many bytes will be read from the place of the first read on
	moved    func()
	at       int64
	body     io.ReadCloser
	left     int64 // bytes of body
	err      error // of the store; what was asked for is not whole then
}

// Seek implements io.Seeker.
func (c *content) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		offset += c.at
	case io.SeekEnd:
		offset += c.o.Size
	}
	if offset < 0 {
		return 0, fmt.Errorf("seek to %d", offset)
	}
	if offset != c.at {
		c.close()
	}
	c.at = offset
	return offset, nil
}

// Read implements io.Reader.
func (c *content) Read(p []byte) (int, error) {
	if c.err != nil || c.at >= c.o.Size || len(p) == 0 {
		if c.err == nil && len(p) > 0 {
			return 0, io.EOF
		}
		return 0, c.err
	}
	if c.body == nil {
		part := store.Range{Off: c.at}
		if n, ok := c.promised(); ok {
			part.Len = n
		}
		body, err := c.from.Get(c.ctx, c.o.Key, part, store.Pinned(c.o))
		if err != nil {
			c.err = c.why(err)
			return 0, c.err
		}
		c.body, c.left = body, body.Length
	}
	n, err := c.body.Read(p)
	c.at, c.left = c.at+int64(n), c.left-int64(n)
	c.moved()
	if c.left == 0 && err == nil {
		err = c.end()
	}
	if err != nil && !errors.Is(err, io.EOF) {
		c.err = c.why(err)
		return 0, c.err
	}
	return n, err
}

// end reads behind the last byte: only there a store says that the version was the
// right one to the end. The last bytes are held back until then, so that the client has
// all of them, or an answer that is too short.
func (c *content) end() error {
	var none [1]byte
	for {
		if n, err := c.body.Read(none[:]); n > 0 {
			return fmt.Errorf("%w: %s has more bytes than it promised", store.ErrChanged, store.Printable(c.o.Key))
		} else if err != nil {
			return err
		}
	}
}

// check asks whether the object is still the one that was named.
func (c *content) check() error {
	info, err := c.from.Head(c.ctx, c.o.Key)
	if err == nil && !store.Pinned(c.o).Admits(info.Object) {
		err = &store.Error{Op: "head", Store: c.o.Store, Key: c.o.Key, Err: store.ErrChanged}
	}
	return err
}

// why is the reason that a context was given up for, where it was.
func (c *content) why(err error) error {
	if cause := context.Cause(c.ctx); cause != nil && c.ctx.Err() != nil {
		return cause
	}
	return err
}

func (c *content) close() {
	if c.body != nil {
		_ = c.body.Close() // it was only read
		c.body = nil
	}
}
