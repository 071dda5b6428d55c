package open

import (
	"errors"
	"net/netip"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Errors about S3 URLs. None of them holds text of the URL.
var (
	errFragment    = errors.New("a # must be escaped as %23, in a secret too")
	errAt          = errors.New("there is an @ behind the first slash: in a secret / ? # must be escaped (%2F, %3F, %23), in a prefix @ must be escaped (%40)")
	errUser        = errors.New("credentials are KEY:SECRET@, neither of them empty")
	errPercent     = errors.New("a percent sign in KEY or SECRET is not followed by two hexadecimal digits; write it as %25")
	errDecodes     = errors.New("KEY or SECRET holds an escape that stands for a character no credential has or that needs no escape; if the percent sign is part of it, write it as %25")
	errRegion      = errors.New("the region may hold small letters, digits and dashes only; s3://KEY:SECRET@REGION/BUCKET is AWS, for another host write s3+https://KEY:SECRET@HOST/BUCKET")
	errBucket      = errors.New("the bucket is missing or is no bucket name (letters, digits, dots, dashes, underscores; at least 3)")
	errHost        = errors.New("the host is missing or is no host name, or its port is no number")
	errPrefix      = errors.New("the prefix has an empty element, a . or .. element, a wrong escape, or more than 512 bytes; a percent sign is written %25")
	errQuery       = errors.New("behind the ? only region=NAME is known, once; a ? in a secret must be escaped as %3F")
	bucketName     = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{2,254}$`)
	regionName     = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?$`)
	hostName       = regexp.MustCompile(`^[a-z0-9]([a-z0-9._-]*[a-z0-9])?\.?$`)
	fallbackRegion = "us-east-1" // what S3-compatible stores take when they do not care
)

// parseS3 reads what follows the scheme.
func parseS3(scheme, rest string) (Location, error) {
	if strings.Contains(rest, "#") {
		return Location{}, errFragment
	}
	rest, query, asked := strings.Cut(rest, "?")
	authority, path, _ := strings.Cut(rest, "/")
	if misplacedAt(authority, path) || asked && strings.Contains(query, "@") {
		return Location{}, errAt
	}
	region, err := queryRegion(query, asked)
	if err != nil {
		return Location{}, err
	}
	l := Location{Kind: S3, Region: region}
	host := authority
	named := false
	if at := strings.LastIndexByte(authority, '@'); at >= 0 {
		host, named = authority[at+1:], true
		if l.Credentials, err = readCredentials(authority[:at]); err != nil {
			return Location{}, err
		}
	}
	switch {
	case scheme != "s3":
		err = l.endpoint(strings.TrimPrefix(scheme, "s3+"), host)
		l.Bucket, path, _ = strings.Cut(path, "/")
	case named:
		if !regionName.MatchString(host) {
			return Location{}, errRegion
		}
		if l.Region == "" {
			l.Region = host
		}
		l.Bucket, path, _ = strings.Cut(path, "/")
	default:
		l.Bucket = host
	}
	if err != nil {
		return Location{}, err
	}
	if !bucketName.MatchString(l.Bucket) {
		return Location{}, errBucket
	}
	if l.Prefix, err = readPrefix(path); err != nil {
		return Location{}, err
	}
	base := "s3://"
	if l.Endpoint != "" {
		base = "s3+" + l.Endpoint + "/"
	}
	l.Label = base + l.Bucket + "/" + (&url.URL{Path: l.Prefix}).EscapedPath()
	return l, nil
}

// misplacedAt reports an @ behind the authority that may be the end of
// credentials with a raw slash: what stands before it must not reach a label.
func misplacedAt(authority, path string) bool {
	before, _, found := strings.Cut(path, "@")
	return found && strings.Contains(authority+"/"+before, ":")
}

func queryRegion(query string, asked bool) (string, error) {
	if !asked {
		return "", nil
	}
	name, value, _ := strings.Cut(query, "=")
	if name != "region" || !regionName.MatchString(value) {
		return "", errQuery
	}
	return value, nil
}

// endpoint reads HOST[:PORT] and guesses the region that a host name tells:
// with four labels or more it is the second (s3.REGION.example.com).
func (l *Location) endpoint(scheme, host string) error {
	host = strings.ToLower(host)
	name, port := host, ""
	if i := strings.LastIndexByte(host, ':'); i >= 0 && !strings.HasSuffix(host, "]") {
		name, port = host[:i], host[i+1:]
		if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
			return errHost
		}
	}
	address, err := netip.ParseAddr(strings.TrimSuffix(strings.TrimPrefix(name, "["), "]"))
	switch {
	case err == nil && address.Zone() == "" && address.Is6() == strings.HasPrefix(name, "["):
	case !hostName.MatchString(name):
		return errHost
	}
	l.Endpoint = scheme + "://" + host
	if l.Region != "" {
		return nil
	}
	l.Region = fallbackRegion
	if labels := strings.Split(strings.TrimSuffix(name, "."), "."); err != nil && len(labels) >= 4 && regionName.MatchString(labels[1]) {
		l.Region = labels[1]
	}
	return nil
}

func readCredentials(user string) (Credentials, error) {
	key, secret, found := strings.Cut(user, ":")
	if !found || key == "" || secret == "" {
		return Credentials{}, errUser
	}
	key, err := readSecret(key)
	if err != nil {
		return Credentials{}, err
	}
	secret, err = readSecret(secret)
	if err != nil {
		return Credentials{}, err
	}
	return credentials(key, secret), nil
}

// readSecret unescapes. A raw "%cd" would silently become a byte that the
// secret has not, so an escape is taken only for a printable ASCII character
// that somebody would escape: neither letter nor digit.
func readSecret(s string) (string, error) {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c == '%' {
			if i+3 > len(s) {
				return "", errPercent
			}
			n, err := strconv.ParseUint(s[i+1:i+3], 16, 8)
			if err != nil {
				return "", errPercent
			}
			c = byte(n)
			i += 2
			if alphanumeric(c) {
				return "", errDecodes
			}
		}
		if c <= 0x20 || c >= 0x7f {
			return "", errDecodes
		}
		b.WriteByte(c)
	}
	return b.String(), nil
}

func alphanumeric(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z'
}

// readPrefix unescapes a prefix and ends it in a slash.
func readPrefix(path string) (string, error) {
	path = strings.TrimSuffix(path, "/")
	if path == "" {
		return "", nil
	}
	prefix, err := url.PathUnescape(path)
	if err != nil || !utf8.ValidString(prefix) || len(prefix) > maxPrefix {
		return "", errPrefix
	}
	for element := range strings.SplitSeq(prefix, "/") {
		if element == "" || element == "." || element == ".." {
			return "", errPrefix
		}
	}
	return prefix + "/", nil
}

// maxPrefix leaves room for keys within the 1,024 bytes of S3.
const maxPrefix = 512
