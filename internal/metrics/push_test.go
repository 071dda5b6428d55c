package metrics

import (
	"context"
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"recfin/finalize"
)

// gateway stands for a Pushgateway: it keeps what it gets by group, as one does.
type gateway struct {
	*httptest.Server
	mu     sync.Mutex
	pushed []pushed
	answer func(http.ResponseWriter, *http.Request) // instead of 200
}

// pushed is one push.
type pushed struct {
	method, contentType, user, password string
	path                                string
	group                               map[string]string // with the job
	values                              map[string]float64
}

func newGateway(t *testing.T) *gateway {
	t.Helper()
	g := &gateway{}
	g.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return // whoever goes away in the middle has pushed nothing
		}
		p := pushed{method: r.Method, contentType: r.Header.Get("Content-Type"), path: r.URL.EscapedPath(), group: groupOf(t, r.URL.EscapedPath()), values: parse(t, string(body))}
		p.user, p.password, _ = r.BasicAuth()
		g.mu.Lock()
		g.pushed = append(g.pushed, p)
		answer := g.answer
		g.mu.Unlock()
		if answer != nil {
			answer(w, r)
		}
	}))
	t.Cleanup(g.Close)
	return g
}

// groupOf reads a path as the Pushgateway does: /metrics/job/JOB{/LABEL/VALUE}, values
// of labels that end in @base64 in base64url.
func groupOf(t *testing.T, path string) map[string]string {
	t.Helper()
	_, rest, ok := strings.Cut(path, "/metrics/")
	words := strings.Split(rest, "/")
	if !ok || len(words)%2 != 0 || words[0] != "job" {
		t.Errorf("the path %q is none of a push", path)
		return nil
	}
	group := map[string]string{}
	for i := 0; i < len(words); i += 2 {
		name, coded := strings.CutSuffix(words[i], "@base64")
		value, err := url.QueryUnescape(words[i+1])
		if coded {
			var raw []byte
			raw, err = base64.RawURLEncoding.DecodeString(words[i+1])
			value = string(raw)
		}
		if _, twice := group[name]; err != nil || twice {
			t.Errorf("the path %q: %v", path, err)
		}
		group[name] = value
	}
	return group
}

func (g *gateway) last(t *testing.T) pushed {
	t.Helper()
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.pushed) == 0 {
		t.Fatal("nothing was pushed")
	}
	return g.pushed[len(g.pushed)-1]
}

// to is the gateway under an address with more in it.
func (g *gateway) to(t *testing.T, user *url.Userinfo, path string) *Gateway {
	t.Helper()
	u, err := url.Parse(g.URL)
	if err != nil {
		t.Fatal(err)
	}
	u.User, u.Path = user, path
	to, err := ParseGateway(u.String())
	if err != nil {
		t.Fatal(err)
	}
	return to
}

func TestPush(t *testing.T) {
	t.Parallel()
	g := newGateway(t)
	for _, test := range []struct {
		name  string
		opt   Options
		shard finalize.Shard
		code  int
		user  *url.Userinfo
		path  string
		group map[string]string
	}{
		{"plain", Options{}, finalize.Shard{}, 0, nil, "", map[string]string{"job": "recfin", "command": "run"}},
		{"failed", Options{Command: "finalize"}, finalize.Shard{}, 5, nil, "/", map[string]string{"job": "recfin", "command": "finalize"}},
		{"shard", Options{}, finalize.Shard{Index: 3, Count: 8}, 0, nil, "/push", map[string]string{"job": "recfin", "command": "run", "shard": "3"}},
		{"first shard", Options{}, finalize.Shard{Index: 0, Count: 8}, 0, nil, "/push/", map[string]string{"job": "recfin", "command": "run", "shard": "0"}},
		{"one of one", Options{}, finalize.Shard{Index: 0, Count: 1}, 0, nil, "", map[string]string{"job": "recfin", "command": "run"}},
		{"labels and credentials", Options{Labels: map[string]string{"bucket": "a/b +ü", "zone": `"x"`}}, finalize.Shard{}, 0, url.UserPassword("me@x", "p:/@ß%"), "/a b",
			map[string]string{"job": "recfin", "command": "run", "bucket": "a/b +ü", "zone": `"x"`}},
		{"a token alone", Options{}, finalize.Shard{}, 0, url.User("token"), "", map[string]string{"job": "recfin", "command": "run"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			m, _ := begun(t, test.opt)
			m.Share(test.shard)
			m.Event(finalize.Event{Recording: "foo", Stage: finalize.StageList, Cost: finalize.Cost{List: 3}})
			m.End(test.code)
			if err := m.Push(context.Background(), g.to(t, test.user, test.path)); err != nil {
				t.Fatal(err)
			}
			p := g.last(t)
			// POST: what has the same name is replaced, the last success stays.
			if p.method != http.MethodPost || p.contentType != textFormat {
				t.Errorf("%s of %s", p.method, p.contentType)
			}
			if len(p.group) != len(test.group) {
				t.Errorf("the group is %v, want %v", p.group, test.group)
			}
			for k, v := range test.group {
				if p.group[k] != v {
					t.Errorf("the group is %v, want %v", p.group, test.group)
				}
			}
			if prefix := (&url.URL{Path: strings.TrimRight(test.path, "/")}).EscapedPath() + "/metrics/job/"; !strings.HasPrefix(p.path, prefix) {
				t.Errorf("the path is %s, want %s…", p.path, prefix)
			}
			password, _ := test.user.Password()
			if p.user != test.user.Username() || p.password != password {
				t.Error("the credentials are others")
			}
			series := allSeries()
			if test.code != 0 {
				series--
			}
			// The labels are those of the group: they do not stand on the series too.
			if len(p.values) != series || p.values["recfin_last_run_exit_code"] != float64(test.code) || p.values[`recfin_last_run_requests{operation="list"}`] != 3 {
				t.Errorf("%d series, want %d: %v", len(p.values), series, p.values)
			}
			if _, ok := p.values[nameSuccess]; ok != (test.code == 0) {
				t.Errorf("the last success is there: %v", ok)
			}
		})
	}
}

// A gateway that does not take it is an error that says why, and never with what: the
// answer of one that repeats credentials is not shown.
func TestPushFails(t *testing.T) {
	t.Parallel()
	const name, password = "operator7", "hunter2secret"
	code := base64.StdEncoding.EncodeToString([]byte(name + ":" + password))
	for _, test := range []struct {
		name   string
		answer func(http.ResponseWriter, *http.Request)
		says   string // without credentials
	}{
		{"500", func(w http.ResponseWriter, _ *http.Request) {
			http.Error(w, "the disk is full", http.StatusInternalServerError)
		}, "500"},
		{"400 with a reason", func(w http.ResponseWriter, _ *http.Request) {
			http.Error(w, "inconsistent metrics", http.StatusBadRequest)
		}, "inconsistent metrics"},
		{"401 that repeats them", func(w http.ResponseWriter, r *http.Request) {
			http.Error(w, "no "+r.Header.Get("Authorization")+" "+password, http.StatusUnauthorized)
		}, "401"},
		{"an endless answer", func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusBadGateway)
			for range 100 {
				if _, err := w.Write([]byte(strings.Repeat("ä", 1<<14))); err != nil {
					return
				}
			}
		}, "502"},
		{"a redirect, which would make a GET of it", func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodPost {
				http.Redirect(w, r, "/metrics/job/elsewhere", http.StatusFound)
			}
		}, "302"},
		{"no answer", func(w http.ResponseWriter, _ *http.Request) {
			c, _, err := w.(http.Hijacker).Hijack()
			if err == nil {
				_ = c.Close()
			}
		}, "EOF"},
		{"half an answer", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			w.WriteHeader(http.StatusConflict)
		}, "409"},
	} {
		for _, user := range []*url.Userinfo{nil, url.UserPassword(name, password)} {
			t.Run(test.name, func(t *testing.T) {
				t.Parallel()
				g := newGateway(t)
				g.answer = test.answer
				m, _ := begun(t, Options{})
				m.End(0)
				to := g.to(t, user, "")
				err := m.Push(context.Background(), to)
				if err == nil {
					t.Fatal("it was taken")
				}
				text := err.Error() + to.String()
				if user == nil && !strings.Contains(text, test.says) {
					t.Errorf("it does not say %q: %s", test.says, text)
				}
				if len(text) > 1000 {
					t.Errorf("it says %d bytes", len(text))
				}
				for _, secret := range []string{name, password, code} {
					if user != nil && strings.Contains(text, secret) {
						t.Errorf("it holds %q: %s", secret, text)
					}
				}
			})
		}
	}
}

// A gateway that hangs keeps nobody longer than the deadline.
func TestPushEnds(t *testing.T) {
	t.Parallel()
	for _, half := range []bool{false, true} {
		g, over := newGateway(t), make(chan struct{})
		g.answer = func(w http.ResponseWriter, r *http.Request) {
			if half {
				w.WriteHeader(http.StatusInternalServerError)
				_ = http.NewResponseController(w).Flush()
			}
			select {
			case <-over:
			case <-r.Context().Done():
			}
		}
		m, _ := begun(t, Options{})
		m.End(0)
		ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
		err := m.Push(ctx, g.to(t, nil, ""))
		cancel()
		if err == nil || !half && !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("half an answer %v: %v", half, err)
		}
		close(over)
	}
}

var addresses = []struct {
	raw, base string // base "": refused
}{
	{"http://pushgateway:9091", "http://pushgateway:9091"},
	{"http://pushgateway:9091/", "http://pushgateway:9091"},
	{"https://u:p@h.example/base/", "https://h.example/base"},
	{"https://u:p%40%2F@[::1]:9091", "https://[::1]:9091"},
	{"HTTP://h", "http://h"},
	{"pushgateway:9091", ""}, {"//h", ""}, {"", ""}, {"ftp://h", ""}, {"http://", ""}, {"http://:80", ""}, {"http://h/?a=b", ""}, {"http://h?", ""}, {"http://h/#x", ""},
	{"http://h/metrics/job/x", ""}, {"http://u:p%zz@h", ""}, {"http://u:p ss@h", ""}, {"http://u:p@h:port", ""},
}

func TestParseGateway(t *testing.T) {
	t.Parallel()
	for _, a := range addresses {
		g, err := ParseGateway(a.raw)
		switch {
		case a.base == "" && err == nil:
			t.Errorf("%q is taken as %s", a.raw, g)
		case a.base == "":
			if !errors.Is(err, errGateway) || err.Error() != errGateway.Error() { // it repeats nothing
				t.Errorf("%q: %v", a.raw, err)
			}
		case err != nil || g.String() != a.base:
			t.Errorf("%q is %v, want %q (%v)", a.raw, g, a.base, err)
		}
	}
}

// No address makes a panic or shows what stands before its @.
func FuzzParseGateway(f *testing.F) {
	for _, a := range addresses {
		f.Add(a.raw)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		g, err := ParseGateway(raw)
		if err != nil {
			if !errors.Is(err, errGateway) {
				t.Errorf("%q: %v", raw, err)
			}
			return
		}
		u, err := url.Parse(g.String())
		if err != nil || u.User != nil || u.Host == "" {
			t.Errorf("%q is %q", raw, g)
		}
	})
}
