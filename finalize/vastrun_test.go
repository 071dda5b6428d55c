package finalize_test

import (
	"fmt"
	"runtime"
	"testing"

	"recfin/finalize"
	"recfin/internal/testenv"
)

// TestRequestsOfReferences: a whole run that writes playlists of segments where they are
// asks for the pages of the listings, the sidecars, the outputs, and at most 0.02 a
// segment and 4 a writer's run.
func TestRequestsOfReferences(t *testing.T) {
	const segments = 10_000
	v := newVast(segments)
	r, err := run(vastly(t, v), "rec")
	if err != nil {
		t.Fatal(err)
	}
	checkVast(t, r, segments)
	c := r.Cost
	all := c.List + c.Get + c.Head + c.Put + c.Copy + c.Delete
	// Everything is listed twice: to plan, and once more before the commit.
	pages := int64(2 * (len(v.objects) + 999) / 1000)
	outputs := int64(0) // each is put and read back
	for _, s := range r.Committed {
		outputs += 2 * int64(len(s.Record.Outputs)+1)
	}
	measured := c.Get - vastWriters - outputs/2
	testenv.Figure(t, "reference mode", "%d segments of %d runs: %d requests, of them %d listings (%d pages), %d sidecars, %d of outputs, %d of segments (%d allowed)",
		segments, v.runs, all, c.List, pages, vastWriters, outputs, measured, segments/50+4*v.runs)
	const fixed = 40 // marker, lease, doors, what the store honours
	if most := int64(segments/50+4*v.runs) + pages + vastWriters + outputs + fixed; all > most {
		t.Errorf("%+v are %d requests, %d are allowed", c, all, most)
	}
	if c.List > pages+fixed/2 || c.Head > fixed/2 || c.Put > outputs/2+fixed/2 || measured > int64(segments/50+4*v.runs) {
		t.Errorf("%+v: %d pages, %d of outputs, %d of segments", c, pages, outputs, measured)
	}
}

// TestMemoryOfAPlan: what a plan has in memory at its peak, and what it ever allocates,
// grows with the segments and no faster.
func TestMemoryOfAPlan(t *testing.T) {
	const small, large = 10_000, 60_000
	var before, after runtime.MemStats
	each := map[int]uint64{}
	for _, n := range []int{small, large} {
		cfg := vastly(t, vastOf(n))
		runtime.ReadMemStats(&before)
		checkVast(t, mustPlanOnly(t, cfg), n)
		runtime.ReadMemStats(&after)
		each[n] = (after.TotalAlloc - before.TotalAlloc) / uint64(n)
	}
	defer clear(vastStores)
	live := peak(func() { mustPlanOnly(t, vastly(t, vastOf(large))) }) / large
	testenv.Figure(t, "memory of a plan", "%d segments: %d bytes each live at the peak, keys and ETags included, and %d ever allocated", large, live, each[large])
	const mostLive, most = 520, 2600
	if live > mostLive || each[large] > most {
		t.Errorf("%d bytes a segment are live at the peak and %d allocated, %d and %d are allowed", live, each[large], mostLive, most)
	}
	if each[large] > each[small] {
		t.Errorf("%d bytes a segment for %d, and %d for %d", each[large], large, each[small], small)
	}
}

// BenchmarkReferences is a whole run that writes playlists of segments where they are.
// cpu-s is the processor time of the run, that of the store in memory and of making the
// few segments that are read included.
func BenchmarkReferences(b *testing.B) {
	for _, n := range []int{10_000, 100_000} {
		b.Run(fmt.Sprintf("segments=%d", n), func(b *testing.B) {
			var used float64
			var last *finalize.Report
			for b.Loop() {
				b.StopTimer()
				v := newVast(n)
				cfg := vastly(b, v)
				b.StartTimer()
				began := testenv.CPU()
				r, err := run(cfg, "rec")
				if err != nil {
					b.Fatal(err)
				}
				used += (testenv.CPU() - began).Seconds()
				last = r
			}
			checkVast(b, last, n)
			c := last.Cost
			b.ReportMetric(used/float64(b.N), "cpu-s")
			b.ReportMetric(float64(c.List+c.Get+c.Head+c.Put+c.Copy+c.Delete), "requests")
		})
	}
}
