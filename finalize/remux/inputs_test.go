package remux

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"recfin/mp4"
	"recfin/probe"
)

// fed is a segment of one input, on its way.
type fed struct {
	input  int
	at     time.Duration
	join   bool
	hole   time.Duration
	events []event
}

// joinInputs hands segments of several inputs to a joiner, each with a demuxer of
// its own.
func joinInputs(list []fed) (*film, Result, error) {
	inputs := 0
	segments := make([][]event, len(list))
	for i, c := range list {
		segments[i], inputs = c.events, max(inputs, c.input+1)
	}
	f := &film{}
	j := New(f, Options{Inputs: inputs, Open: func(_ probe.Container, sink mp4.Sink) (probe.Demuxer, error) {
		return &script{segments: segments, sink: sink, open: map[int]event{}, known: map[int]bool{}}, nil
	}})
	for i, c := range list {
		b := Boundary{Name: fmt.Sprintf("foo/%d/%d.ts", c.input, i), Container: probe.MPEGTS, Input: c.input, At: c.at, Join: c.join, MissingBefore: c.hole, Same: true}
		if err := j.Begin(b); err != nil {
			return nil, Result{}, err
		}
		if _, err := j.Write(binary.BigEndian.AppendUint32(nil, uint32(i))); err != nil {
			return nil, Result{}, err
		}
		if err := j.End(); err != nil {
			return nil, Result{}, err
		}
	}
	res, err := j.Finish()
	return f, res, err
}

// apart takes a stream apart: pictures as input 0 in its segments, sound as input 1
// in segments of its own. It begins at a time of the plan and says when it ends.
func (st stream) apart(at time.Duration, long int64) (pictures, sound []fed, end time.Duration) {
	var frames []event
	var told *event
	for k, seg := range st.segments() {
		c := fed{at: at + nanoseconds(int64(k)*st.seconds(0), 90000)}
		for _, e := range seg {
			switch {
			case e.id == st.videoID:
				c.events = append(c.events, e)
			case e.track != nil:
				told = &e
			default:
				frames = append(frames, e)
			}
		}
		pictures = append(pictures, c)
	}
	for k := int64(0); len(frames) > 0; k++ {
		n, _ := slices.BinarySearchFunc(frames, st.start+st.lead+(k+1)*long, func(e event, to int64) int { return cmp.Compare(e.sample.PTS, to) })
		c := fed{input: 1, at: at + nanoseconds(k*long, 90000)}
		if k == 0 {
			c.events = append(c.events, *told)
		}
		c.events, frames = append(c.events, frames[:n]...), frames[n:]
		sound = append(sound, c)
	}
	return pictures, sound, at + nanoseconds(int64(st.count)*st.seconds(0), 90000)
}

// interleave puts segments in the order in which a joiner takes them.
func interleave(lists ...[]fed) []fed {
	all := slices.Concat(lists...)
	slices.SortStableFunc(all, func(a, b fed) int { return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.input, b.input)) })
	return all
}

// TestInputs: pictures and sound that come as renditions of their own, cut at other
// times, are what they would be in one stream: every sample once, in order, and in
// each part at one distance from its time.
func TestInputs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		planned := rapid.Bool().Draw(t, "planned")
		var parts []stream
		var list []fed
		at := time.Duration(0)
		for p := range rapid.IntRange(1, 4).Draw(t, "parts") {
			st := drawStream(t, p, true, true)
			st.videoID, st.audioID = 256, 257
			if p > 0 && !planned {
				st.awayFrom(parts[p-1])
			}
			parts = append(parts, st)
			pictures, sound, end := st.apart(at, rapid.Int64Range(45000, 300000).Draw(t, "long"))
			shifted := st
			if rapid.Bool().Draw(t, "wrapped") { // the sound's clock began on the other side of a wrap
				shifted.start += wrap
				_, sound, _ = shifted.apart(at, 180000)
			}
			// By the plan the sound of a part begins a little before or after the pictures.
			early := time.Duration(rapid.IntRange(-40, 40).Draw(t, "early")) * time.Millisecond
			for i := range sound {
				sound[i].at += early
			}
			one := interleave(pictures, sound)
			one[0].join = planned && p > 0
			list = append(list, one...)
			at = end
		}
		f, res, err := joinInputs(list)
		if err != nil {
			t.Fatal(err)
		}
		if res.Parts != len(parts) || res.DroppedAudio+res.DroppedLeading != 0 || len(res.Problems) > 0 || len(res.Segments) != len(list) {
			t.Fatalf("%d parts: %+v", len(parts), res)
		}
		if len(f.tracks) != 2 || f.tracks[0].entry.Kind() != mp4.Video {
			t.Fatalf("%d tracks", len(f.tracks))
		}
		checkParts(t, f, parts)
		var pictures, sound time.Duration
		for i, m := range res.Segments {
			if list[i].input == 0 {
				pictures += m.Duration
			} else {
				sound += m.Duration
			}
		}
		if d := (pictures - sound).Abs(); d > time.Duration(len(parts))*150*time.Millisecond {
			t.Fatalf("pictures of %v beside sound of %v", pictures, sound)
		}
	})
}

// duet is a minute of pictures and sound, apart.
func duet(start int64) (st stream, pictures, sound []fed) {
	st = usual(0)
	st.start, st.count = start, 10
	pictures, sound, _ = st.apart(0, 180000)
	return st, pictures, sound
}

// distance is the output position of a sample minus its time in the source, in
// ticks of 90 kHz.
func distance(r *reel, i int, source int64) int64 {
	return rescale(r.samples[i].PTS+r.offset, r.track.Timescale, 90000) - source
}

// What one input lacks stays open: its silence or standing picture keeps the other
// where it was.
func TestHoleInOneInput(t *testing.T) {
	for _, lacks := range []int{0, 1} {
		st, pictures, sound := duet(126000)
		if lacks == 0 {
			pictures = slices.Delete(pictures, 4, 6)
			pictures[4].hole = nanoseconds(2*st.seconds(0), 90000)
		} else {
			sound = slices.Delete(sound, 4, 6)
			sound[4].hole = 4 * time.Second
		}
		f, res, err := joinInputs(interleave(pictures, sound))
		if err != nil || res.Parts != 1 || len(res.Problems) > 0 || res.DroppedAudio+res.DroppedLeading > 0 {
			t.Fatalf("%v: %+v", err, res)
		}
		v, a := f.tracks[0], f.tracks[1]
		for i, s := range v.samples {
			o := originOf(s.data)
			k, n := o.n/st.gop, o.n%st.gop
			if d := distance(v, i, st.start+(int64(k)*int64(st.gop)+int64(st.display(n)))*st.step); d != distance(v, 0, st.start) {
				t.Fatalf("input %d: picture %d moved by %d", lacks, o.n, d)
			}
		}
		silent := 0
		for i, s := range a.samples {
			if string(s.data) == string(silentLC[2]) {
				silent++
				continue
			}
			if d := distance(a, i, st.soundAt(originOf(s.data).n)) - distance(v, 0, st.start); abs(d) > 180 {
				t.Fatalf("input %d: frame %d is off by %d", lacks, originOf(s.data).n, d)
			}
		}
		if want := lacks * 188; abs(int64(silent-want)) > 1 || silent != res.Silent {
			t.Errorf("input %d: %d frames of silence", lacks, silent)
		}
		for i, m := range res.Segments {
			if m.Duration > 2100*time.Millisecond {
				t.Errorf("segment %d lasts %v: a hole is in it", i, m.Duration)
			}
		}
	}
}

// Clocks that have nothing to do with each other: the plan says what belongs
// together, and the report says so.
func TestForeignClocks(t *testing.T) {
	st, pictures, _ := duet(126000)
	other := st
	other.start += 1000 * 90000
	_, sound, _ := other.apart(0, 180000)
	f, res, err := joinInputs(interleave(pictures, sound))
	if err != nil || res.Parts != 1 || len(res.Problems) != 1 || !strings.Contains(res.Problems[0], "where the plan has it") {
		t.Fatalf("%v: %+v", err, res)
	}
	if v, a := f.tracks[0], f.tracks[1]; v.offset != 0 || a.offset != 0 || res.Audio != len(a.samples) || res.Silent != 0 {
		t.Errorf("offsets %d and %d, %+v", v.offset, a.offset, res)
	}
}

// A clock that begins anew in one input alone: the others begin a part with their
// next segment, and nothing is lost.
func TestOneClockBeginsAnew(t *testing.T) {
	for leaper := range 2 {
		st, pictures, sound := duet(126000)
		later := st
		later.start += 500 * 90000
		if leaper == 0 {
			again, _, _ := later.apart(0, 180000)
			copy(pictures[5:], again[5:])
		} else {
			_, again, _ := later.apart(0, 180000)
			copy(sound[5:], again[5:])
		}
		_, res, err := joinInputs(interleave(pictures, sound))
		if err != nil {
			t.Fatal(err)
		}
		if res.Parts != 2 || res.Video != st.count*st.gop || res.DroppedAudio > 1 || res.DroppedLeading != 0 || len(res.Problems) != 1 {
			t.Errorf("input %d: %+v", leaper, res)
		}
	}
}

// An input that ends, or has nothing at all, holds nobody back.
func TestInputEnds(t *testing.T) {
	_, pictures, sound := duet(126000)
	for _, n := range []int{0, 3} {
		f, res, err := joinInputs(interleave(pictures, sound[:n], []fed{{input: 1, at: time.Hour}}))
		if err != nil || res.Video != 490 || len(res.Problems) > 0 || len(f.tracks) != 1+min(n, 1) {
			t.Errorf("%d segments of sound: %v, %+v", n, err, res)
		}
	}
}

// Two sounds are two tracks, in the order of their inputs, whatever comes first.
func TestTwoSounds(t *testing.T) {
	_, pictures, sound := duet(126000)
	second := slices.Clone(sound)
	for i := range second {
		second[i].input = 2
		second[i].at -= time.Millisecond // by the plan it comes first
		second[i].events = slices.Clone(second[i].events)
		for k := range second[i].events {
			if e := &second[i].events[k]; e.track != nil {
				e.track = &mp4.Track{Entry: aac(48000, 1), Timescale: 90000, Language: "deu"}
			}
		}
	}
	f, res, err := joinInputs(interleave(pictures, sound, second))
	if err != nil || len(f.tracks) != 3 || res.Parts != 1 || len(res.Problems) > 0 {
		t.Fatalf("%v: %d tracks, %+v", err, len(f.tracks), res)
	}
	if f.tracks[1].track.Language != "" || f.tracks[2].track.Language != "deu" || len(f.tracks[1].samples) != len(f.tracks[2].samples) {
		t.Errorf("languages %q and %q", f.tracks[1].track.Language, f.tracks[2].track.Language)
	}
}

func TestInputOutOfRange(t *testing.T) {
	for _, n := range []int{-1, 2} {
		if err := New(&film{}, Options{Inputs: 2}).Begin(Boundary{Input: n}); err == nil {
			t.Errorf("input %d is taken", n)
		}
	}
}
