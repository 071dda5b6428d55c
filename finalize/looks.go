package finalize

import (
	"strings"

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

	video, audio  string // distinct values for CODECS, joined by commas
	independent   bool   // it begins with an IDR picture, or is sound alone
	whole         bool   // all that there is was seen
	mute, blind   bool   // sound, or pictures, are announced or there, and were not described
	width, height int
	rate          rate // of its pictures; zero: not known
	language      string
	channels      int
}

// lookAt keeps of a measurement what is needed later.
func lookAt(m *probe.Media) *look {
	if m == nil {
		return nil
	}
	l := &look{container: m.Container, fragments: m.Fragments, needsInit: m.NeedsInit, data: m.Data, header: m.Header, sum: m.Sum, whole: m.Whole || m.Exact, independent: m.Independent}
	var seen looks
	for i := range m.Tracks {
		t := &m.Tracks[i]
		described := t.Frames == 0 && l.whole // what is announced may come behind a head
		for _, e := range append([]mp4.SampleEntry{t.Entry}, t.More...) {
			described = t.Frames > 0 && seen.entry(e, func() string { return m.Codecs(t, e) }) || described
		}
		if t.Kind == mp4.Audio {
			l.mute = l.mute || !described
		} else {
			l.blind = l.blind || !described
		}
		switch {
		case t.Frames == 0:
		case t.Kind == mp4.Audio:
			seen.language(t.Language)
		case l.whole:
			l.rate = l.rate.orFaster(rateOf(t))
		}
	}
	l.video, l.audio = strings.Join(seen.video, ","), strings.Join(seen.audio, ",")
	l.width, l.height, l.channels, l.language = seen.width, seen.height, seen.channels, seen.spoken()
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
	video, audio  []string
	whole         bool // one of them was seen to its end
	mute, blind   bool // of some, as in look
	width, height int
	rate          rate
	languages     []string
	channels      int
}

// entry takes a description. It reports false where that lacks what a value for
// CODECS needs: a stream that was joined between two parameter sets, or a box that
// does not describe what it names.
func (l *looks) entry(e mp4.SampleEntry, codecs func() string) bool {
	if e == nil {
		return false
	}
	value := codecs()
	if needsMore[value] {
		return false
	}
	if e.Kind() == mp4.Audio {
		l.audio = addDistinct(l.audio, value)
	} else {
		l.video = addDistinct(l.video, value)
	}
	switch e := e.(type) {
	case mp4.Pictures:
		l.size(e.Dimensions())
	case mp4.Sound:
		_, channels := e.Layout()
		l.channels = max(l.channels, channels)
	}
	return true
}

// needsMore are types that RFC 6381 §3.3 and the bindings of the codecs want
// parameters behind.
var needsMore = map[string]bool{
	"avc1": true, "avc2": true, "avc3": true, "avc4": true, "hvc1": true, "hev1": true, "av01": true, "vp09": true, "mp4a": true, "mp4v": true,
}

func (l *looks) size(width, height int) {
	if width*height > l.width*l.height {
		l.width, l.height = width, height
	}
}

func (l *looks) language(s string) {
	if s != "" {
		l.languages = addDistinct(l.languages, s)
	}
}

// spoken is the language of all sound that names one; empty: there is none, or
// several.
func (l *looks) spoken() string {
	if len(l.languages) == 1 {
		return l.languages[0]
	}
	return ""
}

func (l *looks) add(of *look) {
	if of == nil {
		return
	}
	l.values(of.video, of.audio)
	l.whole, l.mute, l.blind = l.whole || of.whole, l.mute || of.mute, l.blind || of.blind
	l.size(of.width, of.height)
	l.rate = l.rate.orFaster(of.rate)
	l.language(of.language)
	l.channels = max(l.channels, of.channels)
}

func (l *looks) values(video, audio string) {
	for _, s := range split(video) {
		l.video = addDistinct(l.video, s)
	}
	for _, s := range split(audio) {
		l.audio = addDistinct(l.audio, s)
	}
}

// remember takes what a committed record says of the rendition: its segments are
// in this session too, and what is known of them is not read again.
func (l *looks) remember(q *RenditionRecord) {
	for _, c := range split(q.Codecs) {
		if _, sound := kindsOf(0, c); sound {
			l.values("", c)
		} else {
			l.values(c, "")
		}
	}
	l.size(q.Width, q.Height)
	l.rate = rate{num: q.FrameNum, den: q.FrameDen}.orFaster(l.rate)
	l.language(q.Language)
	l.channels = max(l.channels, q.Channels)
}

// tell writes down what was seen of a rendition.
func (l *looks) tell(q *RenditionRecord) {
	q.Codecs = strings.Join(l.codecs(), ",")
	q.Width, q.Height = l.width, l.height
	q.FrameNum, q.FrameDen = l.rate.num, l.rate.den
	q.Language, q.Channels = l.spoken(), l.channels
}

func split(list string) []string {
	if list == "" {
		return nil
	}
	return strings.Split(list, ",")
}

// codecs are the distinct values, video before audio; none where some was never
// seen, for CODECS has to name all (RFC 8216 §4.3.4.2): where a head ended before the
// sound began, other segments show it.
func (l *looks) codecs() []string {
	if l.blind && len(l.video) == 0 || l.mute && !l.whole && len(l.audio) == 0 {
		return nil
	}
	return append(append([]string(nil), l.video...), l.audio...)
}

func addDistinct(list []string, s string) []string {
	for _, t := range list {
		if t == s {
			return list
		}
	}
	return append(list, s)
}
