package fmp4

import "testing"

// plainSamples are those of plainFile: video in decode order, then audio.
var plainSamples = [2][]smp{
	{{dur: 3600, cts: 7200, sync: true, data: []byte("picture 0")}, {dur: 3600, cts: 14400, data: []byte("1")},
		{dur: 3600, cts: -3600, data: []byte("picture two")}, {dur: 1800, sync: true, data: []byte("picture 3")}},
	{{dur: 1024, data: []byte("s0")}, {dur: 1024, data: []byte("s1")}, {dur: 1024, data: []byte("s2")}},
}

// plainFile is a complete MP4 of two chunks a track. last: its moov stands
// behind the media.
func plainFile(last bool) []byte {
	ftyp := atom("ftyp", []byte("isom\x00\x00\x00\x00"))
	v, a := plainSamples[0], plainSamples[1]
	var media []byte
	var offsets [2][]uint32
	for _, c := range []struct {
		track int
		list  []smp
	}{{0, v[:3]}, {1, a[:2]}, {0, v[3:]}, {1, a[2:]}} {
		offsets[c.track] = append(offsets[c.track], uint32(len(media)))
		for _, s := range c.list {
			media = append(media, s.data...)
		}
	}
	build := func(at uint32) []byte {
		video, audio := foreign, opus
		video.stbl = [][]byte{
			full("stts", 0, 0, u32(2, 3, 3600, 1, 1800)),
			full("ctts", 1, 0, u32(4, 1, 7200, 1, 14400, 1, 0xffffffff-3599, 1, 0)),
			full("stss", 0, 0, u32(2, 1, 4)),
			full("stsc", 0, 0, u32(2, 1, 3, 1, 2, 1, 1)),
			full("stsz", 0, 0, u32(0, 4, 9, 1, 11, 9)),
			full("stco", 0, 0, u32(2, at+offsets[0][0], at+offsets[0][1])),
		}
		audio.stbl = [][]byte{
			full("stts", 0, 0, u32(1, 3, 1024)),
			full("stsc", 0, 0, u32(2, 1, 2, 1, 2, 1, 1)),
			full("stsz", 0, 0, u32(2, 3)),
			full("co64", 0, 0, u32(2), u64(uint64(at+offsets[1][0]), uint64(at+offsets[1][1]))),
		}
		audio.long = true
		video.edits = full("elst", 0, 0, u32(2, 500, 0xffffffff, 1<<16, 1000, 3600, 1<<16))
		audio.edits = full("elst", 1, 0, u32(1), u64(1000, 1024), u32(1<<16))
		return moov(video.box(), audio.box())
	}
	mdat := atom("mdat", media)
	if last {
		return append(append(ftyp, mdat...), build(uint32(len(ftyp)+8))...)
	}
	head := len(ftyp) + len(build(0)) + 8
	return append(append(ftyp, build(uint32(head))...), mdat...)
}

// wantPlain are the samples of plainFile: an empty edit of half a second and a
// start at the second picture, and one frame of priming.
func wantPlain() (list []got) {
	dts := int64(45000 - 3600)
	for _, s := range plainSamples[0] {
		g := got{id: 1, pts: dts + int64(s.cts), dts: dts, duration: int64(s.dur), inBand: true, payload: string(s.data)}
		if s.sync {
			g.access = 4
		}
		list = append(list, g)
		dts += int64(s.dur)
	}
	dts = -1024
	for _, s := range plainSamples[1] {
		list = append(list, got{id: 2, pts: dts, dts: dts, duration: 1024, access: 4, inBand: true, payload: string(s.data)})
		dts += 1024
	}
	return list
}

func TestPlainFile(t *testing.T) {
	for _, last := range []bool{false, true} {
		file := plainFile(last)
		check := func(name string, r *recorder, s Stats, err error, times int) {
			t.Helper()
			want := wantPlain()
			var have []got
			for id := 1; id <= 2; id++ {
				have = append(have, r.of(id)...)
			}
			if err != nil || len(have) != times*len(want) || s.Truncated+s.Edits+s.BadBoxes+s.Empty != 0 {
				t.Fatalf("%s, moov last %v: %d samples, %+v: %v", name, last, len(have), s, err)
			}
			for i := range have {
				id, k := 0, i
				if k >= 4*times {
					id, k = 4, k-4*times
				}
				if w := want[id+k%(4-id/4)]; have[i] != w {
					t.Errorf("%s, moov last %v: %+v, want %+v", name, last, have[i], w)
				}
			}
		}
		r, s, err := demux(t, Options{}, file)
		check("alone", r, s, err, 1)
		r, s, err = demux(t, Options{}, file, file, file)
		check("three of them", r, s, err, 3)
		r, s, err = demux(t, Options{Init: boxList(file).find("moov").raw}, file)
		check("moov given", r, s, err, 1)
	}
}
