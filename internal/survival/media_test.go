package survival

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"recfin/internal/tswriter"
)

// onAir is when the broadcast began: long settled.
var onAir = time.Date(2025, 6, 1, 18, 0, 0, 0, time.UTC)

const (
	segmentTicks = 180000 // 2 s at 90 kHz
	pictureTicks = 45000
	audioTicks   = 11520 // 1024 samples of 8 kHz

	videoPID, audioPID = 0x100, 0x101
)

// segment makes segment n of a stream, a few kB of H.264 and AAC. Equal arguments
// give equal bytes, so a copy by another broadcaster is the same segment.
func segment(width, n int) []byte { return large(width, n, 0) }

// large is segment with size bytes more in every picture.
func large(width, n, size int) []byte {
	w := tswriter.New(
		tswriter.Stream{PID: videoPID, Type: tswriter.TypeH264},
		tswriter.Stream{PID: audioPID, Type: tswriter.TypeADTS, StreamID: 0xc0},
	)
	w.Tables()
	for i := range segmentTicks / pictureTicks {
		at := int64(n*segmentTicks + i*pictureTicks)
		w.PES(videoPID, tswriter.PES{PTS: at, DTS: at, Data: picture(width, n, i, size)})
	}
	first := (int64(n)*segmentTicks + audioTicks - 1) / audioTicks
	var sound []byte
	for frame := first; frame*audioTicks < int64(n+1)*segmentTicks; frame++ {
		block := fmt.Appendf(nil, "sound %d", frame)
		sound = append(sound, tswriter.ADTS{Profile: 1, Rate: 11, Channels: 1, Blocks: [][]byte{block}}.Frame()...)
	}
	w.PES(audioPID, tswriter.PES{PTS: first * audioTicks, DTS: first * audioTicks, Bounded: true, Data: sound})
	return w.Bytes()
}

func picture(width, n, i, size int) []byte {
	data := fmt.Appendf(nil, "%d wide, segment %d, picture %d", width, n, i)
	data = append(data, bytes.Repeat([]byte{byte(n + 1)}, size)...)
	if i > 0 {
		p := tswriter.Slice{Type: tswriter.P, FrameNum: uint32(i), POC: uint32(2 * i), Data: data}
		return tswriter.AnnexB(false, tswriter.Delimiter, p.NAL())
	}
	sps := tswriter.SPS{Width: width, Height: width / 16 * 9, FrameTicks: pictureTicks}.NAL()
	idr := tswriter.Slice{IDR: true, Type: tswriter.I, Data: data}
	return tswriter.AnnexB(false, tswriter.Delimiter, sps, tswriter.PPS(0, 0, 0), idr.NAL())
}

// lay puts segments under <prefix>/<n>.ts, uploaded live.
func lay(t testing.TB, dir, prefix string, width, first, last int) {
	t.Helper()
	for n := first; n <= last; n++ {
		layOne(t, dir, prefix, n, segment(width, n))
	}
}

func layOne(t testing.TB, dir, prefix string, n int, body []byte) {
	t.Helper()
	name := filepath.Join(dir, filepath.FromSlash(fmt.Sprintf("%s/%d.ts", prefix, n)))
	at := uploaded(n)
	err := errors.Join(os.MkdirAll(filepath.Dir(name), 0o777), os.WriteFile(name, body, 0o666), os.Chtimes(name, at, at))
	if err != nil {
		t.Fatal(err)
	}
}

// uploaded is when a broadcaster has uploaded segment n.
func uploaded(n int) time.Time {
	return onAir.Add(time.Duration(n+1)*2*time.Second + 400*time.Millisecond)
}

// takeover lays out two renditions. Broadcaster B takes over from A, sends
// segment 2 again and loses 4.
func takeover(t testing.TB, dir string) {
	t.Helper()
	for _, width := range []int{640, 320} {
		lay(t, dir, fmt.Sprintf("foo/A/%dp", width), width, 0, 2)
		lay(t, dir, fmt.Sprintf("foo/B/%dp", width), width, 2, 3)
		lay(t, dir, fmt.Sprintf("foo/B/%dp", width), width, 5, 5)
	}
}

// late brings what was lost: a version that stands is superseded.
func late(t testing.TB, dir string) {
	t.Helper()
	for _, width := range []int{640, 320} {
		lay(t, dir, fmt.Sprintf("foo/B/%dp", width), width, 4, 4)
	}
}
