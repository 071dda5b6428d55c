package main

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"recfin/internal/broadcast"
	"recfin/store/storetest/s3double"
)

// Credentials that are hard to put into a URL and easy to find in what is written.
const (
	hardKey    = "AKIAHARDTOHIDE"
	hardSecret = "Xq7+Zz/Yw=Vu:Ts@Rr%4Kp?Mn#Ll"
	hardToken  = "FwoGZXIvYXdzEHc+TOKEN/0123456789=="
)

// leaks names the spellings of secrets that a text holds: as they are, escaped as in
// URLs, JSON and XML, in base64, and any eight bytes in a row.
func leaks(text string, secrets ...string) []string {
	lower := strings.ToLower(text)
	var found []string
	for _, s := range secrets {
		quoted, _ := json.Marshal(s)
		var asXML bytes.Buffer
		_ = xml.EscapeText(&asXML, []byte(s))
		spellings := []string{
			s, url.QueryEscape(s), url.PathEscape(s), url.UserPassword("", s).String()[1:], strings.Trim(string(quoted), `"`), asXML.String(),
			base64.StdEncoding.EncodeToString([]byte(s)), base64.RawURLEncoding.EncodeToString([]byte(s)), fmt.Sprintf("%x", s),
		}
		for i := range len(s) - 8 {
			spellings = append(spellings, s[i:i+8])
		}
		for _, x := range spellings {
			if strings.Contains(lower, strings.ToLower(x)) {
				found = append(found, x)
			}
		}
	}
	return found
}

// everything is all that a bucket holds: keys, bodies (unpacked too), metadata.
func everything(t *testing.T, d *s3double.Server) string {
	t.Helper()
	var b strings.Builder
	objects := d.Objects()
	for _, key := range slices.Sorted(maps.Keys(objects)) {
		o := objects[key]
		fmt.Fprintf(&b, "%s %v %s\n%s\n", key, o.Metadata, o.ContentType, o.Body)
		if z, err := gzip.NewReader(bytes.NewReader(o.Body)); err == nil {
			plain, err := io.ReadAll(z)
			if err != nil {
				t.Fatal(err)
			}
			b.Write(plain)
		}
	}
	for _, u := range d.Uploads() {
		b.WriteString(u.Key + "\n")
	}
	return b.String()
}

// hardStore is a double with a recording on it and credentials that must not show.
func hardStore(t *testing.T, opt s3double.Options) *s3double.Server {
	t.Helper()
	opt.AccessKey, opt.SecretKey = hardKey, hardSecret
	d := s3double.New(t, opt)
	s := broadcast.Make(t, broadcast.Options{})
	put := func(key string, body []byte, uploaded time.Time) error {
		d.SetObject(s3double.Object{Key: "live/" + key, Body: body, Modified: uploaded})
		return nil
	}
	broadcast.Lay(t, put, s.Uploads("foo/A/720p", 0, 3, onAir))
	broadcast.Lay(t, put, s.Uploads("foo/B/720p", 2, 3, onAir)) // copies
	return d
}

// TestLeaksAreFound: the search of the tests below finds what it is there to find.
func TestLeaksAreFound(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"x " + hardSecret + " y", url.QueryEscape(hardSecret), strings.ToLower(url.PathEscape(hardSecret)), (&url.URL{User: url.UserPassword("k", hardSecret)}).String(),
		`{"s":"` + hardSecret[5:14] + `"}`, base64.StdEncoding.EncodeToString([]byte(hardSecret)),
	} {
		if len(leaks(text, hardSecret)) == 0 {
			t.Errorf("not found in %q", text)
		}
	}
	if found := leaks("a text without one", hardSecret, hardKey, hardToken); len(found) > 0 {
		t.Errorf("found %q", found)
	}
}

// TestSecretsOnSuccess: nothing that a run writes or prints, with all there is to
// print, holds a part of the credentials; nor does what it leaves behind.
func TestSecretsOnSuccess(t *testing.T) {
	for _, how := range []string{"url", "environment"} {
		t.Run(how, func(t *testing.T) {
			d := hardStore(t, s3double.Options{})
			at := d.URL("live")
			if how == "environment" {
				at = inEnvironment(t, d, "live")
			}
			var out strings.Builder
			run := func(code int, args ...string) {
				t.Helper()
				r := mustRecfin(t, code, args...)
				out.WriteString(r.out + r.err)
				if found := leaks(everything(t, d), hardSecret, hardKey, hardToken); len(found) > 0 {
					t.Errorf("recfin %s: the bucket holds %q", args[0], found)
				}
			}
			all := func(code int, command string, more ...string) {
				t.Helper()
				run(code, append([]string{command, "--store", at, "--log-level", "debug"}, more...)...)
			}
			all(exitDone, "plan", "foo")
			all(exitDone, "plan", "--json", "--log-format", "json")
			all(exitDone, "plan", "--explain", "foo/B/720p/2.ts")
			all(exitDone, "finalize", "--json", "--format", "hls,mp4", "--delete", "leftovers", "foo")
			all(exitDone, "keep", "foo")
			all(exitDone, "recover", "--log-format", "json")
			all(exitDone, "run", "--out", strings.Replace(at, "/live", "/live/recordings", 1), "--format", "hls,mp4", "--delete", "leftovers", "--delete-delay", "0", "--log-format", "json")
			run(exitDone, "probe", strings.Replace(at, "live", "live/foo/A/720p/0.ts", 1))
			run(exitDone, "probe", "--json", strings.Replace(at, "live", "live/foo/A/720p/0.ts", 1))
			if found := leaks(out.String(), hardSecret, hardKey, hardToken); len(found) > 0 {
				t.Errorf("printed: %q", found)
			}
			for _, word := range []string{"foo/A/720p/0.ts", d.Bucket, `"level":"DEBUG"`} { // there was something to search
				if !strings.Contains(out.String(), word) {
					t.Errorf("nothing of %q is printed:\n%s", word, out.String())
				}
			}
		})
	}
}

// inEnvironment hands out credentials by the environment, and the URL without them.
func inEnvironment(t *testing.T, d *s3double.Server, prefix string) string {
	t.Helper()
	t.Setenv("AWS_ACCESS_KEY_ID", hardKey)
	t.Setenv("AWS_SECRET_ACCESS_KEY", hardSecret)
	t.Setenv("AWS_SESSION_TOKEN", hardToken)
	return "s3+" + d.Endpoint + "/" + d.Bucket + "/" + prefix + "?region=" + d.Region
}

// TestSecretsOnFailure: whatever goes wrong, and whatever the other side repeats of
// what it was told, no part of the credentials is printed or written.
func TestSecretsOnFailure(t *testing.T) {
	fault := func(op string, do s3double.Effect) func(*s3double.Server) {
		return func(d *s3double.Server) { d.Fault(s3double.Fault{Op: op, Do: do}) }
	}
	swap := func(old, now string) func(string) string {
		return func(u string) string { return strings.Replace(u, old, now, 1) }
	}
	escaped := url.UserPassword("", hardSecret).String()[1:]
	for _, c := range []failing{
		{name: "another secret", url: swap(escaped, escaped+"x"), says: "access denied"},
		{name: "another key", url: swap(hardKey, hardKey+"X"), says: "access denied"},
		{name: "no bucket", url: swap("/bucket/", "/another/"), says: "no such bucket"},
		{name: "denied", prepare: func(d *s3double.Server) { d.Deny("s3:ListBucket", "") }, says: "access denied"},
		{name: "denied to read", prepare: func(d *s3double.Server) { d.Deny("s3:GetObject", "") }, says: "access denied"},
		{name: "denied to write", prepare: func(d *s3double.Server) { d.Deny("s3:PutObject", "") }, says: "access denied"},
		{name: "expired", prepare: fault("", s3double.Error(http.StatusBadRequest, "ExpiredToken")), says: "access denied"},
		{name: "no certificate", opt: s3double.Options{TLS: true}, says: "certificate"},
		{name: "TLS asked of plain HTTP", url: swap("s3+http://", "s3+https://"), slow: true},
		{name: "plain HTTP asked of TLS", opt: s3double.Options{TLS: true}, url: swap("s3+https://", "s3+http://"), says: "status 400"},
		{name: "unreachable", prepare: (*s3double.Server).Close, slow: true},
		{name: "hung", prepare: fault("", s3double.Hang()), slow: true},
		{name: "reset", prepare: fault("", s3double.Reset()), slow: true},
		{name: "500", prepare: fault("", s3double.Error(http.StatusInternalServerError, "InternalError")), slow: true},
		{name: "garbage", prepare: spell("<html>&&", http.StatusOK), says: "answers in its place", slow: true},
		{name: "echo", prepare: spell("", http.StatusForbidden), says: "access denied"},
		{name: "echo of an unknown error", prepare: spell("", http.StatusTeapot), says: "418"},
		{name: "redirect", prepare: spell("", http.StatusTemporaryRedirect), slow: true},
		{name: "no host", url: swap("127.0.0.1", "host.invalid"), slow: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.slow {
				t.Parallel() // most of the time it waits
				c.says = cmp.Or(c.says, "unavailable")
			}
			c.run(t, false)
		})
		if !c.slow && !strings.HasPrefix(c.name, "another") {
			t.Run(c.name+", environment", func(t *testing.T) { c.run(t, true) })
		}
	}
}

// failing is a way to fail.
type failing struct {
	name    string
	prepare func(*s3double.Server)
	url     func(string) string
	says    string // a part of the reason
	slow    bool   // it is tried again for a while
	opt     s3double.Options
}

// run fails with credentials of the URL or of the environment.
func (c failing) run(t *testing.T, environment bool) {
	d := hardStore(t, c.opt)
	at, secrets := d.URL("live"), []string{hardSecret, hardKey}
	if environment {
		at, secrets = inEnvironment(t, d, "live"), append(secrets, hardToken)
	}
	if c.prepare != nil {
		c.prepare(d)
	}
	if c.url != nil {
		at = c.url(at)
	}
	commands := [][]string{{"finalize", "--json", "foo"}, {"finalize", "--format", "mp4", "--log-format", "json", "foo"}, {"run", "--delete", "sources", "--format", "mp4"}}
	if c.slow {
		commands = commands[:1]
	}
	for _, args := range commands {
		r := recfin(append(args, "--store", at, "--log-level", "debug")...)
		if r.code == exitDone || !strings.Contains(r.out+r.err, c.says) {
			t.Errorf("recfin %q: exit code %d, want %q in\n%s", args, r.code, c.says, r.text())
		}
		if found := leaks(r.out+r.err, secrets...); len(found) > 0 {
			t.Errorf("recfin %q prints %q:\n%s", args, found, r.text())
		}
		staysOnItsLine(t, r)
	}
	if found := leaks(everything(t, d), secrets...); len(found) > 0 {
		t.Errorf("the bucket holds %q", found)
	}
}

// staysOnItsLine fails if a text of a stranger that is "FORGED" behind a line feed
// begins a line, or reaches a terminal as more than text.
func staysOnItsLine(t *testing.T, r result) {
	t.Helper()
	for line := range strings.Lines(r.out + r.err) {
		line = strings.TrimSuffix(line, "\n")
		if strings.HasPrefix(strings.TrimSpace(line), "FORGED") || strings.ContainsAny(line, "\x1b\r\t\a\u202e\u2028\u009b") || !utf8.ValidString(line) {
			t.Errorf("recfin %q prints the line %q", r.args, line)
		}
	}
}

// spell makes a store answer with a body or, without one, with an error that repeats
// all that a store may know of its caller, in all places that it can.
func spell(body string, status int) func(*s3double.Server) {
	return func(d *s3double.Server) {
		d.Hook(func(x *s3double.Exchange) bool {
			known := hardSecret + " " + url.QueryEscape(hardSecret) + " " + x.R.Header.Get("Authorization") + " " + x.R.Header.Get("X-Amz-Security-Token") +
				" http://" + hardKey + ":" + url.PathEscape(hardSecret) + "@evil.example/"
			evil := known + "\nFORGED\r\u202e\u009b31m\u2028"
			text := body
			if text == "" {
				var b bytes.Buffer
				_ = xml.EscapeText(&b, []byte(evil))
				text = xml.Header + "<Error><Code>" + b.String() + "</Code><Message>" + b.String() + "</Message><RequestId>" + b.String() + "</RequestId></Error>"
			}
			x.W.Header().Set("X-Amz-Request-Id", known+"\u202e\u009b")
			x.W.Header().Set("X-Amz-Bucket-Region", known+"\u202e\u009b")
			x.W.Header().Set("Location", "http://"+hardKey+":"+url.PathEscape(hardSecret)+"@127.0.0.1:1/"+url.PathEscape(hardSecret))
			x.W.Header().Set("Content-Type", "application/xml")
			x.W.WriteHeader(status)
			_, _ = io.WriteString(x.W, text)
			return true
		})
	}
}
