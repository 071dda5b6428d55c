package mp4_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"testing"

	"pgregory.net/rapid"

	"recfin/mp4"
)

func TestMovie(t *testing.T) {
	var body bytes.Buffer
	m := simple(t, &body)
	m.StartOffset(1, 480, 1024)
	_, file := checked(t, m, &body, 0)
	v, a := file.Tracks[0], file.Tracks[1]
	if len(file.Tracks) != 2 || v.Handler != "vide" || a.Handler != "soun" || v.Language != "und" || a.Language != "deu" {
		t.Fatalf("tracks are %q %q and %q %q", v.Handler, v.Language, a.Handler, a.Language)
	}
	if v.Duration != 50*3600 || v.Edits != nil {
		t.Fatalf("video lasts %d with edits %v", v.Duration, v.Edits)
	}
	n := int64(len(file.Samples(1)))
	shown := (n*1024 - 1024) * 90000 / 48000
	if len(a.Edits) != 2 || a.Edits[0].Duration != 900 || a.Edits[0].MediaTime != -1 ||
		a.Edits[1].MediaTime != 1024 || a.Edits[1].Duration != shown {
		t.Fatalf("edits of audio are %v", a.Edits)
	}
	for i, s := range file.Samples(0) {
		want := int64(i) * 3600
		if s.DTS != want || s.PTS != want+[]int64{0, 3600, -3600}[i%3] || s.Sync != (i%25 == 0) {
			t.Fatalf("sample %d is %+v", i, s)
		}
		p, err := file.Payload(s)
		if err != nil || string(p) != fmt.Sprintf("picture %d", i)+string(rune(i)) {
			t.Fatalf("sample %d holds %q, %v", i, p, err)
		}
	}
}

// Chunks last a second at most, and those of both tracks alternate.
func TestChunks(t *testing.T) {
	var body bytes.Buffer
	_, file := checked(t, simple(t, &body), &body, 0)
	v, a := file.Tracks[0].Chunks, file.Tracks[1].Chunks
	if len(v) != len(a) || len(v) < 2 || len(v) > 3 {
		t.Fatalf("%d chunks of video, %d of audio", len(v), len(a))
	}
	for i := range v {
		if v[i].Samples > 25 || a[i].Samples > 47 {
			t.Errorf("chunk %d has %d pictures and %d frames", i, v[i].Samples, a[i].Samples)
		}
		if i > 0 && (v[i].Offset < a[i-1].Offset || a[i].Offset < v[i-1].Offset) {
			t.Errorf("chunks %d are at %d and %d, those before at %d and %d", i, v[i].Offset, a[i].Offset, v[i-1].Offset, a[i-1].Offset)
		}
	}
}

// A room that is too small gives a longer head; one that is long enough is
// filled exactly, whatever is left over.
func TestRoom(t *testing.T) {
	least := func() int64 {
		head, err := simple(t, io.Discard).Finish(0)
		if err != nil {
			t.Fatal(err)
		}
		return head.Size()
	}()
	rooms := []int64{-1, 0, 1, least - 20, least - 1, least, 1 << 20}
	for gap := range int64(20) {
		rooms = append(rooms, least+gap+1)
	}
	for _, room := range rooms {
		var body bytes.Buffer
		j, _ := checked(t, simple(t, &body), &body, room)
		if want := max(room, least); j.head.Size() != want {
			t.Errorf("room %d, least %d: the head has %d bytes", room, least, j.head.Size())
		}
	}
}

// big is a body of zeros.
type big struct{}

func (big) ReadAt(p []byte, _ int64) (int, error) { clear(p); return len(p), nil }

// Offsets have 32 bits until a chunk begins at 4 GiB.
func TestFourGiB(t *testing.T) {
	var body bytes.Buffer
	_, file := checked(t, simple(t, &body), &body, 0)
	lastOf := func(track int) int64 {
		c := file.Tracks[track].Chunks
		return c[len(c)-1].Offset - file.Tracks[0].Chunks[0].Offset
	}
	lastV, lastA := lastOf(0), lastOf(1)
	if lastA >= lastV {
		t.Fatalf("the last chunks are at %d and %d", lastV, lastA)
	}
	for _, c := range []struct {
		room int64
		wide string // tracks with co64
	}{
		{1<<32 - 1 - lastV, ""},
		{1<<32 - lastV, "v"},
		{1<<32 - 1 - lastA, "v"},
		{1<<32 - lastA, "va"},
		{1<<32 + 100, "va"},
		{1<<32 + 1<<20, "va"}, // the free box is that large, too
		{1 << 40, "va"},
	} {
		body.Reset()
		m := simple(t, &body)
		j, _ := checked(t, m, &body, c.room)
		head := make([]byte, 8192)
		if _, err := j.ReadAt(head, 0); err != nil {
			t.Fatal(err)
		}
		got := ""
		audio := bytes.Index(head, []byte("soun"))
		for _, part := range []struct {
			name  string
			bytes []byte
		}{{"v", head[:audio]}, {"a", head[audio:]}} {
			if bytes.Contains(part.bytes, []byte("co64")) {
				got += part.name
			}
			if bytes.Contains(part.bytes, []byte("co64")) == bytes.Contains(part.bytes, []byte("stco")) {
				t.Errorf("room %d: %s has both or none", c.room, part.name)
			}
		}
		if got != c.wide || j.head.Size() != c.room {
			t.Errorf("room %d: co64 in %q, want %q; the head has %d bytes", c.room, got, c.wide, j.head.Size())
		}
	}
}

// A body of more than 4 GiB makes the head longer, by itself.
func TestLargeBody(t *testing.T) {
	if testing.Short() {
		t.Skip("copies 4 GiB")
	}
	m := mp4.NewMovie(io.Discard)
	v, err := m.AddTrack(mp4.Track{Entry: entry{mp4.Video, 0}, Timescale: 1})
	if err != nil {
		t.Fatal(err)
	}
	piece := make([]byte, 64<<20)
	for i := range 66 {
		if err := m.Write(v, &mp4.Sample{DTS: int64(i), PTS: int64(i), Duration: 1, Pieces: [][]byte{piece}}); err != nil {
			t.Fatal(err)
		}
	}
	head, err := m.Finish(0)
	if err != nil {
		t.Fatal(err)
	}
	j := &joined{head: head, body: big{}, size: head.Size() + m.BodyBytes()}
	sum, err := mp4.ReadHead(j, j.size)
	if err != nil || !sum.Equal(head.Summary()) || sum.Tracks[0].Chunks != 66 || sum.Size < 66*64<<20 {
		t.Fatalf("%+v, %v", sum, err)
	}
}

func TestTrackWithoutSamples(t *testing.T) {
	var body bytes.Buffer
	m := mp4.NewMovie(&body)
	for _, k := range []mp4.Kind{mp4.Audio, mp4.Video, mp4.Audio} {
		if _, err := m.AddTrack(mp4.Track{Entry: entry{k, 0}, Timescale: 1000}); err != nil {
			t.Fatal(err)
		}
	}
	m.StartOffset(0, 7, 7)
	if err := m.Write(1, &mp4.Sample{Duration: 10, Pieces: [][]byte{{1}}}); err != nil {
		t.Fatal(err)
	}
	_, file := checked(t, m, &body, 0)
	if len(file.Tracks) != 1 || file.Tracks[0].Handler != "vide" || file.Tracks[0].ID != 1 {
		t.Fatalf("tracks are %+v", file.Tracks)
	}
	m = mp4.NewMovie(&body)
	if _, err := m.AddTrack(mp4.Track{Entry: entry{mp4.Audio, 0}, Timescale: 1000}); err != nil {
		t.Fatal(err)
	}
	if _, err := m.Finish(0); !errors.Is(err, mp4.ErrNoSamples) {
		t.Fatalf("a movie without samples: %v", err)
	}
}

// Entries that come back are found again, and one that no sample used is left
// out.
func TestEntries(t *testing.T) {
	var body bytes.Buffer
	m := mp4.NewMovie(&body)
	v, err := m.AddTrack(mp4.Track{Entry: entry{mp4.Video, 9}, Timescale: 1000})
	if err != nil {
		t.Fatal(err)
	}
	ids := []byte{1, 1, 2, 1, 3, 3, 2}
	for i, id := range ids {
		for _, id := range []byte{8, id} {
			if err := m.SetEntry(v, entry{mp4.Video, id}); err != nil {
				t.Fatal(err)
			}
		}
		at := int64(i * 10)
		if err := m.Write(v, &mp4.Sample{DTS: at, PTS: at, Duration: 10, Access: mp4.Sync, Pieces: [][]byte{{1}}}); err != nil {
			t.Fatal(err)
		}
	}
	_, file := checked(t, m, &body, 0)
	if n := len(file.Tracks[0].Entries); n != 3 {
		t.Fatalf("%d entries", n)
	}
	for i, s := range file.Samples(0) {
		if s.Entry != int(ids[i])-1 {
			t.Errorf("sample %d has entry %d", i, s.Entry)
		}
	}
}

// A DTS that stands still moves on by a tick, and the PTS stays.
func TestStandingStill(t *testing.T) {
	var body bytes.Buffer
	m := mp4.NewMovie(&body)
	v, err := m.AddTrack(mp4.Track{Entry: entry{mp4.Video, 0}, Timescale: 1000})
	if err != nil {
		t.Fatal(err)
	}
	came := []int64{5, 15, 15, 15, 16, 40, 40}
	want := []int64{0, 10, 11, 12, 13, 35, 36}
	for _, at := range came {
		if err := m.Write(v, &mp4.Sample{DTS: at, PTS: at, Duration: 10, Pieces: [][]byte{{1}}}); err != nil {
			t.Fatal(err)
		}
	}
	_, file := checked(t, m, &body, 0)
	for i, s := range file.Samples(0) {
		if s.DTS != want[i] || s.PTS != came[i]-5 {
			t.Errorf("sample %d is %+v", i, s)
		}
	}
	if file.Tracks[0].Duration != 46 {
		t.Errorf("lasts %d", file.Tracks[0].Duration)
	}
}

// The head is the same in whatever pieces it is read.
func TestHeadInPieces(t *testing.T) {
	var body bytes.Buffer
	j, _ := checked(t, simple(t, &body), &body, 5000)
	whole := j.bytes(t)[:j.head.Size()]
	rapid.Check(t, func(t *rapid.T) {
		off := rapid.Int64Range(0, j.head.Size()+10).Draw(t, "off")
		p := make([]byte, rapid.IntRange(0, len(whole)).Draw(t, "len"))
		for i := range p {
			p[i] = 0xaa
		}
		n, err := j.head.ReadAt(p, off)
		want := min(int64(len(p)), max(0, j.head.Size()-off))
		if int64(n) != want || err != nil && err != io.EOF || err == nil && n < len(p) {
			t.Fatalf("read %d at %d: %d, %v", len(p), off, n, err)
		}
		if n > 0 && !bytes.Equal(p[:n], whole[off:off+int64(n)]) {
			t.Fatalf("%d bytes at %d differ", n, off)
		}
	})
	if _, err := j.head.ReadAt(make([]byte, 1), -1); err == nil {
		t.Error("a negative offset was read")
	}
}
