package serve

import (
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// headers are those of every answer. Nothing that is served may run or be shown inside
// of another page; a report's own policy says what it may load.
func (s *Server) headers(w http.ResponseWriter, streams bool) {
	h := w.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	if streams {
		h.Set("Content-Security-Policy", "default-src 'none'; sandbox; frame-ancestors 'none'")
	} else {
		h.Set("Content-Security-Policy", "base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
	}
}

// hostOf is the name or address of a Host header, without a port.
func hostOf(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	return strings.ToLower(strings.TrimSuffix(strings.Trim(host, "[]"), "."))
}

// local reports whether a name or an address is that of this very machine.
func local(host string) bool {
	if a, err := netip.ParseAddr(host); err == nil {
		return a.Unmap().IsLoopback()
	}
	return host == "localhost" || strings.HasSuffix(host, ".localhost")
}

// knowsHost reports whether the server may be asked by the name of a Host header. A
// name that somebody else made resolve to this machine (DNS rebinding) would give his
// pages the rights of ours. With an address nobody can do that.
func (s *Server) knowsHost(header string) bool {
	host := hostOf(header)
	if _, err := netip.ParseAddr(host); err == nil || local(host) {
		return true
	}
	return slices.ContainsFunc(s.opt.Hosts, func(h string) bool { return h == "*" || hostOf(h) == host })
}

// sameSite reports whether a request for a page is none that another site makes behind
// the back of its visitor: what he opens himself is navigation.
func sameSite(r *http.Request) bool {
	return r.Header.Get("Sec-Fetch-Site") != "cross-site" || r.Header.Get("Sec-Fetch-Mode") == "navigate"
}

// crossOrigin says to the browser which scripts may read an answer, and reports whether
// the request may go on.
func (s *Server) crossOrigin(w http.ResponseWriter, r *http.Request) bool {
	h := w.Header()
	h.Add("Vary", "Origin")
	origin := r.Header.Get("Origin")
	anybody := slices.Contains(s.opt.Origins, "*")
	switch {
	case anybody:
		h.Set("Access-Control-Allow-Origin", "*")
	case origin != "" && s.knowsOrigin(origin):
		h.Set("Access-Control-Allow-Origin", origin)
	default:
		return sameSite(r)
	}
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	h.Set("Access-Control-Expose-Headers", "Accept-Ranges, Content-Length, Content-Range, ETag, Last-Modified")
	if r.Method == http.MethodOptions {
		h.Set("Access-Control-Allow-Methods", allowed)
		h.Set("Access-Control-Allow-Headers", "Range, If-Range, If-Match, If-None-Match, If-Modified-Since, If-Unmodified-Since")
		h.Set("Access-Control-Max-Age", "600")
	}
	return true
}

// knowsOrigin reports whether scripts of an origin may read media: those of this
// machine, and those that were allowed.
func (s *Server) knowsOrigin(origin string) bool {
	if slices.ContainsFunc(s.opt.Origins, func(o string) bool { return strings.EqualFold(strings.TrimSuffix(o, "/"), origin) }) {
		return true
	}
	u, err := url.Parse(origin)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && local(strings.ToLower(u.Hostname()))
}
