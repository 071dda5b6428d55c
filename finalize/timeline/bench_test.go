package timeline

import (
	"fmt"
	"testing"
	"time"
)

// BenchmarkBuild: one writer in five renditions, and a new writer every minute,
// at 10,000 and 100,000 segments. Times a segment must not grow.
func BenchmarkBuild(b *testing.B) {
	for _, n := range []int{10000, 100000} {
		for _, each := range []int{n / 5, 30} {
			b.Run(fmt.Sprintf("segments=%d/run=%d", n, each), func(b *testing.B) {
				segs := many(n/5, each)
				b.ReportAllocs()
				for b.Loop() {
					if tl, needs := Build(segs, defaults); tl == nil || len(tl.Sessions) != 1 {
						b.Fatal(len(needs))
					}
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/segment")
			})
		}
	}
}

// many is a stream of that many numbers in five renditions, in runs of the
// given length.
func many(numbers, each int) []Segment {
	var segs []Segment
	for from := 0; from < numbers; from += each {
		at := time.Duration(from) * two
		for _, r := range []string{"source", "720p", "480p", "360p", "240p"} {
			segs = append(segs, feed{
				nonce: fmt.Sprintf("w%d", from), rendition: r, from: int64(from), to: int64(min(from+each, numbers)) - 1, at: at, clock: at,
			}.make()...)
		}
	}
	return segs
}

// BenchmarkRestarts: every run is another stream that begins at 0, so each is
// compared with numberings that it does not share.
func BenchmarkRestarts(b *testing.B) {
	var segs []Segment
	for w := range 2880 {
		segs = append(segs, feed{nonce: fmt.Sprintf("w%d", w), stream: fmt.Sprint(w), to: 14, at: time.Duration(w) * 40 * time.Second}.make()...)
	}
	for b.Loop() {
		if tl, _ := Build(segs, defaults); len(tl.Sessions[0].Slots) != len(segs) {
			b.Fatal("a restart was taken for a copy")
		}
	}
}
