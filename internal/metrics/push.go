package metrics

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/prometheus/client_golang/prometheus/push"
)

// job is the value of the label "job" of what is pushed.
const job = "recfin"

// textFormat is that of the text exposition format, which every receiver of pushes
// understands.
const textFormat = "text/plain; version=0.0.4; charset=utf-8"

// Gateway is where metrics are pushed to. Its name never shows the credentials.
type Gateway struct {
	base     string // without credentials
	user     string
	password string
}

// errGateway says what an address must be and does not repeat it.
var errGateway = errors.New("want the address of a Pushgateway alone, such as http://pushgateway:9091, or https://USER:PASSWORD@host/path")

// ParseGateway reads the address of a Pushgateway.
func ParseGateway(raw string) (*Gateway, error) {
	u, err := url.Parse(raw)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.RawQuery != "" || u.ForceQuery || u.Fragment != "" ||
		strings.Contains(u.Path, "/metrics/job") {
		return nil, errGateway // err repeats the address
	}
	g := &Gateway{}
	if u.User != nil {
		g.user = u.User.Username()
		g.password, _ = u.User.Password()
		u.User = nil
	}
	g.base = strings.TrimRight(u.String(), "/")
	return g, nil
}

// String is the address without credentials.
func (g *Gateway) String() string { return g.base }

// Push sends the metrics to a Pushgateway, under the job "recfin" and grouped by the
// labels of the run, so that shards and commands do not replace each other's. Metrics
// of the same names and group are replaced (POST): the time of the last success stays
// where this run has none.
func (m *Metrics) Push(ctx context.Context, to *Gateway) error {
	m.mu.Lock()
	s, labels := m.sums, m.labels
	m.mu.Unlock()
	from, err := gatherer(&s, nil)
	if err != nil {
		return fmt.Errorf("push metrics: %w", err)
	}
	p := push.New(to.base, job).Gatherer(from).Format(textFormat).Client(to.client())
	for name, value := range labels {
		p.Grouping(name, value)
	}
	if to.user != "" || to.password != "" {
		p.BasicAuth(to.user, to.password)
	}
	if err := p.AddContext(ctx); err != nil {
		return fmt.Errorf("push metrics: %w", err)
	}
	return nil
}

// client follows no redirects: a push that becomes a GET would seem to succeed.
func (g *Gateway) client() push.HTTPDoer {
	return limited{secret: g.user != "" || g.password != "", Client: http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// limited shows of an answer what fits in a line of a log, and nothing where it may
// repeat credentials.
type limited struct {
	http.Client
	secret bool
}

// mostAnswer is how much of an answer an error may hold, in bytes.
const mostAnswer = 300

// Do implements push.HTTPDoer.
func (c limited) Do(q *http.Request) (*http.Response, error) {
	answer, err := c.Client.Do(q)
	if err != nil {
		return nil, err
	}
	from := answer.Body
	defer from.Close()
	text, _ := io.ReadAll(io.LimitReader(from, mostAnswer))
	if c.secret {
		text = nil
	}
	answer.Body = io.NopCloser(strings.NewReader(strings.TrimSpace(strings.ToValidUTF8(string(text), "?"))))
	return answer, nil
}
