package store

import (
	"hash/crc64"
	"testing"

	"pgregory.net/rapid"
)

// nvme is the polynomial of CRC-64/NVME in the notation of the standard
// library, an implementation of its own.
var nvme = crc64.MakeTable(0x9a6c9329ac4bc9b5)

// The check value of CRC-64/NVME in the catalogue of parametrised CRCs.
func TestCRCIsNVME(t *testing.T) {
	if got := SumCRC64([]byte("123456789")); got != 0xae8b14860a799888 {
		t.Fatalf("check value %016x", got)
	}
}

// Lengths on both sides of what is computed at once, in any slices.
func TestCRCOfAnySlices(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := make([]byte, rapid.IntRange(0, 5000).Draw(t, "length"))
		seed := rapid.Uint64().Draw(t, "seed")
		for i := range p {
			seed = seed*6364136223846793005 + 1442695040888963407
			p[i] = byte(seed >> 56)
		}
		want := crc64.Checksum(p, nvme)
		if got := SumCRC64(p); got != want {
			t.Fatalf("at once: %016x, want %016x", got, want)
		}
		sum := NewCRC64()
		for rest := p; len(rest) > 0; {
			n := rapid.IntRange(1, len(rest)).Draw(t, "slice")
			sum.Write(rest[:n])
			rest = rest[n:]
		}
		if got := sum.Sum64(); got != want {
			t.Fatalf("in slices: %016x, want %016x", got, want)
		}
	})
}

func TestCombineCRC(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := rapid.SliceOfN(rapid.Byte(), 0, 300).Draw(t, "a")
		b := rapid.SliceOfN(rapid.Byte(), 0, 300).Draw(t, "b")
		whole := crc64.Checksum(append(append([]byte(nil), a...), b...), nvme)
		if got := CombineCRC64(SumCRC64(a), SumCRC64(b), int64(len(b))); got != whole {
			t.Fatalf("combined %016x, whole %016x", got, whole)
		}
	})
}
