package avc

import (
	"bytes"
	"testing"

	"pgregory.net/rapid"
)

// plainBits reads one bit at a time.
type plainBits struct {
	b     []byte
	pos   int
	short bool
}

func (r *plainBits) bit() uint32 {
	if r.pos >= 8*len(r.b) {
		r.short = true
		return 0
	}
	v := r.b[r.pos/8] >> (7 - r.pos%8) & 1
	r.pos++
	return uint32(v)
}

func (r *plainBits) bits(n int) (v uint32) {
	for range n {
		v = v<<1 | r.bit()
	}
	return v
}

func (r *plainBits) ue() uint32 {
	zeros := 0
	for r.bit() == 0 {
		if zeros++; r.short || zeros > 31 {
			r.short = true
			return 0
		}
	}
	return 1<<zeros - 1 + r.bits(zeros)
}

// sparse draws bytes most of which are small, so that codes are long and escapes occur.
func sparse(t *rapid.T) []byte {
	return rapid.SliceOfN(rapid.OneOf(rapid.SampledFrom([]byte{0, 0, 0, 1, 2, 3, 3}), rapid.Byte()), 0, 40).Draw(t, "bytes")
}

// TestBits: whatever is read at once is what bit by bit gives, up to the end and past it.
func TestBits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := sparse(t)
		r, want := NewBits(b), plainBits{b: b}
		for range rapid.IntRange(1, 20).Draw(t, "reads") {
			n := rapid.IntRange(-2, 32).Draw(t, "n")
			var got, v uint32
			switch n {
			case -2:
				got, v = r.Bit(), want.bit()
			case -1:
				got, v = r.UE(), want.ue()
			default:
				got, v = r.Bits(n), want.bits(n)
			}
			if got != v || r.Short() != want.short {
				t.Fatalf("%d of % x at bit %d: %d, short %v; bit by bit: %d, %v", n, b, want.pos, got, r.Short(), v, want.short)
			}
		}
	})
}

// TestUnescape: what is given is the bytes without those behind two zeros that are 3,
// and what it was made from is as it was.
func TestUnescape(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := sparse(t)
		before := bytes.Clone(b)
		dst := make([]byte, rapid.IntRange(0, 40).Draw(t, "room"))
		var want []byte
		zeros := 0
		for _, c := range b {
			if zeros >= 2 && c == 3 {
				zeros = 0
				continue
			}
			if zeros++; c != 0 {
				zeros = 0
			}
			want = append(want, c)
		}
		want = want[:min(len(want), len(dst))]
		if got := Unescape(dst, b); !bytes.Equal(got, want) || !bytes.Equal(b, before) {
			t.Fatalf("% x in %d bytes: % x, and not % x", b, len(dst), got, want)
		}
	})
}
