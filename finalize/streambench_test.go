package finalize_test

import (
	"strings"
	"testing"

	"recfin/finalize"
)

// heavy lays so many segments of 400 kB each.
func heavy(segments int) (w *world, bytes int64) {
	w = newWorld(false)
	f := high
	f.Content = strings.Repeat("forty thousand bytes of a picture, ", 1100)
	w.lay("foo/A/source", f, 0, segments-1, 0)
	return w, int64(segments) * int64(len(f.segment(0)))
}

// BenchmarkStoreToStore writes one MP4 of segments in a store into the same store,
// all of it in memory: reading ahead, joining, writing behind and proving.
func BenchmarkStoreToStore(b *testing.B) {
	w, n := heavy(100)
	b.SetBytes(n)
	b.ReportAllocs()
	for b.Loop() {
		b.StopTimer()
		fresh := w.clone()
		b.StartTimer()
		mustRun(b, only(fresh, finalize.Formats{MP4: true}), "foo")
	}
}
