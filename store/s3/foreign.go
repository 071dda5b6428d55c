package s3

import (
	"errors"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"

	"recfin/store"
)

// What stands between us and the store (a proxy, a load balancer, a captive portal)
// answers with pages of its own, also with status 200 or 404. None of them may pass
// for an object, for a write that was done, or for an object that is gone.

// errForeign: an answer that no store gives.
var errForeign = &fault{
	kind: store.ErrUnavailable, text: "something in front of the store answers in its place", transient: true, lost: true,
}

// foreign reports whether a good answer about an object is not that of a store: it
// names neither ETag nor date, or no ETag although the request was pinned to one.
func foreign(etag *string, modified *time.Time, pinned bool) bool {
	return aws.ToString(etag) == "" && (pinned || modified == nil)
}

// nameless reports whether a refusal lacks the id that a store gives each request.
func nameless(err error) bool {
	f := (*fault)(nil)
	return errors.As(err, &f) && f.request == ""
}

// foreign404 reports whether a 404 is not that of a store, which says what is missing
// (NoSuchKey) or at least names its request; "NotFound" is what the SDK makes of a
// body that it cannot read. The answer to a HEAD has no body: see Head.
func foreign404(answer *awshttp.ResponseError, f *fault) bool {
	asked := answer.Response.Request
	return f.status == http.StatusNotFound && f.request == "" && (f.code == "" || f.code == "NotFound") &&
		(asked == nil || asked.Method != http.MethodHead)
}
