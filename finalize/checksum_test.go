package finalize

import (
	"hash/crc64"
	"testing"

	"pgregory.net/rapid"
)

// The check value of CRC-64/NVME in the catalogue of parametrised CRCs.
func TestCRCIsNVME(t *testing.T) {
	if got := crc64.Checksum([]byte("123456789"), nvme); got != 0xae8b14860a799888 {
		t.Fatalf("check value %016x", got)
	}
}

func TestCombineCRC(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := rapid.SliceOfN(rapid.Byte(), 0, 300).Draw(t, "a")
		b := rapid.SliceOfN(rapid.Byte(), 0, 300).Draw(t, "b")
		whole := crc64.Checksum(append(append([]byte(nil), a...), b...), nvme)
		if got := combineCRC(crc64.Checksum(a, nvme), crc64.Checksum(b, nvme), int64(len(b))); got != whole {
			t.Fatalf("combined %016x, whole %016x", got, whole)
		}
	})
}
