package mp4_test

import (
	"bytes"
	"fmt"
	"io"
	"testing"

	"recfin/internal/mp4check"
	"recfin/mp4"
)

// entry is a sample entry of a codec that nobody knows.
type entry struct {
	kind mp4.Kind
	id   byte
}

func (e entry) Kind() mp4.Kind { return e.kind }
func (e entry) Codec() string  { return "test" }
func (e entry) Codecs() string { return "test" }

func (e entry) Box() ([]byte, error) {
	n := 36
	if e.kind == mp4.Video {
		n = 86
	}
	box := make([]byte, n)
	copy(box[3:], []byte{byte(n), 't', 'e', 's', 't'})
	box[15] = 1
	if e.kind == mp4.Video {
		box[32], box[34], box[85] = 1, 1, e.id
	} else {
		box[35] = e.id
	}
	return box, nil
}

// joined is the file: a head and its body.
type joined struct {
	head *mp4.Head
	body io.ReaderAt
	size int64
}

func join(head *mp4.Head, body []byte) *joined {
	return &joined{head: head, body: bytes.NewReader(body), size: head.Size() + int64(len(body))}
}

func (j *joined) ReadAt(p []byte, off int64) (int, error) {
	n := 0
	if off < j.head.Size() {
		k, err := j.head.ReadAt(p, off)
		if n = k; err != nil && err != io.EOF {
			return n, err
		}
	}
	if n == len(p) {
		return n, nil
	}
	k, err := j.body.ReadAt(p[n:], off+int64(n)-j.head.Size())
	return n + k, err
}

// bytes is the whole file.
func (j *joined) bytes(t testing.TB) []byte {
	t.Helper()
	p := make([]byte, j.size)
	if n, err := j.ReadAt(p, 0); n != len(p) {
		t.Fatalf("read %d of %d bytes of the file: %v", n, len(p), err)
	}
	return p
}

// tester is what a test and a property both are.
type tester interface {
	Helper()
	Fatalf(format string, args ...any)
}

// checked finishes a movie and has both readers check the file.
func checked(t tester, m *mp4.Movie, body *bytes.Buffer, room int64) (*joined, *mp4check.Movie) {
	t.Helper()
	bound, duration := m.TableBytes(), m.Duration()
	wantBody := m.BodyBytes()
	head, err := m.Finish(room)
	if err != nil {
		t.Fatalf("finish: %v", err)
	}
	j := join(head, body.Bytes())
	if n := int64(body.Len()); n != m.BodyBytes() || n < wantBody || n > wantBody && head.Summary().Chapters == 0 {
		t.Fatalf("BodyBytes said %d and then %d, the body has %d", wantBody, m.BodyBytes(), n)
	}
	if room <= 0 && head.Size() > bound {
		t.Fatalf("TableBytes said %d, the head has %d", bound, head.Size())
	}
	if head.Size() < room {
		t.Fatalf("the head has %d bytes for a room of %d", head.Size(), room)
	}
	file, err := mp4check.Open(j, j.size)
	if err != nil {
		t.Fatalf("%v", err)
	}
	sum, err := mp4.ReadHead(j, j.size)
	if err != nil {
		t.Fatalf("%v", err)
	}
	if !sum.Equal(head.Summary()) {
		t.Fatalf("read %+v\nwrote %+v", *sum, head.Summary())
	}
	if sum.Duration != duration || sum.Duration != file.Duration {
		t.Fatalf("the movie lasts %d, read %d, checked %d", duration, sum.Duration, file.Duration)
	}
	return j, file
}

// simple is a small movie: two seconds of 25 pictures with reordering, and
// audio of 48 kHz.
func simple(t tester, w io.Writer) *mp4.Movie {
	t.Helper()
	m := mp4.NewMovie(w)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatalf("%v", err)
		}
	}
	v, err := m.AddTrack(mp4.Track{Entry: entry{mp4.Video, 0}, Timescale: 90000})
	must(err)
	a, err := m.AddTrack(mp4.Track{Entry: entry{mp4.Audio, 0}, Timescale: 48000, Language: "deu"})
	must(err)
	frame := 0
	for i := range 50 {
		s := mp4.Sample{DTS: 900 + int64(i)*3600, Duration: 3600, Pieces: [][]byte{[]byte(fmt.Sprintf("picture %d", i)), {byte(i)}}}
		s.PTS = s.DTS + []int64{0, 3600, -3600}[i%3]
		if i%25 == 0 {
			s.Access = mp4.Sync
		}
		must(m.Write(v, &s))
		for ; frame*1024*25 <= i*48000; frame++ {
			at := int64(frame) * 1024
			must(m.Write(a, &mp4.Sample{DTS: at, PTS: at, Duration: 1024, Pieces: [][]byte{[]byte("frame")}}))
		}
	}
	return m
}
