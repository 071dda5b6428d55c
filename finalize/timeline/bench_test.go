package timeline

import (
	"fmt"
	"runtime"
	"slices"
	"testing"
	"time"
)

var benchSizes = []int{10_000, 100_000, 1_000_000}

// BenchmarkBuild: five renditions and forty writers one after another, durations
// known, everything read that was asked for: the last of the builds, which makes
// the timeline. Neither times nor bytes a segment must grow.
func BenchmarkBuild(b *testing.B) {
	for _, n := range benchSizes {
		b.Run(fmt.Sprintf("segments=%d", n), func(b *testing.B) {
			benchBuild(b, told(many(n/5, n/5/40)), defaults)
		})
	}
}

// BenchmarkShortRuns: the same with a new writer each minute, and all heads read.
func BenchmarkShortRuns(b *testing.B) {
	for _, n := range benchSizes {
		b.Run(fmt.Sprintf("segments=%d", n), func(b *testing.B) {
			segs := many(n/5, 30)
			for i := range segs {
				if i%30 < 29 {
					segs[i].Media = limited(segs[i].Media, ReadHead)
				}
			}
			benchBuild(b, segs, defaults)
		})
	}
}

// benchBuild measures builds of segments that nothing more is asked about.
func benchBuild(b *testing.B, segs []flat, opt Options) {
	answer(b, segs, opt)
	in := compact(segs)
	b.ReportAllocs()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for b.Loop() {
		if tl, needs := Build(in, opt); tl == nil {
			b.Fatal(len(needs))
		}
	}
	runtime.ReadMemStats(&after)
	count := float64(b.N) * float64(len(segs))
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/count, "ns/segment")
	b.ReportMetric(float64(after.TotalAlloc-before.TotalAlloc)/count, "B/segment")
}

// answer reads what a build asks for, until it asks no more.
func answer(t tester, segs []flat, opt Options) {
	t.Helper()
	for {
		tl, needs := build(segs, opt)
		if tl != nil {
			if len(tl.Sessions) != 1 {
				t.Fatalf("%d sessions", len(tl.Sessions))
			}
			return
		}
		for _, n := range needs {
			f := feed{nonce: segs[n.Segment].Nonce, rendition: segs[n.Segment].Rendition}
			s := &segs[n.Segment]
			f.from, f.to = s.Seq, s.Seq
			f.at = time.Duration(s.Seq) * two
			f.clock = f.at
			s.Media = limited(f.make()[0].Media, n.Level)
		}
	}
}

// many is a stream of that many numbers in five renditions, in runs of the
// given length.
func many(numbers, each int) []flat {
	segs := make([]flat, 0, numbers*5)
	for from := 0; from < numbers; from += each {
		at := time.Duration(from) * two
		for _, r := range []string{"source", "720p", "480p", "360p", "240p"} {
			segs = append(segs, feed{
				nonce: fmt.Sprintf("w%d", from), rendition: r, from: int64(from), to: int64(min(from+each, numbers)) - 1, at: at, clock: at, bare: true,
			}.make()...)
		}
	}
	return segs
}

// told makes lengths known by a sidecar, and forgets what was measured.
func told(segs []flat) []flat {
	for i := range segs {
		s := &segs[i]
		s.Length, s.LengthSource = s.Media.Duration, FromSidecar
		s.Media = Media{}
	}
	return segs
}

// restarts are runs of the given length, each another stream that begins at 0.
func restarts(runs int, each int64) []flat {
	var segs []flat
	for w := range runs {
		segs = append(segs, feed{
			nonce: fmt.Sprintf("w%d", w), stream: fmt.Sprint(w), to: each - 1,
			at: time.Duration(w) * (time.Duration(each)*two + 10*time.Second),
		}.make()...)
	}
	return segs
}

// BenchmarkRestarts: every run is another stream that begins at 0, so each is
// compared with numberings that it does not share.
func BenchmarkRestarts(b *testing.B) {
	for _, n := range []int{720, 2880, 11520} {
		b.Run(fmt.Sprintf("runs=%d", n), func(b *testing.B) {
			benchBuild(b, restarts(n, 15), defaults)
		})
	}
}

// BenchmarkRestartsOfNoDay: the same in a bucket that was copied.
func BenchmarkRestartsOfNoDay(b *testing.B) {
	for _, n := range []int{720, 2880} {
		b.Run(fmt.Sprintf("runs=%d", n), func(b *testing.B) {
			segs := restarts(n, 15)
			copied(segs, time.Hour)
			slices.SortFunc(segs, func(x, y flat) int { return x.Uploaded.Compare(y.Uploaded) })
			benchBuild(b, segs, defaults)
		})
	}
}
