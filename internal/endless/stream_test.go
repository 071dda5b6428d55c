package endless

import (
	"bytes"
	"strings"
	"testing"

	"recfin/mp4"
	"recfin/probe"
)

// sink counts what a demuxer finds and holds its times.
type sink struct {
	t            *testing.T
	s            *Stream
	video, audio int64
	zero         int64
}

func (s *sink) Track(int, mp4.Track) error { return nil }

func (s *sink) Sample(id int, x *mp4.Sample) error {
	if id == audioPID {
		if want := s.zero + PictureTicks + s.audio*FrameTicks; x.PTS != want {
			s.t.Fatalf("frame %d at %d, not %d", s.audio, x.PTS, want)
		}
		if err := s.s.isFrame(bytes.Join(x.Pieces, nil), s.audio); err != nil {
			s.t.Fatal(err)
		}
		s.audio++
		return nil
	}
	k := s.video % Pictures
	if dts, pts := s.zero+s.video*PictureTicks, s.zero+(s.video-k+int64(display(int(k)))+1)*PictureTicks; x.DTS != dts || x.PTS != pts {
		s.t.Fatalf("picture %d at %d and %d, not %d and %d", s.video, x.DTS, x.PTS, dts, pts)
	}
	if err := s.s.isPicture(bytes.Join(x.Pieces, nil), s.video); err != nil {
		s.t.Fatal(err)
	}
	s.video++
	return nil
}

// TestStream reads a stream whose clock wraps, segments joined, with the demuxer.
func TestStream(t *testing.T) {
	const zero = clockMask + 1 - 5*SegmentTicks
	s := NewStream(zero)
	k := &sink{t: t, s: s, zero: zero}
	d, err := probe.NewDemuxer(probe.MPEGTS, k)
	if err != nil {
		t.Fatal(err)
	}
	for n := range 11 {
		b := s.Append(nil, n)
		if int64(len(b)) != s.Size(n) {
			t.Fatalf("segment %d has %d bytes, not %d", n, len(b), s.Size(n))
		}
		if _, err := d.Write(b); err != nil {
			t.Fatal(err)
		}
	}
	if err := d.Flush(); err != nil {
		t.Fatal(err)
	}
	if k.video != 11*Pictures || k.audio != frames(11) {
		t.Errorf("%d pictures, %d frames", k.video, k.audio)
	}
}

// TestBodyCatches: the judge of a body finds what is wrong with it, however it
// is cut.
func TestBodyCatches(t *testing.T) {
	s := NewStream(0)
	picture := func(n int64) []byte {
		var b []byte
		for _, nal := range s.nals[n%Pictures] {
			b = append(b, 0, 0, byte(len(nal)>>8), byte(len(nal)))
			at := bytes.Index(nal, []byte(pictureMark))
			if b = append(b, nal...); at >= 0 {
				putNumber(b[len(b)-len(nal)+at+len(pictureMark):], n)
			}
		}
		return b
	}
	frame := func(n int64) []byte { x := numbered(n); return append([]byte(frameMark), x[:]...) }
	damaged := picture(1)
	damaged[len(damaged)-3]++
	for _, c := range []struct {
		name string
		body []byte
		want string // of the error; empty: none
	}{
		{"right", bytes.Join([][]byte{picture(0), picture(1), frame(0), frame(1), picture(2), frame(2)}, nil), ""},
		{"a picture is missing", bytes.Join([][]byte{picture(0), picture(2)}, nil), "where picture 1 belongs"},
		{"a picture comes twice", bytes.Join([][]byte{picture(0), picture(1), picture(1)}, nil), "where picture 2 belongs"},
		{"a picture is damaged", bytes.Join([][]byte{picture(0), damaged}, nil), "other bytes"},
		{"a frame is missing", bytes.Join([][]byte{frame(0), frame(2)}, nil), "where frame 1 belongs"},
		{"the sets are missing", append(picture(0)[8+len(s.nals[0][0])+len(s.nals[0][1]):], picture(1)...), "NAL unit"},
	} {
		for _, cut := range []int{1, 7, 1 << 20} {
			b := &body{stream: s}
			var err error
			for rest := c.body; len(rest) > 0 && err == nil; {
				n := min(cut, len(rest))
				err = b.write(rest[:n])
				rest = rest[n:]
			}
			if c.want == "" && (err != nil || len(b.rest) > 0 || b.video.count != 3 || b.audio.count != 3 || len(b.video.runs) != 2) {
				t.Errorf("%s, by %d: %v", c.name, cut, err)
			}
			if c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("%s, by %d: %v", c.name, cut, err)
			}
		}
	}
}
