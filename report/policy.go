package report

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"html/template"
	"net/url"
	"slices"
	"strings"

	"recfin/internal/hlsjs"
)

// sum is how a Content-Security-Policy names an inline style or script.
func sum(text string) string {
	h := sha256.Sum256([]byte(text))
	return "'sha256-" + base64.StdEncoding.EncodeToString(h[:]) + "'"
}

// mustAsset is a file of the package.
func mustAsset(name string) string {
	raw, err := assets.ReadFile("assets/" + name)
	if err != nil {
		panic(err) // it is embedded
	}
	return string(raw)
}

var (
	pageStyle   = mustAsset("common.css") + mustAsset("page.css")
	indexStyle  = mustAsset("common.css") + mustAsset("index.css")
	pageScript  = scriptOf("common.js", "data.js", "lanes.js", "describe.js", "timeline.js", "gestures.js", "dropped.js", "player.js")
	indexScript = scriptOf("common.js", "index.js")
)

// scriptOf is one script of several files that share a scope of their own.
func scriptOf(files ...string) string {
	var b strings.Builder
	b.WriteString("'use strict';\n(() => {\n")
	for _, name := range files {
		b.WriteString(mustAsset(name))
	}
	b.WriteString("})();\n")
	return b.String()
}

// fill puts styles, scripts and the policy that allows them into a head.
func (h *Head) fill(opt Options, style, script string, plays []playView) error {
	h.Style, h.Script = template.CSS(style), template.JS(script)
	h.Generated = shown(opt.Generated)
	for _, l := range opt.Links {
		if err := checkURL(l.URL); err != nil {
			return err
		}
		h.Links = append(h.Links, Link{Name: shown(l.Name), URL: l.URL})
	}
	scripts := sum(script)
	media, connect := "'none'", "'none'"
	if len(plays) > 0 {
		origins, err := originsOf(plays)
		if err != nil {
			return err
		}
		media, connect = "'self' blob:"+origins, "'self'"+origins
		if slices.ContainsFunc(plays, func(p playView) bool { return p.HLS }) {
			h.Player = template.JS(hlsjs.Script)
			scripts += " " + sum(string(hlsjs.Script))
		}
	}
	h.Policy = "default-src 'none'; style-src " + sum(style) + "; script-src " + scripts + "; img-src 'none'; media-src " + media +
		"; connect-src " + connect + "; form-action 'none'; base-uri 'none'"
	return nil
}

// originsOf are the origins of plays that are elsewhere, each once.
func originsOf(plays []playView) (string, error) {
	var all []string
	for _, p := range plays {
		if err := checkURL(p.URL); err != nil {
			return "", err
		}
		u, err := url.Parse(p.URL)
		if err != nil || u.Host == "" {
			continue
		}
		if o := " " + u.Scheme + "://" + u.Host; u.Scheme != "" && !slices.Contains(all, o) && !strings.ContainsAny(u.Host, "; ,'\"") {
			all = append(all, o)
		}
	}
	return strings.Join(all, ""), nil
}

// checkURL refuses what a page must not lead to: only http, https and places
// relative to the page itself are addresses of media and pages.
func checkURL(raw string) error {
	u, err := url.Parse(raw)
	if err != nil {
		return fmt.Errorf("%w: %s is no URL", ErrURL, shown(raw))
	}
	if u.Scheme != "" && u.Scheme != "http" && u.Scheme != "https" {
		return fmt.Errorf("%w: %s is neither relative nor http(s)", ErrURL, shown(raw))
	}
	return nil
}
