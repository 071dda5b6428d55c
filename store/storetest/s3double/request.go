package s3double

import (
	"net/http"
	"net/url"
	"strings"
)

// Request is one request as the log keeps it.
type Request struct {
	Op     string // as S3 names it: "PutObject", "ListObjectsV2"; "Unknown" where it has no such
	Key    string // of the object; of listings their prefix
	N      int    // number among all requests, from 0
	OpN    int    // number among those of the same operation, from 0
	Query  url.Values
	Header http.Header
}

// Mutates reports whether the request may change the bucket.
func (r Request) Mutates() bool {
	switch r.Op {
	case "PutObject", "CopyObject", "CreateMultipartUpload", "UploadPart", "UploadPartCopy", "CompleteMultipartUpload",
		"AbortMultipartUpload", "DeleteObject", "DeleteObjects":
		return true
	}
	return false
}

// split gives bucket and key of a path-style request.
func split(r *http.Request) (bucket, key string) {
	bucket, key, _ = strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	return bucket, key
}

// operation names a request as S3 does.
func operation(r *http.Request) string {
	bucket, key := split(r)
	q := r.URL.Query()
	switch {
	case bucket == "":
		return "Unknown"
	case key == "":
		return bucketOperation(r.Method, q)
	}
	copies := r.Header.Get("X-Amz-Copy-Source") != ""
	for sub := range q {
		switch sub {
		case "x-id", "uploadId", "uploads", "partNumber", "versionId", "part-number-marker", "max-parts":
		default: // acl, tagging, select and the like
			if !strings.HasPrefix(sub, "response-") {
				return "Unknown"
			}
		}
	}
	switch r.Method {
	case http.MethodGet:
		if q.Has("uploadId") {
			return "ListParts"
		}
		return "GetObject"
	case http.MethodHead:
		return "HeadObject"
	case http.MethodPut:
		switch {
		case q.Has("uploadId") && copies:
			return "UploadPartCopy"
		case q.Has("uploadId"):
			return "UploadPart"
		case copies:
			return "CopyObject"
		}
		return "PutObject"
	case http.MethodPost:
		switch {
		case q.Has("uploads"):
			return "CreateMultipartUpload"
		case q.Has("uploadId"):
			return "CompleteMultipartUpload"
		}
	case http.MethodDelete:
		if q.Has("uploadId") {
			return "AbortMultipartUpload"
		}
		return "DeleteObject"
	}
	return "Unknown"
}

func bucketOperation(method string, q url.Values) string {
	switch {
	case method == http.MethodHead:
		return "HeadBucket"
	case method == http.MethodGet && q.Has("uploads"):
		return "ListMultipartUploads"
	case method == http.MethodGet && q.Has("versions"):
		return "ListObjectVersions"
	case method == http.MethodGet && q.Has("versioning"):
		return "GetBucketVersioning"
	case method == http.MethodGet && q.Get("list-type") == "2":
		return "ListObjectsV2"
	case method == http.MethodPost && q.Has("delete"):
		return "DeleteObjects"
	}
	return "Unknown"
}
