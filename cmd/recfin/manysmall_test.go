//go:build unix

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"recfin/internal/testenv"
	"recfin/internal/tswriter"
	"recfin/store/storetest/s3double"
)

// smallSegments is how many segments of 2 s a small recording has.
const smallSegments = 30

// layManySmall stores small recordings, all alike but for their names, which stand before
// those of the outputs.
func layManySmall(s *s3double.Server, recordings int) {
	for n := range smallSegments {
		keys := make([]string, recordings)
		for i := range keys {
			keys[i] = fmt.Sprintf("live/cam-%05d/A/192p/%d.ts", i, n)
		}
		s.SetAlike(s3double.Object{Body: smallSegment(n), Modified: onAir.Add(time.Duration(n+1) * 2 * time.Second)}, keys...)
	}
}

// smallSegment is segment n of a stream of five pictures a second.
func smallSegment(n int) []byte {
	const pid, pictures, ticks = 0x100, 10, 18000
	w := tswriter.New(tswriter.Stream{PID: pid, Type: tswriter.TypeH264})
	w.SetCounter(pid, byte(n*pictures))
	w.Tables()
	for _, p := range (tswriter.Live{Pictures: pictures, Step: ticks, From: int64(n * pictures * ticks)}).PESPackets() {
		w.PES(pid, p)
	}
	return w.Bytes()
}

// smallRun is what a run over small recordings came to.
type smallRun struct {
	recordings int
	took       time.Duration
	cpu        time.Duration  // user and system, of the process of the run alone
	requests   map[string]int // by operation
	shared     map[string]int // of those: for what recordings have in common
	samples    []sample
}

// per is how many requests of an operation there were for each recording.
func (r smallRun) per(op string) float64 { return float64(r.requests[op]) / float64(r.recordings) }

// runSmall finalizes small recordings in a double, by one run in a process of its own.
func runSmall(t testing.TB, recordings int, flags ...string) smallRun {
	t.Helper()
	s := s3double.New(t, s3double.Options{})
	layManySmall(s, recordings)
	if late, err := time.ParseDuration(os.Getenv("RECFIN_TEST_LATENCY")); err == nil {
		s.Hook(func(*s3double.Exchange) bool { time.Sleep(late); return false })
	}
	file := filepath.Join(t.TempDir(), "samples")
	cmd := child(t, append([]string{"run", "--json", "--log-level", "warn", "--store", s.URL("live")}, flags...)...)
	every := max(recordings/10, 1)
	cmd.Env = append(cmd.Env, sampleFile+"="+file, sampleEvery+"="+strconv.Itoa(every))
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	began := time.Now()
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v\n%s", err, errs.String())
	}
	r := smallRun{recordings: recordings, took: time.Since(began), cpu: cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), requests: map[string]int{}, shared: map[string]int{}}
	if n := bytes.Count(out.Bytes(), []byte(`"status":"done"`)); n != recordings || errs.Len() > 0 {
		t.Fatalf("%d of %d recordings are done\n%s", n, recordings, errs.String())
	}
	for _, q := range s.Log() {
		r.requests[q.Op]++
		if strings.Contains(q.Key, "/.recfin/state/") || strings.Contains(q.Key, "/.recfin/probe/") {
			r.shared[q.Op]++
		}
	}
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &r.samples); err != nil {
		t.Fatal(err)
	}
	return r
}

// What 10,000 small recordings cost: recordings and requests a second, and what each
// takes. RECFIN_TEST_SMALL has the flags of the run, RECFIN_TEST_LATENCY how much later
// than at once each request is answered, as "40ms".
func BenchmarkManySmall(b *testing.B) {
	flags := strings.Fields(os.Getenv("RECFIN_TEST_SMALL"))
	for _, n := range []int{100, 1000, 10000} {
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			for b.Loop() {
				r := runSmall(b, n, flags...)
				b.ReportMetric(float64(n)/r.took.Seconds(), "recordings/s")
				b.ReportMetric(float64(r.cpu.Microseconds())/1000/float64(n), "cpu-ms/recording")
				all := 0
				for _, op := range slices.Sorted(maps.Keys(r.requests)) {
					b.ReportMetric(r.per(op), op+"/recording")
					all += r.requests[op]
				}
				b.ReportMetric(float64(all)/float64(n), "requests/recording")
				first, last := r.samples[0], r.samples[len(r.samples)-1]
				b.ReportMetric(float64(first.Heap)/1024, "live-KiB-early")
				b.ReportMetric(float64(last.Heap)/1024, "live-KiB-late")
				b.ReportMetric(float64(last.Goroutines), "goroutines")
				b.ReportMetric(float64(last.Sys)/(1<<20), "peak-MiB")
			}
		})
	}
}

// TestManySmall: what a small recording costs is its own requests: one for each segment,
// and those of the table below. What all have in common (what the store honours, where the
// recordings are, which of them are finished, what dead runs left) is asked for once.
// Neither memory nor goroutines grow with the number of recordings.
func TestManySmall(t *testing.T) {
	t.Parallel()
	const recordings, few = 300, 20
	r := runSmall(t, recordings)
	all := 0
	for op, n := range r.requests {
		all += n - r.shared[op]
	}
	for _, x := range []struct {
		op   string
		most int // for each recording
	}{
		{"GetObject", smallSegments + 8}, // all of the last segment; marker, under the lease, planned again, playlist, list, door, marker read back
		{"ListObjectsV2", 4},             // outputs and sources, twice
		{"PutObject", 6},                 // lease, playlist, list, day, marker, door
		{"DeleteObject", 1},              // lease
		{"HeadObject", 0},
		{"ListMultipartUploads", 0},
	} {
		if n := r.requests[x.op] - r.shared[x.op]; n > x.most*recordings+few {
			t.Errorf("%d times %s for %d recordings: %.2f for each, at most %d are needed", n, x.op, recordings, float64(n)/recordings, x.most)
		}
		delete(r.requests, x.op)
	}
	for op, n := range r.requests {
		if n-r.shared[op] > few {
			t.Errorf("%d times %s: nothing of a small recording needs that", n, op)
		}
	}
	if len(r.samples) != 10 {
		t.Fatalf("%d samples", len(r.samples))
	}
	early, late := r.samples[2], r.samples[9] // after 90 and all
	testenv.Figure(t, "small recordings", "%d of %d segments: %.2f requests for each, %d KiB of the heap alive after %d and %d KiB after all, %d goroutines",
		recordings, smallSegments, float64(all)/recordings, early.Heap>>10, early.Lines, late.Heap>>10, late.Goroutines)
	if grown := int64(late.Heap) - int64(early.Heap); grown > recordings*4<<10 {
		t.Errorf("%d bytes more are alive after %d recordings than after %d", grown, late.Lines, early.Lines)
	}
	if late.Goroutines > early.Goroutines+32 || late.Goroutines > 400 {
		t.Errorf("%d goroutines after %d recordings, %d after %d", late.Goroutines, late.Lines, early.Goroutines, early.Lines)
	}
}
