package metrics

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
	"pgregory.net/rapid"

	"recfin/finalize"
	"recfin/store"
)

// client_golang's linter has nothing to say of a registry, whatever the labels.
func TestLint(t *testing.T) {
	t.Parallel()
	for _, labels := range []map[string]string{nil, {"bucket": "live"}} {
		m, _ := begun(t, Options{Labels: labels})
		m.Share(finalize.Shard{Index: 2, Count: 8})
		m.End(0)
		g, err := gatherer(&m.sums, m.labels)
		if err != nil {
			t.Fatal(err)
		}
		problems, err := testutil.GatherAndLint(g)
		if err != nil || len(problems) > 0 {
			t.Errorf("%v %v", problems, err)
		}
		if n, err := testutil.GatherAndCount(g); err != nil || n != allSeries() {
			t.Errorf("%d series, want %d (%v)", n, allSeries(), err)
		}
	}
}

// What a real run writes passes the linter, and says what the run did.
func TestRealRun(t *testing.T) {
	t.Parallel()
	m, c := begun(t, Options{})
	r := finalized(t, m)
	c.pass(time.Minute)
	m.End(0)
	values, text := written(t, m)
	problems, err := promlint.New(strings.NewReader(text)).Lint()
	if err != nil || len(problems) > 0 {
		t.Errorf("%v %v", problems, err)
	}
	delay := r.Committed[0].At.Sub(r.Committed[0].Record.End).Seconds()
	if delay <= 0 {
		t.Fatalf("the marker came %v s after the end", delay)
	}
	wanted := map[string]float64{
		"recfin_last_run_recordings written":           1,
		"recfin_last_run_committed_sessions":           1,
		"recfin_last_run_committed_media_seconds":      38,
		"recfin_last_run_segments chosen":              19,
		"recfin_last_run_holes all":                    1,
		"recfin_last_run_holes_duration_seconds all":   2,
		"recfin_last_run_bytes read":                   float64(r.Cost.BytesRead),
		"recfin_last_run_bytes written":                float64(r.Cost.BytesWritten),
		"recfin_last_run_end_to_marker_max_seconds":    delay,
		"recfin_last_run_end_to_marker_median_seconds": delay,
	}
	for _, reason := range []string{"empty", "identical", "truncated"} {
		wanted["recfin_last_run_segments "+reason], wanted["recfin_dropped_segments "+reason] = 1, 1
	}
	for op, n := range map[string]int64{"list": r.Cost.List, "get": r.Cost.Get, "head": r.Cost.Head, "put": r.Cost.Put, "copy": r.Cost.Copy, "delete": r.Cost.Delete} {
		wanted["recfin_last_run_requests "+op] = float64(n)
	}
	if r.Cost.BytesRead == 0 || r.Cost.BytesWritten == 0 || r.Cost.List == 0 || r.Cost.Put == 0 {
		t.Errorf("the run cost %+v", r.Cost)
	}
	want(t, values, wanted)
	at := float64(night.Add(time.Minute).Unix())
	for _, name := range []string{"recfin_last_run_timestamp_seconds", nameSuccess} {
		if values[name+`{command="run"}`] != at {
			t.Errorf("%s is %v, want %v", name, values[name+`{command="run"}`], at)
		}
	}
	if values[`recfin_last_run_duration_seconds{command="run"}`] != 60 {
		t.Errorf("it took %v", values[`recfin_last_run_duration_seconds{command="run"}`])
	}
}

// hostile are names and words that must not reach a label.
func hostile(i int) string {
	return []string{"foo\n# BADTYPE x0counter\nx 1", `a"} 1`, "../../etc/passwd", "кино", "x{y=\"z\"}", "\x00\xff", strings.Repeat("long", 300)}[i%7] + fmt.Sprint(i)
}

// A thousand recordings have as many series as none, and none of their names.
func TestSeriesAreBounded(t *testing.T) {
	t.Parallel()
	m, _ := begun(t, Options{})
	for i := range 1000 {
		name := hostile(i)
		for _, stage := range []finalize.Stage{finalize.StageList, finalize.StageWrite, finalize.Stage(name)} {
			m.Event(finalize.Event{Recording: name, Stage: stage, Detail: name})
		}
		r := &finalize.Report{Recording: name, Plan: &finalize.Plan{Recording: name, Status: finalize.Status(name), Warnings: []string{name}}, Problems: []string{name}}
		r.Plan.Dropped = []finalize.Dropped{{Object: store.Object{Store: name, Key: name}, Reason: finalize.Reason(name), Why: name}}
		rec := &finalize.Record{Session: name, Start: night, End: night, Holes: []finalize.HoleRow{{Rendition: name, DurationNS: 1}}}
		rec.Dropped.Reason = []finalize.Reason{finalize.Reason(name)}
		switch i % 3 {
		case 0:
			r.Committed = []finalize.Committed{{Record: rec, At: night}}
		case 1:
			r.Err = errors.New(name)
		}
		if i%10 != 0 {
			m.Report(r)
		}
	}
	m.End(1)
	if len(m.at) > 0 {
		t.Errorf("%d recordings are still held", len(m.at))
	}
	values, text := written(t, m)
	if len(values) != allSeries()-1 { // it did not succeed
		t.Errorf("%d series, want %d", len(values), allSeries()-1)
	}
	for i := range 7 {
		for _, part := range strings.Fields(hostile(i)) {
			if len(part) > 3 && strings.Contains(text, part) {
				t.Errorf("the file holds %q", part)
			}
		}
	}
	sum := 0.0
	for _, v := range results {
		sum += values[fmt.Sprintf(`recfin_last_run_recordings{command="run",result=%q}`, v)]
	}
	if sum != 900 || values[`recfin_dropped_segments{command="run",reason="other"}`] != 900 || values[`recfin_last_run_recordings{command="run",result="other"}`] != 300 {
		t.Errorf("%v recordings in all:\n%s", sum, text)
	}
	if problems, err := promlint.New(strings.NewReader(text)).Lint(); err != nil || len(problems) > 0 {
		t.Errorf("%v %v", problems, err)
	}
}

// Time goes to the stage in which a recording is, and requests are counted once:
// those of recordings that have no report too.
func TestEvents(t *testing.T) {
	t.Parallel()
	m, c := begun(t, Options{})
	step := func(name string, stage finalize.Stage, gets int64) {
		m.Event(finalize.Event{Recording: name, Stage: stage, Cost: finalize.Cost{Get: gets}})
	}
	step("a", finalize.StageList, 0)
	c.pass(time.Second)
	step("b", finalize.StageList, 0)
	c.pass(time.Second)
	step("a", finalize.StageMeasure, 1)
	c.pass(3 * time.Second)
	step("a", finalize.StageMeasure, 5)
	c.pass(2 * time.Second)
	step("a", finalize.StageList, 6) // it is planned again
	c.pass(time.Second)
	m.Report(&finalize.Report{Recording: "a", Plan: &finalize.Plan{Status: finalize.Done}, Cost: finalize.Cost{Get: 8}})
	step("b", finalize.StageWrite, 2)
	c.pass(10 * time.Second)
	m.Expect(4) // two of them are not begun
	m.Ended()
	m.Ended()
	m.End(143) // b has no report
	step("b", finalize.StageWrite, 100)
	m.Report(&finalize.Report{Recording: "b", Plan: &finalize.Plan{Status: finalize.Done}, Cost: finalize.Cost{Get: 100}})
	m.Expect(1)
	m.End(0)
	values, _ := written(t, m)
	want(t, values, map[string]float64{
		"recfin_last_run_exit_code":                      143,
		"recfin_last_run_recordings done":                1,
		"recfin_last_run_recordings left":                2,
		"recfin_last_run_stage_duration_seconds list":    2 + 1 + 7,
		"recfin_last_run_stage_duration_seconds measure": 5,
		"recfin_last_run_stage_duration_seconds write":   10,
		"recfin_last_run_requests get":                   8 + 2,
	})
}

// Events and reports may come from anywhere at any time, also after the end.
func TestAtOnce(t *testing.T) {
	t.Parallel()
	m, err := New(Options{Command: "run"})
	if err != nil {
		t.Fatal(err)
	}
	var g sync.WaitGroup
	for i := range 4 {
		g.Go(func() {
			for k := range 200 {
				name := fmt.Sprint(i, k)
				m.Event(finalize.Event{Recording: name, Stage: finalize.StageList})
				m.Report(&finalize.Report{Recording: name, Plan: &finalize.Plan{Status: finalize.Done}})
				if i == 0 && k == 100 {
					m.End(0)
				}
			}
		})
	}
	values, _ := written(t, m)
	g.Wait()
	if len(values) < allSeries()-2 {
		t.Errorf("%d series", len(values))
	}
}

// Whatever is reported, there are the same series, no value is below zero, and the
// recordings are as many as the reports.
func TestAnyRun(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := &clock{night}
		m, err := New(Options{Command: "run", Now: c.now})
		if err != nil {
			t.Fatal(err)
		}
		n := rapid.IntRange(0, 8).Draw(t, "reports")
		for range n {
			m.Event(finalize.Event{Recording: rapid.SampledFrom([]string{"a", "b"}).Draw(t, "name"), Stage: rapid.SampledFrom([]finalize.Stage{finalize.StageList, "odd", ""}).Draw(t, "stage")})
			c.pass(time.Duration(rapid.Int64Range(-int64(time.Hour), int64(time.Hour)).Draw(t, "ns"))) // a clock that is set back
			m.Report(anyReport(t))
		}
		code := rapid.SampledFrom([]int{0, 1, 5}).Draw(t, "code")
		m.End(code)
		g, err := gatherer(&m.sums, m.labels)
		if err != nil {
			t.Fatal(err)
		}
		all, err := g.Gather()
		if err != nil {
			t.Fatal(err)
		}
		series, recordings := 0, 0.0
		for _, f := range all {
			for _, x := range f.GetMetric() {
				series++
				if x.GetGauge().GetValue() < 0 {
					t.Errorf("%s is %v", f.GetName(), x)
				}
				if f.GetName() == "recfin_last_run_recordings" {
					recordings += x.GetGauge().GetValue()
				}
			}
		}
		absent := 0
		if code != 0 {
			absent = 1
		}
		if series != allSeries()-absent || recordings != float64(n) {
			t.Errorf("%d series of %v recordings, want %d of %d", series, recordings, allSeries()-absent, n)
		}
	})
}

func anyReport(t *rapid.T) *finalize.Report {
	r := &finalize.Report{Recording: rapid.SampledFrom([]string{"a", "b"}).Draw(t, "name")}
	r.Err = rapid.SampledFrom([]error{nil, finalize.ErrRefused, finalize.ErrLeased, finalize.ErrLeft, finalize.ErrNothing, errors.New("x")}).Draw(t, "err")
	if rapid.Bool().Draw(t, "unplanned") {
		return r
	}
	r.Plan = &finalize.Plan{Status: rapid.SampledFrom([]finalize.Status{"", finalize.Ready, finalize.NotSettled, finalize.Done, finalize.Damaged, finalize.Refused, "new"}).Draw(t, "status")}
	for range rapid.IntRange(0, 3).Draw(t, "sessions") {
		rec := &finalize.Record{Session: rapid.SampledFrom([]string{"s1", "s2"}).Draw(t, "id")}
		rec.End = night.Add(time.Duration(rapid.Int64Range(-int64(1e15), int64(1e13)).Draw(t, "end")))
		r.Plan.Sessions = append(r.Plan.Sessions, finalize.PlannedSession{Record: rec, Action: rapid.SampledFrom([]finalize.Action{finalize.Write, finalize.Keep, finalize.Wait}).Draw(t, "action")})
		if rapid.Bool().Draw(t, "committed") {
			r.Committed = append(r.Committed, finalize.Committed{Record: rec, At: night})
		}
	}
	return r
}
