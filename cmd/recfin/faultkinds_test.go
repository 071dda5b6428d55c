package main

import (
	"net/http"
	"strconv"
	"strings"

	"recfin/store/storetest/s3double"
)

// phase is what a run is doing when a fault meets it: requests of one kind about
// the recording foo, or about the store as a whole.
type phase struct {
	name  string
	fits  func(s3double.Request) bool
	after int  // of those that fit, so many are somebody else's
	whole bool // bar suffers as well
	does  verb
}

// verb says which faults make sense.
type verb int

const (
	lists verb = iota
	reads
	looks
	writes
	removes
)

// asks fits requests with one of some operations, about keys with an end and,
// where said, with a Range.
func asks(end string, ops ...string) func(s3double.Request) bool {
	return func(r s3double.Request) bool {
		for _, op := range ops {
			if r.Op == op && strings.Contains(r.Key, "foo/") && strings.HasSuffix(r.Key, end) {
				return true
			}
		}
		return false
	}
}

func segments(whole bool) func(s3double.Request) bool {
	return func(r s3double.Request) bool {
		return r.Op == "GetObject" && strings.HasPrefix(r.Key, "live/foo/") && (r.Header.Get("Range") == "") == whole
	}
}

func private(folder, op string) func(s3double.Request) bool {
	return func(r s3double.Request) bool {
		return strings.Contains(r.Key, "/.recfin/"+folder) && (op == "" || r.Op == op)
	}
}

// leaseOfFoo is the start of the name of its lease.
const leaseOfFoo = "leases/2c26b46b68ffc68f"

// phases are those of a run, in their order.
var phases = []phase{
	{name: "discover", whole: true, does: lists, fits: func(r s3double.Request) bool { return r.Op == "ListObjectsV2" && r.Key == "live/" }},
	{name: "marker read", does: reads, fits: asks("/recording.json", "GetObject")},
	{name: "list outputs", does: lists, fits: asks("recordings/foo/", "ListObjectsV2")},
	{name: "list segments", does: lists, fits: asks("live/foo/", "ListObjectsV2")},
	{name: "sweep", does: lists, fits: asks("recordings/foo/", "ListMultipartUploads")},
	{name: "head read", does: reads, fits: segments(false)},
	{name: "body read", does: reads, fits: segments(true)},
	{name: "probe write", whole: true, does: writes, fits: private("probe/", "PutObject")},
	{name: "probe read", whole: true, does: reads, fits: private("probe/", "GetObject")},
	{name: "probe delete", whole: true, does: removes, fits: private("probe/", "DeleteObject")},
	{name: "lease", does: writes, fits: private(leaseOfFoo, "PutObject")},
	{name: "lease release", does: removes, fits: private(leaseOfFoo, "DeleteObject")},
	{name: "look", does: looks, fits: asks(".mp4", "HeadObject")},
	{name: "create", does: writes, fits: asks(".mp4", "CreateMultipartUpload")},
	{name: "part", does: writes, fits: asks(".mp4", "UploadPart")},
	{name: "complete", does: writes, fits: asks(".mp4", "CompleteMultipartUpload")},
	{name: "playlist write", does: writes, fits: asks("720p.m3u8", "PutObject")},
	{name: "record write", does: writes, fits: asks(".gz", "PutObject")},
	{name: "marker write", does: writes, fits: asks("/recording.json", "PutObject")},
	{name: "door", does: writes, fits: asks("/index.m3u8", "PutObject")},
	{name: "read-back mp4", does: reads, fits: asks(".mp4", "GetObject")},
	{name: "read-back playlist", does: reads, fits: asks("720p.m3u8", "GetObject")},
	{name: "read-back record", does: reads, fits: asks(".gz", "GetObject")},
	{name: "delete", after: 1, does: removes, fits: func(r s3double.Request) bool { return r.Op == "DeleteObjects" }},
}

// kind is a fault: what it does, and how a run of foo ends that meets it at each
// try.
type kind struct {
	name string
	do   s3double.Effect
	does []verb   // where it makes sense; nil: everywhere
	code int      // exit code of finalize foo
	says []string // what the message must hold then
}

// page answers with a page for people, as a proxy in front of a store does.
func page(status int, header ...string) s3double.Effect {
	return func(x *s3double.Exchange) {
		body := "<html><head><title>" + http.StatusText(status) + "</title></head><body><h1>Oops</h1></body></html>"
		h := x.W.Header()
		for i := 0; i+1 < len(header); i += 2 {
			h.Set(header[i], header[i+1])
		}
		h.Set("Content-Type", "text/html")
		h.Set("Content-Length", strconv.Itoa(len(body)))
		x.W.WriteHeader(status)
		if x.R.Method != http.MethodHead {
			_, _ = x.W.Write([]byte(body))
		}
	}
}

// with answers with an error and a header.
func with(status int, code, name, value string) s3double.Effect {
	return func(x *s3double.Exchange) {
		x.W.Header().Set(name, value)
		x.Refuse(status, code)
	}
}

var (
	later   = []string{"unavailable", "again"}
	rights  = []string{"denied"}
	bodies  = []verb{reads, lists}
	stores  = []verb{writes}
	objects = []verb{reads}
)

// kinds are the faults.
var kinds = []kind{
	{name: "503 SlowDown", do: s3double.Error(503, "SlowDown"), code: exitUnavailable, says: later},
	{name: "429", do: with(429, "TooManyRequests", "Retry-After", "1"), code: exitUnavailable, says: later},
	{name: "500", do: s3double.Error(500, "InternalError"), code: exitUnavailable, says: later},
	{name: "500 after effect", do: s3double.ErrorAfter(500, "InternalError"), code: exitUnavailable, says: later},
	{name: "502 page", do: page(502), code: exitUnavailable, says: later},
	{name: "504 page", do: page(504), code: exitUnavailable, says: later},
	{name: "timeout", do: s3double.Error(400, "RequestTimeout"), code: exitUnavailable, says: later},
	{name: "no answer", do: s3double.Hang(), code: exitUnavailable, says: later},
	{name: "no answer after effect", do: s3double.HangAfter(), code: exitUnavailable, says: later},
	{name: "reset", do: s3double.Reset(), code: exitUnavailable, says: later},
	{name: "lost answer", do: s3double.Lose(), code: exitUnavailable, says: later},
	{name: "late effect", do: s3double.Late(3, 500, "InternalError"), does: []verb{writes, removes}, code: exitUnavailable, says: later},
	{name: "reset in the body", do: s3double.ResetBody(-1), does: bodies, code: exitUnavailable, says: later},
	{name: "cut body", do: s3double.Truncate(-1), does: bodies, code: exitUnavailable, says: later},
	{name: "short body", do: s3double.Shorten(300), does: bodies, code: exitUnavailable, says: later},
	{name: "wrong byte", do: s3double.Garble(200), does: objects, code: exitUnavailable, says: later},
	{name: "stored wrong", do: s3double.Misplace(200), does: stores, code: exitFailed, says: nil},
	{name: "page again", do: s3double.Restart(), does: []verb{lists}, code: exitUnavailable, says: later},
	{name: "full", do: s3double.Error(507, "QuotaExceeded"), does: stores, code: exitFailed, says: []string{"cannot take more", "make room"}},
	{name: "denied", do: s3double.Error(403, "AccessDenied"), code: exitUsage, says: rights},
	{name: "archived", do: s3double.Error(403, "InvalidObjectState"), does: objects, code: exitFailed, says: []string{"archived", "restore"}},
	{name: "expired", do: s3double.Error(400, "ExpiredToken"), code: exitUsage, says: rights},
	{name: "skewed", do: s3double.Error(403, "RequestTimeTooSkewed"), code: exitUsage, says: []string{"denied", "clock"}},
	{name: "no bucket", do: s3double.Error(404, "NoSuchBucket"), code: exitUsage, says: []string{"no such bucket"}},
	{name: "elsewhere", do: with(301, "PermanentRedirect", "X-Amz-Bucket-Region", "mars-1"), code: exitUsage, says: []string{"mars-1"}},
	{name: "200 page", do: page(200), code: exitUnavailable, says: later},
	{name: "200 with error", do: s3double.Error(200, "InternalError"), code: exitUnavailable, says: later},
	{name: "404 page", do: page(404), code: exitUnavailable, says: later},
	{name: "403 page", do: page(403), code: exitUsage, says: rights},
}
