// Package open turns a store URL into a store.
//
//	s3://BUCKET/PREFIX                       AWS with its default chain of credentials
//	s3://KEY:SECRET@REGION/BUCKET/PREFIX     AWS with these credentials
//	s3+https://[KEY:SECRET@]HOST[:PORT]/BUCKET/PREFIX    S3-compatible, path style; s3+http:// likewise
//	file:///ABSOLUTE/PATH, or a plain path   a folder
//	mem://NAME                               in memory, for tests
//
// "?region=" sets the region of the S3 forms. PREFIX may be missing; it is a
// folder: a slash is added to it and it is never glued to a key.
//
// In KEY and SECRET the characters + = : @ may stand as they are, and / ? # %
// must be escaped. No error of this package holds a part of a URL that could be
// a part of a secret: it says what is wrong with which part instead.
package open

import (
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"unicode/utf8"

	"recfin/store"
)

// Kind is a kind of store.
type Kind int

// The kinds of store that a URL can name.
const (
	File Kind = iota + 1
	Mem
	S3
)

// Location is what a store URL says.
type Location struct {
	Kind        Kind
	Path        string // File: the folder
	Name        string // Mem
	Endpoint    string // S3: "https://host[:port]"; empty: AWS
	Region      string // S3; empty: from the environment
	Bucket      string // S3
	Prefix      string // S3: empty, or ends in a slash; unescaped
	Credentials Credentials
	Label       string // the URL without credentials and query, with a slash at the end
}

// Credentials are an access key and its secret, in a form that nothing prints:
// neither fmt with any verb nor an encoder finds them.
type Credentials struct {
	reveal func() (key, secret string)
}

// Reveal gives both; both are empty where the URL had none.
func (c Credentials) Reveal() (key, secret string) {
	if c.reveal == nil {
		return "", ""
	}
	return c.reveal()
}

func credentials(key, secret string) Credentials {
	return Credentials{reveal: func() (string, string) { return key, secret }}
}

// Format prints neither key nor secret.
func (c Credentials) Format(f fmt.State, _ rune) {
	if c.reveal == nil {
		fmt.Fprint(f, "none")
		return
	}
	fmt.Fprint(f, "(hidden)")
}

var (
	errScheme = errors.New("a store is s3://…, s3+https://…, s3+http://…, file:///…, mem://… or a path")
	errGuess  = errors.New("it looks like a URL without its scheme; write s3://, s3+https:// or file:// in front, or ./ if it is a path")
)

var scheme = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9+.-]*://`)

// Parse reads a store URL or a path. Its errors are store.ErrInvalid.
func Parse(raw string) (Location, error) {
	l, err := parse(raw)
	if err != nil {
		return Location{}, &store.Error{Op: "read the store URL", Err: fmt.Errorf("%w: %w", store.ErrInvalid, err)}
	}
	return l, nil
}

func parse(raw string) (Location, error) {
	if !utf8.ValidString(raw) || strings.ContainsFunc(raw, func(r rune) bool { return r < 0x20 || r == 0x7f }) {
		return Location{}, errors.New("it holds control characters or is not UTF-8")
	}
	name := strings.ToLower(strings.TrimSuffix(scheme.FindString(raw), "://"))
	rest := strings.TrimPrefix(raw, scheme.FindString(raw))
	switch name {
	case "":
		return parsePath(raw)
	case "file":
		return parseFile(rest)
	case "mem":
		return parseMem(rest)
	case "s3", "s3+https", "s3+http":
		return parseS3(name, rest)
	}
	return Location{}, errScheme
}

var (
	bareScheme = regexp.MustCompile(`(?i)^(s3|s3\+https?|https?|file|mem):`)
	userinfo   = regexp.MustCompile(`:.*@`)
)

func parsePath(raw string) (Location, error) {
	if raw == "" {
		return Location{}, errors.New("it is empty")
	}
	if bareScheme.MatchString(raw) || strings.HasPrefix(raw, "//") || !filepath.IsAbs(raw) && !strings.HasPrefix(raw, ".") && userinfo.MatchString(raw) {
		return Location{}, errGuess
	}
	abs, err := filepath.Abs(raw)
	if err != nil {
		return Location{}, errors.New("the current folder is unknown; give an absolute path")
	}
	return folder(abs), nil
}

// parseFile reads what follows "file://".
func parseFile(rest string) (Location, error) {
	if strings.ContainsAny(rest, "?#") {
		return Location{}, errors.New("in a file URL ? and # must be escaped (%3F, %23)")
	}
	rest = strings.TrimPrefix(rest, "localhost")
	if !strings.HasPrefix(rest, "/") {
		return Location{}, errors.New("a file URL has three slashes and an absolute path: file:///path")
	}
	path, err := url.PathUnescape(rest)
	if err != nil || strings.ContainsRune(path, 0) {
		return Location{}, errors.New("the path has a wrong escape; a percent sign is written %25")
	}
	return folder(filepath.Clean(path)), nil
}

func folder(abs string) Location {
	u := url.URL{Scheme: "file", Path: strings.TrimSuffix(abs, "/") + "/"}
	return Location{Kind: File, Path: abs, Label: u.String()}
}

var memName = regexp.MustCompile(`^[A-Za-z0-9_.-]+/?$`)

func parseMem(rest string) (Location, error) {
	if !memName.MatchString(rest) {
		return Location{}, errors.New("the name behind mem:// is made of letters, digits, dots, dashes and underscores")
	}
	name := strings.TrimSuffix(rest, "/")
	return Location{Kind: Mem, Name: name, Label: "mem://" + name + "/"}, nil
}
