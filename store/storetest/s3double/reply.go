package s3double

import (
	"encoding/xml"
	"fmt"
	"net/http"
	"strings"
)

// reply is an answer before it is sent, so that a fault can lose or spoil it.
type reply struct {
	status int
	header http.Header
	body   []byte
}

func answer(status int) *reply { return &reply{status: status, header: http.Header{}} }

// refuse is an answer with an error in it.
func refuse(status int, code string, why ...string) *reply {
	message := "about " + code
	if len(why) > 0 {
		message = strings.Join(why, ", ")
	}
	a := answer(status)
	a.body = fmt.Appendf(nil, "%s<Error><Code>%s</Code><Message>%s</Message><RequestId>REQ</RequestId><HostId>HOST</HostId></Error>",
		xml.Header, escape(code), escape(message))
	a.header.Set("Content-Type", "application/xml")
	return a
}

// document is an answer of 200 with XML in it.
func document[T string | []byte](root string, inner T) *reply {
	a := answer(http.StatusOK)
	a.header.Set("Content-Type", "application/xml")
	a.body = fmt.Appendf(nil, `%s<%s xmlns="http://s3.amazonaws.com/doc/2006-03-01/">%s</%s>`, xml.Header, root, inner, root)
	return a
}

// escape writes text into XML as S3 does: control characters as references, which
// XML 1.0 does not allow and which is why listings ask for URL encoding.
func escape(text string) string {
	if !strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r == '&' || r == '<' || r == '>' || r == '"' }) {
		return text
	}
	var b strings.Builder
	for i := range len(text) {
		switch c := text[i]; {
		case c == '&':
			b.WriteString("&amp;")
		case c == '<':
			b.WriteString("&lt;")
		case c == '>':
			b.WriteString("&gt;")
		case c == '"':
			b.WriteString("&quot;")
		case c < ' ':
			fmt.Fprintf(&b, "&#x%X;", c)
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

func element(name string, value any) string {
	return fmt.Sprintf("<%s>%s</%s>", name, escape(fmt.Sprint(value)), name)
}

func noKey() *reply    { return refuse(http.StatusNotFound, "NoSuchKey") }
func noUpload() *reply { return refuse(http.StatusNotFound, "NoSuchUpload") }
func unmet() *reply {
	return refuse(http.StatusPreconditionFailed, "PreconditionFailed", "At least one of the pre-conditions you specified did not hold")
}

func invalid(why ...string) *reply {
	return refuse(http.StatusBadRequest, "InvalidRequest", why...)
}

func argument(why ...string) *reply {
	return refuse(http.StatusBadRequest, "InvalidArgument", why...)
}

func notImplemented(why ...string) *reply {
	return refuse(http.StatusNotImplemented, "NotImplemented", why...)
}
