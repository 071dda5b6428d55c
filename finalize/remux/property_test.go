package remux

import (
	"bytes"
	"cmp"
	"fmt"
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

// TestAnyInput: no order of times, tracks and segments is a panic, goes back in
// decode time, or loses count of a sample.
func TestAnyInput(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		sc := &script{}
		var bounds []Boundary
		fed := 0
		clock := rapid.Int64Range(-1<<40, 1<<40)
		for range rapid.IntRange(1, 4).Draw(t, "segments") {
			base := clock.Draw(t, "base")
			list := []event{videoTrack(1, avc(1)), {id: 2, track: &mp4.Track{Entry: aac(48000, 2), Timescale: 90000}}}
			for range rapid.IntRange(0, 40).Draw(t, "samples") {
				step := rapid.SampledFrom([]int64{0, 1, 1920, 3600, -3600, 90000, -90000, 1 << 20, -1 << 21, 1 << 34}).Draw(t, "step")
				base += step
				fed++
				switch rapid.IntRange(0, 5).Draw(t, "what") {
				case 0, 1:
					list = append(list, picture(1, base, base, mp4.Access(rapid.IntRange(0, 4).Draw(t, "access")), pictureData(0, fed)))
				case 2, 3:
					list = append(list, soundFrame(2, base, soundData(0, fed)))
				case 4:
					id := rapid.IntRange(3, 6).Draw(t, "id")
					list = append(list, event{id: id, track: &mp4.Track{Entry: aac(48000, 2), Timescale: 90000}}, soundFrame(id, base, soundData(0, fed)))
				case 5:
					id := rapid.IntRange(3, 6).Draw(t, "id")
					list = append(list, videoTrack(id, avc(byte(fed))), picture(id, base, base, mp4.Sync, pictureData(0, fed)))
				}
			}
			sc.segments = append(sc.segments, list)
			bounds = append(bounds, Boundary{Join: rapid.Bool().Draw(t, "join"), MissingBefore: time.Duration(rapid.IntRange(0, 3).Draw(t, "missing")) * time.Second})
		}
		res, err := sc.into(&film{}, bounds)
		if err != nil {
			t.Fatal(err)
		}
		if got := res.Video + res.Audio + res.DroppedAudio + res.DroppedLeading; got != fed {
			t.Fatalf("%d samples came, %d are accounted for: %+v", fed, got, res)
		}
		if len(res.Segments) != len(sc.segments) {
			t.Fatalf("%d rows", len(res.Segments))
		}
	})
}

// TestRescale holds the conversion against big steps of plain arithmetic.
func TestRescale(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		from := rapid.SampledFrom([]uint32{1, 600, 44100, 48000, 90000, 1e9}).Draw(t, "from")
		to := rapid.SampledFrom([]uint32{1, 600, 44100, 48000, 90000, 1e9}).Draw(t, "to")
		v := rapid.Int64Range(-1e9, 1e9).Draw(t, "v")
		num := v * int64(to)
		floor := num / int64(from)
		if num%int64(from) < 0 {
			floor--
		}
		rest := num - floor*int64(from)
		half, up := floor, floor
		if 2*rest >= int64(from) {
			half++
		}
		if rest > 0 {
			up++
		}
		if got := rescale(v, from, to); got != half {
			t.Fatalf("rescale %d, want %d", got, half)
		}
		if got := rescaleUp(v, from, to); got != up {
			t.Fatalf("rescaleUp %d, want %d", got, up)
		}
	})
	if got := fmt.Sprint(cmp.Compare(rescale(-1<<63, 1, 90000), 0), rescale(1<<62, 1, 90000) > 0); got != "-1 true" {
		t.Fatal(got)
	}
}
