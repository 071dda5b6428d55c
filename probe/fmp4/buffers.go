package fmp4

import "math/bits"

// buffers lends memory for payload that waits, by powers of two.
type buffers struct {
	free  [maxClass + 1][][]byte
	bytes int // in free
}

const (
	maxClass = 20      // buffers beyond 1 MiB are not kept
	minClass = 8       // smaller ones are not made
	maxSpare = 8 << 20 // bytes that are kept
)

// get gives an empty buffer for n bytes or more.
func (f *buffers) get(n int) []byte {
	class := max(bits.Len(uint(max(n, 1)-1)), minClass)
	if class > maxClass {
		return make([]byte, 0, n)
	}
	list := f.free[class]
	if k := len(list); k > 0 {
		b := list[k-1]
		list[k-1] = nil
		f.free[class] = list[:k-1]
		f.bytes -= cap(b)
		return b
	}
	return make([]byte, 0, 1<<class)
}

// put takes a buffer back.
func (f *buffers) put(b []byte) {
	class := bits.Len(uint(cap(b))) - 1
	if class < minClass || class > maxClass || f.bytes+cap(b) > maxSpare {
		return
	}
	f.free[class] = append(f.free[class], b[:0])
	f.bytes += cap(b)
}

// add appends p to a buffer that will hold size bytes in the end. What is not
// there yet is not paid for: the buffer grows with its bytes.
func (f *buffers) add(b, p []byte, size int64) []byte {
	if n := len(b) + len(p); n > cap(b) {
		grown := f.get(int(min(size, max(2*int64(cap(b)), int64(n)))))
		grown = append(grown, b...)
		if b != nil {
			f.put(b)
		}
		b = grown
	}
	return append(b, p...)
}
