package progress

import (
	"cmp"
	"slices"
	"sync"
	"time"

	"recfin/finalize"
	"recfin/internal/stages"
)

// Row is how far the work on a recording is.
type Row struct {
	Recording string
	Stage     finalize.Stage
	Done      int64 // of Total, which may grow; both 0: nothing is counted
	Total     int64
	Unit      finalize.Unit
	Rate      int64         // per second, over the last seconds; 0: not known
	Left      time.Duration // until Total is done at that rate; negative: not known
	Running   time.Duration // since the first event
}

// Model is how far everything is. It is safe for several goroutines, and knows the
// time only from its callers.
type Model struct {
	mu       sync.Mutex
	rows     map[string]*row
	begun    int // of all rows ever, for their order
	ended    int
	expected int
}

// row is one recording at work.
type row struct {
	number  int
	since   time.Time
	stage   finalize.Stage
	tally   stages.Tally
	samples []sample // of the last seconds, oldest first
}

// sample is a count at a time.
type sample struct {
	at   time.Time
	done int64
}

// Rates are measured over a window of so much time, sampled so often, and said only
// after a while.
const (
	window   = 10 * time.Second
	sampling = window / 20
	leastSay = time.Second
)

// NewModel is a model of nothing yet.
func NewModel() *Model { return &Model{rows: map[string]*row{}} }

// Expect says that so many more recordings will be worked on.
func (m *Model) Expect(n int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.expected += n
}

// Event takes the next step of a recording.
func (m *Model) Event(e finalize.Event, now time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	r := m.rows[e.Recording]
	if r == nil {
		m.begun++
		r = &row{number: m.begun, since: now}
		m.rows[e.Recording] = r
	}
	counts := e.Total > 0 || e.Done > 0
	// What is read back while it is written is a part of the writing.
	if e.Stage != r.stage && (e.Stage != finalize.StageVerify || counts || !r.tally.Open()) {
		r.stage, r.tally, r.samples = e.Stage, stages.Tally{}, nil
	}
	if e.Stage == r.stage && counts {
		_, _, unit := r.tally.Counts()
		if r.tally.Add(e); unit != e.Unit {
			r.samples = nil
		}
		r.sample(now)
	}
}

// Left says that the work on a recording has ended, or that it is none.
func (m *Model) Left(recording string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.rows, recording)
	m.ended++
}

// Rows are the recordings at work, in the order in which they were begun.
func (m *Model) Rows(now time.Time) []Row {
	m.mu.Lock()
	defer m.mu.Unlock()
	out := make([]Row, 0, len(m.rows))
	number := map[string]int{}
	for name, r := range m.rows {
		x := Row{Recording: name, Stage: r.stage, Running: max(now.Sub(r.since), 0)}
		x.Done, x.Total, x.Unit = r.tally.Counts()
		x.Rate = r.rate(now)
		x.Left = left(x.Total-x.Done, x.Rate)
		out = append(out, x)
		number[name] = r.number
	}
	slices.SortFunc(out, func(a, b Row) int { return cmp.Compare(number[a.Recording], number[b.Recording]) })
	return out
}

// Ended is how many of the expected recordings are done with. It never exceeds
// expected, which may grow.
func (m *Model) Ended() (ended, expected int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.ended, max(m.expected, m.ended)
}

// sample notes the count, not oftener than rates need it.
func (r *row) sample(now time.Time) {
	done, _, _ := r.tally.Counts()
	if n := len(r.samples); n > 0 && now.Sub(r.samples[n-1].at) < sampling {
		return
	}
	r.samples = append(r.samples, sample{now, done})
	for len(r.samples) > 2 && now.Sub(r.samples[1].at) >= window {
		r.samples = r.samples[1:]
	}
}

// rate is what was done per second since the oldest sample.
func (r *row) rate(now time.Time) int64 {
	if len(r.samples) == 0 {
		return 0
	}
	done, _, _ := r.tally.Counts()
	from := r.samples[0]
	over := now.Sub(from.at)
	if over < leastSay || done <= from.done {
		return 0
	}
	ms := over.Milliseconds()
	n := done - from.done
	return n/ms*1000 + n%ms*1000/ms
}

// left is how long so much takes at a rate.
func left(n, rate int64) time.Duration {
	const most = 1000 * time.Hour // nobody waits so long, and more may not be counted
	if rate <= 0 || n < 0 {
		return -1
	}
	return time.Duration(min(n/rate, int64(most/time.Second)))*time.Second + time.Duration(n%rate*1000/rate)*time.Millisecond
}
