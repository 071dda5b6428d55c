package s3

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go"

	"recfin/store"
)

// fault is an error of the service, reduced to what may be shown: never a
// header, a request or a credential.
type fault struct {
	kind      error // sentinel of package store, or the error of the context
	status    int   // of HTTP; 0 where no answer came
	code      string
	text      string
	request   string        // id that the store gave the request
	transient bool          // may be tried again
	lost      bool          // the request may have taken effect all the same
	slow      bool          // the store wants fewer requests
	expired   bool          // the credentials are too old
	after     time.Duration // the store wants to be left alone for that long
}

// Error names the sentinel, then what the store said.
func (f *fault) Error() string {
	var parts []string
	for _, p := range []string{f.code, f.text} {
		if p != "" {
			parts = append(parts, p)
		}
	}
	if f.status != 0 {
		parts = append(parts, fmt.Sprintf("status %d", f.status))
	}
	if f.request != "" {
		parts = append(parts, "request "+f.request)
	}
	if len(parts) == 0 {
		return f.kind.Error()
	}
	return f.kind.Error() + " (" + strings.Join(parts, ", ") + ")"
}

// Unwrap gives the sentinel.
func (f *fault) Unwrap() error { return f.kind }

// errNoUpload: a multipart upload is neither under way nor of use any more.
var errNoUpload = fmt.Errorf("%w: the upload was ended by someone else", store.ErrUnavailable)

// kinds maps error codes of S3 and its relatives.
var kinds = map[string]error{
	"NoSuchBucket":                   store.ErrNoStore,
	"NoSuchKey":                      store.ErrNotExist,
	"NotFound":                       store.ErrNotExist,
	"NoSuchUpload":                   errNoUpload,
	"PreconditionFailed":             store.ErrConflict,
	"ConditionalRequestConflict":     store.ErrConflict,
	"InvalidObjectState":             store.ErrArchived,
	"ObjectNotInActiveTierError":     store.ErrArchived, // of the source of a copy
	"InvalidRange":                   store.ErrRange,
	"AccessDenied":                   store.ErrDenied,
	"Forbidden":                      store.ErrDenied,
	"AccountProblem":                 store.ErrDenied,
	"AllAccessDisabled":              store.ErrDenied,
	"InvalidAccessKeyId":             store.ErrDenied,
	"XAdminUserNotFound":             store.ErrDenied, // versitygw, with 404
	"InvalidToken":                   store.ErrDenied,
	"ExpiredToken":                   store.ErrDenied,
	"TokenRefreshRequired":           store.ErrDenied,
	"SignatureDoesNotMatch":          store.ErrDenied,
	"RequestTimeTooSkewed":           store.ErrDenied,
	"QuotaExceeded":                  store.ErrFull,
	"XMinioStorageFull":              store.ErrFull,
	"XMinioAdminBucketQuotaExceeded": store.ErrFull,
	"InternalError":                  store.ErrUnavailable,
	"ServiceUnavailable":             store.ErrUnavailable,
	"SlowDown":                       store.ErrUnavailable,
	"Throttling":                     store.ErrUnavailable,
	"ThrottlingException":            store.ErrUnavailable,
	"TooManyRequests":                store.ErrUnavailable,
	"RequestLimitExceeded":           store.ErrUnavailable,
	"RequestTimeout":                 store.ErrUnavailable,
	"OperationAborted":               store.ErrUnavailable,
	"BadDigest":                      store.ErrUnavailable, // spoilt on the way
	"XAmzContentSHA256Mismatch":      store.ErrUnavailable,
	"XAmzContentChecksumMismatch":    store.ErrUnavailable, // MinIO
	"IncompleteBody":                 store.ErrUnavailable,
}

// kindOf maps what no code told. A 404 without a code of S3 is not among them:
// whoever sent it does not know the object, and that it is gone would be
// believed.
func kindOf(status int) error {
	switch status {
	case http.StatusUnauthorized, http.StatusForbidden:
		return store.ErrDenied
	case http.StatusPreconditionFailed:
		return store.ErrConflict
	case http.StatusRequestedRangeNotSatisfiable:
		return store.ErrRange
	case http.StatusInsufficientStorage:
		return store.ErrFull
	case http.StatusRequestTimeout, http.StatusTooManyRequests:
		return store.ErrUnavailable
	case http.StatusNotImplemented:
		return store.ErrInvalid
	}
	if status >= 500 {
		return store.ErrUnavailable
	}
	return store.ErrInvalid
}

// classify reduces an error of the SDK. ctx is that of the caller.
func (s *Store) classify(ctx context.Context, err error) *fault {
	if f := (*fault)(nil); errors.As(err, &f) {
		return f
	}
	var answer *awshttp.ResponseError
	var api smithy.APIError
	answered := errors.As(err, &answer) && answer.HTTPStatusCode() != 0
	switch {
	case errors.As(err, &api) && answered:
		return s.answered(answer, api)
	case ctx.Err() != nil:
		return &fault{kind: ctx.Err(), lost: true}
	case errors.Is(err, errCredentials):
		return &fault{kind: store.ErrDenied, text: s.redact(root(err, errCredentials))}
	case answered:
		// An answer that cannot be read: cut short, or not of S3 at all.
		f := s.answered(answer, nil)
		if f.status < 300 {
			f.kind, f.transient, f.lost = store.ErrUnavailable, true, true
			f.text = "the answer cannot be read"
		}
		return f
	}
	return s.unanswered(err)
}

// answered is a fault that the store reported itself.
func (s *Store) answered(answer *awshttp.ResponseError, api smithy.APIError) *fault {
	f := &fault{status: answer.Response.StatusCode, request: s.redact(answer.RequestID)}
	if api != nil {
		f.code, f.text = api.ErrorCode(), s.redact(api.ErrorMessage())
	}
	kind, known := kinds[f.code]
	switch {
	case !known && f.code == "" && f.status == http.StatusNotFound: // its body broke off: what is missing is not known
		kind, f.text = store.ErrUnavailable, "the answer cannot be read"
	case !known:
		kind, f.code = kindOf(f.status), s.redact(f.code)
	}
	region := answer.Response.Header.Get("X-Amz-Bucket-Region")
	switch {
	case foreign404(answer, f):
		kind, f.code, f.text = errForeign.kind, "", errForeign.text
	case region != "" && (f.status/100 == 3 || f.code == "AuthorizationHeaderMalformed"):
		kind = store.ErrNoStore
		f.text += "; the bucket is in region " + s.redact(region) + ", which ?region= names"
	}
	f.kind = kind
	f.slow = slowCodes[f.code] || f.status == http.StatusTooManyRequests
	stale := f.code == "ExpiredToken" || f.code == "TokenRefreshRequired"
	f.expired = stale || f.code == "BadRequest" // all that the answer to a HEAD says of it
	skewed := f.code == "RequestTimeTooSkewed"
	f.transient = kind == store.ErrUnavailable || skewed
	f.lost = f.transient && (f.status >= 500 || f.status == http.StatusNotFound) && !f.slow
	if f.transient {
		f.after = retryAfter(answer.Response.Header.Get("Retry-After"), time.Now())
	}
	if stale {
		f.text += "; credentials that are valid now are needed"
	}
	if date, err := http.ParseTime(answer.Response.Header.Get("Date")); err == nil && (skewed || kind == store.ErrDenied) {
		f.text += skew(time.Since(date), skewed)
	}
	return f
}

// slowCodes ask for fewer requests.
var slowCodes = map[string]bool{
	"SlowDown": true, "Throttling": true, "ThrottlingException": true, "TooManyRequests": true,
	"RequestLimitExceeded": true, "ServiceUnavailable": true,
}

// retryAfter reads how long to wait: seconds or a date (RFC 9110 §10.2.3). 0: it
// does not say.
func retryAfter(header string, now time.Time) time.Duration {
	if n, err := strconv.Atoi(header); err == nil && n > 0 {
		return time.Duration(min(n, 3600)) * time.Second
	}
	if date, err := http.ParseTime(header); err == nil {
		return max(0, date.Sub(now))
	}
	return 0
}

// maxSkew is what S3 lets the date of a signature be wrong by.
const maxSkew = 15 * time.Minute

// skew says that clocks differ, and by how much: always where the store gave it as
// the reason, else (the answer to a HEAD has no reason) where it is likely to be.
func skew(ahead time.Duration, said bool) string {
	way := "ahead of"
	if ahead < 0 {
		ahead, way = -ahead, "behind"
	}
	if !said && ahead < maxSkew {
		return ""
	}
	return fmt.Sprintf("; our clock is %v %s that of the store", ahead.Round(time.Second), way)
}

// unanswered is a fault of the connection.
func (s *Store) unanswered(err error) *fault {
	f := &fault{kind: store.ErrUnavailable, transient: true, lost: true}
	var dns *net.DNSError
	var op *net.OpError
	var wait interface{ Timeout() bool }
	switch {
	case strings.Contains(err.Error(), "invalid proxy address"): // what follows may be a password
		f.kind, f.transient, f.lost = store.ErrInvalid, false, false
		f.text = "the proxy of the environment (HTTPS_PROXY, HTTP_PROXY) is no URL"
	case badCertificate(err):
		f.kind, f.transient, f.lost = store.ErrInvalid, false, false
		f.text = "the certificate of the store is not trusted; AWS_CA_BUNDLE names a file with its authority"
	case errors.As(err, &dns):
		f.text, f.transient, f.lost = "host "+dns.Name+" is not known", !dns.IsNotFound, false
	case errors.As(err, &op) && op.Op == "dial":
		f.text, f.lost = "no connection: "+op.Err.Error(), false
	case errors.As(err, &wait) && wait.Timeout():
		f.text = "no answer in time"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, context.Canceled): // see once
		f.text = "the connection was closed"
	default:
		f.text = s.redact(innermost(err).Error())
	}
	f.text = s.redact(f.text)
	return f
}

func badCertificate(err error) bool {
	var verify *tls.CertificateVerificationError
	var authority x509.UnknownAuthorityError
	var host x509.HostnameError
	return errors.As(err, &verify) || errors.As(err, &authority) || errors.As(err, &host)
}

// innermost follows single causes to their end.
func innermost(err error) error {
	for {
		next := errors.Unwrap(err)
		if next == nil {
			return err
		}
		err = next
	}
}

// root gives the text of mark and of the cause that it was put in front of.
func root(err, mark error) string {
	text := err.Error()
	if i := strings.Index(text, mark.Error()); i >= 0 {
		return text[i:]
	}
	return mark.Error()
}

// redact makes a text that came from outside fit to be shown.
func (s *Store) redact(text string) string { return s.secrets.redact(text) }

// fail names what was being done.
func (s *Store) fail(op, key string, err error) error {
	return &store.Error{Op: op, Store: s.opt.Label, Key: key, Err: err}
}
