package s3

import (
	"encoding/json"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"

	"recfin/store"
)

// secrets are the credentials that a store was opened with or was handed by the
// chain, in every spelling in which a text from outside may repeat them.
type secrets struct {
	mu  sync.Mutex
	all []string
}

// mostSecrets bounds the spellings that are remembered. A long run is handed new
// credentials all the time; of the oldest ones nobody speaks any more.
const mostSecrets = 64

// learn remembers credentials.
func (s *secrets) learn(c aws.Credentials) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, secret := range []string{c.SecretAccessKey, c.SessionToken, c.AccessKeyID} {
		for _, form := range spellings(secret) {
			if !slices.Contains(s.all, form) {
				s.all = append(s.all, form)
			}
		}
	}
	s.all = s.all[max(0, len(s.all)-mostSecrets):]
}

// spellings gives a secret as it is and as URLs and JSON escape it, the longest
// first.
func spellings(secret string) []string {
	if secret == "" {
		return nil
	}
	all := []string{secret, url.QueryEscape(secret), url.PathEscape(secret), url.UserPassword("", secret).String()[1:]}
	if quoted, err := json.Marshal(secret); err == nil {
		all = append(all, string(quoted[1:len(quoted)-1]))
	}
	slices.SortStableFunc(all, func(a, b string) int { return len(b) - len(a) })
	return slices.Compact(all)
}

// userinfo is what stands between the scheme and the host of a URL.
var userinfo = regexp.MustCompile(`://[^\s"']*@`)

// redact makes a text that came from outside fit to be shown: without credentials,
// those of a URL that it repeats among them, and on one line.
func (s *secrets) redact(text string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, secret := range s.all {
		text = strings.ReplaceAll(text, secret, "***")
	}
	return oneLine(userinfo.ReplaceAllString(text, "://***@"))
}

// maxText is how much of a text is shown, in bytes.
const maxText = 1000

// oneLine cuts a text and escapes what a terminal or a log would take for more than
// text.
func oneLine(text string) string {
	if len(text) > maxText {
		text = strings.ToValidUTF8(text[:maxText], "") + "…"
	}
	return store.Printable(text)
}
