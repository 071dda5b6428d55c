package serve

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"recfin/finalize"
	"recfin/internal/bug"
	"recfin/store"
)

// Server serves the recordings of some stores. It is made by New.
type Server struct {
	opt    Options
	f      *finalize.Finalizer
	stores map[string]store.Reader // by label
	names  *memo[[]named]          // of all recordings, under ""
	plans  *memo[*entry]
	stands *memo[*finalize.Standing]
	reads  gate // bodies under way
}

// New checks the settings. The handler works until the process ends; nothing runs
// while nobody asks.
func New(opt Options) (*Server, error) {
	opt = opt.defaults()
	f, err := finalize.New(opt.Config)
	if err != nil {
		return nil, err
	}
	s := &Server{opt: opt, f: f, stores: map[string]store.Reader{opt.Config.Out.Label(): opt.Config.Out}, reads: make(gate, opt.Reads)}
	for _, from := range opt.Config.Sources {
		s.stores[from.Label()] = from
	}
	s.names = newMemo(s.find, 1, 0, nil)
	s.plans = newMemo(s.look, opt.Plans, opt.Cache, (*entry).weight)
	s.stands = newMemo(s.stand, opt.Config.Concurrency, opt.Cache/2, standingWeight)
	return s, nil
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a := &answer{ResponseWriter: w, idle: s.opt.Idle}
	err := bug.Contain(func() error { return s.serve(a, r) })
	if err != nil && s.opt.Trouble != nil && !gone(r, err) && (a.sent || status(err) >= http.StatusInternalServerError) {
		s.opt.Trouble(r.URL.Path, err)
	}
	switch {
	case err == nil:
	case a.sent || gone(r, err):
		panic(http.ErrAbortHandler) // the client sees that it is not whole
	default:
		s.fail(a, r, err)
	}
	a.flush()
}

// serve answers a request. What an error says is told to the client, as long as nothing
// was sent.
func (s *Server) serve(w http.ResponseWriter, r *http.Request) error {
	path, err := elements(r.URL)
	kind := ""
	if len(path) > 0 {
		kind = path[0]
	}
	streams := kind == "play" || kind == "media" || kind == "store"
	s.headers(w, streams)
	switch {
	case !s.knowsHost(r.Host):
		return &refusal{http.StatusMisdirectedRequest, "this host name is not served: ask for localhost or an address, or start recfin serve with --allow-host " + hostOf(r.Host)}
	case err != nil:
		return err
	case streams && s.crossOrigin(w, r), !streams && sameSite(r):
	default:
		return &refusal{http.StatusForbidden, "pages of other sites may not load this: start recfin serve with --allow-origin if they should"}
	}
	switch r.Method {
	case http.MethodGet, http.MethodHead:
	case http.MethodOptions:
		w.Header().Set("Allow", allowed)
		w.WriteHeader(http.StatusNoContent)
		return nil
	default:
		w.Header().Set("Allow", allowed)
		return &refusal{http.StatusMethodNotAllowed, "nothing can be changed here"}
	}
	return s.route(w, r, path)
}

// allowed are the methods.
const allowed = "GET, HEAD, OPTIONS"

func (s *Server) route(w http.ResponseWriter, r *http.Request, path []string) error {
	switch {
	case len(path) == 1 && path[0] == "":
		return s.index(w, r)
	case len(path) == 1 && path[0] == "healthz":
		return text(w, r, []byte("ok\n"), "text/plain; charset=utf-8")
	case len(path) == 2 && path[0] == "r":
		return s.page(w, r, path[1])
	case len(path) == 4 && path[0] == "play":
		return s.playlist(w, r, path[1], path[2], path[3])
	case len(path) == 4 && path[0] == "media":
		return s.media(w, r, path[1], path[2], path[3])
	case len(path) > 2 && path[0] == "store":
		return s.stored(w, r, path[1], strings.Join(path[2:], "/"))
	}
	return errNowhere
}

var errNowhere = &refusal{http.StatusNotFound, "there is no such page"}

// elements are those of the path of a URL, each unescaped by itself, so that an
// escaped slash is no separator.
func elements(u *url.URL) ([]string, error) {
	path := strings.Split(strings.TrimPrefix(u.EscapedPath(), "/"), "/")
	for i := range path {
		var err error
		if path[i], err = url.PathUnescape(path[i]); err != nil {
			return nil, errNowhere
		}
	}
	return path, nil
}

// gate lets so many through at once.
type gate chan struct{}

// enter waits for a place.
func (g gate) enter(ctx context.Context) error {
	select {
	case g <- struct{}{}:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (g gate) leave() { <-g }

// gone reports whether nobody waits for an answer.
func gone(r *http.Request, err error) bool {
	return r.Context().Err() != nil && (errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded))
}
