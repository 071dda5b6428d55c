package remux

import (
	"fmt"
	"slices"
	"testing"

	"recfin/mp4"
)

// voice is a track of sound in a part of a test.
type voice struct {
	id       int
	entry    mp4.SampleEntry
	language string
	name     int // number that its payload carries
}

// sing makes two seconds of pictures and of voices, in the order of the list, from
// a time on.
func sing(from int64, voices []voice) []event {
	list := []event{videoTrack(1, firstAVC)}
	for _, v := range voices {
		list = append(list, event{id: v.id, track: &mp4.Track{Entry: v.entry, Timescale: clock, Language: v.language}})
	}
	for i := range int64(50) {
		list = append(list, picture(1, from+i*3600, from+i*3600, mp4.Sync, pictureData(0, int(i))))
	}
	for i := range int64(94) {
		for _, v := range voices {
			if at := i * int64(v.entry.(mp4.Sound).Frame()) * clock / 48000; at < 180000 {
				list = append(list, soundFrame(v.id, from+at, soundData(v.name, int(i))))
			}
		}
	}
	return list
}

// TestMatching: the same sound goes on in the same track whatever its id is and
// whichever comes first, in a part of its own and in a run.
func TestMatching(t *testing.T) {
	ac3 := &mp4.AC3{Bsid: 8, Acmod: 2, BitRateCode: 8, SampleRate: 48000, Channels: 2}
	other, mono := aac(48000, 2), aac(48000, 1)
	for _, c := range []struct {
		name          string
		before, after []voice
		join          bool
		want          [][]int // names in each track
	}{
		{"other ids and order", []voice{{2, aac48, "", 1}, {3, ac3, "", 2}}, []voice{{5, ac3, "", 2}, {6, other, "", 1}}, true, [][]int{{1}, {2}}},
		{"ids that changed places", []voice{{2, aac48, "", 1}, {3, ac3, "", 2}}, []voice{{2, ac3, "", 2}, {3, other, "", 1}}, true, [][]int{{1}, {2}}},
		{"in a run too", []voice{{2, aac48, "", 1}, {3, ac3, "", 2}}, []voice{{2, ac3, "", 2}, {3, other, "", 1}}, false, [][]int{{1}, {2}}},
		{"languages", []voice{{2, aac48, "eng", 1}, {3, aac48, "deu", 2}}, []voice{{3, other, "eng", 1}, {2, other, "deu", 2}}, true, [][]int{{1}, {2}}},
		{"languages in a run", []voice{{2, aac48, "eng", 1}, {3, aac48, "deu", 2}}, []voice{{2, other, "deu", 2}, {3, other, "eng", 1}}, false, [][]int{{1}, {2}}},
		{"languages before codecs", []voice{{2, aac48, "eng", 1}, {3, aac48, "deu", 2}}, []voice{{2, mono, "deu", 2}, {3, other, "eng", 1}}, true, [][]int{{1}, {2}}},
		{"languages of which one is not told", []voice{{2, aac48, "eng", 1}, {3, aac48, "deu", 2}}, []voice{{2, other, "und", 2}, {3, other, "eng", 1}}, true, [][]int{{1}, {2}}},
		{"channels", []voice{{2, aac48, "", 1}, {3, mono, "", 2}}, []voice{{3, aac48, "", 1}, {2, mono, "", 2}}, true, [][]int{{1}, {2}}},
		{"equal ones by their ids", []voice{{2, aac48, "", 1}, {3, aac48, "", 2}}, []voice{{3, other, "", 2}, {2, other, "", 1}}, true, [][]int{{1}, {2}}},
		{"the first is missing", []voice{{2, aac48, "eng", 1}, {3, aac48, "deu", 2}}, []voice{{2, other, "deu", 2}}, true, [][]int{{1}, {2}}},
		{"one more", []voice{{2, aac48, "", 1}}, []voice{{2, ac3, "", 2}, {3, other, "", 1}}, true, [][]int{{1}, {2}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			at := int64(180000)
			if c.join {
				at = 1 << 30
			}
			out, res, err := (&script{segments: [][]event{sing(0, c.before), sing(at, c.after)}}).runFiles([]Boundary{{}, {Join: c.join}}, Options{})
			if err != nil {
				t.Fatal(err)
			}
			sounds := len(sing(0, c.before)) + len(sing(0, c.after)) - 102 - len(c.before) - len(c.after)
			if len(out.films) != 1 || res.Video != 100 || res.Audio != sounds {
				t.Fatalf("%d files, %+v", len(out.films), res)
			}
			var got [][]int
			for n := 0; out.films[0].reel(mp4.Audio, n) != nil; n++ {
				var names []int
				for _, x := range out.films[0].reel(mp4.Audio, n).samples {
					if !isSilence(x) && !slices.Contains(names, originOf(x.data).part) {
						names = append(names, originOf(x.data).part)
					}
				}
				got = append(got, names)
			}
			if fmt.Sprint(got) != fmt.Sprint(c.want) {
				t.Errorf("tracks hold %v, want %v", got, c.want)
			}
		})
	}
}
