package fmp4

import (
	"cmp"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// drawSegment makes a segment of fragments, and the samples of each track.
func drawSegment(t *rapid.T, at int) (init, segment []byte, want map[int][]got) {
	trexes := map[uint32]defaults{}
	for id := range uint32(2) {
		trexes[id+1] = defaults{
			duration: uint32(rapid.IntRange(1, 3000).Draw(t, "trex")), size: uint32(rapid.IntRange(1, 30).Draw(t, "trex")),
			flags: flagsOf(smp{sync: true}),
		}
		if rapid.Bool().Draw(t, "trex") {
			d := trexes[id+1]
			d.flags = flagsOf(smp{})
			trexes[id+1] = d
		}
	}
	var list [][]byte
	for id, d := range trexes {
		list = append(list, trex(id, d.duration, d.size, d.flags))
	}
	slices.SortFunc(list, func(a, b []byte) int { return slices.Compare(a, b) })
	init = append(atom("ftyp", []byte("iso6\x00\x00\x00\x00")), moov(foreign.box(), opus.box(), mvex(list...))...)
	want = map[int][]got{}
	next := map[uint32]uint64{
		1: rapid.Uint64Range(0, 1<<49).Draw(t, "start"),
		2: rapid.Uint64Range(0, 1<<20).Draw(t, "start"),
	}
	for range rapid.IntRange(1, 3).Draw(t, "fragments") {
		if rapid.Bool().Draw(t, "other boxes") {
			segment = append(segment, atom("free", make([]byte, 5))...)
			segment = append(segment, full("prft", 0, 0, u32(1, 2, 3, 4))...)
		}
		var trafs []traf
		for k := range rapid.IntRange(1, 3).Draw(t, "tracks") {
			id := uint32(1 + k%2)
			tr, out, end := drawTraf(t, id, next[id], k == 0, flat(trexes, id))
			next[id] = end
			trafs = append(trafs, tr)
			want[int(id)] = append(want[int(id)], out...)
		}
		for i := range trafs { // without a base, offsets count from the data before: only told apart where they are implied
			if i > 0 && trafs[i].style.base == 2 {
				trafs[i].style.base = 0
			}
		}
		segment = append(segment, moofBox(at+len(segment), trafs...)...)
	}
	return init, segment, want
}

func flat(d map[uint32]defaults, id uint32) map[uint32]defaults {
	v := d[id]
	if v.flags == flagsOf(smp{sync: true}) {
		v.flags = 0
	}
	return map[uint32]defaults{id: v}
}

// Whatever way a fragment tells what it holds, the samples are those that were
// put in.
func TestAnyStyle(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		init, segment, want := drawSegment(t, 0)
		r := &recorder{}
		d := New(r, Options{Init: init})
		for b := segment; len(b) > 0; {
			n := rapid.IntRange(1, len(b)).Draw(t, "slice")
			if _, err := d.Write(b[:n]); err != nil {
				t.Fatal(err)
			}
			b = b[n:]
		}
		if err := d.Flush(); err != nil {
			t.Fatal(err)
		}
		for id := 1; id <= 2; id++ {
			if have := r.of(id); !slices.Equal(have, want[id]) {
				t.Fatalf("track %d\n%+v\nwant\n%+v", id, have, want[id])
			}
		}
		if s := d.Stats(); s.Truncated+s.BadBoxes+s.Rebased+s.Untimed+s.CutBoxes+s.JunkBytes+s.Empty != 0 {
			t.Fatalf("%+v", s)
		}
	})
}

// Cut anywhere, a segment gives the samples that came whole, in their order, and
// says that something is missing.
func TestCutAnywhere(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		init, segment, want := drawSegment(t, 0)
		n := rapid.IntRange(1, len(segment)-1).Draw(t, "bytes")
		r, stats, err := demux2(Options{Init: init}, segment[:n])
		if err != nil {
			t.Fatal(err)
		}
		missing := 0
		for id := 1; id <= 2; id++ {
			have := r.of(id)
			if len(have) > len(want[id]) || !slices.Equal(have, want[id][:len(have)]) {
				t.Fatalf("track %d\n%+v\nis no beginning of\n%+v", id, have, want[id])
			}
			missing += len(want[id]) - len(have)
		}
		if atEnd := ends(segment, n); missing > 0 && stats.Truncated == 0 && stats.CutBoxes == 0 && !atEnd {
			t.Fatalf("%d samples are missing, and nothing says so: %+v", missing, stats)
		}
		partial, _, err := demux2(Options{Init: init, Partial: true, Bare: true, Size: int64(len(segment))}, segment[:n])
		if err != nil {
			t.Fatal(err)
		}
		for id := 1; id <= 2; id++ { // a head may describe more than it holds, but nothing else
			have := partial.of(id)
			if len(have) > len(want[id]) {
				t.Fatalf("track %d: the head describes %d of %d samples", id, len(have), len(want[id]))
			}
			for i, s := range have {
				w := want[id][i]
				if s.pts != w.pts || s.dts != w.dts || s.duration != w.duration || s.access != w.access {
					t.Fatalf("track %d, sample %d: %+v, want %+v", id, i, s, w)
				}
			}
		}
	})
}

// ends reports whether a box ends at n: what is cut there cannot be told from a
// shorter segment.
func ends(segment []byte, n int) bool {
	at := 0
	for b := range boxList(segment[:n]).all {
		at += len(b.raw)
	}
	return at == n
}

func demux2(opt Options, segment []byte) (*recorder, Stats, error) {
	r := &recorder{}
	d := New(r, opt)
	if _, err := d.Write(segment); err != nil {
		return r, d.Stats(), err
	}
	err := d.Flush()
	return r, d.Stats(), err
}

// Slicing changes neither the samples nor their order.
func TestSlicing(t *testing.T) {
	file := plainFile(false)
	last := plainFile(true)
	rapid.Check(t, func(t *rapid.T) {
		init, segment, _ := drawSegment(t, 0)
		for _, b := range [][]byte{append(slices.Clone(init), segment...), file, last} {
			whole, stats, err := demux2(Options{}, b)
			if err != nil {
				t.Fatal(err)
			}
			r := &recorder{}
			d := New(r, Options{})
			for len(b) > 0 {
				n := rapid.IntRange(1, min(len(b), 300)).Draw(t, "slice")
				if _, err := d.Write(b[:n]); err != nil {
					t.Fatal(err)
				}
				b = b[n:]
			}
			if err := d.Flush(); err != nil || !slices.Equal(r.log, whole.log) {
				t.Fatalf("%v\n%v\nwant\n%v", err, r.log, whole.log)
			}
			if s := d.Stats(); s.Truncated != stats.Truncated || s.BadBoxes != stats.BadBoxes {
				t.Fatalf("%+v, want %+v", s, stats)
			}
		}
	})
}

// Samples come in the order of their decode times, whatever their order in the
// file.
func TestInterleaved(t *testing.T) {
	v := traf{id: 1, style: plain, runs: [][]smp{nil}}
	a := traf{id: 2, style: plain, runs: [][]smp{nil}}
	for i := range 50 {
		v.runs[0] = append(v.runs[0], smp{dur: 3600, sync: i == 0, data: []byte{1, byte(i)}})
	}
	for i := range 93 {
		a.runs[0] = append(a.runs[0], smp{dur: 1024, sync: true, data: []byte{2, byte(i)}})
	}
	init := moov(foreign.box(), opus.box(), mvex(trex(1, 0, 0, 0), trex(2, 0, 0, 0)))
	r, _, err := demux(t, Options{Init: init}, moofBox(0, v, a))
	if err != nil {
		t.Fatal(err)
	}
	if len(r.samples) != 143 || !slices.IsSortedFunc(r.samples, func(x, y got) int {
		return cmp.Compare(x.dts*int64(r.tracks[y.id].Timescale), y.dts*int64(r.tracks[x.id].Timescale))
	}) {
		t.Errorf("%d samples out of order", len(r.samples))
	}
}
