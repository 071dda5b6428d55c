package matrix

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"recfin/finalize"
	"recfin/finalize/layout"
	"recfin/internal/mp4check"
	"recfin/internal/tswriter"
	"recfin/store"
	"recfin/store/mem"
)

// TestPeers: on each input below, other programs were seen to write something
// wrong, with exit code 0 and not a word. Ours goes through the whole finalizer.
func TestPeers(t *testing.T) {
	// 30 s became 70 s of pictures and 40 s of sound.
	t.Run("a duplicated segment", func(t *testing.T) {
		s, c := ordinaryScene(t, "contiguous")
		r, b := s.both(t, func(b *mem.Store) {
			b.Set(recording+"/B/v/2.ts", s.segments[2].body, uploaded(2).Add(3*time.Second), nil)
		})
		s.right(t, c, r, b)
		if d := r.Plan.Dropped; len(d) != 1 || d[0].Key != recording+"/B/v/2.ts" || d[0].Reason != "identical" {
			t.Errorf("dropped %+v", d)
		}
		p := playlist(t, r, b)
		p.holds(t, 4, 0, 8)
	})
	// 11.5 s became 5.5 s: the pictures of the second were dropped.
	t.Run("a second broadcaster with other PIDs", func(t *testing.T) {
		s, c := ordinaryScene(t, "swapped PIDs")
		r, b := s.both(t, nil)
		s.right(t, c, r, b)
		playlist(t, r, b).holds(t, 4, 1, 8)
	})
	// Half of the pictures were lost, or 31 warnings.
	t.Run("a second broadcaster whose clock restarts", func(t *testing.T) {
		s, c := ordinaryScene(t, "clock restart")
		r, b := s.both(t, nil)
		s.right(t, c, r, b)
		playlist(t, r, b).holds(t, 4, 1, 8)
	})
	// Sound was fed into the track of pictures.
	t.Run("tracks in another order", func(t *testing.T) {
		s, c := ordinaryScene(t, "swapped order")
		r, b := s.both(t, nil)
		s.right(t, c, r, b)
		playlist(t, r, b).holds(t, 4, 0, 8)
	})
	// The hole was hidden, 20 s shown as 30 s, or closed and never reported.
	t.Run("a missing segment", func(t *testing.T) {
		s, c := ordinaryScene(t, "hole")
		r, b := s.both(t, nil)
		s.right(t, c, r, b)
		playlist(t, r, b).holds(t, 3, 1, 6)
		holes := r.PlanJSON().Sessions[0].Renditions[0].Holes
		if len(holes) != 1 || holes[0].AfterSeq != 0 || holes[0].BeforeSeq != 2 {
			t.Errorf("holes %+v", holes)
		}
	})
	// 7.6 ms were added by each segment, 14 s an hour.
	t.Run("a clock that wraps", func(t *testing.T) {
		s, c := ordinaryScene(t, "wrap")
		r, b := s.both(t, nil)
		s.right(t, c, r, b)
		playlist(t, r, b).holds(t, 4, 0, 8)
	})
	// "Argument list too long"; an MP4 stopped at 6 h, and over 12 h there was none.
	t.Run("2,160 segments, 13 hours", thirteenHours)
	// The job reported success, and the segments were deleted.
	t.Run("an MP4 that cannot be written", unwritable)
}

// ordinaryScene is a history of H.264 with B-pictures and AAC in MPEG-TS.
func ordinaryScene(t *testing.T, shape string) (*scene, cell) {
	t.Helper()
	c := cell{video: "h264-b", audio: "aac", container: inTS, shape: shape}
	return shapes[shape](t, c), c
}

// both finalizes a scene, with more in the store if add is there.
func (s *scene) both(t *testing.T, add func(*mem.Store)) (*finalize.Report, *mem.Store) {
	t.Helper()
	b := bucket()
	if s.lay(b); add != nil {
		add(b)
	}
	r, err := run(t, b, finalize.Formats{HLS: true, MP4: true})
	if err != nil {
		t.Fatal(err)
	}
	return r, b
}

// right judges the MP4.
func (s *scene) right(t *testing.T, c cell, r *finalize.Report, b *mem.Store) {
	t.Helper()
	whole, err := movie(b, r)
	if err == nil {
		_, err = s.judge(t, c, whole)
	}
	if err != nil {
		t.Error(err)
	}
}

// media is what a media playlist says.
type media struct {
	segments, joins int
	length          time.Duration
}

// playlist reads the media playlist that a run has made.
func playlist(t *testing.T, r *finalize.Report, b *mem.Store) (m media) {
	t.Helper()
	key := ""
	for _, o := range r.Committed[0].Record.Outputs {
		if o.Kind == "hls" {
			key = o.Key
		}
	}
	for _, line := range strings.Split(string(b.Snapshot()[key].Body), "\n") {
		switch value, ok := strings.CutPrefix(line, "#EXTINF:"); {
		case ok:
			d, err := strconv.ParseFloat(strings.TrimSuffix(value, ","), 64)
			if err != nil {
				t.Fatalf("%q", line)
			}
			m.segments++
			m.length += time.Duration(d * 1e9)
		case line == "#EXT-X-DISCONTINUITY":
			m.joins++
		}
	}
	return m
}

// holds compares a playlist; its length may differ by a millisecond.
func (m media) holds(t *testing.T, segments, joins, seconds int) {
	t.Helper()
	off := m.length - time.Duration(seconds)*time.Second
	if m.segments != segments || m.joins != joins || off.Abs() > time.Millisecond {
		t.Errorf("the playlist has %d segments, %d joins and %v, want %d, %d and %d s", m.segments, m.joins, m.length, segments, joins, seconds)
	}
}

func thirteenHours(t *testing.T) {
	const segments, pictures, each = 2160, 11, 180000 // one picture every two seconds
	b := mem.New(mem.Options{Clock: func() time.Time { return onAir.Add(20 * time.Hour) }})
	length := time.Duration(pictures*each) * time.Second / 90000
	var cc [2]byte
	for n := range segments {
		w := tswriter.New(tswriter.Stream{PID: 0x100, Type: tswriter.TypeH264})
		w.SetCounter(0x100, cc[0])
		w.SetCounter(0, cc[1])
		w.SetCounter(w.PMT, cc[1])
		w.Tables()
		for i := range pictures {
			data := fmt.Appendf(nil, "segment %d picture %d", n, i)
			au := tswriter.AnnexB(false, tswriter.Delimiter, tswriter.Slice{Type: tswriter.P, FrameNum: uint32(i), POC: uint32(2 * i), Data: data}.NAL())
			if i == 0 {
				sps := tswriter.SPS{Width: 64, Height: 64, FrameTicks: each}.NAL()
				au = tswriter.AnnexB(false, tswriter.Delimiter, sps, tswriter.PPS(0, 0, 0), tswriter.Slice{IDR: true, Type: tswriter.I, Data: data}.NAL())
			}
			at := int64(n*pictures+i) * each
			w.PES(0x100, tswriter.PES{PTS: at, DTS: at, Data: au})
		}
		cc = [2]byte{w.Counter(0x100), w.Counter(0)}
		b.Set(fmt.Sprintf("%s/A/v/%d.ts", recording, n), w.Bytes(), onAir.Add(time.Duration(n+1)*length+400*time.Millisecond), nil)
	}
	r, err := run(t, b, finalize.Formats{HLS: true, MP4: true})
	if err != nil {
		t.Fatal(err)
	}
	playlist(t, r, b).holds(t, segments, 0, segments*pictures*each/90000)
	whole, err := movie(b, r)
	if err != nil {
		t.Fatal(err)
	}
	m, err := mp4check.Open(bytes.NewReader(whole.body), int64(len(whole.body)))
	if err != nil {
		t.Fatal(err)
	}
	samples := m.Samples(0)
	if len(samples) != segments*pictures || m.Tracks[0].Duration != segments*pictures*each {
		t.Fatalf("%d pictures in %d ticks", len(samples), m.Tracks[0].Duration)
	}
	for i, s := range samples {
		p, err := m.Payload(s)
		if want := fmt.Appendf(nil, "segment %d picture %d", i/pictures, i%pictures); err != nil || s.PTS != int64(i)*each || !bytes.Contains(p, want) {
			t.Fatalf("picture %d is at %d: %v", i, s.PTS, err)
		}
	}
}

// full is a store with room for everything but MP4s.
type full struct{ store.Store }

var errFull = errors.New("no room")

// Create implements store.Writer.
func (f full) Create(ctx context.Context, key string, opt store.CreateOptions) (store.Upload, error) {
	if strings.HasSuffix(key, ".mp4") {
		return nil, fmt.Errorf("create %s: %w: %w", key, store.ErrFull, errFull)
	}
	return f.Store.Create(ctx, key, opt)
}

func unwritable(t *testing.T) {
	s, _ := ordinaryScene(t, "contiguous")
	b := bucket()
	s.lay(b)
	b.Set(recording+"/B/v/2.ts", s.segments[2].body, uploaded(2).Add(3*time.Second), nil)
	nonce, err := layout.Parse("nonce", layout.Options{})
	if err != nil {
		t.Fatal(err)
	}
	f, err := finalize.New(finalize.Config{
		Sources: []store.Store{full{b}}, OutPath: "recordings/", Layouts: []*layout.Layout{nonce}, Formats: finalize.Formats{HLS: true, MP4: true},
		SessionGap: 15 * time.Minute, Settle: 30 * time.Minute, Delete: finalize.DeleteLeftovers, MaxDeletePercent: 60, Concurrency: 2,
	})
	if err != nil {
		t.Fatal(err)
	}
	r, err := f.Run(context.Background(), recording)
	if !errors.Is(err, errFull) || !errors.Is(r.Err, errFull) || len(r.Committed)+len(r.Deleted)+r.Condemned > 0 {
		t.Errorf("error %v, %d committed, %d deleted, %d condemned", err, len(r.Committed), len(r.Deleted), r.Condemned)
	}
	there := b.Snapshot()
	for _, g := range append(slices.Clone(s.segments), segment{key: "B/v/2.ts"}) {
		if _, ok := there[recording+"/"+g.key]; !ok {
			t.Errorf("%s is gone", g.key)
		}
	}
	for key := range there {
		if strings.HasSuffix(key, "recording.json") {
			t.Errorf("%s is there", key)
		}
	}
}
