package s3double

import (
	"net/http"
	"strings"
)

// denial takes an action away, for keys that begin with prefix.
type denial struct{ action, prefix string }

// Deny takes an action ("s3:DeleteObject", "s3:*") away for keys that begin with
// prefix; of listings that is their prefix.
func (s *Server) Deny(action, prefix string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.denied = append(s.denied, denial{action, prefix})
}

// AllowAll takes back each Deny.
func (s *Server) AllowAll() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.denied = nil
}

func (s *Server) allowed(action, resource string) bool {
	if s.opt.Allow != nil && !s.opt.Allow(action, resource) {
		return false
	}
	for _, d := range s.denied {
		if (d.action == action || d.action == "s3:*") && strings.HasPrefix(resource, d.prefix) {
			return false
		}
	}
	return true
}

var accessDenied = refuse(http.StatusForbidden, "AccessDenied")

// actions are the permissions that each operation needs on its own key, after the
// tables of AWS ("Required permissions for Amazon S3 API operations").
var actions = map[string]string{
	"HeadBucket": "s3:ListBucket", "ListObjectsV2": "s3:ListBucket", "ListObjectVersions": "s3:ListBucketVersions",
	"GetBucketVersioning": "s3:GetBucketVersioning", "ListMultipartUploads": "s3:ListBucketMultipartUploads",
	"ListParts": "s3:ListMultipartUploadParts", "AbortMultipartUpload": "s3:AbortMultipartUpload",
	"HeadObject": "s3:GetObject", "GetObject": "s3:GetObject",
	"PutObject": "s3:PutObject", "CopyObject": "s3:PutObject", "CreateMultipartUpload": "s3:PutObject",
	"UploadPart": "s3:PutObject", "UploadPartCopy": "s3:PutObject", "CompleteMultipartUpload": "s3:PutObject",
	"DeleteObject": "s3:DeleteObject", // of DeleteObjects each key is asked for by itself
}

// authorize says why the caller may not do this; nil: it may. A condition on an
// ETag tells of what is there, and so needs the right to read it.
func (c *call) authorize() *reply {
	need := []string{}
	if action := actions[c.x.Op]; action != "" {
		need = append(need, action)
	}
	if c.arg("versionId") != "" && len(need) > 0 {
		need[0] += "Version"
	}
	if c.head("If-Match") != "" {
		need = append(need, "s3:GetObject")
	}
	for _, action := range need {
		if !c.s.allowed(action, c.key) {
			return accessDenied
		}
	}
	return nil
}
