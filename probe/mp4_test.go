package probe

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"recfin/internal/testenv"
	"recfin/store"
)

// mp4File makes 4 s of large pictures and sound.
func mp4File(t *testing.T, args string) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), "x.mp4")
	c := exec.Command(testenv.Need(t, "ffmpeg"), append(strings.Fields("-v error -nostdin -threads 1 -f lavfi -i testsrc2=s=640x360:r=25:d=4"+
		" -f lavfi -i sine=f=440:r=48000:d=4 -c:v libx264 -preset ultrafast -b:v 4M -g 50 -bf 2 -c:a aac"), append(strings.Fields(args), path)...)...)
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// splitInit cuts a fragmented file into its init segment and its fragments.
func splitInit(b []byte) (init, rest []byte) {
	at := bytes.Index(b, []byte("moof")) - 4
	return b[:at], b[at:]
}

// The head of an MP4 tells all times where its boxes cover the segment, at the
// cost of one GET, or two where the moov stands behind the media.
func TestHeadOfMP4(t *testing.T) {
	one := "-movflags empty_moov+default_base_moof+skip_trailer -frag_duration 100000000 "
	for _, c := range []struct {
		name, args string
		init       bool
		exact      bool
		gets       int
	}{
		{"one fragment", one, false, true, 1},
		{"one fragment behind an init segment", one, true, true, 1},
		{"several fragments", "-movflags frag_keyframe+empty_moov+default_base_moof", true, false, 1},
		{"complete, moov first", "-movflags faststart", false, true, 1},
		{"complete, moov last", "", false, true, 2},
		{"HEVC", one + "-c:v libx265 -preset ultrafast -x265-params log-level=none", true, true, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := &shelf{body: mp4File(t, c.args)}
			var opt Options
			if c.init {
				opt.Init, s.body = splitInit(s.body)
			}
			whole, err := Whole(context.Background(), s, s.object(), opt)
			if err != nil || !whole.Exact || len(whole.Problems) > 0 || (whole.InitID != "") != (c.init || whole.Header > 0 && whole.Fragments) || whole.Wrap() != 0 {
				t.Fatalf("%+v: %v", whole, err)
			}
			if d := whole.Duration(); d != 4*time.Second || whole.Video().Frames != 100 || !whole.Access() {
				t.Errorf("lasts %v, %d pictures", d, whole.Video().Frames)
			}
			s.gets = nil
			head, err := Head(context.Background(), s, s.object(), opt)
			if err != nil {
				t.Fatal(err)
			}
			if head.Exact != c.exact || head.Whole || len(s.gets) != c.gets || s.gets[0] != (store.Range{Len: headSize}) {
				t.Errorf("exact %v, gets %v", head.Exact, s.gets)
			}
			a, _ := head.Start()
			if b, _ := whole.Start(); a != b || head.Params() != whole.Params() || head.Access() != whole.Access() {
				t.Errorf("start %v, want %v; %s, want %s", a, b, head.Params(), whole.Params())
			}
			for i := range whole.Tracks {
				h, w := head.Tracks[i], whole.Tracks[i]
				if c.exact && (h.Frames != w.Frames || h.LastDTS != w.LastDTS || h.LastDelta != w.LastDelta || h.MaxEnd != w.MaxEnd || h.Keyframes != w.Keyframes) {
					t.Errorf("%+v\nwant %+v", h, w)
				}
			}
		})
	}
}

// Fragments without their init segment: said at once, by the head alone, and
// nothing is said against the bytes.
func TestNeedsInit(t *testing.T) {
	init, rest := splitInit(mp4File(t, "-movflags frag_keyframe+empty_moov+default_base_moof"))
	s := &shelf{body: rest}
	for name, measure := range map[string]func(Options) (*Media, error){
		"head":  func(opt Options) (*Media, error) { return Head(context.Background(), s, s.object(), opt) },
		"whole": func(opt Options) (*Media, error) { return Whole(context.Background(), s, s.object(), opt) },
	} {
		s.gets = nil
		m, err := measure(Options{})
		if !errors.Is(err, ErrNeedsInit) || !errors.Is(err, ErrUndecodable) || m == nil || !m.NeedsInit || len(s.gets) != 1 {
			t.Errorf("%s: %+v %v after %v", name, m, err, s.gets)
		}
		m, err = measure(Options{Init: init})
		if err != nil || m.NeedsInit || m.Video() == nil {
			t.Errorf("%s with it: %+v %v", name, m, err)
		}
		other, err := measure(Options{Init: append(bytes.Clone(init), 0, 0, 0, 8, 'f', 'r', 'e', 'e')})
		if err != nil || other.Params() == m.Params() || other.InitID == m.InitID {
			t.Errorf("%s: another init segment is no other: %v", name, err)
		}
	}
}

// A part of an object behind an init segment in the same object (EXT-X-MAP with
// BYTERANGE).
func TestFragmentInAnObject(t *testing.T) {
	file := mp4File(t, "-movflags frag_keyframe+empty_moov+default_base_moof")
	init, rest := splitInit(file)
	second := bytes.LastIndex(rest[:len(rest)-100], []byte("moof")) - 4
	s := &shelf{body: file}
	opt := Options{Init: init, Off: int64(len(init) + second), Len: int64(len(rest) - second)}
	want, err := File(bytes.NewReader(rest[second:]), Options{Init: init})
	if err != nil {
		t.Fatal(err)
	}
	m, err := Head(context.Background(), s, s.object(), opt)
	if err != nil {
		t.Fatal(err)
	}
	a, _ := m.Start()
	if b, _ := want.Start(); a != b || b < time.Second {
		t.Errorf("starts at %v, want %v", a, b)
	}
}

// A moov behind more media than is held is fetched first.
func TestMoovFarBehind(t *testing.T) {
	file := mp4File(t, "")
	at := bytes.Index(file, []byte("mdat")) - 4
	size := int(binary.BigEndian.Uint32(file[at:]))
	const more = 70 << 20 // of the mdat, behind what is used of it
	big := slices.Concat(file[:at+size], make([]byte, more), file[at+size:])
	binary.BigEndian.PutUint32(big[at:], uint32(size+more))
	s := &shelf{body: big}
	m, err := Whole(context.Background(), s, s.object(), Options{})
	if err != nil || m.Video().Frames != 100 || len(s.gets) != 3 || s.gets[1].Off != int64(at+size+more) {
		t.Errorf("%+v %v after %v", m, err, s.gets)
	}
	moov, err := Moov(context.Background(), s, s.object(), m.MoovAt, Options{})
	if err != nil || !bytes.Equal(moov, file[at+size:]) {
		t.Errorf("%d bytes at %d: %v", len(moov), m.MoovAt, err)
	}
}
