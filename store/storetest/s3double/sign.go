package s3double

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	signing     = "AWS4-HMAC-SHA256"
	signedDate  = "20060102T150405Z"
	payloadHash = "X-Amz-Content-Sha256"
)

// unsigned says what is wrong with the signature of a request ("Signature Version
// 4", in the Authorization header); nil: nothing.
func (s *Server) unsigned(r *http.Request) *reply {
	denied := func(code string, why ...string) *reply { return refuse(http.StatusForbidden, code, why...) }
	text, found := strings.CutPrefix(r.Header.Get("Authorization"), signing+" ")
	if !found {
		return denied("AccessDenied", "the request is not signed")
	}
	fields := map[string]string{}
	for _, field := range strings.Split(text, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(field), "=")
		fields[name] = value
	}
	scope := strings.Split(fields["Credential"], "/")
	if len(scope) != 5 {
		return refuse(http.StatusBadRequest, "AuthorizationHeaderMalformed")
	}
	date, region := scope[1], scope[2]
	at, err := time.Parse(signedDate, r.Header.Get("X-Amz-Date"))
	switch {
	case scope[0] != s.AccessKey:
		return denied("InvalidAccessKeyId")
	case err != nil || at.Format("20060102") != date:
		return denied("AccessDenied", "the date of the signature is missing or wrong")
	case s.opt.MaxSkew > 0 && at.Sub(s.opt.Clock()).Abs() > s.opt.MaxSkew:
		return denied("RequestTimeTooSkewed")
	case region != s.Region || scope[3] != "s3" || scope[4] != "aws4_request":
		return refuse(http.StatusBadRequest, "AuthorizationHeaderMalformed", "expecting '"+s.Region+"'")
	case r.Header.Get(payloadHash) == "":
		return invalid("Missing required header for this request: x-amz-content-sha256")
	}
	names := strings.Split(fields["SignedHeaders"], ";")
	if !slices.Contains(names, "host") || !slices.IsSorted(names) {
		return denied("SignatureDoesNotMatch")
	}
	for name := range r.Header {
		if name = strings.ToLower(name); strings.HasPrefix(name, "x-amz-") && !slices.Contains(names, name) {
			return denied("AccessDenied", "There were headers present in the request which were not signed", name)
		}
	}
	sum := sha256.Sum256([]byte(canonical(r, names)))
	toSign := fmt.Sprintf("%s\n%s\n%s\n%x", signing, r.Header.Get("X-Amz-Date"), strings.Join(scope[1:], "/"), sum)
	key := []byte("AWS4" + s.SecretKey)
	for _, part := range append(scope[1:], toSign) {
		h := hmac.New(sha256.New, key)
		h.Write([]byte(part))
		key = h.Sum(nil)
	}
	if subtle.ConstantTimeCompare([]byte(hex.EncodeToString(key)), []byte(fields["Signature"])) != 1 {
		return denied("SignatureDoesNotMatch")
	}
	return nil
}

// canonical is the request in the form that is signed.
func canonical(r *http.Request, signed []string) string {
	var b strings.Builder
	b.WriteString(r.Method + "\n" + encode(r.URL.Path, "/") + "\n")
	b.WriteString(canonicalQuery(r.URL.Query()) + "\n")
	for _, name := range signed {
		value := strings.Join(r.Header.Values(name), ",")
		switch name { // which net/http takes out of the header
		case "host":
			value = r.Host
		case "content-length":
			value = strconv.FormatInt(r.ContentLength, 10)
		}
		b.WriteString(name + ":" + strings.Join(strings.Fields(value), " ") + "\n")
	}
	b.WriteString("\n" + strings.Join(signed, ";") + "\n" + r.Header.Get(payloadHash))
	return b.String()
}

func canonicalQuery(q url.Values) string {
	var pairs []string
	for name, values := range q {
		for _, v := range values {
			pairs = append(pairs, encode(name, "")+"="+encode(v, ""))
		}
	}
	slices.Sort(pairs)
	return strings.Join(pairs, "&")
}

// encode escapes all but RFC 3986's unreserved characters and those in keep.
func encode(text, keep string) string {
	var b strings.Builder
	for i := range len(text) {
		c := text[i]
		if 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte("-._~"+keep, c) >= 0 {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}
