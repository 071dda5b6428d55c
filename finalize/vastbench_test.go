package finalize_test

import (
	"fmt"
	"recfin/internal/testenv"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"testing"
	"time"
)

// BenchmarkPlan makes the plan of a recording of so many segments whose lengths
// sidecars tell: listing, sidecars, measuring, timeline and record. It shows what a
// segment takes of processor time and of memory: all that was ever allocated, and
// what was live at the peak.
func BenchmarkPlan(b *testing.B) {
	for _, n := range []int{10_000, 100_000, 1_000_000} {
		b.Run(fmt.Sprintf("segments=%d", n), func(b *testing.B) {
			v := newVast(n)
			cfg := vastly(b, v)
			checkVast(b, mustPlanOnly(b, cfg), n)
			v.gets.Store(0)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			began := testenv.CPU()
			b.ReportAllocs()
			for b.Loop() {
				mustPlanOnly(b, cfg)
			}
			used := testenv.CPU() - began
			runtime.ReadMemStats(&after)
			count := float64(b.N) * float64(n)
			b.ReportMetric(float64(used.Nanoseconds())/count, "cpu-ns/segment")
			b.ReportMetric(float64(after.TotalAlloc-before.TotalAlloc)/count, "B/segment")
			b.ReportMetric(float64(v.gets.Load())/float64(b.N), "gets")
		})
	}
}

// BenchmarkPlanLive shows how many bytes a segment are live at the peak of the planning,
// keys and ETags included.
func BenchmarkPlanLive(b *testing.B) {
	for _, n := range []int{10_000, 100_000, 1_000_000} {
		b.Run(fmt.Sprintf("segments=%d", n), func(b *testing.B) {
			cfg := vastly(b, newVast(n))
			var most uint64
			for b.Loop() {
				most = max(most, peak(func() { mustPlanOnly(b, cfg) }))
			}
			b.ReportMetric(float64(most)/float64(n), "live-B/segment")
		})
	}
}

// peak gives how many bytes more than before are live at the peak of some work. The
// collector runs whenever a twentieth is allocated anew, and says after each time
// what it found to be live.
func peak(work func()) uint64 {
	defer debug.SetGCPercent(debug.SetGCPercent(5))
	live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	runtime.GC()
	metrics.Read(live)
	before, most := live[0].Value.Uint64(), uint64(0)
	stop, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		for {
			metrics.Read(live)
			most = max(most, live[0].Value.Uint64())
			select {
			case <-stop:
				return
			case <-time.After(time.Millisecond):
			}
		}
	}()
	work()
	close(stop)
	<-done
	return most - min(most, before)
}
