package remux

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"recfin/internal/mp4check"
	"recfin/internal/tswriter"
	"recfin/probe"
)

// The facts of real media, with streams that are made to show them. A stream that
// is only laid out in an odd way must give the samples of the plain one, at the same
// times, and every cut of it the same file.

const livePID = 256

// writer makes a writer for pictures and sound.
func writer(hevc bool) *tswriter.Writer {
	video := tswriter.Stream{PID: livePID, Type: tswriter.TypeH264}
	if hevc {
		video.Type = tswriter.TypeHEVC
	}
	return tswriter.New(video, tswriter.Stream{PID: livePID + 1, Type: tswriter.TypeADTS, StreamID: 0xc0})
}

// air writes the pictures of l and as much sound, with the tables at the beginning.
func air(w *tswriter.Writer, l tswriter.Live) *tswriter.Writer {
	w.Tables()
	frame := int64(0)
	list := l.PESPackets()
	for i, p := range list {
		w.PES(w.Streams[0].PID, p)
		var sound []byte
		first := frame
		for ; frame*int64(len(list)) < int64(l.Pictures*2*(i+1)); frame++ {
			sound = append(sound, tswriter.Stereo48(fmt.Appendf(nil, "sound %d", frame))...)
		}
		if len(sound) > 0 {
			at := l.From + 3600 + first*1920
			w.PES(w.Streams[1].PID, tswriter.PES{PTS: at, DTS: at, Bounded: true, Data: sound})
		}
	}
	return w
}

// both runs a test for H.264 and for H.265.
func both(t *testing.T, test func(t *testing.T, hevc bool)) {
	for name, hevc := range map[string]bool{"H.264": false, "H.265": true} {
		t.Run(name, func(t *testing.T) { test(t, hevc) })
	}
}

// contents gives a line for each sample of a file, by track: which of them stands
// first in the file depends on the order of their packets.
func contents(t interface{ Fatal(...any) }, file []byte) string {
	m, err := mp4check.Open(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for i, track := range m.Tracks {
		fmt.Fprintf(&b, "%s\n", track.Handler)
		for _, s := range m.Samples(i) {
			payload, err := m.Payload(s)
			if err != nil {
				t.Fatal(err)
			}
			fmt.Fprintf(&b, "%d %d %v %x\n", s.PTS, s.DTS, s.Sync, payload)
		}
	}
	return b.String()
}

// holdAlike holds that a stream gives the samples of another one, and all cuts of
// it one file.
func holdAlike(t *testing.T, plain, odd []byte, pictures int) {
	t.Helper()
	want, res, err := joined([][]byte{plain})
	if err != nil {
		t.Fatal(err)
	}
	if res.Video != pictures || res.DroppedLeading != 0 || res.Parts != 1 || res.Audio == 0 {
		t.Fatalf("the plain stream: %+v", res)
	}
	got, res, err := joined([][]byte{odd})
	if err != nil {
		t.Fatal(err)
	}
	if contents(t, got) != contents(t, want) {
		t.Fatalf("%s\nplain:\n%s\n%+v", contents(t, got), contents(t, want), res)
	}
	holdCuts(t, odd)
}

// Fact 1: a PES packet is not an access unit.
func TestFact1PESPacketsAreNotAccessUnits(t *testing.T) {
	both(t, func(t *testing.T, hevc bool) {
		plain := tswriter.Live{HEVC: hevc, Pictures: 24, GOP: 8, From: 90000}
		for name, change := range map[string]func(l *tswriter.Live){
			"no delimiters":                         func(l *tswriter.Live) { l.Bare = true },
			"over two PES packets with equal times": func(l *tswriter.Live) { l.Split = 21 },
			"goes on in a PES packet without times": func(l *tswriter.Live) { l.Split, l.Untimed = 21, true },
			"several in one PES packet":             func(l *tswriter.Live) { l.PerPES = 4 },
			"several, without delimiters, split":    func(l *tswriter.Live) { l.PerPES, l.Bare, l.Split, l.Untimed = 3, true, 40, true },
			"NAL units run over":                    func(l *tswriter.Live) { l.Over = 11 },
			"NAL units run over, no delimiters":     func(l *tswriter.Live) { l.Over, l.Bare = 11, true },
			"B-pictures, split":                     func(l *tswriter.Live) { l.Split = 21 },
		} {
			t.Run(name, func(t *testing.T) {
				plain := plain
				if name == "B-pictures, split" {
					plain.B, plain.GOP = true, 0
				}
				odd := plain
				change(&odd)
				holdAlike(t, air(writer(hevc), plain).Bytes(), air(writer(hevc), odd).Bytes(), 24)
			})
		}
	})
}

// Fact 1: two fields are one sample, in one PES packet or in two.
func TestFact1Fields(t *testing.T) {
	plain := tswriter.Live{Fields: true, Pictures: 12, GOP: 4, From: 90000}
	for name, change := range map[string]func(l *tswriter.Live){
		"a PES packet each":          func(l *tswriter.Live) { l.FieldPES = true },
		"no delimiters":              func(l *tswriter.Live) { l.Bare = true },
		"two frames in a PES packet": func(l *tswriter.Live) { l.PerPES = 2 },
	} {
		t.Run(name, func(t *testing.T) {
			odd := plain
			change(&odd)
			holdAlike(t, air(writer(false), plain).Bytes(), air(writer(false), odd).Bytes(), 12)
		})
	}
}

// Fact 2: inside a run nothing is dropped, whatever its segments begin with. Only
// what comes before the first access point of a part is.
func TestFact2AccessPoints(t *testing.T) {
	both(t, func(t *testing.T, hevc bool) {
		l := tswriter.Live{HEVC: hevc, Pictures: 30, GOP: 10, Recovery: true, From: 90000}
		ts := air(writer(hevc), l).Bytes()
		holdCuts(t, ts)
		all, res, err := joined([][]byte{ts})
		if err != nil || res.Video != 30 {
			t.Fatalf("%+v, %v", res, err)
		}
		// Without its first PES packets the run begins at a recovery point, for which
		// no parameter sets are there: an encoder repeats them.
		w := writer(hevc)
		l.GOP, l.Recovery = 7, false
		w.Tables()
		for _, p := range l.PESPackets()[3:] {
			w.PES(w.Streams[0].PID, p)
		}
		part, res, err := joined([][]byte{w.Bytes()})
		if err != nil || res.Video != 30-7 || res.DroppedLeading != 4 || bytes.Equal(part, all) {
			t.Errorf("begun at picture 3: %+v, %v", res, err)
		}
	})
}

// Fact 3: the map comes late, or only in the first segment.
func TestFact3LateMap(t *testing.T) {
	both(t, func(t *testing.T, hevc bool) {
		plain := air(writer(hevc), tswriter.Live{HEVC: hevc, Pictures: 40, GOP: 8, From: 90000})
		ts, packets := plain.Bytes(), plain.Packets()
		for _, at := range []int{22, len(packets) / 2, len(packets)} {
			late := bytes.Join(packets[2:at], nil)
			late = append(append(late, packets[0]...), packets[1]...)
			late = append(late, bytes.Join(packets[at:], nil)...)
			holdAlike(t, ts, late, 40)
		}
		holdAlike(t, ts, bytes.Join(packets[2:], nil), 40) // never
	})
}

// Fact 4: decode times above presentation times, and around the wrap of the clock.
func TestFact4OddTimes(t *testing.T) {
	both(t, func(t *testing.T, hevc bool) {
		plain := tswriter.Live{HEVC: hevc, Pictures: 25, GOP: 25, B: true, From: 90000}
		sure := func(l tswriter.Live) []byte { // pictures alone: sound would move against them
			w := tswriter.New(writer(hevc).Streams[0])
			w.Tables()
			for _, p := range l.PESPackets() {
				w.PES(w.Streams[0].PID, p)
			}
			return w.Bytes()
		}
		want, res, err := joined([][]byte{sure(plain)})
		if err != nil || res.Video != 25 {
			t.Fatalf("%+v, %v", res, err)
		}
		for name, change := range map[string]func(l *tswriter.Live){
			"DTS above PTS":                    func(l *tswriter.Live) { l.NoDelay = true },
			"PTS 0 with a DTS just below 2^33": func(l *tswriter.Live) { l.From = -3600 },
			"a wrap in the middle":             func(l *tswriter.Live) { l.From = 1<<33 - 12*3600 },
		} {
			odd := plain
			change(&odd)
			ts := sure(odd)
			if got, res, err := joined([][]byte{ts}); err != nil || !bytes.Equal(got, want) {
				t.Errorf("%s: %d bytes, want %d: %+v, %v", name, len(got), len(want), res, err)
			}
			holdCuts(t, ts)
		}
	})
}

// Fact 5: equal bytes in two segments are two segments.
func TestFact5EqualSegments(t *testing.T) {
	both(t, func(t *testing.T, hevc bool) {
		slate := air(writer(hevc), tswriter.Live{HEVC: hevc, Pictures: 10, From: 90000}).Bytes()
		_, res := joinAll(t, [][]byte{slate, slate, slate}, func(i int) Boundary {
			return Boundary{Container: probe.MPEGTS, Join: i > 0, Same: true}
		})
		if res.Video != 30 || res.Parts != 3 || res.DroppedLeading+res.DroppedAudio != 0 {
			t.Errorf("%+v", res)
		}
	})
}

// Fact 7: duplicate packets, counters out of step, transport errors, cut last
// packets, stuffing: none of it costs a picture.
func TestFact7Damage(t *testing.T) {
	both(t, func(t *testing.T, hevc bool) {
		l := tswriter.Live{HEVC: hevc, Pictures: 24, GOP: 8, From: 90000}
		plain := air(writer(hevc), l).Bytes()
		rapid.Check(t, func(t *rapid.T) {
			var odd []byte
			step := byte(0)
			for i, p := range air(writer(hevc), l).Packets() {
				switch rapid.SampledFrom([]string{"", "", "", "", "", "twice", "leap", "error", "null"}).Draw(t, "what") {
				case "twice":
					if i > 1 { // tables are told by their version
						odd = append(odd, p...)
					}
				case "leap":
					step += 3
				case "error":
					if i > 1 {
						p[1] |= 0x80
					}
				case "null":
					n := tswriter.New()
					n.Null()
					odd = append(odd, n.Bytes()...)
				}
				if len(odd) >= 188 && bytes.Equal(odd[len(odd)-188:], p) {
					odd[len(odd)-188+3] = p[3]&0xf0 | (p[3]+step)&15 // the same packet, twice
				}
				p[3] = p[3]&0xf0 | (p[3]+step)&15
				odd = append(odd, p...)
			}
			want, _, err := joined([][]byte{plain})
			if err != nil {
				t.Fatal(err)
			}
			odd = append(odd, plain[:rapid.IntRange(0, 187).Draw(t, "cut")]...)
			got, res, err := joined([][]byte{odd})
			if err != nil || !bytes.Equal(got, want) {
				t.Fatalf("%d bytes, want %d: %+v, %v", len(got), len(want), res, err)
			}
		})
	})
}
