package s3

import (
	"net/url"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"pgregory.net/rapid"
)

// TestRedact: whatever a store or a library says, and however it spells what it
// repeats, credentials are not in what is shown, and it is one line.
func TestRedact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		secret := rapid.StringMatching(`[A-Za-z0-9]{8}[A-Za-z0-9+/=:@?#%"&<> -]{4,30}[A-Za-z0-9]{8}`).Draw(t, "secret")
		token := rapid.StringMatching(`[A-Za-z0-9/+=]{20,60}`).Draw(t, "token")
		var s secrets
		s.learn(aws.Credentials{AccessKeyID: "AKIAEXAMPLE", SecretAccessKey: secret, SessionToken: token})
		spell := rapid.SampledFrom([]func(string) string{
			func(s string) string { return s }, url.QueryEscape, url.PathEscape, func(s string) string { return url.UserPassword("k", s).String() },
			func(s string) string { return `dial "http://AKIAEXAMPLE:` + s + `@host:99999/x"` },
		}).Draw(t, "spelling")
		text := s.redact("before\n\x1b[31m " + spell(secret) + " " + spell(token) + " AKIAEXAMPLE after\u202e")
		for _, piece := range []string{secret, secret[:8], secret[len(secret)-8:], token, token[:12], url.PathEscape(token), "AKIAEXAMPLE"} {
			if strings.Contains(text, piece) {
				t.Fatalf("%q is in %s", piece, text)
			}
		}
		if strings.ContainsAny(text, "\n\x1b\u202e") || !strings.Contains(text, "before") || !strings.Contains(text, "after") {
			t.Errorf("shown as %s", text)
		}
	})
	var s secrets
	if got := s.redact("plain text"); got != "plain text" {
		t.Errorf("without secrets: %q", got)
	}
	if got := s.redact(strings.Repeat("x", 1<<20)); len(got) > 2*maxText {
		t.Errorf("%d bytes are shown", len(got))
	}
	for range 1000 {
		s.learn(aws.Credentials{AccessKeyID: rapid.String().Example(), SecretAccessKey: rapid.String().Example()})
	}
	if len(s.all) > mostSecrets {
		t.Errorf("%d spellings are remembered", len(s.all))
	}
}
