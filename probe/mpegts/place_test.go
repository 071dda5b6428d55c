package mpegts

import (
	"bytes"
	"slices"
	"testing"

	"recfin/internal/tswriter"
	"recfin/mp4"
)

// placed is a sink that keeps where pictures stand.
type placed []mp4.Place

func (placed) Track(int, mp4.Track) error { return nil }

func (p *placed) Sample(id int, s *mp4.Sample) error {
	if id == vPID {
		*p = append(*p, s.Alone)
	}
	return nil
}

// stands gives a range of packets of a segment.
func stands(first, count int64) mp4.Place {
	return mp4.Place{Offset: first * packetSize, Length: count * packetSize}
}

// TestAlone: which pictures decode by themselves, and in which packets they stand. The
// tables take packets 0 and 1 where they come first.
func TestAlone(t *testing.T) {
	none := mp4.Place{}
	long := tswriter.Slice{IDR: true, Type: tswriter.I, Data: bytes.Repeat([]byte{9}, 400)}.NAL() // three packets with the rest
	lone := tswriter.Slice{Type: tswriter.I, FrameNum: 3, POC: 6, Data: []byte("lone")}.NAL()
	write := func(w *tswriter.Writer, at int64, nals ...[]byte) {
		w.PES(vPID, tswriter.PES{PTS: at, DTS: at, Data: tswriter.AnnexB(false, nals...)})
	}
	for name, c := range map[string]struct {
		make      func(w *tswriter.Writer)
		want      []mp4.Place
		described bool
		end       int64 // packets
		cut       bool
	}{
		"delimiters": {func(w *tswriter.Writer) {
			w.Tables()
			write(w, 0, tswriter.Delimiter, sps, pps, long)
			write(w, 3600, tswriter.Delimiter, inter(1))
			write(w, 7200, tswriter.Delimiter, sps, pps, idr(2))
		}, []mp4.Place{stands(2, 3), none, stands(6, 1)}, true, 2, false},
		"no delimiters, sound between": {func(w *tswriter.Writer) {
			w.Tables()
			b := w.Header(vPID, tswriter.PES{PTS: 0, DTS: 0, Data: tswriter.AnnexB(false, sps, pps, long)})
			w.Payload(vPID, b[:150], true)
			w.PES(aPID, tswriter.PES{PTS: 0, DTS: 0, Bounded: true, Data: tswriter.Stereo48(block(0))})
			w.Null()
			w.Payload(vPID, b[150:], false)
			w.PES(aPID, tswriter.PES{PTS: 1920, DTS: 1920, Bounded: true, Data: tswriter.Stereo48(block(1))})
			write(w, 3600, inter(1))
		}, []mp4.Place{stands(2, 5), none}, true, 2, false},
		"tables behind the picture": {func(w *tswriter.Writer) {
			write(w, 0, tswriter.Delimiter, sps, pps, idr(0))
			w.Tables()
			write(w, 3600, tswriter.Delimiter, sps, pps, idr(1))
		}, []mp4.Place{stands(0, 1), stands(3, 1)}, true, 3, false},
		"another map in the middle": {func(w *tswriter.Writer) {
			w.Tables()
			write(w, 0, tswriter.Delimiter, sps, pps, idr(0))
			w.Streams = append(w.Streams, tswriter.Stream{PID: 0x111, Type: tswriter.TypeID3})
			w.Version++
			w.Map()
			write(w, 3600, tswriter.Delimiter, inter(1))
		}, []mp4.Place{stands(2, 1), none}, false, 2, false},
		"the same map again": {func(w *tswriter.Writer) {
			w.Tables()
			write(w, 0, tswriter.Delimiter, sps, pps, idr(0))
			w.Tables()
			write(w, 3600, tswriter.Delimiter, sps, pps, idr(1))
		}, []mp4.Place{stands(2, 1), stands(5, 1)}, true, 2, false},
		"no sets of its own": {func(w *tswriter.Writer) {
			w.Tables()
			write(w, 0, tswriter.Delimiter, sps, pps, idr(0))
			write(w, 3600, tswriter.Delimiter, idr(1))
		}, []mp4.Place{stands(2, 1), none}, true, 2, false},
		"a lone I picture, and a refresh in steps": {func(w *tswriter.Writer) {
			w.Tables()
			write(w, 0, tswriter.Delimiter, sps, pps, idr(0))
			write(w, 3600, tswriter.Delimiter, sps, pps, lone)
			write(w, 7200, tswriter.Delimiter, sps, pps, tswriter.RecoveryPoint, inter(4))
		}, []mp4.Place{stands(2, 1), stands(3, 1), none}, true, 2, false},
		"behind another picture in one PES": {func(w *tswriter.Writer) {
			w.Tables()
			write(w, 0, tswriter.Delimiter, sps, pps, idr(0), tswriter.Delimiter, inter(1), tswriter.Delimiter, sps, pps, idr(2))
			write(w, 3600, tswriter.Delimiter, inter(3))
		}, []mp4.Place{none, none, none, none}, true, 2, false},
		"the end of another picture before it": {func(w *tswriter.Writer) {
			w.Tables()
			write(w, 0, tswriter.Delimiter, sps, pps, idr(0))
			b := tswriter.AnnexB(false, tswriter.Delimiter, inter(1))
			w.PES(vPID, tswriter.PES{PTS: 3600, DTS: 3600, Data: b[:len(b)-3]})
			w.PES(vPID, tswriter.PES{PTS: 7200, DTS: 7200, Data: slices.Concat(b[len(b)-3:], tswriter.AnnexB(false, tswriter.Delimiter, sps, pps, idr(2)))})
		}, []mp4.Place{stands(2, 1), none, none}, true, 2, false},
		"another picture begins in its last packet": {func(w *tswriter.Writer) {
			w.Tables()
			b := tswriter.AnnexB(false, tswriter.Delimiter, sps, pps, idr(0), tswriter.Delimiter, inter(1))
			w.PES(vPID, tswriter.PES{PTS: 0, DTS: 0, Data: b[:len(b)-3]})
			w.PES(vPID, tswriter.PES{PTS: 3600, DTS: 3600, Data: slices.Concat(b[len(b)-3:], tswriter.AnnexB(false, tswriter.Delimiter, inter(2)))})
		}, []mp4.Place{none, none, none}, true, 2, false},
		"the delimiter of another in its last packet": {func(w *tswriter.Writer) {
			w.Tables()
			write(w, 0, tswriter.Delimiter, sps, pps, idr(0), tswriter.Delimiter)
			write(w, 3600, inter(1))
		}, []mp4.Place{stands(2, 1), none}, true, 2, false},
		"a picture over two PES packets": {func(w *tswriter.Writer) {
			w.Tables()
			b := tswriter.AnnexB(false, tswriter.Delimiter, sps, pps, long)
			w.PES(vPID, tswriter.PES{PTS: 0, DTS: 0, Data: b[:60]})
			w.PES(vPID, tswriter.PES{PTS: 0, DTS: 0, Data: b[60:]})
			write(w, 3600, tswriter.Delimiter, inter(1))
		}, []mp4.Place{stands(2, 4), none}, true, 2, false},
		"it begins in the middle of a PES packet": {func(w *tswriter.Writer) {
			w.Tables()
			w.Payload(vPID, []byte("the rest of something"), false)
			write(w, 0, tswriter.Delimiter, sps, pps, idr(0))
		}, []mp4.Place{stands(3, 1)}, true, 2, true},
		"it begins in the middle of a picture": {func(w *tswriter.Writer) {
			w.Tables()
			w.PES(vPID, tswriter.PES{PTS: 0, DTS: 0, Data: []byte("the rest of something")})
			write(w, 3600, tswriter.Delimiter, sps, pps, idr(0))
		}, []mp4.Place{stands(3, 1)}, true, 2, true},
		"it begins in the middle of a frame of sound": {func(w *tswriter.Writer) {
			w.Tables()
			write(w, 0, tswriter.Delimiter, sps, pps, idr(0))
			for n := range 3 {
				b := tswriter.Stereo48(block(n))
				if n == 0 {
					b = append([]byte("rest"), b...)
				}
				w.PES(aPID, tswriter.PES{PTS: int64(n) * 1920, DTS: int64(n) * 1920, Bounded: true, Data: b})
			}
		}, []mp4.Place{stands(2, 1)}, true, 2, true},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWriter()
			c.make(w)
			for _, step := range []int{len(w.Bytes()), 77} {
				var got placed
				d := New(&got, Options{})
				for b := range slices.Chunk(w.Bytes(), step) {
					if _, err := d.Write(b); err != nil {
						t.Fatal(err)
					}
				}
				if err := d.Flush(); err != nil {
					t.Fatal(err)
				}
				if !slices.Equal(got, c.want) {
					t.Errorf("written by %d: %v, want %v", step, got, c.want)
				}
				end, ok := d.Described()
				if ok != c.described || end != c.end*packetSize || d.Cut() != c.cut {
					t.Errorf("written by %d: described %v by %d, cut %v", step, ok, end, d.Cut())
				}
			}
		})
	}
}

// TestAloneAcross: what is open at the end of a segment is said to be of that one, or
// of none if it runs on.
func TestAloneAcross(t *testing.T) {
	w := newWriter()
	w.Tables()
	for n := range int64(3) {
		w.PES(vPID, tswriter.PES{PTS: n * 3600, DTS: n * 3600, Data: tswriter.AnnexB(false, tswriter.Delimiter, sps, pps, tswriter.Slice{IDR: true, Type: tswriter.I, FrameNum: uint32(n), Data: make([]byte, 200)}.NAL())})
	}
	b := w.Bytes() // two packets of tables, two of each picture
	back := func(p mp4.Place, n int) mp4.Place { p.Back, p.End = n, n; return p }
	for cut, want := range map[int][]mp4.Place{
		4: {back(stands(2, 2), 1), stands(0, 2), stands(2, 2)},
		5: {back(stands(2, 2), 1), {Back: 1}, stands(1, 2)},
		6: {back(stands(2, 2), 1), back(stands(4, 2), 1), stands(0, 2)},
	} {
		var got placed
		d := New(&got, Options{})
		d.Write(b[:cut*packetSize]) // errors are sticky
		d.Boundary()
		if end, ok := d.Described(); ok || end != 0 || d.Maps() != 0 || d.Cut() {
			t.Errorf("cut at %d: the new segment is described %v by %d, %d maps, cut %v", cut, ok, end, d.Maps(), d.Cut())
		}
		d.Write(b[cut*packetSize:])
		if err := d.Flush(); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(got, want) {
			t.Errorf("cut at %d: %v, want %v", cut, got, want)
		}
		if d.Cut() != (cut == 5) { // a PES packet runs over
			t.Errorf("cut at %d: begins with a part: %v", cut, d.Cut())
		}
	}
}
