// Package metrics turns what a command did into Prometheus metrics: a file for the
// textfile collector of the node exporter, or a push to a Pushgateway.
//
// A run is a batch job: it begins at zero each time, and nobody scrapes it. So every
// value is a gauge of the last run, or a time stamp; none is a counter, of which
// rate() would make nonsense. What is asked over several runs is asked of Prometheus
// (max_over_time and the like).
//
// How many series there are depends on the program alone, never on what lies in a
// store: no label has the name of a recording, a key, a store or a host, and a value
// that is not known here is counted as "other". Every series is written by every run,
// zero or not, with one exception: the time of the last success stays what it was
// when a run fails.
package metrics

import (
	"fmt"
	"maps"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"recfin/finalize"
	"recfin/internal/stages"
)

// Labels of the series of a run as a whole. Those of a Pushgateway are its grouping.
const (
	labelCommand = "command"
	labelShard   = "shard"
)

// Options say whose metrics they are.
type Options struct {
	Command string // "run", "finalize" ...
	// Labels are further ones of whoever runs it, the same on every series: what tells
	// two jobs apart that do not have the same stores.
	Labels map[string]string
	Limit  time.Duration    // that the command was given; zero: none
	Now    func() time.Time // nil: time.Now
}

// Metrics is one command at work. Its methods may be called from several goroutines.
type Metrics struct {
	labels prometheus.Labels
	now    func() time.Time

	mu    sync.Mutex
	began time.Time
	sums  sums
	at    map[string]*stages.Stages // by recording, of those at work
	open  int                       // recordings that were announced and have not ended
	over  bool                      // nothing changes any more
}

// New begins: the run lasts from now until End.
func New(opt Options) (*Metrics, error) {
	if err := checkLabels(opt.Labels); err != nil {
		return nil, err
	}
	m := &Metrics{labels: prometheus.Labels{labelCommand: opt.Command}, now: opt.Now, sums: newSums(), at: map[string]*stages.Stages{}}
	if m.now == nil {
		m.now = time.Now
	}
	maps.Copy(m.labels, opt.Labels)
	m.began, m.sums.limit = m.now(), opt.Limit
	return m, nil
}

// Share says of which share of the recordings the metrics are: each has series, a file
// and a group of its own. It is called before anything is written.
func (m *Metrics) Share(of finalize.Shard) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if of.Count > 1 {
		m.labels[labelShard] = strconv.Itoa(of.Index)
	}
}

// labelForm is that of label names (Prometheus data model).
var labelForm = regexp.MustCompile(`^[a-zA-Z_][a-zA-Z0-9_]*$`)

// checkLabels refuses names that are none, or have a meaning already.
func checkLabels(labels map[string]string) error {
	taken := map[string]bool{labelCommand: true, labelShard: true, "job": true}
	for i := range families {
		taken[families[i].Label] = true
	}
	for name, value := range labels {
		switch {
		case !labelForm.MatchString(name) || strings.HasPrefix(name, "__"):
			return fmt.Errorf("label %q: want a name of letters, digits and underscores", name)
		case taken[name]:
			return fmt.Errorf("label %q has a meaning already: take another name", name)
		case value == "" || strings.ContainsFunc(value, func(r rune) bool { return r < ' ' || r == 0x7f || r == '\uFFFD' }):
			return fmt.Errorf("label %q: want a value of one line", name)
		}
	}
	return nil
}

// Event takes in a step of the work.
func (m *Metrics) Event(e finalize.Event) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.over {
		return
	}
	of := m.at[e.Recording]
	if of == nil {
		of = &stages.Stages{}
		m.at[e.Recording] = of
	}
	m.sums.staged(of.Event(e, m.now()))
}

// Expect announces so many more recordings. Those that Ended is not called for before
// the end of the run were left: there was no time for them.
func (m *Metrics) Expect(n int) { m.count(n) }

// Ended is called when the work on one of them has ended, whatever came of it.
func (m *Metrics) Ended() { m.count(-1) }

func (m *Metrics) count(n int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.over {
		m.open += n
	}
}

// Report takes in what became of a recording.
func (m *Metrics) Report(r *finalize.Report) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.over {
		return
	}
	now := m.now()
	if of := m.at[r.Recording]; of != nil {
		m.sums.staged(of.End(r.Cost, now))
	}
	delete(m.at, r.Recording)
	m.sums.report(r, now)
}

// Closed takes in how many recordings are finished and were passed over, and what it cost
// to see of some of them that nothing has changed.
func (m *Metrics) Closed(n int, cost finalize.Cost) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.over {
		m.sums.closed += n
		m.sums.cost = m.sums.cost.Plus(cost)
	}
}

// End is called with the exit code: the run is over. What is still told of it, by
// work that did not end in time, is in none of the metrics.
func (m *Metrics) End(code int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.over {
		return
	}
	m.over = true
	now := m.now()
	for _, of := range m.at { // what has no report has cost something all the same
		m.sums.staged(of.End(of.Cost(), now))
		m.sums.cost = m.sums.cost.Plus(of.Cost())
	}
	clear(m.at)
	m.sums.results[resultLeft] += max(0, m.open)
	m.sums.ended, m.sums.took, m.sums.code = now, max(0, now.Sub(m.began)), code
	if code == 0 {
		m.sums.succeeded = now
	}
}
