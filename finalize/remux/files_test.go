package remux

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"recfin/mp4"
)

// shelf is a row of films.
type shelf struct {
	films   []*film
	changes []Change
}

func (s *shelf) next(c Change) (Movie, error) {
	s.changes = append(s.changes, c)
	s.films = append(s.films, &film{})
	return s.films[len(s.films)-1], nil
}

// runFiles joins a script into as many files as it asks for.
func (s *script) runFiles(bounds []Boundary, opt Options) (*shelf, Result, error) {
	out := &shelf{films: []*film{{}}}
	opt.Next, opt.Open = out.next, s.demuxer
	res, err := s.through(New(out.films[0], opt), bounds)
	return out, res, err
}

// show is a broadcast whose sound changes from segment to segment: pictures at
// 25 Hz in segments of 2 s.
type show struct {
	entries []mp4.SampleEntry // of each segment; nil: no sound
	codecs  []mp4.SampleEntry // of the pictures of each; nil: avc(1) throughout
	joins   []bool            // the clock leaps before the segment
	gop     int               // pictures
	lag     int64             // by how much sound comes later in the multiplex, ticks of 90 kHz
	lengths []int64           // of frames of Opus, samples of 48 kHz, by turns
	part    map[origin]int    // of each sample, once segments has made them
}

const (
	showStep    = 3600
	showSegment = 50
)

// segments makes the events. The payload of a sample is its number, and for
// sound the place on the timeline of the show, as is remembered in at.
func (w *show) segments() (segs [][]event, bounds []Boundary, at map[origin]int64) {
	at, w.part = map[origin]int64{}, map[origin]int{}
	part := 0
	var clock0 int64 = 900000
	heard := int64(0) // place of the next frame of sound
	sounds := 0
	for k := range w.entries {
		if w.joins[k] {
			clock0, part = clock0+(1<<28), k
		}
		var list []event
		var order []int64
		add := func(e event, due int64) { list, order = append(list, e), append(order, due) }
		if k == 0 || w.joins[k] || w.entries[k] != w.entries[k-1] || w.picture(k) != w.picture(k-1) {
			add(videoTrack(1, w.picture(k)), -1)
			if w.entries[k] != nil {
				add(event{id: 2, track: &mp4.Track{Entry: w.entries[k], Timescale: 90000}}, -1)
			}
		}
		start := int64(k) * showSegment * showStep
		for i := range showSegment {
			n := k*showSegment + i
			access := mp4.NotAccess
			if i%w.gop == 0 {
				access = mp4.Sync
			}
			t := start + int64(i)*showStep
			at[origin{1, n}], w.part[origin{1, n}] = t, part
			add(picture(1, clock0+t, clock0+t, access, pictureData(1, n)), t)
		}
		const fine = 35280000 // ticks of 90 kHz and samples of 44.1 and 48 kHz are whole in it
		if w.entries[k] == nil || k > 0 && w.entries[k] != w.entries[k-1] {
			heard = max(heard, start*(fine/90000)) // begins with the segment
		}
		for w.entries[k] != nil && heard < (start+showSegment*showStep)*(fine/90000) {
			rate, _ := w.entries[k].(mp4.Sound).Layout()
			frame := int64(w.entries[k].(mp4.Sound).Frame())
			if frame == 0 {
				frame = w.lengths[sounds%len(w.lengths)]
			}
			t := (heard + fine/180000) / (fine / 90000)
			at[origin{2, sounds}], w.part[origin{2, sounds}] = t, part
			e := soundFrame(2, clock0+t, soundData(2, sounds))
			e.sample.Duration = frame * 90000 / int64(rate)
			add(e, t+w.lag)
			heard += frame * (fine / int64(rate))
			sounds++
		}
		index := make([]int, len(list))
		for i := range index {
			index[i] = i
		}
		slices.SortStableFunc(index, func(a, b int) int { return cmp.Compare(order[a], order[b]) })
		var seg []event
		for _, i := range index {
			seg = append(seg, list[i])
		}
		segs, bounds = append(segs, seg), append(bounds, Boundary{Join: w.joins[k] && k > 0})
	}
	return segs, bounds, at
}

func (w *show) picture(k int) mp4.SampleEntry {
	if w.codecs == nil {
		return firstAVC
	}
	return w.codecs[k]
}

var (
	firstAVC = avc(1)
	opus     = &mp4.Opus{Channels: 2}
	aac48    = aac(48000, 2)
	aac44    = aac(44100, 2)
)

// holdsAll says whether each sample of the show is in the files once, in order,
// and each file in sync.
func (s *shelf) holdsAll(at map[origin]int64) error {
	next := map[int]int{}
	for _, k := range []mp4.Kind{mp4.Video, mp4.Audio} {
		for n, f := range s.films {
			r := f.reel(k, 0)
			if r == nil {
				continue
			}
			for i, x := range r.samples {
				if isSilence(x) {
					continue
				}
				o := originOf(x.data)
				if o.n != next[o.part] {
					return fmt.Errorf("file %d: %s sample %d is number %d, want %d", n, k, i, o.n, next[o.part])
				}
				next[o.part]++
			}
		}
	}
	for o := range at {
		if o.n >= next[o.part] {
			return fmt.Errorf("sample %v is nowhere", o)
		}
	}
	return nil
}

func isSilence(x frame) bool {
	return slices.ContainsFunc(silence(x.entry), func(q quiet) bool { return bytes.Equal(q.data, x.data) })
}

// inSync holds each file against the source: pictures to the tick, sound to 2 ms.
// A joined part has a shift of its own.
func (s *shelf) inSync(w *show, at map[origin]int64) error {
	for n, f := range s.films {
		zero := map[int]int64{} // by part: position less time of the source
		for _, k := range []mp4.Kind{mp4.Video, mp4.Audio} {
			r := f.reel(k, 0)
			if r == nil {
				continue
			}
			for _, x := range r.samples {
				if isSilence(x) {
					continue
				}
				o := originOf(x.data)
				t := at[o]
				delta := rescale(x.PTS+r.offset, r.track.Timescale, clock) - t
				part := w.part[o]
				z, ok := zero[part]
				if !ok {
					zero[part], z = delta, delta
				}
				if far := abs(delta - z); k == mp4.Video && far > 0 || far > clock/500+1 {
					return fmt.Errorf("file %d: %s %d is off by %d ticks", n, k, o.n, delta-z)
				}
			}
		}
	}
	return nil
}

// TestFilesProperty: whatever changes where, every sample is in one file, files
// are in sync, and there are as many as there are changes.
func TestFilesProperty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := &show{gop: rapid.SampledFrom([]int{1, 10, 25, 50}).Draw(t, "gop"), lag: rapid.Int64Range(0, 60000).Draw(t, "lag")}
		w.lengths = rapid.SliceOfN(rapid.SampledFrom([]int64{120, 240, 480, 960, 1920, 2880}), 1, 5).Draw(t, "lengths")
		changes := 0
		for k := range rapid.IntRange(1, 8).Draw(t, "segments") {
			e := rapid.SampledFrom([]mp4.SampleEntry{aac48, aac48, aac44, opus}).Draw(t, "sound")
			w.entries = append(w.entries, e)
			w.joins = append(w.joins, k > 0 && rapid.Bool().Draw(t, "join"))
			if k > 0 && e != w.entries[k-1] {
				changes++
			}
		}
		segs, bounds, at := w.segments()
		out, res, err := (&script{segments: segs}).runFiles(bounds, Options{})
		if err == nil {
			err = errors.Join(out.holdsAll(at), out.inSync(w, at))
		}
		if err != nil {
			t.Fatal(err)
		}
		if len(out.films) != changes+1 || len(res.Files) != changes+1 || len(out.changes) != changes || len(res.Problems) > 0 {
			t.Fatalf("%d changes, %d films, %+v", changes, len(out.films), res)
		}
		checkBooks(t, out, res)
	})
}

// checkBooks holds the counts of a result against the files.
func checkBooks(t *rapid.T, out *shelf, res Result) {
	video, audio, silent := 0, 0, 0
	for n, f := range res.Files {
		v, a := out.films[n].reel(mp4.Video, 0), out.films[n].reel(mp4.Audio, 0)
		if v != nil && f.Video != len(v.samples) || v == nil && f.Video > 0 || a != nil && f.Audio+f.Silent != len(a.samples) {
			t.Fatalf("file %d: %+v", n, f)
		}
		if len(f.Marks) == 0 || f.Marks[0].At != 0 || !slices.IsSortedFunc(f.Marks, func(a, b Mark) int { return cmp.Compare(a.At, b.At) }) {
			t.Fatalf("file %d: marks %v", n, f.Marks)
		}
		if n < len(out.changes) && out.changes[n].Before.Video != f.Video {
			t.Fatalf("file %d: %+v before the change", n, out.changes[n].Before)
		}
		video, audio, silent = video+f.Video, audio+f.Audio, silent+f.Silent
		for _, r := range []*reel{v, a} {
			if r != nil && n > 0 && r.samples[0].Access == mp4.NotAccess {
				t.Fatalf("file %d begins with a picture that cannot be decoded", n)
			}
		}
	}
	if video != res.Video || audio != res.Audio || silent != res.Silent {
		t.Fatalf("%d, %d, %d of %+v", video, audio, silent, res)
	}
	for i, m := range res.Segments {
		if m.File > m.LastFile || m.LastFile >= len(res.Files) || i > 0 && m.File < res.Segments[i-1].File || m.Duration <= 0 {
			t.Fatalf("segment %d: %+v", i, m)
		}
	}
}

// TestSecondFile: where files begin, and what is said about it.
func TestSecondFile(t *testing.T) {
	hevc := &mp4.HEVC{}
	for _, c := range []struct {
		name string
		show show
		why  string
		pics int // in the first file
	}{
		{"at a join", show{entries: []mp4.SampleEntry{aac48, aac44}, joins: []bool{false, true}, gop: 50}, "mp4a.40.2 48000 Hz becomes mp4a.40.2 44100 Hz", 50},
		{"in a run, with an access point there", show{entries: []mp4.SampleEntry{aac48, aac44}, joins: make([]bool, 2), gop: 50, lag: 9000}, "mp4a.40.2 48000 Hz becomes mp4a.40.2 44100 Hz", 50},
		{"in a run, sound comes late", show{entries: []mp4.SampleEntry{aac48, aac44}, joins: make([]bool, 2), gop: 25, lag: 80000}, "mp4a.40.2 48000 Hz becomes mp4a.40.2 44100 Hz", 75},
		{"to Opus", show{entries: []mp4.SampleEntry{aac48, opus}, joins: make([]bool, 2), gop: 50, lengths: []int64{960}}, "mp4a.40.2 48000 Hz becomes opus 48000 Hz", 50},
		{"another video codec", show{entries: []mp4.SampleEntry{aac48, aac48}, codecs: []mp4.SampleEntry{firstAVC, hevc}, joins: make([]bool, 2), gop: 50}, "h264 becomes hevc", 50},
	} {
		t.Run(c.name, func(t *testing.T) {
			segs, bounds, at := c.show.segments()
			out, res, err := (&script{segments: segs}).runFiles(bounds, Options{})
			if err == nil {
				err = errors.Join(out.holdsAll(at), out.inSync(&c.show, at))
			}
			if err != nil {
				t.Fatal(err)
			}
			if len(out.changes) != 1 || out.changes[0].String() != c.why || out.changes[0].Index != 1 || out.changes[0].Name != "foo/A/1.ts" {
				t.Fatalf("%+v", out.changes)
			}
			if res.Files[0].Video != c.pics || res.Files[0].Last < 0 || res.Segments[1].LastFile != 1 {
				t.Errorf("%+v", res.Files)
			}
			_, err = (&script{segments: segs}).into(&film{}, bounds)
			var config *ConfigError
			if !errors.Is(err, ErrSecondFile) || !errors.As(err, &config) || !strings.Contains(err.Error(), c.why) {
				t.Errorf("without a second file: %v", err)
			}
		})
	}
}

// TestTurned: another rotation cannot be said of a track.
func TestTurned(t *testing.T) {
	w := show{entries: []mp4.SampleEntry{aac48, aac48}, joins: []bool{false, true}, gop: 50}
	segs, bounds, at := w.segments()
	segs[1][0].track.Rotation = 90
	out, _, err := (&script{segments: segs}).runFiles(bounds, Options{})
	if err == nil {
		err = out.holdsAll(at)
	}
	if err != nil || len(out.films) != 2 || out.films[1].tracks[0].track.Rotation != 90 {
		t.Fatalf("%v, %d files", err, len(out.films))
	}
}

// TestNoAccess: a file does not wait for ever for a picture to begin with; none
// is lost.
func TestNoAccess(t *testing.T) {
	w := show{joins: make([]bool, 3), gop: 50}
	w.entries = []mp4.SampleEntry{aac48, aac44, aac44}
	segs, bounds, at := w.segments()
	for _, seg := range segs[1:] {
		for i := range seg {
			if seg[i].track == nil && seg[i].id == 1 {
				seg[i].sample.Access = mp4.NotAccess
			}
		}
	}
	out, res, err := (&script{segments: segs}).runFiles(bounds, Options{})
	if err == nil {
		err = errors.Join(out.holdsAll(at), out.inSync(&w, at))
	}
	if err != nil {
		t.Fatal(err)
	}
	if len(out.films) != 2 || out.films[1].reel(mp4.Video, 0) != nil || res.Files[0].Video != 150 || len(res.Problems) > 0 {
		t.Fatalf("%+v", res)
	}
}

// TestKeepGaps: a hole before a join lasts as long as planned where that is
// wanted: the picture stands, sound is silent, and what follows is in sync.
func TestKeepGaps(t *testing.T) {
	const hole = 7*time.Second + 13*time.Millisecond
	for _, c := range []struct {
		name   string
		entry  mp4.SampleEntry
		keep   bool
		silent int
	}{
		{"closed", aac48, false, 0},
		{"AAC", aac48, true, 328},
		{"44.1 kHz", aac44, true, 302},
		{"Opus", opus, true, 352},
		{"no sound", nil, true, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := show{entries: []mp4.SampleEntry{c.entry, c.entry}, joins: []bool{false, true}, gop: 50, lengths: []int64{960}}
			segs, bounds, at := w.segments()
			bounds[1].MissingBefore = hole
			out, res, err := (&script{segments: segs}).runFiles(bounds, Options{KeepGaps: c.keep})
			if err == nil {
				err = errors.Join(out.holdsAll(at), out.inSync(&w, at))
			}
			if err != nil {
				t.Fatal(err)
			}
			r := out.films[0].reel(mp4.Video, 0)
			gap := r.samples[50].DTS - r.samples[49].DTS - showStep
			want := int64(0)
			if c.keep {
				want = ticks(hole, clock)
			}
			if gap < want || gap > want+2000 { // a frame of sound at most
				t.Errorf("the hole lasts %d ticks, want %d", gap, want)
			}
			if abs(int64(res.Silent-c.silent)) > 2 {
				t.Errorf("%d silent frames, want about %d", res.Silent, c.silent)
			}
			f := res.Files[0]
			if len(f.Marks) != 2 || f.Marks[1].At != r.samples[50].PTS+r.offset || f.Marks[1].Segment != 1 || f.Marks[1].Into != 0 {
				t.Errorf("marks %v", f.Marks)
			}
			if d := res.Segments[0].Duration; d != 2*time.Second {
				t.Errorf("the segment before the hole lasts %s", d)
			}
		})
	}
}

// TestLongHole: what no table holds, and nobody looks at, begins another file.
func TestLongHole(t *testing.T) {
	for hole, want := range map[time.Duration]int{6 * time.Hour: 1, 13 * time.Hour: 2, 48 * time.Hour: 2} {
		w := show{entries: []mp4.SampleEntry{nil, nil}, joins: []bool{false, true}, gop: 50}
		segs, bounds, at := w.segments()
		bounds[1].MissingBefore = hole
		out, _, err := (&script{segments: segs}).runFiles(bounds, Options{KeepGaps: true})
		if err == nil {
			err = errors.Join(out.holdsAll(at), out.inSync(&w, at))
		}
		if err != nil || len(out.films) != want {
			t.Errorf("%s: %v, %d files", hole, err, len(out.films))
		}
		if want == 2 && (out.changes[0].Hole-hole).Abs() > time.Second {
			t.Errorf("%s: %v", hole, &out.changes[0])
		}
	}
}

// TestPriming: what is not heard at the start of the first part is skipped, and
// what is heard is in sync; that of later parts are frames like others.
func TestPriming(t *testing.T) {
	w := show{entries: []mp4.SampleEntry{aac48, aac48}, joins: []bool{false, true}, gop: 50}
	segs, bounds, at := w.segments()
	for k := range segs {
		for i := range segs[k] {
			if e := &segs[k][i]; e.track != nil && e.id == 2 {
				e.track.Priming = 1920 // 1024 samples
			} else if e.track == nil && e.id == 2 {
				e.sample.PTS, e.sample.DTS = e.sample.PTS-1920, e.sample.DTS-1920
				at[origin{2, originOf(e.sample.Pieces[0]).n}] -= 1920
			}
		}
	}
	out, res, err := (&script{segments: segs}).runFiles(bounds, Options{})
	if err != nil {
		t.Fatal(err)
	}
	v, a := out.films[0].reel(mp4.Video, 0), out.films[0].reel(mp4.Audio, 0)
	if v.offset != 0 || a.offset != 0 || a.priming != 1024 || v.priming != 0 || res.DroppedAudio != 0 {
		t.Fatalf("offsets %d, %d, priming %d, %+v", v.offset, a.offset, a.priming, res)
	}
	a.offset -= a.priming // the first sample stands so much before
	if err := errors.Join(out.holdsAll(at), out.inSync(&w, at)); err != nil {
		t.Error(err)
	}
}

// TestDescribed: what a stream says at its start alone makes no further entry.
func TestDescribed(t *testing.T) {
	first, later := &mp4.Opus{Channels: 2, PreSkip: 312}, &mp4.Opus{Channels: 2}
	w := show{entries: []mp4.SampleEntry{first, later}, joins: []bool{false, true}, gop: 50, lengths: []int64{960}}
	segs, bounds, _ := w.segments()
	out, _, err := (&script{segments: segs}).runFiles(bounds, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range out.films[0].reel(mp4.Audio, 0).entries {
		if e.(*mp4.Opus).PreSkip != 312 {
			t.Errorf("%+v", e)
		}
	}
}

// TestMissingTracks: sound runs on while pictures are missing, and pictures while
// sound is; what comes back is in sync.
func TestMissingTracks(t *testing.T) {
	for name, entries := range map[string][]mp4.SampleEntry{
		"sound comes late": {nil, aac48, aac48}, "sound goes": {aac48, aac48, nil},
		"sound comes back": {aac48, nil, aac48}, "Opus comes back": {opus, nil, opus},
	} {
		w := show{entries: entries, joins: []bool{false, true, true}, gop: 50, lengths: []int64{960}}
		segs, bounds, at := w.segments()
		out, _, err := (&script{segments: segs}).runFiles(bounds, Options{})
		if err == nil {
			err = errors.Join(out.holdsAll(at), out.inSync(&w, at))
		}
		if err != nil || len(out.films) != 1 {
			t.Errorf("%s: %v, %d files", name, err, len(out.films))
		}
	}
}
