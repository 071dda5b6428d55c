package endless

import (
	"bytes"
	"encoding/binary"
	"fmt"
)

// body judges the body of a movie while it is written: it must hold every picture
// and every frame of sound once, in order, unchanged, and nothing else. It
// remembers where they are, not what they are.
type body struct {
	stream *Stream
	size   int64
	rest   []byte // of a sample that goes on in the next write
	video  places
	audio  places
	err    error
}

// places is where the samples of a kind lie.
type places struct {
	runs  []run
	count int64 // samples
	end   int64 // of the last one
}

// run is samples that lie one behind the other.
type run struct{ at, first int64 }

func (p *places) add(at, size int64) {
	if len(p.runs) == 0 || at != p.end {
		p.runs = append(p.runs, run{at, p.count})
	}
	p.count++
	p.end = at + size
}

// write takes the next bytes. The first wrong one is the error of this and of
// every later call.
func (b *body) write(p []byte) error {
	if b.err != nil {
		return b.err
	}
	data, at := p, b.size
	if n := len(b.rest); n > 0 {
		b.rest = append(b.rest, p...)
		data, at = b.rest, at-int64(n)
	}
	for {
		n, err := b.sample(data, at)
		if err != nil {
			b.err = fmt.Errorf("byte %d of the body: %w", at, err)
			return b.err
		}
		if n == 0 {
			break
		}
		data, at = data[n:], at+int64(n)
	}
	b.size += int64(len(p))
	b.rest = append(b.rest[:0], data...)
	return nil
}

// sample judges the sample that p begins with and gives its size; 0: not all of
// it is there.
func (b *body) sample(p []byte, at int64) (int, error) {
	if len(p) < 4 {
		return 0, nil
	}
	of, n, judge := &b.video, b.stream.sizes[b.video.count%Pictures], b.stream.isPicture
	if string(p[:4]) == frameMark[:4] {
		of, n, judge = &b.audio, len(b.stream.frame), b.stream.isFrame
	}
	if len(p) < n {
		return 0, nil
	}
	if err := judge(p[:n], of.count); err != nil {
		return 0, err
	}
	of.add(at, int64(n))
	return n, nil
}

// isFrame says why b is not frame n of the stream.
func (s *Stream) isFrame(b []byte, n int64) error {
	if want := numbered(n); string(b[:len(frameMark)]) != frameMark || !bytes.Equal(b[len(frameMark):], want[:]) {
		return fmt.Errorf("%q where frame %d belongs", b, n)
	}
	return nil
}

// isPicture says why b is not picture n of the stream.
func (s *Stream) isPicture(b []byte, n int64) error {
	for _, nal := range s.nals[n%Pictures] {
		size := int(binary.BigEndian.Uint32(b))
		if size != len(nal) {
			return fmt.Errorf("a NAL unit of %d bytes in picture %d, where one of %d belongs", size, n, len(nal))
		}
		got := b[4 : 4+size]
		b = b[4+size:]
		at := bytes.Index(nal, []byte(pictureMark))
		if at < 0 {
			if !bytes.Equal(got, nal) {
				return fmt.Errorf("picture %d has other parameter sets", n)
			}
			continue
		}
		at += len(pictureMark)
		if want := numbered(n); !bytes.Equal(got[at:at+digits], want[:]) {
			return fmt.Errorf("%q where picture %d belongs", got[:at+digits], n)
		}
		if !bytes.Equal(got[:at], nal[:at]) || !bytes.Equal(got[at+digits:], nal[at+digits:]) {
			return fmt.Errorf("picture %d has other bytes", n)
		}
	}
	return nil
}

func numbered(n int64) (b [digits]byte) {
	putNumber(b[:], n)
	return b
}
