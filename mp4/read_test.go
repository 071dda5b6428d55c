package mp4_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"runtime"
	"testing"

	"recfin/internal/mp4check"
	"recfin/mp4"
)

// sound is a whole file with edits, ctts and stss.
func sound(t testing.TB, room int64) []byte {
	t.Helper()
	var body bytes.Buffer
	m := simple(failing{t}, &body)
	m.StartOffset(1, 480, 1024)
	j, _ := checked(failing{t}, m, &body, room)
	return j.bytes(t)
}

// rich is a whole file with turned pictures, Opus and chapters.
func rich(t testing.TB, room int64) []byte {
	t.Helper()
	var body bytes.Buffer
	m := mp4.NewMovie(&body)
	for _, k := range []mp4.Track{
		{Entry: entry{mp4.Video, 0}, Timescale: 90000, Rotation: 90},
		{Entry: &mp4.Opus{Channels: 2, PreSkip: 312}, Timescale: 48000},
	} {
		if _, err := m.AddTrack(k); err != nil {
			t.Fatal(err)
		}
	}
	for i := range int64(50) {
		for k, step := range []int64{1800, 960} {
			s := mp4.Sample{DTS: i * step, PTS: i * step, Duration: step, Access: mp4.Sync, Pieces: [][]byte{{byte(i)}, []byte("xyz")[:i%3]}}
			if err := m.Write(k, &s); err != nil {
				t.Fatal(err)
			}
		}
	}
	m.AddChapter(0, "first")
	m.AddChapter(45000, "second")
	j, _ := checked(failing{t}, m, &body, room)
	return j.bytes(t)
}

// failing makes a testing.TB a tester.
type failing struct{ testing.TB }

// nth finds the n-th box (from 0) of a type, from its type on.
func nth(t testing.TB, file []byte, typ string, n int) int {
	t.Helper()
	at := -1
	for ; n >= 0; n-- {
		i := bytes.Index(file[at+1:], []byte(typ))
		if i < 0 {
			t.Fatalf("no %s", typ)
		}
		at += 1 + i
	}
	return at
}

// A change is given a box from its type on; numbers are at an offset in its
// content.

func put32(off int, v uint32) func([]byte) {
	return func(b []byte) { binary.BigEndian.PutUint32(b[4+off:], v) }
}

func add32(off int, v uint32) func([]byte) {
	return func(b []byte) { binary.BigEndian.PutUint32(b[4+off:], binary.BigEndian.Uint32(b[4+off:])+v) }
}

func rename(typ string) func([]byte) { return func(b []byte) { copy(b, typ) } }

// wrong are files in which one number is wrong: the content of the n-th box of
// a type is changed.
var wrong = map[string]mistake{
	"movie too long":            {"mvhd", 0, add32(28, 1), false},
	"movie of version 0":        {"mvhd", 0, put32(0, 0), false},
	"movie of other scale":      {"mvhd", 0, put32(20, 1000), false},
	"movie of minus time":       {"mvhd", 0, put32(24, 1<<31), false},
	"next id too small":         {"mvhd", 0, put32(108, 2), false},
	"track shown too long":      {"tkhd", 0, add32(32, 1), false},
	"track with edits too long": {"tkhd", 1, add32(32, 1), false},
	"track of version 0":        {"tkhd", 0, put32(0, 3), false},
	"track id 0":                {"tkhd", 0, put32(20, 0), false},
	"track id twice":            {"tkhd", 0, put32(20, 2), false},
	"media too long":            {"mdhd", 0, add32(28, 3600), false},
	"media of huge time":        {"mdhd", 0, put32(24, 1<<29), false},
	"media of version 0":        {"mdhd", 0, put32(0, 0), false},
	"timescale 0":               {"mdhd", 0, put32(20, 0), false},
	"other handler":             {"hdlr", 0, put32(8, 0x6d657461), false},
	"edit too long":             {"elst", 0, add32(12, 1), false},
	"edit behind the end":       {"elst", 0, put32(36, 1<<30), false},
	"edit of version 0":         {"elst", 0, put32(0, 0), false},
	"edit count":                {"elst", 0, put32(4, 1), false},
	"entry count":               {"stsd", 0, put32(4, 2), false},
	"entry too short":           {"stsd", 0, put32(8, 7), false},
	"entry too long":            {"stsd", 0, put32(8, 87), false},
	"delta":                     {"stts", 0, add32(12, 1), false},
	"delta 0":                   {"stts", 0, put32(12, 0), false},
	"run too long":              {"stts", 0, add32(8, 1), false},
	"run too short":             {"stts", 0, add32(8, 1<<32-1), false},
	"run of 0":                  {"stts", 0, put32(8, 0), false},
	"stts count":                {"stts", 0, put32(4, 1<<32-1), false},
	"ctts run":                  {"ctts", 0, add32(8, 1), false},
	"ctts version 0":            {"ctts", 0, put32(0, 0), false},
	"ctts count":                {"ctts", 0, put32(4, 0), false},
	"sync 0":                    {"stss", 0, put32(8, 0), false},
	"sync not there":            {"stss", 0, put32(12, 51), false},
	"sync twice":                {"stss", 0, put32(12, 1), false},
	"sync count":                {"stss", 0, put32(4, 1<<31), false},
	"first chunk 2":             {"stsc", 0, put32(8, 2), false},
	"more in a chunk":           {"stsc", 0, add32(12, 1), false},
	"less in a chunk":           {"stsc", 0, add32(12, 1<<32-1), false},
	"none in a chunk":           {"stsc", 0, put32(12, 0), false},
	"entry 0":                   {"stsc", 0, put32(16, 0), false},
	"entry 2":                   {"stsc", 0, put32(16, 2), false},
	"chunk that is not there":   {"stsc", 1, put32(20, 1000), false},
	"stsc count":                {"stsc", 0, put32(4, 1000), false},
	"sample longer":             {"stsz", 0, add32(12, 1), false},
	"sample shorter":            {"stsz", 0, add32(12, 1<<32-1), false},
	"last sample huge":          {"stsz", 0, put32(12+4*49, 1<<32-1), false},
	"a sample more":             {"stsz", 0, add32(8, 1), false},
	"no sample":                 {"stsz", 1, put32(8, 0), false},
	"constant size":             {"stsz", 0, put32(4, 10), false},
	"other constant size":       {"stsz", 1, add32(4, 1), false},
	"many of constant size":     {"stsz", 1, put32(8, 1<<32-1), false},
	"chunk before mdat":         {"stco", 0, put32(8, 0), false},
	"chunk moved on":            {"stco", 0, add32(8, 1), false},
	"chunk behind mdat":         {"stco", 1, put32(8, 1<<32-1), false},
	"chunk twice":               {"stco", 0, func(b []byte) { copy(b[16:20], b[12:16]) }, false},
	"stco count":                {"stco", 0, put32(4, 1<<32-1), false},
	"mdat too long":             {"mdat", 0, add32(4, 1), false},
	"mdat too short":            {"mdat", 0, add32(4, 1<<32-1), false},
	"mdat of minus size":        {"mdat", 0, put32(0, 1<<31), false},
	"mvhd too long":             {"moov", 0, put32(0, 1<<30), false},
	"no ftyp":                   {"ftyp", 0, rename("free"), false},
	"no moov":                   {"moov", 0, rename("free"), false},
	"no mdat":                   {"mdat", 0, rename("free"), false},
	"no mvhd":                   {"mvhd", 0, rename("free"), false},
	"two mvhd":                  {"trak", 0, rename("mvhd"), false},
	"no trak":                   {"minf", 1, rename("free"), false},
	"no tkhd":                   {"tkhd", 1, rename("free"), false},
	"no edit list":              {"edts", 0, rename("free"), false},
	"no stts":                   {"stts", 0, rename("free"), false},
	"no stsc":                   {"stsc", 1, rename("free"), false},
	"no stsz":                   {"stsz", 0, rename("free"), false},
	"no stco":                   {"stco", 0, rename("free"), false},
	"two stsz":                  {"stco", 0, rename("stsz"), false},
	"32 bits as 64":             {"stco", 0, rename("co64"), false},
	"no dref":                   {"dref", 0, rename("free"), false},
	"dref elsewhere":            {"dref", 1, put32(16, 0), false},
	"two data sources":          {"dref", 0, put32(4, 2), false},
	"data source 2":             {"stsd", 0, put32(20, 2), false},
	"roll of more samples":      {"sbgp", 0, add32(12, 1), true},
	"roll of no group":          {"sbgp", 0, put32(16, 2), true},
	"two runs of roll":          {"sbgp", 0, put32(8, 2), true},
	"group of other type":       {"sbgp", 0, put32(4, 0x70726f6c), true},
	"no group":                  {"sgpd", 0, rename("free"), true},
	"two descriptions":          {"sgpd", 0, put32(12, 2), true},
	"descriptions of nothing":   {"sgpd", 0, put32(8, 0), true},
	"descriptions of version 0": {"sgpd", 0, put32(0, 0), true},
	"no chapter track":          {"tref", 0, rename("free"), true},
	"one refers to chapters":    {"tref", 1, rename("free"), true},
	"chapters in pictures":      {"chap", 0, put32(0, 1), true},
	"chapters in no track":      {"chap", 0, put32(0, 0), true},
	"two texts":                 {"soun", 0, rename("text"), true},
	"no text":                   {"text", 0, rename("soun"), true},
	"no chapter names":          {"udta", 0, rename("free"), true},
	"a chapter name more":       {"chpl", 0, put32(8, 3<<24), true},
	"a chapter name less":       {"chpl", 0, put32(8, 1<<24), true},
	"long chapter name":         {"chpl", 0, func(b []byte) { b[4+17]++ }, true},
	"chapter names step back":   {"chpl", 0, func(b []byte) { clear(b[4+23 : 4+31]) }, true},
}

// mistake is one number of a file that is wrong.
type mistake struct {
	box    string
	n      int
	change func([]byte)
	rich   bool // in the file with Opus and chapters
}

// file is the file with the mistake in it.
func (c mistake) file(t testing.TB, room int64) []byte {
	make := sound
	if c.rich {
		make = rich
	}
	file := make(t, room)
	c.change(file[nth(t, file, c.box, c.n):])
	return file
}

func TestReadHeadFindsWhatIsWrong(t *testing.T) {
	for name, c := range wrong {
		for _, room := range []int64{0, 4000} {
			file := c.file(t, room)
			r := bytes.NewReader(file)
			if sum, err := mp4.ReadHead(r, int64(len(file))); !errors.Is(err, mp4.ErrCorrupt) {
				t.Errorf("%s: %+v, %v", name, sum, err)
			}
			if err := mp4check.File(r, int64(len(file))); err == nil {
				t.Errorf("%s: mp4check found nothing", name)
			}
		}
	}
}

// A file that is cut anywhere, or has bytes too many, is corrupt.
func TestReadHeadOfCutFile(t *testing.T) {
	for _, file := range [][]byte{sound(t, 0), rich(t, 0)} {
		for n := range len(file) {
			if _, err := mp4.ReadHead(bytes.NewReader(file[:n]), int64(n)); !errors.Is(err, mp4.ErrCorrupt) {
				t.Fatalf("%d bytes: %v", n, err)
			}
			if err := mp4check.File(bytes.NewReader(file[:n]), int64(n)); err == nil {
				t.Fatalf("%d bytes: mp4check found nothing", n)
			}
		}
	}
	file := sound(t, 0)
	for _, more := range []string{"x", "\x00\x00\x00\x08free", "\x00\x00\x00\x08mdat"} {
		long := append(bytes.Clone(file), more...)
		if _, err := mp4.ReadHead(bytes.NewReader(long), int64(len(long))); !errors.Is(err, mp4.ErrCorrupt) {
			t.Errorf("with %q: %v", more, err)
		}
	}
}

// Errors of the reader come back; a file shorter than it should be is one.
func TestReadHeadOfBadReader(t *testing.T) {
	file := sound(t, 0)
	if _, err := mp4.ReadHead(failingAt{}, int64(len(file))); !errors.Is(err, errBroken) {
		t.Errorf("a broken reader: %v", err)
	}
	if _, err := mp4.ReadHead(bytes.NewReader(file[:len(file)-1]), int64(len(file))); !errors.Is(err, io.EOF) {
		t.Errorf("a short reader: %v", err)
	}
}

type failingAt struct{}

func (failingAt) ReadAt([]byte, int64) (int, error) { return 0, errBroken }

// counting counts reads and the bytes of them.
type counting struct {
	io.ReaderAt
	reads, bytes int64
}

func (c *counting) ReadAt(p []byte, off int64) (int, error) {
	c.reads++
	c.bytes += int64(len(p))
	return c.ReaderAt.ReadAt(p, off)
}

// The tables of a long movie are read once, in large blocks, nothing of the
// body, and never all of them are held.
func TestReadHeadReadsInBlocks(t *testing.T) {
	m := mp4.NewMovie(io.Discard)
	for k := range 2 {
		if _, err := m.AddTrack(mp4.Track{Entry: entry{[]mp4.Kind{mp4.Video, mp4.Audio}[k], 0}, Timescale: 1000}); err != nil {
			t.Fatal(err)
		}
	}
	piece := make([]byte, 300)
	for i := range int64(1_200_000) {
		for k := range 2 {
			s := mp4.Sample{DTS: i * 33, PTS: i*33 + i%7, Duration: 33, Pieces: [][]byte{piece[:1+i%200]}}
			if err := m.Write(k, &s); err != nil {
				t.Fatal(err)
			}
		}
	}
	head, err := m.Finish(0)
	if err != nil {
		t.Fatal(err)
	}
	c := &counting{ReaderAt: &joined{head: head, body: big{}}}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	sum, err := mp4.ReadHead(c, head.Size()+m.BodyBytes())
	runtime.ReadMemStats(&after)
	if err != nil || !sum.Equal(head.Summary()) {
		t.Fatalf("%+v, %v", sum, err)
	}
	if n := after.TotalAlloc - before.TotalAlloc; n > 20<<20 {
		t.Errorf("%d bytes of memory were asked for", n)
	}
	if head.Size() < 25<<20 || c.bytes > head.Size()+1<<20 || c.reads > head.Size()>>20+1 {
		t.Errorf("a head of %d bytes was read by %d reads of %d bytes", head.Size(), c.reads, c.bytes)
	}
}

func FuzzReadHead(f *testing.F) {
	for _, c := range wrong {
		f.Add(c.file(f, 0))
	}
	f.Add(sound(f, 0))
	f.Add(sound(f, 3000))
	f.Add(rich(f, 0))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, file []byte) {
		sum, err := mp4.ReadHead(bytes.NewReader(file), int64(len(file)))
		if (sum == nil) != (err != nil) {
			t.Fatalf("%+v, %v", sum, err)
		}
		if err != nil && !errors.Is(err, mp4.ErrCorrupt) {
			t.Fatalf("%v", err)
		}
		if err != nil {
			return
		}
		if sum.Size != int64(len(file)) || len(sum.Tracks) == 0 {
			t.Fatalf("%+v of %d bytes", sum, len(file))
		}
		for _, k := range sum.Tracks {
			if k.Samples <= 0 || k.Sync > k.Samples || k.Entries <= 0 || k.Chunks > len(file) {
				t.Fatalf("%+v", k)
			}
		}
	})
}
