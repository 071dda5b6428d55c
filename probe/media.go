package probe

import (
	"fmt"
	"strings"
	"time"

	"recfin/mp4"
	"recfin/probe/mpegts"
)

// Media is what measuring found in one segment.
type Media struct {
	Container   Container
	Whole       bool              // everything was read; otherwise only a head
	Exact       bool              // the end is known: Duration, LastDTS, MaxEnd and Frames are of the whole segment, though only its head may have been read
	Empty       bool              // there are 0 bytes
	NeedsInit   bool              // fragments without a moov, and no Options.Init: see ErrNeedsInit
	MoovAt      int64             // where the box behind the media of an MP4 begins, if no moov came before: it may be there; 0: nowhere
	InitID      string            // identity of Options.Init, or of the Header of a file that brings its own: hexadecimal digits; empty: none was given or needed
	Fragments   bool              // of MP4: it has fragments (moof), and so has a place in HLS
	Header      int64             // of fragmented MP4 that brings its own moov: bytes up to its end; 0: it brings none
	Bytes       int64             // bytes that were looked at
	Data        bool              // there is more than audio and video: data PIDs, or packets that no map names
	IFrames     []IFrame          // of the first video track, in order; of a head none
	Independent bool              // the first sample, in decode order, is an IDR picture, or without video a frame of sound, and nothing of another segment runs on into it
	Described   bool              // what describes the media (PAT and PMT, moov) stands before the first of IFrames, or is Options.Init, and holds for all of them
	Tracks      []Track           // by id, those that the map declares and that have nothing in them too
	Sum         [32]byte          // SHA-256 of the segment, where Whole measured it
	Metadata    map[string]string // user metadata of the object, keys in lower case
	Problems    []string          // stable words with counts, sorted: "continuity-errors 3"
}

// Wrap is the period of the clock; 0: it never wraps.
func (m *Media) Wrap() time.Duration {
	if m.Container == MPEGTS {
		return toTime(mpegts.Wrap, mpegts.Timescale)
	}
	return 0
}

// Video is the first video track with an access unit, or nil.
func (m *Media) Video() *Track { return m.first(mp4.Video) }

func (m *Media) first(k mp4.Kind) *Track {
	for i := range m.Tracks {
		if t := &m.Tracks[i]; t.Kind == k && t.Frames > 0 {
			return t
		}
	}
	return nil
}

// lead is the track that time is taken from.
func (m *Media) lead() *Track {
	if v := m.Video(); v != nil {
		return v
	}
	return m.first(mp4.Audio)
}

// Reorder is the reorder constant as this segment shows it: smallest PTS minus
// first DTS of its video; 0 without video.
func (m *Media) Reorder() time.Duration {
	v := m.Video()
	if v == nil {
		return 0
	}
	return v.Time(v.MinPTS) - v.Time(v.FirstDTS)
}

// Start is where the segment starts on its clock: first DTS of its video plus
// Reorder; audio only: PTS of the first frame. false: no timestamps.
func (m *Media) Start() (time.Duration, bool) { return m.StartWith(m.Reorder()) }

// StartWith is Start with the reorder constant of the run, which is that of the
// run's first segment.
func (m *Media) StartWith(reorder time.Duration) (time.Duration, bool) {
	t := m.lead()
	switch {
	case t == nil:
		return 0, false
	case t.Kind == mp4.Video:
		return t.Time(t.FirstDTS) + reorder, true
	}
	return t.Time(t.FirstPTS), true
}

// Duration is the length of the video, or of the longest track where there is
// none: last DTS plus last delta minus first DTS. Of a head it is what was seen.
func (m *Media) Duration() time.Duration {
	if v := m.Video(); v != nil {
		return v.Duration()
	}
	var d time.Duration
	for i := range m.Tracks {
		d = max(d, m.Tracks[i].Duration())
	}
	return d
}

// Access says whether decoding can start at the first sample: of the video, or
// without video of the audio.
func (m *Media) Access() bool {
	t := m.lead()
	return t != nil && t.FirstAccess > mp4.NotAccess
}

// Params names all that forces a discontinuity when it changes: container,
// the init segment, track ids, kinds, and the parameters of each
// track that were seen.
func (m *Media) Params() string {
	var b strings.Builder
	b.WriteString(m.Container.String())
	if m.InitID != "" {
		b.WriteString(";init:" + m.InitID)
	}
	for i := range m.Tracks {
		if t := &m.Tracks[i]; t.Params() != "" {
			fmt.Fprintf(&b, ";%d:%v:%s", t.ID, t.Kind, t.Params())
		}
	}
	return b.String()
}

// Params names what forces a discontinuity when it changes in a track: codec,
// profile, picture size, audio rate and channels. Empty: no parameters were seen.
func (t *Track) Params() string {
	if t.Entry == nil || t.Frames == 0 {
		return ""
	}
	switch e := t.Entry.(type) {
	case mp4.Pictures:
		w, h := e.Dimensions()
		if w == 0 {
			return "" // no parameter set yet
		}
		return fmt.Sprintf("%s:%dx%d", t.Entry.Codecs(), w, h)
	case mp4.Sound:
		rate, channels := e.Layout()
		return fmt.Sprintf("%s:%d:%d", t.Entry.Codecs(), rate, channels)
	}
	return t.Entry.Codecs()
}
