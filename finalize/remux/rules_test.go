package remux

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"recfin/mp4"
	"recfin/probe"
)

// pictures25 makes n pictures at 25 fps from a time on, in decode order.
func pictures25(from int64, access ...mp4.Access) []event {
	list := []event{videoTrack(1, avc(1))}
	for i, a := range access {
		at := from + int64(i)*3600
		list = append(list, picture(1, at, at, a, pictureData(0, i)))
	}
	return list
}

func TestGate(t *testing.T) {
	const n, i, r, s = mp4.NotAccess, mp4.Intra, mp4.Recovery, mp4.Sync
	for _, c := range []struct {
		name    string
		access  []mp4.Access
		pts     []int64 // in pictures
		want    []int64
		problem bool
	}{
		{"IDR first", []mp4.Access{s, n, n}, []int64{0, 1, 2}, []int64{0, 1, 2}, false},
		{"starts late", []mp4.Access{n, n, s, n}, []int64{0, 1, 2, 3}, []int64{2, 3}, false},
		{"leading pictures", []mp4.Access{r, n, n, n, n}, []int64{2, 0, 1, 4, 3}, []int64{2, 4, 3}, false},
		{"leading pictures of an I picture", []mp4.Access{n, i, n, n}, []int64{0, 3, 2, 4}, []int64{3, 4}, false},
		{"an IDR has none", []mp4.Access{s, n, n}, []int64{1, 0, 2}, []int64{1, 0, 2}, false},
		{"no access point", []mp4.Access{n, n, n}, []int64{0, 1, 2}, []int64{0, 1, 2}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			list := pictures25(0)
			for k, a := range c.access {
				list = append(list, picture(1, c.pts[k]*3600, int64(k)*3600, a, pictureData(0, int(c.pts[k]))))
			}
			f, res := (&script{segments: [][]event{list}}).run(t, nil)
			var got []int64
			for _, s := range f.tracks[0].samples {
				got = append(got, int64(originOf(s.data).n))
			}
			if len(got) != len(c.want) || res.DroppedLeading != len(c.pts)-len(c.want) || len(res.Problems) > 0 != c.problem {
				t.Fatalf("%v, %+v", got, res)
			}
			for k := range got {
				if got[k] != c.want[k] {
					t.Fatalf("%v, want %v", got, c.want)
				}
			}
		})
	}
}

// TestMidGOP: inside a run nothing is dropped, whatever a segment begins with.
func TestMidGOP(t *testing.T) {
	const n, s = mp4.NotAccess, mp4.Sync
	sc := &script{segments: [][]event{pictures25(0, s, n, n), pictures25(3*3600, n, n, n), pictures25(6*3600, n, s, n)}}
	f, res := sc.run(t, nil)
	if len(f.tracks[0].samples) != 9 || res.DroppedLeading != 0 || res.Parts != 1 {
		t.Fatalf("%+v", res)
	}
}

// TestParameterSets: every access point and the first picture of a part carry
// the sets of their entry, once.
func TestParameterSets(t *testing.T) {
	const n, s = mp4.NotAccess, mp4.Sync
	list := pictures25(0, s, n, s, n)
	list[3].sample.InBand = true
	list = append(list, videoTrack(1, avc(2)))
	second := pictures25(4*3600, s, n)
	list = append(list, second[1:]...)
	third := pictures25(0, n, n) // a part without an access point
	f, _ := (&script{segments: [][]event{list, third}}).run(t, []Boundary{{}, {Join: true}})
	var got []string
	for _, s := range f.tracks[0].samples {
		got = append(got, map[bool]string{true: "sets", false: "-"}[len(s.data) > 10])
		if len(s.data) > 10 && !bytes.HasPrefix(s.data, parameterSets(s.entry)) {
			t.Fatal("sets of another entry")
		}
	}
	if want := "sets - - - sets - sets -"; strings.Join(got, " ") != want {
		t.Fatalf("%v, want %s", got, want)
	}
}

// sounds makes n frames from a time on.
func sounds(id int, from int64, n int, e *mp4.AAC) []event {
	list := []event{{id: id, track: &mp4.Track{Entry: e, Timescale: 90000}}}
	for i := range n {
		list = append(list, soundFrame(id, from+rescale(int64(i)*1024, uint32(e.SampleRate), 90000), soundData(0, i)))
	}
	return list
}

func TestSound(t *testing.T) {
	const frame = 1920 // ticks of 90 kHz
	five := func(at int64) []event { return sounds(2, at, 5, aac(48000, 2)) }
	for _, c := range []struct {
		name            string
		second          int64 // time of the second five, the first end at 5 frames
		silent, dropped int
		at              int64 // where the second five stand, samples
	}{
		{"on the grid", 5 * frame, 0, 0, 5 * 1024},
		{"rounded", 5*frame + 170, 0, 0, 5 * 1024},
		{"late by 3 ms", 5*frame + 270, 0, 0, 5*1024 + 144},
		{"early by 3 ms", 5*frame - 270, 0, 0, 5*1024 - 144},
		{"one frame missing", 6 * frame, 1, 0, 6 * 1024},
		{"almost one frame missing", 6*frame - 100, 1, 0, 6 * 1024},
		{"two and a half missing", 7*frame + 960, 2, 0, 7*1024 + 512},
		{"two frames twice", 3 * frame, 0, 2, 5 * 1024},
		{"a frame twice, less than its middle", 5*frame - 1000, 0, 1, 6*1024 - 533},
	} {
		t.Run(c.name, func(t *testing.T) {
			list := append(pictures25(0, mp4.Sync, 0, 0, 0, 0, 0), append(five(0), five(c.second)...)...)
			f, res := (&script{segments: [][]event{list}}).run(t, nil)
			if res.Silent != c.silent || res.DroppedAudio != c.dropped || res.Audio != 10-c.dropped {
				t.Fatalf("%+v", res)
			}
			r := f.reel(mp4.Audio, 0)
			if at := r.samples[5+c.silent].DTS; at != c.at {
				t.Errorf("second part at %d, want %d", at, c.at)
			}
			for _, s := range r.samples[5 : 5+c.silent] {
				if !bytes.Equal(s.data, silentLC[2]) {
					t.Errorf("%x is no silence", s.data)
				}
			}
		})
	}
}

// TestStretched: without a silent frame a gap is left to the table.
func TestStretched(t *testing.T) {
	odd := aac(48000, 0)
	list := append(pictures25(0, mp4.Sync, 0, 0, 0), sounds(2, 0, 3, odd)...)
	list = append(list, sounds(2, 5*1920, 3, odd)...)
	f, res := (&script{segments: [][]event{list}}).run(t, nil)
	r := f.reel(mp4.Audio, 0)
	if len(r.samples) != 6 || r.samples[3].DTS != 5*1024 || len(res.Problems) != 1 || res.Silent != 0 {
		t.Fatalf("%d samples, %+v", len(r.samples), res)
	}
}

func TestSoundChanges(t *testing.T) {
	stereo := sounds(2, 0, 3, aac(48000, 2))
	join := []Boundary{{}, {Join: true, Name: "foo/B/7.ts"}}
	f, _ := (&script{segments: [][]event{stereo, sounds(2, 0, 3, aac(48000, 1))}}).run(t, join)
	if r := f.tracks[0]; len(f.tracks) != 1 || len(r.samples) != 6 || r.samples[3].entry.(*mp4.AAC).Channels != 1 {
		t.Fatal("another number of channels is another entry")
	}
	_, err := (&script{segments: [][]event{stereo, sounds(2, 0, 3, aac(44100, 2))}}).into(&film{}, join)
	var config *ConfigError
	if !errors.Is(err, ErrSecondFile) || !errors.As(err, &config) || config.Name != "foo/B/7.ts" || config.Index != 1 {
		t.Fatal(err)
	}
	if want := "mp4a.40.2 48000 Hz becomes mp4a.40.2 44100 Hz"; !strings.Contains(err.Error(), want) {
		t.Fatal(err)
	}
}

// TestOffsets: the sound of the first part begins where it did, by edit list;
// sound that comes later too.
func TestOffsets(t *testing.T) {
	st := usual(0)
	st.lead = 9000
	f, _ := (&script{segments: st.segments()}).run(t, nil)
	if v, a := f.reel(mp4.Video, 0).offset, f.reel(mp4.Audio, 0).offset; v != 0 || a != 4800 {
		t.Errorf("offsets %d and %d", v, a)
	}
	st.lead = -9000
	f, _ = (&script{segments: st.segments()}).run(t, nil)
	if v, a := f.reel(mp4.Video, 0).offset, f.reel(mp4.Audio, 0).offset; v != 9000 || a != 0 {
		t.Errorf("offsets %d and %d", v, a)
	}
	st = usual(0)
	st.silentSegs = map[int]bool{0: true}
	f, res := (&script{segments: st.segments()}).run(t, nil)
	a := f.reel(mp4.Audio, 0)
	first := originOf(a.samples[0].data).n
	if a.offset != int64(first)*1024 || res.Silent != 0 {
		t.Errorf("offset %d of frame %d, %+v", a.offset, first, res)
	}
}

// TestMissingSound: a segment without sound is filled with silence.
func TestMissingSound(t *testing.T) {
	st := usual(0)
	st.silentSegs = map[int]bool{1: true}
	f, res := (&script{segments: st.segments()}).run(t, nil)
	if want := 92; res.Silent != want || res.Segments[2].Silent != want {
		t.Fatalf("%+v", res)
	}
	for i, s := range f.reel(mp4.Audio, 0).samples {
		if s.DTS != int64(i)*1024 {
			t.Fatalf("frame %d at %d", i, s.DTS)
		}
	}
}

// TestHole: a planned hole on a clock that runs on stays open; the plan need
// not know its length to the frame.
func TestHole(t *testing.T) {
	for _, planned := range []time.Duration{1960 * time.Millisecond, 2500 * time.Millisecond} {
		segs := usual(0).segments()
		segs[2] = append(usual(0).announce(), segs[2]...)
		f, res := (&script{segments: [][]event{segs[0], segs[2]}}).run(t, []Boundary{{}, {MissingBefore: planned}})
		v := f.reel(mp4.Video, 0).samples
		if res.Parts != 1 || res.Silent != 92 || v[49].DTS != 98*3600 || res.Segments[0].Duration != 1960*time.Millisecond {
			t.Fatalf("%v: %+v, picture 49 at %d", planned, res, v[49].DTS)
		}
	}
	segs := usual(0).segments()
	_, res := (&script{segments: [][]event{segs[0], segs[2]}}).run(t, nil)
	if res.Parts != 2 || !res.Segments[1].Join || res.Segments[0].Duration != 1960*time.Millisecond {
		t.Fatalf("%+v", res)
	}
}

// TestContiguousJoin: a join that was planned where media runs on costs nothing.
func TestContiguousJoin(t *testing.T) {
	segs := usual(0).segments()
	for i := range segs[1:] {
		segs[i+1] = append(usual(0).announce(), segs[i+1]...)
	}
	f, res := (&script{segments: segs}).run(t, []Boundary{{}, {Join: true}, {Join: true}})
	if res.Parts != 3 || res.Silent != 0 || res.DroppedAudio != 0 || res.Segments[1].Join {
		t.Fatalf("%+v", res)
	}
	for i, s := range f.reel(mp4.Video, 0).samples {
		if s.DTS != int64(i)*3600 {
			t.Fatalf("picture %d at %d", i, s.DTS)
		}
	}
}

// TestStrayClock: one track whose clock leaps alone is brought back.
func TestStrayClock(t *testing.T) {
	segs := usual(0).segments()
	for i, e := range segs[1] {
		if e.id == 257 {
			segs[1][i].sample.PTS += 9000000
		}
	}
	f, res := (&script{segments: segs}).run(t, nil)
	if res.Parts != 1 || res.Silent > 1 || res.DroppedAudio > 1 || len(res.Problems) != 1 {
		t.Fatalf("%+v", res)
	}
	a := f.reel(mp4.Audio, 0).samples
	if end := a[len(a)-1].DTS + 1024; abs(end-3*94080) > 2048 {
		t.Fatalf("sound ends at %d", end)
	}
}

// TestSplitInside: a clock that restarts inside a segment begins a part too.
func TestSplitInside(t *testing.T) {
	st := usual(1)
	st.start += 5000000
	first, second := usual(0).segments(), st.segments()
	f, res := (&script{segments: [][]event{append(first[0], second[0]...)}}).run(t, nil)
	if res.Parts != 2 || res.Segments[0].Splits != 1 || len(f.tracks) != 2 || res.Video != 98 {
		t.Fatalf("%+v", res)
	}
}

func TestErrors(t *testing.T) {
	sc := &script{segments: usual(0).segments(), broken: map[int]bool{1: true}}
	_, err := sc.into(&film{}, nil)
	var seg *SegmentError
	if !errors.As(err, &seg) || seg.Index != 1 || seg.Name != "foo/A/1.ts" || !errors.Is(err, errScript) {
		t.Errorf("broken segment: %v", err)
	}
	_, err = (&script{segments: usual(0).segments()}).into(&film{broken: true}, nil)
	if !errors.Is(err, errFilm) || errors.As(err, &seg) && seg.Index == 0 {
		t.Errorf("broken output: %v", err)
	}
	far := pictures25(1<<62, mp4.Sync, 0, 0)
	if _, err = (&script{segments: [][]event{far}}).into(&film{}, nil); !errors.As(err, &seg) {
		t.Errorf("times out of range: %v", err)
	}
	j := New(&film{}, Options{})
	if err := j.End(); !errors.Is(err, ErrOrder) {
		t.Errorf("End first: %v", err)
	}
	if err := j.Begin(Boundary{}); !errors.Is(err, ErrOrder) {
		t.Errorf("an error holds for good: %v", err)
	}
	if _, err := New(&film{}, Options{}).Finish(); err != nil {
		t.Errorf("nothing at all: %v", err)
	}
	j = New(&film{}, Options{})
	text := strings.Repeat("not media at all\n", 20000)
	err = errors.Join(j.Begin(Boundary{Name: "x"}), feed(j, []byte(text)), j.End())
	if !errors.As(err, &seg) || seg.Name != "x" {
		t.Errorf("text: %v", err)
	}
}

// TestContainerChange: another container is another part, and unknown ones are
// told from the bytes.
func TestContainerChange(t *testing.T) {
	var opened []probe.Container
	j := New(&film{}, Options{Open: func(c probe.Container, _ mp4.Sink) (probe.Demuxer, error) {
		opened = append(opened, c)
		return nop{io.Discard}, nil
	}})
	packet := append([]byte{0x47, 0x1f, 0xff, 0x10}, make([]byte, 184)...)
	for _, c := range []probe.Container{probe.Unknown, probe.MPEGTS, probe.MP4, probe.Unknown} {
		if err := errors.Join(j.Begin(Boundary{Container: c}), feed(j, bytes.Repeat(packet, 40)), j.End()); err != nil {
			t.Fatal(err)
		}
	}
	if len(opened) != 2 || opened[0] != probe.MPEGTS || opened[1] != probe.MP4 {
		t.Fatalf("%v", opened)
	}
}

type nop struct{ io.Writer }

func (nop) Boundary()    {}
func (nop) Flush() error { return nil }
