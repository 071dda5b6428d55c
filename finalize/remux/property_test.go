package remux

import (
	"bytes"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"recfin/mp4"
)

// drawStream draws one part.
func drawStream(t *rapid.T, part int, sound, video bool) stream {
	b := rapid.IntRange(0, 4).Draw(t, "b")
	jitter := rapid.SliceOfN(rapid.Int64Range(-45, 45), 7, 7).Draw(t, "jitter")
	st := stream{
		part:     part,
		start:    rapid.Int64Range(-1<<34, 1<<34).Draw(t, "start"),
		gop:      1 + (b+1)*rapid.IntRange(1, 12).Draw(t, "groups"),
		b:        b,
		count:    rapid.IntRange(1, 4).Draw(t, "count"),
		lead:     rapid.Int64Range(-20000, 20000).Draw(t, "lead"),
		videoID:  256,
		audioID:  257,
		length:   rapid.Int64Range(90000, 300000).Draw(t, "length"),
		channels: 2,
		jitter:   func(n int) int64 { return jitter[n%len(jitter)] },
	}
	if rapid.Bool().Draw(t, "swapped") {
		st.videoID, st.audioID = st.audioID, st.videoID
	}
	if video {
		st.step = rapid.SampledFrom([]int64{1500, 1800, 3000, 3003, 3600, 3750}).Draw(t, "step")
	}
	if sound {
		st.rate = 48000
	}
	return st
}

// source of a sample by its payload.
type origin struct{ part, n int }

func originOf(data []byte) origin {
	d := data[len(data)-5:]
	return origin{int(d[0]), int(d[1])<<24 | int(d[2])<<16 | int(d[3])<<8 | int(d[4])}
}

// TestParts joins parts whose clocks have nothing to do with one another and
// holds the result against the rules.
func TestParts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		video := rapid.Bool().Draw(t, "video")
		sound := !video || rapid.Bool().Draw(t, "sound")
		planned := rapid.Bool().Draw(t, "planned")
		sc := &script{}
		var bounds []Boundary
		var parts []stream
		for p := range rapid.IntRange(1, 4).Draw(t, "parts") {
			st := drawStream(t, p, sound, video)
			if !planned && p > 0 {
				st.awayFrom(parts[p-1])
			}
			parts = append(parts, st)
			for k, seg := range st.segments() {
				sc.segments = append(sc.segments, seg)
				bounds = append(bounds, Boundary{Join: planned && k == 0 && p > 0})
			}
		}
		f := &film{}
		res, err := sc.into(f, bounds)
		if err != nil {
			t.Fatal(err)
		}
		if res.Parts != len(parts) || res.DroppedAudio != 0 || res.DroppedLeading != 0 || len(res.Problems) > 0 {
			t.Fatalf("%d parts: %+v", len(parts), res)
		}
		if want := 1; !planned && sc.opened != want {
			t.Fatalf("%d demuxers", sc.opened)
		}
		checkParts(t, f, parts)
		checkMeasured(t, f, parts, res)
	})
}

// awayFrom makes sure that a clock does not run on by chance.
func (st *stream) awayFrom(before stream) {
	end := before.start + int64(before.count)*before.seconds(0)
	for abs(st.start-end) < 90000 {
		st.start += 180000
	}
}

// where is the position of a sample in 1/48000 × 1/90000 s.
func (r *reel) where(t int64) int64 {
	return (t + r.offset) * (48000 * 90000 / int64(r.track.Timescale))
}

func checkParts(t *rapid.T, f *film, parts []stream) {
	const unit90, unit48 = 48000, 90000
	zero := map[int]int64{} // per part: position minus source time, by video
	ends := map[mp4.Kind]int64{}
	for _, r := range f.tracks {
		next := map[int]int{}
		video := r.entry.Kind() == mp4.Video
		silent := 0
		for i, s := range r.samples {
			end := s.DTS + s.Duration
			if i+1 < len(r.samples) {
				end = r.samples[i+1].DTS
			}
			ends[r.entry.Kind()] = r.where(end)
			if bytes.Equal(s.data, silentLC[2]) {
				silent++
				continue
			}
			o := originOf(s.data)
			if o.n != next[o.part] {
				t.Fatalf("part %d: sample %d, want %d", o.part, o.n, next[o.part])
			}
			next[o.part]++
			st := parts[o.part]
			if video {
				k, n := o.n/st.gop, o.n%st.gop
				src := st.start + (int64(k)*int64(st.gop)+int64(st.display(n)))*st.step
				delta := r.where(s.PTS) - src*unit90
				if z, ok := zero[o.part]; ok && z != delta {
					t.Fatalf("part %d picture %d moves by %d", o.part, o.n, delta-z)
				}
				zero[o.part] = delta
			}
		}
		for p, st := range parts {
			want := st.count * st.gop
			if !video {
				want = 0
				for st.soundAt(want)-st.lead < st.start+int64(st.count)*st.seconds(0) {
					want++
				}
			}
			if next[p] != want {
				t.Fatalf("part %d: %d %s, want %d", p, next[p], r.entry.Kind(), want)
			}
		}
	}
	if r := f.reel(mp4.Audio, 0); r != nil {
		for _, s := range r.samples {
			if bytes.Equal(s.data, silentLC[2]) {
				continue
			}
			o := originOf(s.data)
			delta := r.where(s.PTS) - parts[o.part].soundAt(o.n)*unit90
			z, ok := zero[o.part]
			if !ok {
				zero[o.part], z = delta, delta
			}
			if d := abs(delta - z); d > 48000*90000/500+unit48 {
				t.Fatalf("part %d frame %d is off by %d µs", o.part, o.n, d/4320)
			}
		}
	}
	checkTight(t, f, parts)
}

// checkTight: no part overlaps the one before on any track, and at least one
// track leaves less than a frame of sound between them.
func checkTight(t *rapid.T, f *film, parts []stream) {
	for p := 1; p < len(parts); p++ {
		gap := int64(1 << 62)
		for _, r := range f.tracks {
			var end, start int64 = 0, 1 << 62
			for i, s := range r.samples {
				if bytes.Equal(s.data, silentLC[2]) {
					continue
				}
				switch originOf(s.data).part {
				case p - 1:
					end = max(end, r.where(s.PTS+r.natural(i, parts[p-1])))
				case p:
					start = min(start, r.where(s.PTS))
				}
			}
			gap = min(gap, start-end)
			if start-end < -2*48000*90000/1000 {
				t.Fatalf("part %d overlaps by %d µs", p, (end-start)/4320)
			}
		}
		if gap > 1024*90000+48000*90000/500 && len(f.tracks) > 1 || gap > 48000*90000/500 && len(f.tracks) == 1 {
			t.Fatalf("part %d leaves %d µs", p, gap/4320)
		}
	}
}

func (r *reel) natural(i int, st stream) int64 {
	if r.entry.Kind() == mp4.Video {
		return st.step
	}
	return 1024
}

// checkMeasured: the rows of a part add up to the part, and to the samples.
func checkMeasured(t *rapid.T, f *film, parts []stream, res Result) {
	var row int
	for _, st := range parts {
		for k := range st.count {
			m := res.Segments[row]
			row++
			want := nanoseconds(st.seconds(k), 90000)
			if st.step > 0 {
				if abs(int64(m.Duration-want)) > 2 || m.Video != st.gop {
					t.Fatalf("segment %d lasts %v with %d pictures, want %v and %d", row-1, m.Duration, m.Video, want, st.gop)
				}
			} else if abs(int64(m.Duration-want)) > int64(25*time.Millisecond) {
				t.Fatalf("segment %d lasts %v, want %v", row-1, m.Duration, want)
			}
			if row > 1 && m.Start < res.Segments[row-2].Start {
				t.Fatalf("segment %d starts before the one before", row-1)
			}
		}
	}
	var video, sound int
	for _, r := range f.tracks {
		if r.entry.Kind() == mp4.Video {
			video += len(r.samples)
		} else {
			sound += len(r.samples)
		}
	}
	if res.Video != video || res.Audio+res.Silent != sound {
		t.Fatalf("%+v, but %d pictures and %d frames", res, video, sound)
	}
}

// TestDecodeTimes: whatever the order, every presentation time is kept, and
// within the window the decode times are the sorted presentation times.
func TestDecodeTimes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 120).Draw(t, "n")
		times := make([]int64, n)
		at := int64(0)
		for i := range times {
			at += rapid.Int64Range(1, 9000).Draw(t, "step")
			times[i] = at
		}
		// Disorder that stays in the window: blocks of up to 16 are shuffled.
		order := slices.Clone(times)
		for i := 1; i < n; {
			k := min(rapid.IntRange(1, reorder).Draw(t, "block"), n-i)
			block := rapid.Permutation(order[i:i+k]).Draw(t, "order")
			copy(order[i:], block)
			i += k
		}
		list := []event{videoTrack(1, avc(1))}
		for i, pts := range order {
			a := mp4.NotAccess
			if i == 0 {
				a = mp4.Sync
			}
			list = append(list, picture(1, pts, times[i]-5*9000, a, pictureData(0, i)))
		}
		sc := &script{segments: [][]event{list}}
		f := &film{}
		if _, err := sc.into(f, nil); err != nil {
			t.Fatal(err)
		}
		r := f.tracks[0]
		if len(r.samples) != n {
			t.Fatalf("%d of %d pictures", len(r.samples), n)
		}
		for i, s := range r.samples {
			if s.DTS != times[i]-times[0] || s.PTS != order[i]-times[0] {
				t.Fatalf("picture %d: %d/%d, want %d/%d", i, s.DTS, s.PTS, times[i]-times[0], order[i]-times[0])
			}
		}
		last := r.samples[n-1]
		if n > 1 && last.Duration != times[n-1]-times[n-2] {
			t.Fatalf("last picture lasts %d", last.Duration)
		}
	})
}
