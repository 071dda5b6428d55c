package s3

import (
	"crypto/md5"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// double is as much of S3 as this package asks for, with a hook in front: what
// a real server cannot be made to do.
type double struct {
	t       *testing.T
	mu      sync.Mutex
	objects map[string]stored
	uploads map[string]*pending
	serial  int
	log     []string // "METHOD operation" of each request

	// hook sees each request first. It may answer itself (true), or leave that
	// to the double, whose answer is cut off where cut is set.
	hook func(op string, w http.ResponseWriter, r *http.Request) (answered bool)
	cut  func(op string) bool
}

type stored struct {
	body []byte
	etag string
	meta http.Header
	at   time.Time
}

type pending struct {
	key   string
	meta  http.Header
	parts map[int][]byte
}

const testBucket = "bucket"

func newDouble(t *testing.T) (*double, *httptest.Server) {
	d := &double{t: t, objects: map[string]stored{}, uploads: map[string]*pending{}}
	srv := httptest.NewServer(d)
	t.Cleanup(srv.Close)
	return d, srv
}

// quick is a tuning with short times and small parts.
func quick() tuning {
	t := defaults()
	t.connect, t.idle, t.patience, t.settle = time.Second, time.Second, time.Second, 2*time.Second
	t.giveUp, t.assemble = 20*time.Second, 20*time.Second
	t.backoff, t.maxBackoff = time.Millisecond, 4*time.Millisecond
	t.maxAttempts, t.minPart = 5, 64
	return t
}

const testKey, testSecret = "AKIATESTKEY", "s3cr3t+/=:@value"

func connect(t *testing.T, srv *httptest.Server, tune tuning) *Store {
	t.Helper()
	s, err := newStore(t.Context(), Options{
		Endpoint: srv.URL, Bucket: testBucket, Prefix: "pre", PathStyle: true, AccessKey: testKey, SecretKey: testSecret,
	}, tune)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// operation names a request as S3 does.
func operation(r *http.Request) string {
	q := r.URL.Query()
	bucket := strings.Trim(r.URL.Path, "/") == testBucket
	switch {
	case bucket && q.Has("uploads"):
		return "ListMultipartUploads"
	case bucket && r.Method == http.MethodGet:
		return "ListObjectsV2"
	case bucket && r.Method == http.MethodHead:
		return "HeadBucket"
	case r.Method == http.MethodPost && q.Has("uploads"):
		return "CreateMultipartUpload"
	case r.Method == http.MethodPost && q.Has("uploadId"):
		return "CompleteMultipartUpload"
	case r.Method == http.MethodPut && q.Has("uploadId"):
		return "UploadPart"
	case r.Method == http.MethodDelete && q.Has("uploadId"):
		return "AbortMultipartUpload"
	}
	return map[string]string{"GET": "GetObject", "PUT": "PutObject", "HEAD": "HeadObject", "DELETE": "DeleteObject"}[r.Method]
}

func (d *double) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	op := operation(r)
	d.mu.Lock()
	d.log = append(d.log, op)
	d.mu.Unlock()
	if d.hook != nil && d.hook(op, w, r) {
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	if sent := r.Header.Get("Content-Md5"); (op == "PutObject" || op == "UploadPart") && sent != contentMD5(body) {
		refuse(w, http.StatusBadRequest, "BadDigest")
		return
	}
	out := httptest.NewRecorder()
	d.mu.Lock()
	d.answer(op, out, r, body)
	d.mu.Unlock()
	if d.cut != nil && d.cut(op) {
		panic(http.ErrAbortHandler)
	}
	maps.Copy(w.Header(), out.Header())
	w.WriteHeader(out.Code)
	_, _ = w.Write(out.Body.Bytes())
}

func contentMD5(b []byte) string {
	sum := md5.Sum(b)
	return base64.StdEncoding.EncodeToString(sum[:])
}

func refuse(w http.ResponseWriter, status int, code string) {
	w.Header().Set("X-Amz-Request-Id", "REQ1")
	w.WriteHeader(status)
	fmt.Fprintf(w, "<Error><Code>%s</Code><Message>about %s</Message></Error>", code, code)
}

func (d *double) answer(op string, w http.ResponseWriter, r *http.Request, body []byte) {
	key := strings.TrimPrefix(r.URL.Path, "/"+testBucket+"/")
	id := r.URL.Query().Get("uploadId")
	up := d.uploads[id]
	switch op {
	case "PutObject":
		if d.allowed(w, key, r) {
			w.Header().Set("Etag", d.set(key, body, r.Header))
		}
	case "GetObject", "HeadObject":
		d.get(w, r, key)
	case "DeleteObject":
		if d.allowed(w, key, r) {
			delete(d.objects, key)
			w.WriteHeader(http.StatusNoContent)
		}
	case "CreateMultipartUpload":
		d.serial++
		id := fmt.Sprintf("upload-%d", d.serial)
		d.uploads[id] = &pending{key: key, meta: r.Header.Clone(), parts: map[int][]byte{}}
		fmt.Fprintf(w, "<InitiateMultipartUploadResult><UploadId>%s</UploadId></InitiateMultipartUploadResult>", id)
	case "ListObjectsV2":
		d.list(w, r)
	case "UploadPart", "CompleteMultipartUpload", "AbortMultipartUpload":
		if up == nil || up.key != key {
			refuse(w, http.StatusNotFound, "NoSuchUpload")
			return
		}
		d.multipart(op, w, r, up, body)
	}
}

func (d *double) multipart(op string, w http.ResponseWriter, r *http.Request, up *pending, body []byte) {
	id := r.URL.Query().Get("uploadId")
	switch op {
	case "UploadPart":
		n, _ := strconv.Atoi(r.URL.Query().Get("partNumber"))
		up.parts[n] = body
		sum := md5.Sum(body)
		w.Header().Set("Etag", `"`+hex.EncodeToString(sum[:])+`"`)
	case "AbortMultipartUpload":
		delete(d.uploads, id)
		w.WriteHeader(http.StatusNoContent)
	case "CompleteMultipartUpload":
		numbers := slices.Sorted(maps.Keys(up.parts))
		var whole []byte
		for i, n := range numbers {
			if n != i+1 || strings.Count(string(body), "<Part>") != len(numbers) {
				refuse(w, http.StatusBadRequest, "InvalidPart")
				return
			}
			whole = append(whole, up.parts[n]...)
		}
		if r.Header.Get("X-Amz-Mp-Object-Size") != strconv.Itoa(len(whole)) {
			refuse(w, http.StatusBadRequest, "InvalidRequest")
			return
		}
		if d.allowed(w, up.key, r) {
			delete(d.uploads, id)
			etag := d.set(up.key, whole, up.meta)
			fmt.Fprintf(w, "<CompleteMultipartUploadResult><ETag>%s</ETag></CompleteMultipartUploadResult>", etag)
		}
	}
}

func (d *double) set(key string, body []byte, meta http.Header) (etag string) {
	d.serial++
	etag = fmt.Sprintf(`"etag-%d"`, d.serial)
	d.objects[key] = stored{body: body, etag: etag, meta: meta.Clone(), at: time.Date(2026, 1, 2, 3, 4, d.serial, 0, time.UTC)}
	return etag
}

// allowed evaluates the condition of a write or delete.
func (d *double) allowed(w http.ResponseWriter, key string, r *http.Request) bool {
	old, there := d.objects[key]
	want := r.Header.Get("If-Match")
	switch {
	case want != "" && !there:
		refuse(w, http.StatusNotFound, "NoSuchKey")
	case want != "" && want != old.etag, r.Header.Get("If-None-Match") == "*" && there:
		refuse(w, http.StatusPreconditionFailed, "PreconditionFailed")
	default:
		return true
	}
	return false
}

func (d *double) get(w http.ResponseWriter, r *http.Request, key string) {
	o, there := d.objects[key]
	if !there {
		refuse(w, http.StatusNotFound, "NoSuchKey")
		return
	}
	if want := r.Header.Get("If-Match"); want != "" && want != o.etag {
		refuse(w, http.StatusPreconditionFailed, "PreconditionFailed")
		return
	}
	for k, v := range o.meta {
		if strings.HasPrefix(k, "X-Amz-Meta-") {
			w.Header()[k] = v
		}
	}
	w.Header().Set("Etag", o.etag)
	http.ServeContent(w, r, "", o.at, strings.NewReader(string(o.body)))
}

// list answers with the keys that are stored, in pages, encoded as S3 does.
func (d *double) list(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	limit, _ := strconv.Atoi(q.Get("max-keys"))
	keys := slices.Sorted(maps.Keys(d.objects))
	after, _ := url.QueryUnescape(q.Get("continuation-token"))
	keys = slices.DeleteFunc(keys, func(k string) bool {
		return !strings.HasPrefix(k, q.Get("prefix")) || k <= after
	})
	more := len(keys) > limit
	keys = keys[:min(len(keys), limit)]
	fmt.Fprintf(w, "<ListBucketResult><KeyCount>%d</KeyCount><EncodingType>url</EncodingType><IsTruncated>%v</IsTruncated>", len(keys), more)
	if more {
		fmt.Fprintf(w, "<NextContinuationToken>%s</NextContinuationToken>", url.QueryEscape(keys[limit-1]))
	}
	for _, k := range keys {
		o := d.objects[k]
		fmt.Fprintf(w, "<Contents><Key>%s</Key><Size>%d</Size><ETag>%s</ETag><LastModified>%s</LastModified></Contents>",
			url.QueryEscape(k), len(o.body), strings.ReplaceAll(o.etag, `"`, "&quot;"), o.at.Format(time.RFC3339))
	}
	fmt.Fprint(w, "</ListBucketResult>")
}

// count tells how often an operation was asked for.
func (d *double) count(op string) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	n := 0
	for _, o := range d.log {
		if o == op {
			n++
		}
	}
	return n
}

// body gives what is stored, and whether it is.
func (d *double) body(key string) (string, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	o, there := d.objects["pre/"+key]
	return string(o.body), there
}

// left is the number of uploads that nobody ended.
func (d *double) left() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.uploads)
}

// first gives a condition that holds for the first n requests of an operation.
func first(n int, op string) func(string) bool {
	var mu sync.Mutex
	return func(got string) bool {
		mu.Lock()
		defer mu.Unlock()
		if got != op || n == 0 {
			return false
		}
		n--
		return true
	}
}
