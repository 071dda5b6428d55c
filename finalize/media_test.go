package finalize_test

import (
	"fmt"
	"sync"

	"recfin/internal/tswriter"
)

// feed is a live stream as its encoder makes it: segments of 2 s with 10
// pictures and AAC of 8 kHz, cheap enough to be read ten thousand times. Two feeds with
// equal fields give equal bytes, so a copy of another broadcaster is the same
// feed under another key.
type feed struct {
	Content       string // what is on air; a different text is a different coded payload
	Width, Height int    // multiples of 16
	Clock         int64  // 90 kHz time of segment 0
	Wide          bool   // sound of 16 kHz
}

const (
	segmentTicks = 180000 // 2 s
	pictureTicks = 18000  // 5 pictures a second
	audioTicks   = 11520  // 1024 samples of 8 kHz, two frames of 16 kHz

	videoPID, audioPID = 0x100, 0x101
)

// made keeps the segments of each feed: the continuity counters of one begin
// where those of the one before end.
var made = struct {
	sync.Mutex
	segments map[feed][][]byte
	counters map[feed][3]byte
}{segments: map[feed][][]byte{}, counters: map[feed][3]byte{}}

// segment gives segment n of the feed.
func (f feed) segment(n int) []byte {
	made.Lock()
	defer made.Unlock()
	for len(made.segments[f]) <= n {
		made.segments[f] = append(made.segments[f], f.make(len(made.segments[f])))
	}
	return made.segments[f][n]
}

// cut gives the first part of segment n: its upload broke off.
func (f feed) cut(n int) []byte { return f.segment(n)[:188*10] }

func (f feed) make(n int) []byte { return f.makeOf(n, segmentTicks/pictureTicks) }

// makeOf makes segment n where each has so many pictures. Segments of one feed are
// made in order, all with as many.
func (f feed) makeOf(n int, pictures int64) []byte {
	w := tswriter.New(
		tswriter.Stream{PID: videoPID, Type: tswriter.TypeH264},
		tswriter.Stream{PID: audioPID, Type: tswriter.TypeADTS, StreamID: 0xc0},
	)
	cc := made.counters[f]
	w.SetCounter(videoPID, cc[0])
	w.SetCounter(audioPID, cc[1])
	w.SetCounter(0, cc[2])
	w.SetCounter(w.PMT, cc[2])
	w.Tables()
	start := int64(n) * pictures * pictureTicks
	frame := (start + audioTicks - 1) / audioTicks
	for i := range pictures {
		at := f.Clock + start + i*pictureTicks
		w.PES(videoPID, tswriter.PES{PTS: at, DTS: at, Data: f.picture(n, int(i))})
		f.sound(w, &frame, start+(i+1)*pictureTicks)
	}
	made.counters[f] = [3]byte{w.Counter(videoPID), w.Counter(audioPID), w.Counter(0)}
	return w.Bytes()
}

// picture is an access unit; the first of a segment is an IDR picture.
func (f feed) picture(n, i int) []byte {
	data := fmt.Appendf(nil, "%s %dx%d segment %d picture %d", f.Content, f.Width, f.Height, n, i)
	if i > 0 {
		p := tswriter.Slice{Type: tswriter.P, FrameNum: uint32(i), POC: uint32(2 * i), Data: data}
		return tswriter.AnnexB(false, tswriter.Delimiter, p.NAL())
	}
	sps := tswriter.SPS{Width: f.Width, Height: f.Height, FrameTicks: pictureTicks}.NAL()
	idr := tswriter.Slice{IDR: true, Type: tswriter.I, Data: data}
	return tswriter.AnnexB(false, tswriter.Delimiter, sps, tswriter.PPS(0, 0, 0), idr.NAL())
}

// sound writes the audio frames that begin before a time, in one PES.
func (f feed) sound(w *tswriter.Writer, frame *int64, until int64) {
	first, data := *frame, []byte(nil)
	for ; *frame*audioTicks < until; *frame++ {
		block := fmt.Appendf(nil, "%s sound %d", f.Content, *frame)
		if !f.Wide {
			data = append(data, tswriter.ADTS{Profile: 1, Rate: 11, Channels: 1, Blocks: [][]byte{block}}.Frame()...)
			continue
		}
		for range 2 {
			data = append(data, tswriter.ADTS{Profile: 1, Rate: 8, Channels: 1, Blocks: [][]byte{block}}.Frame()...)
		}
	}
	if at := f.Clock + first*audioTicks; len(data) > 0 {
		w.PES(audioPID, tswriter.PES{PTS: at, DTS: at, Bounded: true, Data: data})
	}
}
