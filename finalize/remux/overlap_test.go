package remux

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"recfin/mp4"
)

// copies is a script of two copies of one stream: the first n pictures of one, then
// those of the other from some picture on. Sound goes along.
func copies(first, second stream, n, from int) *script {
	pictures := func(st stream) (all []event) {
		for _, seg := range st.segments() {
			for _, e := range seg {
				if e.track == nil && e.id == st.videoID {
					all = append(all, e)
				}
			}
		}
		return all
	}
	a, b := pictures(first)[:n], pictures(second)[from:]
	return &script{segments: [][]event{append(first.announce(), a...), append(second.announce(), b...)}}
}

// sharing are the boundaries of two such copies.
var sharing = []Boundary{{NextShared: true}, {Shared: true}}

// mute is a stream of pictures alone.
func mute(part int) stream {
	st := usual(part)
	st.rate = 0
	return st
}

// times are the presentation times of a track, sorted; origins those of its
// samples, in decode order.
func (r *reel) played() (times []int64, from []origin) {
	for _, s := range r.samples {
		times, from = append(times, s.PTS), append(from, originOf(s.data))
	}
	slices.Sort(times)
	return times, from
}

// Equal pictures are skipped at any point, with no need for an access point.
func TestEqualCopies(t *testing.T) {
	for _, c := range []struct{ n, from int }{{60, 30}, {60, 59}, {60, 49}, {98, 97}, {50, 10}} {
		f, res := copies(mute(0), mute(0), c.n, c.from).run(t, sharing)
		times, from := f.tracks[0].played()
		if res.Parts != 1 || res.Video != 147 || res.Overlapping != c.n-c.from || len(res.Problems) > 0 || res.DroppedLeading > 0 {
			t.Fatalf("%v: %+v", c, res)
		}
		for i := range times {
			if from[i].n != i || times[i] != times[0]+int64(i)*3600 {
				t.Fatalf("%v: place %d has picture %d at %d", c, i, from[i].n, times[i])
			}
		}
	}
}

// Another transcode takes over at its first access point; the head of its group is
// whole, and the copy before ends in decode order.
func TestTakeOver(t *testing.T) {
	for _, c := range []struct {
		n, from int // pictures of the first, first picture of the second
		at      int // picture of the second that takes over; the first has all before
	}{
		{98, 49, 49},  // the second begins with an access point
		{98, 30, 49},  // it begins before one
		{120, 49, 98}, // shifted below: its first access point lies before what is held
		{60, 49, 49},
		{49, 49, 49}, // nothing is there twice
	} {
		first, second := mute(0), mute(1)
		sc := copies(first, second, c.n, c.from)
		if c.at == 98 { // the first copy stands in two segments, of which only the later is held
			list := sc.segments
			sc.segments = [][]event{list[0][:1+70], list[0][1+70:], list[1]}
			sc.segments[1] = append(first.announce(), sc.segments[1]...)
		}
		bounds := sharing
		if len(sc.segments) == 3 {
			bounds = append([]Boundary{{}}, sharing...)
		}
		f, res := sc.run(t, bounds)
		times, from := f.tracks[0].played()
		if res.Parts != 1 || len(res.Problems) > 0 || res.Video != 147 {
			t.Fatalf("%v: %+v", c, res)
		}
		for i := range times {
			want := origin{0, i}
			if i >= c.at {
				want.part = 1
			}
			if from[i] != want || times[i] != times[0]+int64(i)*3600 {
				t.Fatalf("%v: place %d has %v at %d", c, i, from[i], times[i])
			}
		}
		if fed := c.n + 147 - c.from; res.Video+res.Overlapping+res.DroppedLeading != fed {
			t.Errorf("%v: %d came, %+v", c, fed, res)
		}
	}
}

// Without an access point nothing that only the second has is lost, and the report
// says what may be seen of it.
func TestNoAccessPointToTakeOver(t *testing.T) {
	first, second := mute(0), mute(1)
	first.count, second.count = 1, 1
	second.start += 20 * 3600
	second.gop = 60
	sc := copies(first, second, 49, 1)
	f, res := sc.run(t, sharing)
	times, _ := f.tracks[0].played()
	if len(res.Problems) != 1 || !strings.Contains(res.Problems[0], "without a random access point") || len(slices.Compact(times)) != res.Video || res.Video != 49+31 {
		t.Fatalf("%+v", res)
	}
}

// A lone I picture is taken only where nothing better comes: what follows it may
// refer to what precedes it.
func TestLoneIntraTakesOverLast(t *testing.T) {
	for _, better := range []bool{true, false} {
		first, second := mute(0), mute(1)
		sc := copies(first, second, 98, 50)
		list := sc.segments[1][1:]
		list[10].sample.Access = mp4.Intra // picture 60
		at := 98
		if !better {
			at = 60
			for i := range list {
				if list[i].sample.Access > mp4.Intra {
					list[i].sample.Access = mp4.NotAccess
				}
			}
		}
		f, res := sc.run(t, sharing)
		_, from := f.tracks[0].played()
		k := slices.IndexFunc(from, func(o origin) bool { return o.part == 1 })
		if k < 0 || from[k].n != at || len(res.Problems) > 0 {
			t.Errorf("better %v: the second begins at %d of %v, %+v", better, k, len(from), res)
		}
	}
}

// What was to come does not come, or is a join: nothing waits for ever.
func TestTailWithoutCopy(t *testing.T) {
	for _, b := range [][]Boundary{{{NextShared: true}, {}}, {{NextShared: true}, {Join: true}}, {{NextShared: true}, {NextShared: true}}} {
		sc := copies(mute(0), mute(0), 49, 49)
		f, res := sc.run(t, b)
		if res.Video != 147 || res.Overlapping != 0 || len(res.Problems) > 0 || len(f.tracks[0].samples) != 147 {
			t.Errorf("%+v: %+v", b, res)
		}
	}
}

// TestOverlaps: wherever the second copy begins, whatever the groups of both, no
// time is shown twice, every group of the second is whole, what there is of the
// first is a beginning of it, and every picture is accounted for.
func TestOverlaps(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		first, second := mute(0), mute(1)
		for _, st := range []*stream{&first, &second} {
			st.b = rapid.IntRange(0, 3).Draw(t, "b")
			st.gop = 1 + (st.b+1)*rapid.IntRange(2, 10).Draw(t, "groups")
			st.count = rapid.IntRange(2, 5).Draw(t, "count")
		}
		n := rapid.IntRange(1, first.gop*first.count).Draw(t, "n")
		second.start += int64(rapid.IntRange(0, n).Draw(t, "later")) * 3600
		if rapid.Bool().Draw(t, "the same") {
			second = first
		}
		from := rapid.IntRange(0, second.gop*second.count/2).Draw(t, "from")
		f := &film{}
		res, err := copies(first, second, n, from).into(f, sharing)
		if err != nil {
			t.Fatal(err)
		}
		fed := n + second.gop*second.count - from
		if res.Parts != 1 || res.Video+res.Overlapping+res.DroppedLeading != fed {
			t.Fatalf("%d parts, %d pictures came: %+v", res.Parts, fed, res)
		}
		times, list := f.tracks[0].played()
		if len(slices.Compact(times)) != len(list) {
			t.Fatalf("a time is shown twice")
		}
		if second.part == first.part || len(res.Problems) > 0 {
			return
		}
		k := slices.IndexFunc(list, func(o origin) bool { return o.part == 1 })
		if k < 0 {
			k = len(list)
		}
		for i, o := range list {
			if i < k && o != (origin{0, i}) || i >= k && (o.part != 1 || o.n != list[k].n+i-k) {
				t.Fatalf("place %d has %v", i, o)
			}
		}
		if k < len(list) && list[k].n%second.gop != 0 {
			t.Fatalf("the second begins with picture %d of a group of %d", list[k].n, second.gop)
		}
	})
}

// TestOverlapDecodes joins two transcodes of six seconds that overlap by one: the
// pictures are those of either, and nothing complains.
func TestOverlapDecodes(t *testing.T) {
	dir := t.TempDir()
	make2 := func(name string, cut int, args ...string) (segments [][]byte) {
		all := append([]string{"-f", "lavfi", "-i", "testsrc2=s=160x96:r=25:d=6", "-f", "lavfi", "-i", "sine=f=440:r=48000:d=6",
			"-c:v", "libx264", "-g", "25", "-keyint_min", "25", "-sc_threshold", "0", "-threads:v", "1", "-c:a", "aac", "-ac", "2"}, args...)
		all = append(all, "-f", "segment", "-segment_time", fmt.Sprint(cut), "-segment_format", "mpegts", filepath.Join(dir, name+"%d.ts"))
		ffmpeg(t, all...)
		for i := 0; ; i++ {
			b, err := os.ReadFile(filepath.Join(dir, fmt.Sprintf("%s%d.ts", name, i)))
			if err != nil {
				return segments
			}
			segments = append(segments, b)
		}
	}
	a := make2("a", 2, "-preset", "veryfast", "-bf", "2")
	b := make2("b", 3, "-preset", "veryfast", "-bf", "2", "-qp", "35")
	if len(a) != 3 || len(b) != 2 {
		t.Fatalf("%d and %d segments", len(a), len(b))
	}
	bounds := []Boundary{{}, {NextShared: true}, {Shared: true}}
	path, res := joinAll(t, [][]byte{a[0], a[1], b[1]}, func(i int) Boundary { return bounds[i] })
	if res.Parts != 1 || res.Video != 150 || res.Overlapping != 25 || res.DroppedLeading > 0 || len(res.Problems) > 0 || res.Silent > 0 {
		t.Fatalf("%+v", res)
	}
	whole := func(name string, segments [][]byte) []string {
		cat := filepath.Join(dir, name)
		if err := os.WriteFile(cat, bytes.Join(segments, nil), 0o600); err != nil {
			t.Fatal(err)
		}
		return decoded(t, cat)
	}
	want := append(whole("a.ts", a)[:75:75], whole("b.ts", b)[75:]...)
	if got := decoded(t, path); !slices.Equal(got, want) {
		t.Errorf("%d pictures, want %d, or others", len(got), len(want))
	}
	for i, w := range []int{50, 25, 75} {
		if m := res.Segments[i]; m.Video != w || m.Duration != nanoseconds(int64(w)*3600, 90000) {
			t.Errorf("segment %d: %+v", i, m)
		}
	}
	frames := sourceUnits(t, mp4.Audio, path)
	for i := range frames.pts {
		if d := frames.pts[i] - frames.pts[0] - int64(i)*1024; abs(d) > 1024 {
			t.Fatalf("frame %d of sound is off by %d samples", i, d)
		}
	}
}
