package playlist

import (
	"bytes"
	"math/rand/v2"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"recfin/finalize/timeline"

	"pgregory.net/rapid"
)

// fortyEight are 48 hours in renditions whose segments end within 20 ms of each
// other, each with holes of its own, and with joins. The lengths are any number of
// nanoseconds.
func fortyEight(seed uint64, renditions int, mean time.Duration) *timeline.Session {
	rnd := rand.New(rand.NewPCG(seed, 1))
	s := &timeline.Session{Renditions: make([]timeline.Rendition, renditions)}
	late := make([]time.Duration, renditions) // of the end before
	var at time.Duration
	for i := 0; at < 48*time.Hour; i++ {
		d := mean/2 + time.Duration(rnd.Int64N(int64(mean)))
		slot := timeline.Slot{Seq: int64(i), Wall: noon.Add(at), Duration: d, Discontinuity: rnd.IntN(500) == 0}
		for r := range renditions {
			off := time.Duration(rnd.Int64N(2e7))
			pick := timeline.Pick{Segment: i, Start: at + late[r], Duration: d - late[r] + off}
			if late[r] = off; rnd.IntN(200) == 0 {
				pick.Segment = -1
			}
			s.Renditions[r].Picks = append(s.Renditions[r].Picks, pick)
		}
		s.Slots = append(s.Slots, slot)
		at += d
	}
	return s
}

// micros sums EXTINF up in microseconds, and counts.
func micros(t *rapid.T, text []byte) (sum int64, n int) {
	for line := range strings.SplitSeq(string(text), "\n") {
		value, ok := strings.CutPrefix(line, "#EXTINF:")
		if !ok {
			continue
		}
		whole, frac, _ := strings.Cut(strings.TrimSuffix(value, ","), ".")
		v, err := strconv.ParseInt(whole+frac, 10, 64)
		if err != nil || len(frac) != 6 {
			t.Fatalf("EXTINF %q", value)
		}
		sum += v
		n++
	}
	return sum, n
}

// Over 48 hours EXTINF adds up to the durations that were measured, within 1 µs:
// 1 ms an hour is what is asked for. An I-frame playlist adds up to the same.
func TestEncodeLasts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		mean := time.Duration(rapid.Int64Range(40e9, 120e9).Draw(t, "mean"))
		s := fortyEight(rapid.Uint64().Draw(t, "seed"), rapid.IntRange(1, 3).Draw(t, "renditions"), mean)
		for r := range s.Renditions {
			var exact time.Duration
			var frames []IFrame
			for i, p := range s.Renditions[r].Picks {
				exact += p.Duration
				if p.Segment >= 0 && i%3 > 0 {
					frames = append(frames, IFrame{Segment: p.Segment, Range: ByteRange{376, 188}, At: time.Duration(i % 7 * 1001)})
				}
			}
			for _, m := range []*Media{FromSession(s, r, numbered, nil), IFrames(s, r, frames, numbered, nil)} {
				text, err := m.Encode()
				if err != nil {
					t.Fatal(err)
				}
				sum, n := micros(t, text)
				if off := time.Duration(sum)*time.Microsecond - exact; n != len(m.Segments) || off.Abs() > time.Microsecond {
					t.Fatalf("rendition %d: %d segments, EXTINF %v off after %v", r, n, off, exact)
				}
			}
		}
	})
}

// 48 hours and more: the rounding of a 30000/1001 stream does not add up, and
// a long playlist is made in one go.
func TestEncodeLong(t *testing.T) {
	const n = 100_000
	m := Media{Segments: make([]Segment, n)}
	var ticks, before int64 // 90 kHz
	for i := range m.Segments {
		ticks += 60 * 3003
		end := ticks * 100_000 / 9
		m.Segments[i] = Segment{URI: "../../../../foo/A/720p/" + strings.Repeat("7", 6) + ".ts", Duration: time.Duration(end - before), Gap: i%1000 == 999, Discontinuity: i%1024 == 0}
		before = end
	}
	text, err := m.Encode()
	if err != nil {
		t.Fatal(err)
	}
	got, err := parseMedia(text)
	if err != nil {
		t.Fatal(err)
	}
	var sum int64
	for i, s := range got.segments {
		sum += s.micros
		if want := m.Segments[i]; s.gap != want.Gap || s.disc != want.Discontinuity {
			t.Fatalf("segment %d: %+v", i, s)
		}
	}
	if len(got.segments) != n || sum != (before+500)/1000 {
		t.Errorf("%d segments of %d µs, want %d of %d", len(got.segments), sum, n, (before+500)/1000)
	}
	again, err := m.Encode()
	if err != nil || !bytes.Equal(text, again) {
		t.Errorf("the second text differs (%v)", err)
	}
}

// long is a playlist in which each segment has every tag.
func long(n int) *Media {
	m := &Media{Segments: make([]Segment, n), Independent: true}
	for i := range m.Segments {
		m.Segments[i] = Segment{URI: "../../../../foo/A/720p/000000.m4s", Duration: 2 * time.Second, ProgramDateTime: noon.Add(time.Duration(i) * 2 * time.Second),
			Range: ByteRange{int64(i) * 1_000_000, 1_000_000}, Map: &Map{URI: "init.mp4"}}
	}
	return m
}

// What encoding allocates grows with the segments and no faster, and what it holds is
// the text, the lengths and one piece.
func TestEncodeMemory(t *testing.T) {
	per := map[int]uint64{}
	for _, n := range []int{10_000, 100_000} {
		m := long(n)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		text, err := m.Encode()
		runtime.ReadMemStats(&after)
		if err != nil {
			t.Fatal(err)
		}
		per[n] = (after.TotalAlloc - before.TotalAlloc) / uint64(n)
		if have, room := len(text), m.room(); have > room || room > have+have/4 {
			t.Errorf("%d segments: room for %d bytes, %d were needed", n, room, have)
		}
		if allocs := (after.Mallocs - before.Mallocs) * 10 / uint64(n); allocs > 5 {
			t.Errorf("%d segments: %d allocations for ten of them", n, allocs)
		}
		if text := len(text) / n; per[n] > uint64(4*text) {
			t.Errorf("%d segments: %d bytes for each, its text has %d", n, per[n], text)
		}
	}
	if per[100_000] > per[10_000]+per[10_000]/4 {
		t.Errorf("bytes for each segment: %v", per)
	}
}

func BenchmarkEncode(b *testing.B) {
	m := long(100_000)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := m.Encode(); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkIFrames makes the playlist of a stream that has nothing but I pictures.
func BenchmarkIFrames(b *testing.B) {
	s := fortyEight(1, 1, 2*time.Second)
	var frames []IFrame
	for i, p := range s.Renditions[0].Picks {
		for n := range 50 {
			if p.Segment != i {
				break // a hole
			}
			frames = append(frames, IFrame{Segment: p.Segment, Range: ByteRange{376 + int64(n)*1880, 1880}, At: time.Duration(n) * 40 * ms})
		}
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := IFrames(s, 0, frames, numbered, nil).Encode(); err != nil {
			b.Fatal(err)
		}
	}
}
