package finalize

import (
	"strings"
	"time"

	"recfin/mp4"
	"recfin/probe"
)

// look is what a segment looks like to those who write it. Most segments of a
// recording look the same.
type look struct {
	container probe.Container
	fragments bool
	needsInit bool
	data      bool     // there is more than audio and video
	header    int64    // bytes before the first fragment, where it brings its own moov
	sum       [32]byte // SHA-256, where all of it was read

	video, audio     string // distinct values for CODECS, joined by commas
	width, height    int
	rateNum, rateDen int
	longest          time.Duration // of the track that the rate is of
}

// lookAt keeps of a measurement what is needed later.
func lookAt(m *probe.Media) *look {
	if m == nil {
		return nil
	}
	l := &look{container: m.Container, fragments: m.Fragments, needsInit: m.NeedsInit, data: m.Data, header: m.Header, sum: m.Sum}
	var video, audio []string
	for i := range m.Tracks {
		t := &m.Tracks[i]
		if t.Entry == nil || t.Frames == 0 {
			continue
		}
		if t.Kind == mp4.Audio {
			audio = addDistinct(audio, t.Entry.Codecs())
			continue
		}
		video = addDistinct(video, t.Entry.Codecs())
		if p, ok := t.Entry.(mp4.Pictures); ok {
			if w, h := p.Dimensions(); w*h > l.width*l.height {
				l.width, l.height = w, h
			}
		}
		if d := t.LastDTS - t.FirstDTS + t.LastDelta; m.Whole && t.Frames > 1 && d > 0 && t.Time(d) > l.longest {
			l.longest = t.Time(d)
			l.rateNum, l.rateDen = lowest(int64(t.Frames)*int64(t.Timescale), d)
		}
	}
	l.video, l.audio = strings.Join(video, ","), strings.Join(audio, ",")
	return l
}

// front is how many bytes of a segment come before its first fragment, where it
// brings its own moov; of an MP4 without fragments all of it is front.
func (l *look) front(size int64) int64 {
	switch {
	case l == nil || l.container != probe.MP4:
		return 0
	case !l.fragments:
		return size
	}
	return l.header
}

// looks gathers what the segments of one rendition look like.
type looks struct {
	video, audio     []string
	width, height    int
	rateNum, rateDen int
	longest          time.Duration
}

func (l *looks) add(of *look) {
	if of == nil {
		return
	}
	for _, s := range split(of.video) {
		l.video = addDistinct(l.video, s)
	}
	for _, s := range split(of.audio) {
		l.audio = addDistinct(l.audio, s)
	}
	if of.width*of.height > l.width*l.height {
		l.width, l.height = of.width, of.height
	}
	if of.longest > l.longest {
		l.longest, l.rateNum, l.rateDen = of.longest, of.rateNum, of.rateDen
	}
}

func split(list string) []string {
	if list == "" {
		return nil
	}
	return strings.Split(list, ",")
}

// codecs are the distinct values, video before audio.
func (l *looks) codecs() []string { return append(append([]string(nil), l.video...), l.audio...) }

func addDistinct(list []string, s string) []string {
	for _, t := range list {
		if t == s {
			return list
		}
	}
	return append(list, s)
}

// lowest reduces a fraction.
func lowest(num, den int64) (int, int) {
	a, b := num, den
	for b != 0 {
		a, b = b, a%b
	}
	return int(num / a), int(den / a)
}
