package finalize

import (
	"bytes"
	"encoding/binary"
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"recfin/probe"
)

// tsOf gives so many packets, each of them another one.
func tsOf(n int) []byte {
	b := bytes.Repeat([]byte{0xff}, n*tsPacket)
	for i := range n {
		b[i*tsPacket], b[i*tsPacket+4] = tsSync, byte(i)
	}
	return b
}

// spaced gives packets with something between them.
func spaced(n, gap int) []byte {
	var b []byte
	for i := range n {
		b = append(append(b, tsOf(n)[i*tsPacket:(i+1)*tsPacket]...), make([]byte, gap)...)
	}
	return b
}

// atom is a box.
func atom(typ string, body ...[]byte) []byte {
	all := bytes.Join(body, nil)
	return append(append(binary.BigEndian.AppendUint32(nil, uint32(8+len(all))), typ...), all...)
}

// large is a box with a size of 64 bits.
func large(typ string, body []byte) []byte {
	b := append(binary.BigEndian.AppendUint32(nil, 1), typ...)
	return append(binary.BigEndian.AppendUint64(b, uint64(16+len(body))), body...)
}

// tfhd is a track fragment header with such flags (ISO/IEC 14496-12 §8.8.7).
func tfhd(flags uint32) []byte {
	return atom("tfhd", binary.BigEndian.AppendUint32(nil, flags), make([]byte, 16))
}

func moof(flags ...uint32) []byte {
	var trafs [][]byte
	for _, f := range flags {
		trafs = append(trafs, atom("traf", tfhd(f), atom("trun", make([]byte, 12))))
	}
	return atom("moof", append([][]byte{atom("mfhd", make([]byte, 8))}, trafs...)...)
}

// taking is what a cutter does with a segment.
type taking struct {
	header, media string
	front, cut    int64
	err           error
}

// cutUp hands a segment to a cutter, in pieces that sizes gives, over and over.
func cutUp(ts bool, segment []byte, sizes ...int) taking {
	var got taking
	var media bytes.Buffer
	out := func(p []byte) error { _, err := media.Write(p); return err }
	var c cutter = &packets{out: out}
	if !ts {
		c = &fragments{out: out, init: func(header []byte) error { got.header = string(header); return nil }}
	}
	for i := 0; len(segment) > 0 && got.err == nil; i++ {
		n := len(segment)
		if len(sizes) > 0 {
			n = min(n, sizes[i%len(sizes)])
		}
		p := bytes.Clone(segment[:n])
		got.err = c.write(p)
		clear(p) // it is the caller's
		segment = segment[n:]
	}
	if got.err == nil {
		got.front, got.cut, got.err = c.end()
	}
	got.media = media.String()
	return got
}

var (
	ftypAndMoov = append(atom("ftyp", []byte("isom")), atom("moov", atom("mvhd", make([]byte, 100)))...)
	oneFragment = append(moof(0x20000), atom("mdat", make([]byte, 50))...)
)

func join(parts ...[]byte) []byte { return bytes.Join(parts, nil) }

// cuts are segments and what is done with them.
var cuts = []struct {
	name    string
	ts      bool
	segment []byte
	header  []byte
	media   []byte
	front   int64
	cut     int64
	err     error
	says    string
}{
	{name: "whole packets", ts: true, segment: tsOf(5), media: tsOf(5)},
	{name: "one packet", ts: true, segment: tsOf(1), media: tsOf(1)},
	{name: "two packets", ts: true, segment: tsOf(2), media: tsOf(2)},
	{name: "garbage in front", ts: true, segment: join([]byte("gar\x47bage"), tsOf(4)), media: tsOf(4), front: 8, cut: 8},
	{name: "a partial packet behind", ts: true, segment: join(tsOf(4), tsOf(1)[:100]), media: tsOf(4), cut: 100},
	{name: "a byte behind", ts: true, segment: join(tsOf(4), []byte{tsSync}), media: tsOf(4), cut: 1},
	{name: "garbage behind", ts: true, segment: join(tsOf(4), make([]byte, 1000)), media: tsOf(4), cut: 1000},
	{name: "both ends", ts: true, segment: join([]byte{1}, tsOf(4), []byte{2, 3}), media: tsOf(4), front: 1, cut: 3},
	{name: "garbage between", ts: true, segment: join(tsOf(4), []byte("x"), tsOf(4), []byte("y")), media: join(tsOf(4), []byte("x"), tsOf(4)), cut: 1},
	{name: "much between", ts: true, segment: join(tsOf(4), make([]byte, 3*tsJunk), tsOf(4)), media: join(tsOf(4), make([]byte, 3*tsJunk), tsOf(4))},
	{name: "the second half of a packet in front", ts: true, segment: tsOf(5)[100:], media: tsOf(5)[tsPacket:], front: tsPacket - 100, cut: tsPacket - 100},
	{name: "much behind", ts: true, segment: join(tsOf(4), make([]byte, 5*tsJunk/2)), media: join(tsOf(4), make([]byte, 3*tsJunk/2)), cut: tsJunk},
	{name: "no packet", ts: true, segment: make([]byte, 5000), err: probe.ErrUnreadable},
	{name: "too far in", ts: true, segment: join(make([]byte, tsLead+1), tsOf(9)), err: probe.ErrUnreadable},
	{name: "half a packet", ts: true, segment: tsOf(1)[:187], err: probe.ErrUnreadable},
	{name: "nothing", ts: true, err: probe.ErrUnreadable},
	{name: "packets of 192 bytes", ts: true, segment: spaced(9, 4), err: errSingle, says: "192"},
	{name: "packets of 204 bytes", ts: true, segment: spaced(9, 16), err: errSingle, says: "204"},

	{name: "fragments", segment: join(oneFragment, oneFragment), media: join(oneFragment, oneFragment)},
	{name: "styp and sidx", segment: join(atom("styp"), atom("sidx", make([]byte, 24)), oneFragment), media: join(atom("styp"), atom("sidx", make([]byte, 24)), oneFragment)},
	{name: "a header of its own", segment: join(ftypAndMoov, oneFragment), header: ftypAndMoov, media: oneFragment, front: int64(len(ftypAndMoov))},
	{name: "sidx behind the header", segment: join(ftypAndMoov, atom("sidx"), oneFragment), header: ftypAndMoov, media: join(atom("sidx"), oneFragment), front: int64(len(ftypAndMoov))},
	{name: "two headers", segment: join(ftypAndMoov, oneFragment, ftypAndMoov, oneFragment), header: ftypAndMoov, media: join(oneFragment, ftypAndMoov, oneFragment), front: int64(len(ftypAndMoov))},
	{name: "sizes of 64 bits", segment: join(moof(0), large("mdat", make([]byte, 9))), media: join(moof(0), large("mdat", make([]byte, 9)))},
	{name: "media to the end", segment: join(moof(0), []byte{0, 0, 0, 0}, []byte("mdat"), make([]byte, 9)), media: join(moof(0), []byte{0, 0, 0, 0}, []byte("mdat"), make([]byte, 9))},
	{name: "cut off", segment: oneFragment[:len(oneFragment)-7], media: oneFragment[:len(oneFragment)-7]},
	{name: "an explicit base", segment: join(moof(0x20000, 1), atom("mdat")), err: errSingle, says: "base-data-offset"},
	{name: "an explicit base later on", segment: join(ftypAndMoov, oneFragment, moof(0x39)), err: errSingle, says: "base-data-offset"},
	{name: "what looks like one in the media", segment: join(moof(0), atom("mdat", moof(1))), media: join(moof(0), atom("mdat", moof(1)))},
	{name: "what looks like one elsewhere", segment: join(atom("free", moof(1)), atom("traf", tfhd(1)), tfhd(1), oneFragment), media: join(atom("free", moof(1)), atom("traf", tfhd(1)), tfhd(1), oneFragment)},
	{name: "boxes that overrun theirs", segment: join(atom("moof", atom("traf", atom("tfhd")), []byte{0, 0, 0}), moof(1)), err: errSingle, says: "base-data-offset"},
	{name: "a box beyond its parent", segment: join(atom("moof", []byte{0, 0, 9, 9}, []byte("traf")), moof(1)), err: errSingle, says: "base-data-offset"},
	{name: "without fragments", segment: join(ftypAndMoov, atom("mdat", make([]byte, 50))), err: errSingle, says: "--format mp4"},
	{name: "without fragments, moov last", segment: join(atom("ftyp"), atom("mdat", make([]byte, 50)), atom("moov")), err: errSingle, says: "--format mp4"},
	{name: "a header alone", segment: ftypAndMoov, err: errSingle, says: "--format mp4"},
	{name: "no box", segment: []byte("\x00\x00\x00\x03free"), err: probe.ErrUnreadable},
	{name: "nothing behind", segment: join(ftypAndMoov, []byte("\x00\x00\x00\x00free"), oneFragment), err: errSingle, says: "--format mp4"},
	{name: "half a box", segment: []byte("\x00\x00\x00"), err: probe.ErrUnreadable},
	{name: "much in front", segment: join(atom("free", make([]byte, maxInit)), oneFragment), err: errSingle, says: "--hls copy"},
	{name: "all that may stand in front", segment: join(atom("free", make([]byte, maxInit-8)), oneFragment), media: join(atom("free", make([]byte, maxInit-8)), oneFragment)},
	{name: "a header too large", segment: join(atom("ftyp"), atom("moov", make([]byte, maxInit)), oneFragment), err: errSingle, says: "--hls copy"},
}

func TestCutters(t *testing.T) {
	for _, c := range cuts {
		t.Run(c.name, func(t *testing.T) {
			for _, size := range [][]int{nil, {1}, {7, 300}, {188}, {4096}} {
				if size != nil && len(c.segment) > 1<<17 && size[0] < 4096 {
					continue
				}
				got := cutUp(c.ts, c.segment, size...)
				if !errors.Is(got.err, c.err) || c.err != nil && !strings.Contains(got.err.Error(), c.says) {
					t.Fatalf("in pieces of %v: %v, want %v %q", size, got.err, c.err, c.says)
				}
				if c.err == nil && (got.header != string(c.header) || got.media != string(c.media) || got.front != c.front || got.cut != c.cut) {
					t.Fatalf("in pieces of %v: header %d, media %d bytes, front %d, cut %d; want %d, %d, %d, %d", size,
						len(got.header), len(got.media), got.front, got.cut, len(c.header), len(c.media), c.front, c.cut)
				}
			}
		})
	}
}

// sound fails unless what was taken of a segment is one stretch of it, with nothing
// unaccounted for, and whatever the pieces in which it came.
func (got taking) sound(t rapid.TB, ts bool, segment []byte) {
	if got.err != nil {
		if !errors.Is(got.err, errSingle) && !errors.Is(got.err, probe.ErrUnreadable) {
			t.Fatalf("%v", got.err)
		}
		return
	}
	n := int64(len(got.media))
	if n == 0 || got.front < 0 || got.front+n > int64(len(segment)) || string(segment[got.front:got.front+n]) != got.media {
		t.Fatalf("%d bytes at %d are not those of the segment", n, got.front)
	}
	if got.header != "" && got.header != string(segment[:got.front]) {
		t.Fatalf("the header has %d bytes, %d stand in front", len(got.header), got.front)
	}
	if int64(len(segment)) != n+got.cut+int64(len(got.header)) {
		t.Fatalf("%d bytes: %d were passed on, %d are a header and %d were cut off", len(segment), n, len(got.header), got.cut)
	}
	if ts && got.media[0] != tsSync {
		t.Fatal("it does not begin with a packet")
	}
}

// TestCuttersAnyway: any mixture, in any pieces.
func TestCuttersAnyway(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		ts := rapid.Bool().Draw(t, "ts")
		var segment []byte
		for range rapid.IntRange(0, 6).Draw(t, "parts") {
			part := rapid.SampledFrom([][]byte{
				tsOf(1), tsOf(7), tsOf(1)[:90], {tsSync}, make([]byte, 5), make([]byte, 700),
				ftypAndMoov, oneFragment, atom("free", make([]byte, 20)), moof(0), moof(1), oneFragment[:40], atom("mdat", tsOf(3)), atom("moof", []byte{1}),
			}).Draw(t, "part")
			segment = append(segment, part...)
		}
		sizes := rapid.SliceOfN(rapid.IntRange(1, 2000), 1, 4).Draw(t, "sizes")
		whole, pieces := cutUp(ts, segment), cutUp(ts, segment, sizes...)
		whole.sound(t, ts, segment)
		if (whole.err == nil) != (pieces.err == nil) || whole.err == nil && (whole.media != pieces.media || whole.header != pieces.header || whole.cut != pieces.cut || whole.front != pieces.front) {
			t.Fatalf("at once %d+%d bytes, %v; in pieces %d+%d, %v", len(whole.header), len(whole.media), whole.err, len(pieces.header), len(pieces.media), pieces.err)
		}
	})
}

func FuzzCutters(f *testing.F) {
	for _, c := range cuts {
		if len(c.segment) < 1<<14 {
			f.Add(c.ts, c.segment, 33)
		}
	}
	f.Fuzz(func(t *testing.T, ts bool, segment []byte, size int) {
		whole, pieces := cutUp(ts, segment), cutUp(ts, segment, max(1, size))
		whole.sound(t, ts, segment)
		if (whole.err == nil) != (pieces.err == nil) || whole.err == nil && (whole.media != pieces.media || whole.header != pieces.header) {
			t.Fatalf("at once %d bytes, %v; in pieces %d, %v", len(whole.media), whole.err, len(pieces.media), pieces.err)
		}
	})
}
