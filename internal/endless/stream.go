// Package endless holds live streams of any length, for tests: the segments of a
// stream are made when they are read, and the movie that is made of them is
// judged while it is written, and forgotten. So two days of media need neither
// memory nor a disk.
//
//	s := endless.NewStream(1<<33 - 3600*90000) // the clock wraps after an hour
//	st := endless.NewStore(s, 86400, t.TempDir())
//	// finalize the recording endless.Recording of st …
//	m, err := st.Movie()
//	err = m.Check(86400)
//
// A stream is MPEG-TS of H.264 with two B-pictures in a row, 30 pictures a second,
// and AAC of 48 kHz. Every picture and every frame of sound says which one it is.
package endless

import (
	"bytes"
	"encoding/binary"
	"fmt"

	"recfin/internal/tswriter"
)

// What a stream is like. Times are in ticks of 90 kHz.
const (
	SegmentTicks = 180000 // 2 s
	PictureTicks = 3000
	FrameTicks   = 1920 // 1024 samples of 48 kHz
	Pictures     = SegmentTicks / PictureTicks

	videoPID, audioPID = 0x100, 0x101
	clockMask          = 1<<33 - 1

	// cycle is after how many segments the frames of sound stand as in the first.
	cycle = 4
	// filling makes a picture so large that 24 h exceed 2 GiB and 48 h 4 GiB.
	filling = 850
)

// Before the number of a picture or of a frame, which has eight hex digits.
const (
	pictureMark = "picture:"
	frameMark   = "frame:"
	digits      = 8
)

// Stream makes segments. It may be used by several goroutines.
type Stream struct {
	clock     int64
	templates [cycle]template
	// nals are the NAL units of each picture of a segment as a movie has them, sizes
	// their bytes there, and frame is one of sound; with the number 0.
	nals    [Pictures][][]byte
	sizes   [Pictures]int
	frame   []byte
	packets int // of the pictures of a segment
}

// template is one of the first segments, on a clock that begins at 0, and where
// it has to be changed to be another one.
type template struct {
	body    []byte
	packets []packet
	times   []field // timestamps of five bytes
	numbers []field // digits
}

// packet is where the continuity counter of a packet stands, and what it is in
// the template.
type packet struct {
	at      int
	pid     uint16
	counter int
}

// field is a value of the template and where it stands.
type field struct {
	at    int
	pid   uint16
	value int64
}

// NewStream makes a stream whose first picture is decoded at clock, 90 kHz; the
// timestamps wrap after 33 bits.
func NewStream(clock int64) *Stream {
	s := &Stream{clock: clock}
	for i := range s.nals {
		if i == 0 {
			s.nals[0] = [][]byte{tswriter.SPS{Width: 320, Height: 192, FrameTicks: PictureTicks}.NAL(), tswriter.PPS(0, 0, 0)}
		}
		s.nals[i] = append(s.nals[i], slice(i))
		for _, nal := range s.nals[i] {
			s.sizes[i] += 4 + len(nal)
		}
	}
	s.frame = fmt.Appendf(nil, "%s%0*x", frameMark, digits, 0)
	for n := range s.templates {
		s.templates[n] = s.template(n)
	}
	for _, x := range s.templates[0].packets {
		if x.pid == videoPID {
			s.packets++
		}
	}
	return s
}

// display is which picture of its segment the i-th that is decoded is, as they
// are shown: I P B B P B B … P P P.
func display(i int) int {
	switch {
	case i == 0 || i > Pictures-3:
		return i
	case i%3 == 1:
		return i + 2
	default:
		return i - 1
	}
}

// slice is the slice of the i-th picture of a segment in decode order.
func slice(i int) []byte {
	s := tswriter.Slice{Type: tswriter.P, FrameNum: uint32((i + 2) / 3), POC: uint32(2 * display(i))}
	switch {
	case i == 0:
		s.IDR, s.Type = true, tswriter.I
	case display(i) < i:
		s.NonRef, s.Type = true, tswriter.B
		s.FrameNum++
	}
	s.Data = fmt.Appendf(nil, "%s%0*x%s", pictureMark, digits, 0, bytes.Repeat([]byte{0x55}, filling))
	return s.NAL()
}

// frames is how many frames of sound begin before segment n.
func frames(n int) int64 { return (int64(n)*SegmentTicks + FrameTicks - 1) / FrameTicks }

// template makes one of the first segments and finds what changes in it.
func (s *Stream) template(n int) template {
	w := tswriter.New(
		tswriter.Stream{PID: videoPID, Type: tswriter.TypeH264},
		tswriter.Stream{PID: audioPID, Type: tswriter.TypeADTS, StreamID: 0xc0},
	)
	w.Tables()
	start, frame := int64(n)*SegmentTicks, frames(n)
	for i := range Pictures {
		w.PES(videoPID, tswriter.PES{
			PTS: start + int64(display(i)+1)*PictureTicks, DTS: start + int64(i)*PictureTicks,
			Data: tswriter.AnnexB(false, append([][]byte{tswriter.Delimiter}, s.nals[i]...)...),
		})
		// Sound begins when the first picture is shown.
		for ; frame*FrameTicks < start+int64(i+1)*PictureTicks; frame++ {
			at := frame*FrameTicks + PictureTicks
			w.PES(audioPID, tswriter.PES{PTS: at, DTS: at, Bounded: true, Data: tswriter.Stereo48(s.frame)})
		}
	}
	t := template{body: w.Bytes()}
	numbers := map[uint16]int64{videoPID: int64(n) * Pictures, audioPID: frames(n)}
	for at := 0; at < len(t.body); at += tswriter.PacketSize {
		t.find(at, numbers)
	}
	return t
}

// find finds what changes in the packet at a place.
func (t *template) find(at int, numbers map[uint16]int64) {
	p := t.body[at : at+tswriter.PacketSize]
	pid := binary.BigEndian.Uint16(p[1:]) & 0x1fff
	t.packets = append(t.packets, packet{at + 3, pid, int(p[3] & 15)})
	mark, known := map[uint16]string{videoPID: pictureMark, audioPID: frameMark}[pid]
	if !known || p[1]&0x40 == 0 {
		return
	}
	head := 4
	if p[3]&0x20 != 0 {
		head += 1 + int(p[4])
	}
	for k, stamps := head+9, int(p[head+8])/5; stamps > 0; k, stamps = k+5, stamps-1 {
		b := p[k : k+5]
		value := int64(b[0]>>1&7)<<30 | int64(b[1])<<22 | int64(b[2]>>1)<<15 | int64(b[3])<<7 | int64(b[4]>>1)
		t.times = append(t.times, field{at + k, pid, value})
	}
	t.numbers = append(t.numbers, field{at + bytes.Index(p, []byte(mark)) + len(mark), pid, numbers[pid]})
	numbers[pid]++
}

// Size is the number of bytes of segment n.
func (s *Stream) Size(n int) int64 { return int64(len(s.templates[n%cycle].body)) }

// Append appends segment n to b.
func (s *Stream) Append(b []byte, n int) []byte {
	t := &s.templates[n%cycle]
	base := len(b)
	b = append(b, t.body...)
	p := b[base:]
	// As many packets as there were before: the tables are sent once a segment, and a
	// frame of sound is one packet.
	before := map[uint16]int{videoPID: n * s.packets, audioPID: int(frames(n))}
	for _, x := range t.packets {
		count, counted := before[x.pid]
		if !counted {
			count = n
		}
		p[x.at] = p[x.at]&0xf0 | byte((count+x.counter)&15)
	}
	ago := n - n%cycle // segments between the template and this one
	for _, x := range t.times {
		putTime(p[x.at:], (x.value+s.clock+int64(ago)*SegmentTicks)&clockMask)
	}
	for _, x := range t.numbers {
		more := int64(ago) * Pictures
		if x.pid == audioPID {
			more = frames(ago)
		}
		putNumber(p[x.at:], x.value+more)
	}
	return b
}

// putTime changes the value of a timestamp (ISO/IEC 13818-1 §2.4.3.7).
func putTime(b []byte, t int64) {
	b[0] = b[0]&0xf0 | byte(t>>29)&0x0e | 1
	b[1], b[2], b[3], b[4] = byte(t>>22), byte(t>>14)|1, byte(t>>7), byte(t<<1)|1
}

// putNumber writes eight hex digits.
func putNumber(b []byte, n int64) {
	for i := digits - 1; i >= 0; i-- {
		b[i] = "0123456789abcdef"[n&15]
		n >>= 4
	}
}
