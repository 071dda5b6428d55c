package mpegts

import (
	"bytes"
	"reflect"
	"testing"

	"recfin/internal/tswriter"
)

// The facts of real media, as samples and as what is counted. What they make of a
// whole file is tested where files are written.

// aired gives the packets of a stream of pictures, tables first.
func aired(l tswriter.Live) *tswriter.Writer {
	p := l.PESPackets()
	if l.HEVC {
		return hevcOnly(p)
	}
	return videoOnly(p)
}

// sameLog holds that b gives the samples of want, and returns what was counted, but
// for packets.
func sameLog(t *testing.T, name string, want *recorder, b []byte) Stats {
	t.Helper()
	r, st := demux(t, Options{}, b)
	if !reflect.DeepEqual(r.log, want.log) {
		t.Errorf("%s:\n%v\nwant\n%v", name, r.log, want.log)
	}
	st.Packets = 0
	return st
}

func TestFact1PESPackets(t *testing.T) {
	for _, hevc := range []bool{false, true} {
		plain := tswriter.Live{HEVC: hevc, Pictures: 20, GOP: 7, From: 1000}
		want, _ := demux(t, Options{}, aired(plain).Bytes())
		for _, c := range []struct {
			name   string
			change func(*tswriter.Live)
			st     Stats
		}{
			{"no delimiters", func(l *tswriter.Live) { l.Bare = true }, Stats{}},
			{"split, times repeated", func(l *tswriter.Live) { l.Split = 20 }, Stats{}},
			{"split, no times", func(l *tswriter.Live) { l.Split, l.Untimed, l.Bare = 20, true, true }, Stats{}},
			{"NAL units run over", func(l *tswriter.Live) { l.Over, l.Bare = 9, true }, Stats{}},
			{"five in a PES packet", func(l *tswriter.Live) { l.PerPES = 5 }, Stats{Untimed: 16}},
			{"all in a PES packet", func(l *tswriter.Live) { l.PerPES = 20 }, Stats{Untimed: 19}},
		} {
			odd := plain
			c.change(&odd)
			if st := sameLog(t, c.name, want, aired(odd).Bytes()); !reflect.DeepEqual(st, c.st) {
				t.Errorf("%s, H.265 %v: %+v", c.name, hevc, st)
			}
		}
	}
}

func TestFact3LateTables(t *testing.T) {
	for _, hevc := range []bool{false, true} {
		w := aired(tswriter.Live{HEVC: hevc, Pictures: 60, From: 1000})
		want, _ := demux(t, Options{}, w.Bytes())
		p := w.Packets()
		for _, at := range []int{3, 22, 48, len(p)} {
			late := bytes.Join([][]byte{bytes.Join(p[2:at], nil), p[0], p[1], bytes.Join(p[at:], nil)}, nil)
			if st := sameLog(t, "late", want, late); !reflect.DeepEqual(st, Stats{}) {
				t.Errorf("map behind %d packets: %+v", at, st)
			}
		}
		if st := sameLog(t, "never", want, bytes.Join(p[2:], nil)); !reflect.DeepEqual(st, Stats{Guessed: 1}) {
			t.Errorf("no map: %+v", st)
		}
	}
}

// Times are handed out as they came, unwrapped; it is not for a demuxer to mend them.
func TestFact4Times(t *testing.T) {
	for _, hevc := range []bool{false, true} {
		for name, l := range map[string]tswriter.Live{
			"DTS above PTS":              {B: true, NoDelay: true, From: 90000},
			"DTS just below 2^33, PTS 0": {B: true, From: -3600},
			"wrap":                       {B: true, From: Wrap - 5*3600},
		} {
			l.HEVC, l.Pictures = hevc, 12
			r, st := demux(t, Options{}, aired(l).Bytes())
			if len(r.samples) != 12 || st.Untimed != 0 {
				t.Fatalf("%s: %d samples, %+v", name, len(r.samples), st)
			}
			off := r.samples[0].pts - l.PESPackets()[0].PTS // the first PTS is as it stands in the stream
			for i, p := range l.PESPackets() {
				if s := r.samples[i]; s.pts != p.PTS+off || s.dts != p.DTS+off {
					t.Errorf("%s: picture %d at %d, %d; want %d, %d", name, i, s.pts, s.dts, p.PTS+off, p.DTS+off)
				}
			}
			if off != 0 {
				t.Errorf("%s: the first PTS is off by %d", name, off)
			}
		}
	}
}

func TestFact7Packets(t *testing.T) {
	for _, hevc := range []bool{false, true} {
		fresh := func() *tswriter.Writer { return aired(tswriter.Live{HEVC: hevc, Pictures: 30, From: 1000}) }
		want, _ := demux(t, Options{}, fresh().Bytes())
		if st := sameLog(t, "twice", want, bytes.Join(twice(fresh().Packets()), nil)); st.Duplicates == 0 {
			t.Errorf("%+v", st)
		}
		w := fresh()
		for _, p := range w.Packets()[2:] {
			p[1] |= 0x80
		}
		if st := sameLog(t, "errors", want, w.Bytes()); st.TransportErrors != int64(len(w.Packets())-2) {
			t.Errorf("%+v", st)
		}
		w = fresh()
		for _, p := range w.Packets()[9:] {
			p[3] = p[3]&0xf0 | (p[3]+7)&15
		}
		if st := sameLog(t, "a leap", want, w.Bytes()); st.ContinuityErrors != 1 || st.Damaged != 1 {
			t.Errorf("%+v", st)
		}
		w = fresh()
		if st := sameLog(t, "cut", want, append(w.Bytes(), w.Packets()[0][:99]...)); st.CutPackets != 1 {
			t.Errorf("%+v", st)
		}
	}
}
