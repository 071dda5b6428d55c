package remux

import (
	"cmp"
	"slices"

	"recfin/mp4"
)

// stream makes the segments of one part: a GOP each.
type stream struct {
	part       int
	start      int64 // PTS of the first picture, 90 kHz
	step       int64 // ticks a picture; 0: no video
	gop        int   // 1 + a multiple of (b+1)
	b          int   // B-pictures between two others
	count      int   // segments
	rate       int   // of the sound; 0: none
	lead       int64 // the sound begins that much after the picture
	jitter     func(n int) int64
	videoID    int
	audioID    int
	channels   int
	length     int64 // of a segment without video
	silentSegs map[int]bool
}

func (st stream) seconds(seg int) int64 {
	if st.step == 0 {
		return st.length
	}
	return int64(st.gop) * st.step
}

// soundAt is the PTS of frame n.
func (st stream) soundAt(n int) int64 {
	t := st.start + st.lead + rescale(int64(n)*1024, uint32(st.rate), 90000)
	if st.jitter != nil {
		t += st.jitter(n)
	}
	return t
}

// display gives the place in presentation of the i-th picture of a GOP.
func (st stream) display(i int) int {
	if i == 0 || st.b == 0 {
		return i
	}
	group, at := (i-1)/(st.b+1), (i-1)%(st.b+1)
	if at == 0 {
		return (group + 1) * (st.b + 1)
	}
	return group*(st.b+1) + at
}

func (st stream) segments() [][]event {
	var all [][]event
	picture0, sound0 := 0, 0
	for k := range st.count {
		var list []event
		begin := st.start + int64(k)*st.seconds(k)
		end := begin + st.seconds(k)
		if k == 0 {
			all = append(all, st.announce())
		} else {
			all = append(all, nil)
		}
		for i := range st.gop {
			if st.step == 0 {
				break
			}
			a := mp4.NotAccess
			if i == 0 {
				a = mp4.Sync
			}
			dts := begin + int64(i)*st.step
			if st.b > 0 {
				dts -= st.step
			}
			list = append(list, picture(st.videoID, begin+int64(st.display(i))*st.step, dts, a, pictureData(st.part, picture0)))
			picture0++
		}
		for st.rate > 0 {
			if t := st.soundAt(sound0); t-st.lead >= end {
				break
			} else if !st.silentSegs[k] {
				list = append(list, soundFrame(st.audioID, t, soundData(st.part, sound0)))
			}
			sound0++
		}
		slices.SortStableFunc(list, func(a, b event) int { return cmp.Compare(a.sample.DTS, b.sample.DTS) })
		all[k] = append(all[k], list...)
	}
	return all
}

func (st stream) announce() []event {
	var list []event
	if st.step > 0 {
		list = append(list, videoTrack(st.videoID, avc(1)))
	}
	if st.rate > 0 {
		list = append(list, event{id: st.audioID, track: &mp4.Track{Entry: aac(st.rate, max(st.channels, 2)), Timescale: 90000}})
	}
	return list
}

// usual is a 25 fps stream with two B-pictures and 48 kHz sound.
func usual(part int) stream {
	return stream{part: part, start: 126000, step: 3600, gop: 49, b: 2, count: 3, rate: 48000, videoID: 256, audioID: 257}
}
