package timeline

import (
	"runtime"
	"testing"
)

// A decision on a recording of many segments takes less than 500 bytes for each,
// everything that it ever allocates counted.
func TestMemoryOfADecision(t *testing.T) {
	const numbers, most = 20000, 500
	segs := told(many(numbers, numbers/40))
	answer(t, segs, defaults)
	in := compact(segs)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	tl, needs := Build(in, defaults)
	runtime.ReadMemStats(&after)
	if tl == nil || len(tl.Sessions[0].Slots) != numbers {
		t.Fatalf("%d needs", len(needs))
	}
	if each := (after.TotalAlloc - before.TotalAlloc) / uint64(len(segs)); each >= most {
		t.Errorf("%d bytes a segment, want less than %d", each, most)
	}
}
