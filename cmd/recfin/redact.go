package main

import (
	"net/url"
	"strings"

	"recfin/store/open"
)

// hiddenPart stands for what is not shown.
const hiddenPart = "***"

// withoutSecrets is the value of a flag for people to see: of a URL neither user nor
// password nor what a query says. What cannot be read as the URL that it should be is
// not shown at all.
func withoutSecrets(flag, value string) (shown string, hidden bool) {
	switch {
	case value == "":
		return "", false
	case flag == flagStore || flag == flagOut:
		l, err := open.Parse(value)
		if err != nil {
			return hiddenPart, true
		}
		if key, secret := l.Credentials.Reveal(); key == "" && secret == "" {
			return value, false // its query can name a region and nothing else
		}
		scheme, rest, _ := strings.Cut(value, "://")
		authority, path, slash := strings.Cut(rest, "/")
		shown = scheme + "://" + hiddenPart + "@" + authority[strings.LastIndexByte(authority, '@')+1:]
		if slash {
			shown += "/" + path
		}
		return shown, true
	case isURL(flag) || strings.Contains(value, "://"):
		return plainURL(value)
	case strings.Contains(value, "@") && strings.Contains(value, ":"):
		return hiddenPart, true
	}
	return value, false
}

// plainURL is any URL without user, password and the values of its query.
func plainURL(value string) (shown string, hidden bool) {
	u, err := url.Parse(value)
	if err != nil || u.Opaque != "" || u.Host == "" && strings.Contains(value, "@") {
		return hiddenPart, true
	}
	before := u.String()
	if u.User != nil {
		u.User = url.User(hiddenPart)
	}
	if u.RawQuery != "" {
		u.RawQuery = hiddenPart
	}
	if u.Fragment != "" {
		u.Fragment, u.RawFragment = hiddenPart, ""
	}
	if after := u.String(); after != before {
		return strings.Replace(after, url.User(hiddenPart).String()+"@", hiddenPart+"@", 1), true
	}
	return value, false
}
