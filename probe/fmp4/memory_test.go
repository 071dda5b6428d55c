package fmp4

import (
	"bytes"
	"runtime"
	"testing"
)

// What boxes promise holds no more than a small multiple of their bytes.
func TestMemoryIsWhatIsThere(t *testing.T) {
	const many = 200_000
	tiny := bytes.Repeat(atom("free"), many)
	stsd := full("stsd", 0, 0, u32(many), bytes.Repeat(atom("avc1"), many))
	inStbl := func(parts ...[]byte) []byte {
		stbl := atom("stbl", parts...)
		return moov(atom("trak", full("tkhd", 0, 3, u32(0, 0, 1), make([]byte, 68)),
			atom("mdia", full("mdhd", 0, 0, u32(0, 0, 90000, 0), make([]byte, 4)), full("hdlr", 0, 0, u32(0), []byte("vide"), make([]byte, 13)), atom("minf", stbl))))
	}
	runs := func(body []byte) []byte {
		return atom("moof", atom("traf", full("tfhd", 0, tfhdBaseIsMoof|tfhdSize, u32(1, 5)), bytes.Repeat(body, many)))
	}
	for _, c := range []struct {
		name string
		b    []byte
		most int // bytes for each that came
	}{
		{"boxes in a moov", moov(tiny), 4},
		{"tracks in a moov", moov(bytes.Repeat(atom("trak"), many)), 4},
		{"sample entries", inStbl(stsd), 4},
		{"boxes in an entry", inStbl(full("stsd", 0, 0, u32(1), visual("avc1", 1, 1, tiny))), 4},
		{"sets in hvcC", inStbl(full("stsd", 0, 0, u32(1), visual("hvc1", 1, 1, atom("hvcC", make([]byte, 22), []byte{255}, make([]byte, 1<<20))))), 4},
		{"empty runs", append(bytes.Clone(header), runs(full("trun", 0, 0, u32(0)))...), 4},
		{"runs", append(bytes.Clone(header), runs(full("trun", 0, 0, u32(1)))...), 16},
		{"fragments", append(bytes.Clone(header), bytes.Repeat(atom("moof"), many)...), 24},
		{"media before its moov", atom("mdat", make([]byte, 1<<20)), 4},
	} {
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		d := New(&drain{}, Options{})
		_, err := d.Write(c.b)
		runtime.GC()
		runtime.ReadMemStats(&after)
		runtime.KeepAlive(d)
		if n := int(after.HeapAlloc) - int(before.HeapAlloc); n > c.most*len(c.b)+1<<20 {
			t.Errorf("%s: %d bytes for %d (%v)", c.name, n, len(c.b), err)
		}
	}
}
