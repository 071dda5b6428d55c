package serve

import (
	"errors"
	"html/template"
	"net/http"
	"strings"

	"recfin/finalize"
	"recfin/store"
)

// refusal is an answer that is no page.
type refusal struct {
	status int
	says   string
}

// Error says why.
func (e *refusal) Error() string { return e.says }

// status is that of an answer about an error.
func status(err error) int {
	var no *refusal
	var claimed *finalize.ClaimedError
	switch {
	case errors.As(err, &no):
		return no.status
	case errors.Is(err, finalize.ErrNothing), errors.Is(err, finalize.ErrNoMatch), errors.Is(err, store.ErrNotExist), errors.As(err, &claimed):
		return http.StatusNotFound
	case errors.Is(err, finalize.ErrUsage), errors.Is(err, store.ErrInvalid):
		return http.StatusBadRequest
	case errors.Is(err, store.ErrDenied), errors.Is(err, store.ErrNoStore):
		return http.StatusBadGateway
	case errors.Is(err, store.ErrChanged), errors.Is(err, store.ErrArchived):
		return http.StatusConflict
	case finalize.Retry(err):
		return http.StatusServiceUnavailable
	case errors.Is(err, finalize.ErrRefused):
		return http.StatusConflict
	}
	return http.StatusInternalServerError
}

// hint is what to do about an error, or empty.
func hint(err error) string {
	switch {
	case errors.Is(err, store.ErrNotExist):
		return "It was there when the plan was made: open the page of the recording again."
	case errors.Is(err, store.ErrChanged):
		return "Another version is there than the one that was planned with: open the page of the recording again."
	case errors.Is(err, store.ErrArchived):
		return "It is archived: restore it first."
	case status(err) == http.StatusServiceUnavailable:
		return "Try again in a moment."
	}
	return ""
}

// described are headers that tell about a body that will not be sent.
var described = []string{"Content-Length", "Content-Range", "Content-Type", "Content-Encoding", "ETag", "Last-Modified", "Accept-Ranges", "Cache-Control"}

// fail answers with an error: a page to who asked for a page, else a line.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, err error) {
	for _, name := range described {
		w.Header().Del(name)
	}
	code := status(err)
	if code == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", "5")
	}
	w.Header().Set("Cache-Control", "no-store")
	if !strings.Contains(r.Header.Get("Accept"), "text/html") {
		http.Error(w, store.Printable(err.Error())+"\n"+hint(err), code)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
	w.WriteHeader(code)
	if r.Method != http.MethodHead {
		_ = sorry.Execute(w, map[string]any{"Status": http.StatusText(code), "Says": store.Printable(err.Error()), "Hint": hint(err), "Root": root(r)})
	}
}

// sorry is the page of an error.
var sorry = template.Must(template.New("sorry").Parse(`<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{{.Status}}</title>
<style>:root{color-scheme:light dark}body{font:1rem/1.5 system-ui,sans-serif;max-width:40rem;margin:4rem auto;padding:0 1rem;overflow-wrap:anywhere}</style>
<h1>{{.Status}}</h1>
<p>{{.Says}}</p>
{{with .Hint}}<p>{{.}}</p>
{{end}}<p><a href="{{.Root}}">All recordings</a></p>
</html>
`))

// root is the relative reference to the index: where the server stands behind another
// one, under a prefix, absolute paths would lead astray.
func root(r *http.Request) string {
	deep := strings.Count(strings.TrimPrefix(r.URL.EscapedPath(), "/"), "/")
	if deep == 0 {
		return "./"
	}
	return strings.Repeat("../", deep)
}
