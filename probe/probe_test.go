package probe

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"recfin/internal/tswriter"
	"recfin/mp4"
	"recfin/store"
)

const (
	video = 0x100
	audio = 0x101
)

// shelf is a store of one object that writes down what is asked of it.
type shelf struct {
	store.Reader // everything else is not used
	body         []byte
	gets         []store.Range
	options      []store.GetOptions
	err          error
	flip         bool // each read gives other bytes
	short        int  // bytes that are held back without an error
}

func (s *shelf) Get(_ context.Context, key string, r store.Range, opt store.GetOptions) (store.Body, error) {
	s.gets, s.options = append(s.gets, r), append(s.options, opt)
	if s.err != nil {
		return store.Body{}, &store.Error{Op: "get", Key: key, Err: s.err}
	}
	lo, hi := r.Bounds(int64(len(s.body)))
	b := bytes.Clone(s.body[lo:hi])
	if s.flip {
		b[len(b)-1] = byte(len(s.gets))
	}
	info := store.Info{Object: s.object(), Metadata: map[string]string{"duration": "1000"}}
	return store.Body{ReadCloser: io.NopCloser(bytes.NewReader(b[:len(b)-s.short])), Info: info, Length: hi - lo}, nil
}

func (s *shelf) List(context.Context, string) iter.Seq2[store.Object, error] { return nil }

func (s *shelf) object() store.Object {
	return store.Object{Key: "foo/A/source/0.ts", Size: int64(len(s.body)), ETag: "e"}
}

var (
	sps = tswriter.SPS{Width: 320, Height: 192}.NAL()
	pps = tswriter.PPS(0, 0, 0)
)

// options of a made segment.
type made struct {
	pictures, sounds int
	base             int64
	size             int // bytes of a picture
	other            tswriter.Stream
	lead             int // packets of an unknown PID in front
	noVideo          bool
	behind           bool // audio begins behind the second picture
}

// segment makes a segment with B-frames: PTS is two frames above DTS.
func segment(m made) []byte {
	w := tswriter.New()
	if !m.noVideo {
		w.Streams = append(w.Streams, tswriter.Stream{PID: video, Type: tswriter.TypeH264})
	}
	w.Streams = append(w.Streams, tswriter.Stream{PID: audio, Type: tswriter.TypeADTS, StreamID: 0xc0})
	if m.other.PID != 0 {
		w.Streams = append(w.Streams, m.other)
	}
	for range m.lead {
		w.Null()
	}
	w.Tables()
	for i := range max(m.pictures, m.sounds) {
		if i < m.sounds && (!m.behind || i > 0) {
			t := m.base + int64(i)*1920
			w.PES(audio, tswriter.PES{PTS: t, DTS: t, Data: tswriter.Stereo48(fmt.Appendf(nil, "sound %d", i))})
		}
		if i >= m.pictures {
			continue
		}
		s := tswriter.Slice{Type: tswriter.P, FrameNum: uint32(i), POC: uint32(2 * i), Data: append(make([]byte, m.size), byte(i))}
		nals := [][]byte{tswriter.Delimiter, s.NAL()}
		if i == 0 {
			s.IDR, s.Type = true, tswriter.I
			nals = [][]byte{tswriter.Delimiter, sps, pps, s.NAL()}
		}
		dts := m.base + int64(i)*3600
		w.PES(video, tswriter.PES{PTS: dts + 7200, DTS: dts, Data: tswriter.AnnexB(false, nals...)})
	}
	return w.Bytes()
}

func TestWhole(t *testing.T) {
	s := &shelf{body: segment(made{pictures: 50, sounds: 94, base: 90000, size: 100})}
	m, err := Whole(context.Background(), s, s.object(), Options{Digests: true})
	if err != nil {
		t.Fatal(err)
	}
	if len(s.gets) != 1 || s.gets[0] != store.Whole || s.options[0] != proved(s.object()) {
		t.Errorf("gets %v %v", s.gets, s.options)
	}
	if start, ok := m.Start(); start != 1080*time.Millisecond || !ok {
		t.Errorf("start %v %v", start, ok)
	}
	if m.Duration() != 2*time.Second || m.Reorder() != 80*time.Millisecond || !m.Access() || !m.Whole {
		t.Errorf("%v %v %v %v", m.Duration(), m.Reorder(), m.Access(), m.Whole)
	}
	v, a := m.Tracks[0], m.Tracks[1]
	if v.Frames != 50 || v.Keyframes != 1 || v.FirstPTS != 97200 || v.LastDTS != 90000+49*3600 || v.LastDelta != 3600 ||
		v.MaxEnd != 97200+50*3600 || len(v.Digests) != 50 || len(m.Problems) != 0 {
		t.Errorf("%+v %v", v, m.Problems)
	}
	if a.Frames != 94 || a.LastDelta != 1920 || a.Kind != mp4.Audio || a.MaxEnd != 90000+94*1920 {
		t.Errorf("%+v", a)
	}
	if m.Metadata["duration"] != "1000" || m.Bytes != int64(len(s.body)) {
		t.Errorf("%v %d", m.Metadata, m.Bytes)
	}
	if p := m.Params(); p != "mpegts;256:video:avc1.4d001e:320x192;257:audio:mp4a.40.2:48000:2" {
		t.Errorf("params %q", p)
	}
}

// What Head costs, in ranges, and that it finds what Whole finds.
func TestHead(t *testing.T) {
	k := int64(1 << 10)
	for _, c := range []struct {
		name string
		made made
		want []store.Range
	}{
		{"small", made{pictures: 3, sounds: 3, size: 100}, []store.Range{{Len: 64 * k}}},
		{"large pictures", made{pictures: 30, sounds: 30, size: 100000}, []store.Range{{Len: 64 * k}}},
		{"audio behind a large picture", made{pictures: 30, sounds: 30, size: 100000, behind: true}, []store.Range{{Len: 64 * k}}},
		{"the map is late", made{pictures: 300, sounds: 30, size: 1000, lead: 400}, []store.Range{{Len: 64 * k}, {Off: 64 * k, Len: 64 * k}}},
		{"the map is later", made{pictures: 300, sounds: 30, size: 1000, lead: 800},
			[]store.Range{{Len: 64 * k}, {Off: 64 * k, Len: 64 * k}, {Off: 128 * k, Len: 128 * k}}},
		{"audio only", made{sounds: 1000, noVideo: true}, []store.Range{{Len: 64 * k}}},
		{"video declared, none there", made{sounds: 500},
			[]store.Range{{Len: 64 * k}, {Off: 64 * k, Len: 64 * k}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := &shelf{body: segment(c.made)}
			m, err := Head(context.Background(), s, s.object(), Options{})
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(s.gets, c.want) {
				t.Errorf("gets %v, want %v", s.gets, c.want)
			}
			for _, o := range s.options {
				if o != proved(s.object()) {
					t.Errorf("not pinned and to be proved: %v", o)
				}
			}
			w, err := File(bytes.NewReader(s.body), Options{})
			if err != nil {
				t.Fatal(err)
			}
			start, ok := m.Start()
			if want, wok := w.Start(); start != want || !ok || !wok {
				t.Errorf("start %v, want %v", start, want)
			}
			if len(m.Tracks) != len(w.Tracks) || m.Access() != w.Access() {
				t.Fatalf("%+v, want %+v", m.Tracks, w.Tracks)
			}
			for i := range m.Tracks {
				have, want := &m.Tracks[i], &w.Tracks[i]
				if have.ID != want.ID || have.Kind != want.Kind || have.Params() != want.Params() && have.Frames > 0 {
					t.Errorf("%+v, want %+v", have, want)
				}
			}
			if len(m.Problems) != 0 || m.Metadata["duration"] != "1000" {
				t.Errorf("problems %v, metadata %v", m.Problems, m.Metadata)
			}
		})
	}
}

func TestEmptyCostsNothing(t *testing.T) {
	s := &shelf{}
	h, err := Head(context.Background(), s, s.object(), Options{})
	w, err2 := Whole(context.Background(), s, s.object(), Options{})
	if err != nil || err2 != nil || !h.Empty || !w.Empty || len(s.gets) != 0 {
		t.Errorf("%v %v %v", err, err2, s.gets)
	}
	if _, ok := h.Start(); ok {
		t.Error("an empty object has a start")
	}
}

// A verdict on the bytes needs them in full, twice, equal.
func TestVerdicts(t *testing.T) {
	text := bytes.Repeat([]byte("hello\n"), 50000)
	box := append([]byte("\x00\x00\x00\x18ftypisom"), make([]byte, 100000)...)
	none := segment(made{pictures: 0, sounds: 0})
	vvc := segment(made{pictures: 3, sounds: 3, size: 90000, other: tswriter.Stream{PID: 0x200, Type: 0x33}})
	for _, c := range []struct {
		name  string
		shelf *shelf
		want  error
		word  string
		whole int // reads of all of it
	}{
		{"text", &shelf{body: text}, ErrUnreadable, "text", 2},
		{"no media in it", &shelf{body: none}, ErrUnreadable, "no picture", 2},
		{"MP4 without anything in it", &shelf{body: box}, ErrUnreadable, "no moov", 2},
		{"VVC", &shelf{body: vvc}, ErrUndecodable, "stream type 0x33 (VVC)", 2},
		{"two reads differ", &shelf{body: text, flip: true}, store.ErrUnavailable, "differ", 2},
		{"fewer bytes", &shelf{body: text, short: 1}, io.ErrUnexpectedEOF, "", 1},
		{"denied", &shelf{body: text, err: store.ErrDenied}, store.ErrDenied, "", 1},
		{"changed", &shelf{body: text, err: store.ErrChanged}, store.ErrChanged, "", 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Whole(context.Background(), c.shelf, c.shelf.object(), Options{})
			if !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.word) || !strings.Contains(err.Error(), "foo/A/source/0.ts") {
				t.Errorf("error is %v, want %v", err, c.want)
			}
			if len(c.shelf.gets) != c.whole {
				t.Errorf("%d reads, want %d", len(c.shelf.gets), c.whole)
			}
			c.shelf.gets = nil
			_, err = Head(context.Background(), c.shelf, c.shelf.object(), Options{})
			if !errors.Is(err, c.want) {
				t.Errorf("Head: %v, want %v", err, c.want)
			}
			whole := 0
			for _, r := range c.shelf.gets {
				if r == store.Whole {
					whole++
				}
			}
			if verdict := errors.Is(err, ErrUnreadable) || errors.Is(err, ErrUndecodable); verdict && whole != 2 && len(c.shelf.body) > headSize {
				t.Errorf("Head says it after %v", c.shelf.gets)
			}
		})
	}
}

// A segment that was cut has all complete access units of the other as a
// prefix; container and timestamps do not matter.
func TestDigestsArePrefixes(t *testing.T) {
	whole := segment(made{pictures: 30, sounds: 60, size: 500})
	shifted := segment(made{pictures: 30, sounds: 60, size: 500, base: 123456, lead: 3})
	measure := func(b []byte) *Media {
		m, err := File(bytes.NewReader(b), Options{Digests: true})
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	a := measure(whole)
	if b := measure(shifted); !reflect.DeepEqual(a.Tracks[0].Digests, b.Tracks[0].Digests) || !reflect.DeepEqual(a.Tracks[1].Digests, b.Tracks[1].Digests) {
		t.Error("timestamps enter the digests")
	}
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(10*188, len(whole)).Draw(t, "bytes")
		m, err := File(bytes.NewReader(whole[:n]), Options{Digests: true})
		if err != nil {
			t.Fatal(err)
		}
		for _, tr := range m.Tracks {
			i := slices.IndexFunc(a.Tracks, func(x Track) bool { return x.ID == tr.ID })
			full, part := a.Tracks[i].Digests, tr.Digests
			k := len(part) - 1 // the last one may be cut
			if k > len(full) || k > 0 && !slices.Equal(part[:k], full[:k]) {
				t.Fatalf("track %d: %d digests are no prefix of %d", tr.ID, len(part), len(full))
			}
		}
	})
	other := measure(segment(made{pictures: 30, sounds: 60, size: 501}))
	if other.Tracks[0].Digests[0] == a.Tracks[0].Digests[0] {
		t.Error("other pictures have equal digests")
	}
}

func TestSniff(t *testing.T) {
	ts := segment(made{pictures: 3, sounds: 3, size: 1000})
	var m2ts []byte
	for b := ts; len(b) > 0; b = b[188:] {
		m2ts = append(append(m2ts, 0, 0, 0, 0), b[:188]...)
	}
	for _, c := range []struct {
		in   []byte
		want Container
		word string
	}{
		{ts, MPEGTS, ""},
		{ts[:188], MPEGTS, ""},
		{ts[50:], MPEGTS, ""},
		{append([]byte{0, 1, 2}, ts...), MPEGTS, ""},
		{m2ts, Unknown, "m2ts"},
		{[]byte("\x00\x00\x00\x18ftypisom"), MP4, ""},
		{[]byte("\x00\x00\x00\x18styp"), MP4, ""},
		{[]byte("\x00\x00\x00\x18moofxxxx"), MP4, ""},
		{nil, Unknown, "empty"},
		{[]byte("Gutenberg"), Unknown, "text"},
		{[]byte("#EXTM3U\n"), Unknown, "playlist"},
		{[]byte("\xff\xd8\xff\xe0"), Unknown, "JPEG"},
		{[]byte("\xff\xf1\x4c\x80"), Unknown, "raw audio"},
		{[]byte("\x00\x00\x00\x01\x67"), Unknown, "raw video"},
		{make([]byte, 5000), Unknown, "zeros"},
		{[]byte("\x01\x02\x03"), Unknown, "unknown data"},
	} {
		if got, word := Sniff(c.in); got != c.want || word != c.word {
			t.Errorf("%.20q: %v %q, want %v %q", c.in, got, word, c.want, c.word)
		}
	}
}

func TestReport(t *testing.T) {
	m, err := File(bytes.NewReader(segment(made{pictures: 3, sounds: 4, base: 3000, size: 10})), Options{})
	if err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(m.Report("a.ts"))
	if err != nil {
		t.Fatal(err)
	}
	want := `{"file":"a.ts","container":"mpegts","duration":0.12,"start":0.113333333,"tracks":[` +
		`{"id":256,"type":"video","codec":"h264","codecs":"avc1.4d001e","width":320,"height":192,"frames":3,"start":0.113333333,"duration":0.12,"keyframes":1,"first_is_keyframe":true},` +
		`{"id":257,"type":"audio","codec":"aac","codecs":"mp4a.40.2","sample_rate":48000,"channels":2,"frames":4,"start":0.033333333,"duration":0.085333334,"keyframes":4,"first_is_keyframe":true}],"problems":[]}`
	if string(b) != want {
		t.Errorf("%s\nwant\n%s", b, want)
	}
}

func TestTimes(t *testing.T) {
	for _, c := range []struct {
		ticks int64
		want  time.Duration
	}{{0, 0}, {1, 11111}, {90000, time.Second}, {-1, -11111}, {-90000, -time.Second}, {1 << 33, 95443717688889},
		{1 << 40, 12216795864177778}} {
		if got := toTime(c.ticks, 90000); got != c.want {
			t.Errorf("%d: %d, want %d", c.ticks, got, c.want)
		}
	}
	for s, want := range map[Seconds]string{0: "0.0", 1: "0.000000001", -1500000000: "-1.5", 2000000000: "2.0"} {
		if s.String() != want {
			t.Errorf("%d: %s, want %s", s, s, want)
		}
	}
}

func TestStartWithTheConstantOfTheRun(t *testing.T) {
	m, err := File(bytes.NewReader(segment(made{pictures: 3, base: 90000, size: 10})), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if s, ok := m.StartWith(40 * time.Millisecond); s != 1040*time.Millisecond || !ok {
		t.Errorf("%v %v", s, ok)
	}
	if m.Wrap() != 95443717688889 {
		t.Errorf("wrap %d", m.Wrap())
	}
}

func FuzzFile(f *testing.F) {
	f.Add(segment(made{pictures: 3, sounds: 3, size: 10}))
	f.Add(segment(made{pictures: 1, size: 300}))
	f.Add([]byte("\x00\x00\x00\x18ftypisom"))
	f.Add([]byte("hello"))
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := File(bytes.NewReader(b), Options{Digests: true})
		if err != nil && !errors.Is(err, ErrUnreadable) && !errors.Is(err, ErrUndecodable) {
			t.Fatal(err)
		}
		if m.Duration() < 0 && err == nil {
			for _, tr := range m.Tracks {
				if tr.LastDTS >= tr.FirstDTS && tr.Duration() < 0 {
					t.Fatalf("%+v", tr)
				}
			}
		}
		if _, err := json.Marshal(m.Report("x")); err != nil {
			t.Fatal(err)
		}
	})
}

// A part of an object is measured as if it stood alone, and nothing else of the
// object is read.
func TestPartOfAnObject(t *testing.T) {
	first, second := segment(made{pictures: 25, sounds: 40, size: 4000}), segment(made{pictures: 25, sounds: 40, size: 4000, base: 90000})
	s := &shelf{body: slices.Concat(first, second, first)}
	want, err := File(bytes.NewReader(second), Options{Digests: true})
	if err != nil {
		t.Fatal(err)
	}
	opt := Options{Digests: true, Off: int64(len(first)), Len: int64(len(second))}
	whole, err := Whole(context.Background(), s, s.object(), opt)
	if err != nil || !reflect.DeepEqual(whole.Tracks, want.Tracks) || whole.Bytes != opt.Len {
		t.Errorf("%+v, want %+v: %v", whole, want, err)
	}
	head, err := Head(context.Background(), s, s.object(), opt)
	if err != nil {
		t.Fatal(err)
	}
	if a, _ := head.Start(); a != time.Second+80*time.Millisecond {
		t.Errorf("start %v", a)
	}
	for _, r := range s.gets {
		if r.Off < opt.Off || r.Len <= 0 || r.Off+r.Len > opt.Off+opt.Len {
			t.Errorf("read %v of %d+%d", r, opt.Off, opt.Len)
		}
	}
	for _, bad := range []Options{{Off: -1}, {Len: -1}, {Off: 1 << 40}, {Off: 1, Len: s.object().Size}} {
		s.gets = nil
		if _, err := Head(context.Background(), s, s.object(), bad); !errors.Is(err, ErrUnreadable) || len(s.gets) != 0 {
			t.Errorf("Head %+v: %v after %v", bad, err, s.gets)
		}
		if _, err := Whole(context.Background(), s, s.object(), bad); !errors.Is(err, ErrUnreadable) || len(s.gets) != 0 {
			t.Errorf("Whole %+v: %v after %v", bad, err, s.gets)
		}
	}
}
