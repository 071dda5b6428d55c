package mpegts

import (
	"slices"

	"recfin/internal/tswriter"
)

// kind is a codec whose frames are made by hand. Each frame is an access unit.
type kind struct {
	name    string
	typ     uint8
	tags    []byte // descriptors
	frame   func(i int) []byte
	payload func(i int) []byte // as it stands in an MP4
	samples int64
	rate    int64
	codecs  string
}

var (
	config48  = []byte{0x11, 0x90} // AAC-LC, 48 kHz, two channels
	tagsOpus  = []byte{5, 4, 'O', 'p', 'u', 's', 0x7f, 2, 0x80, 2}
	tagsEAC3  = []byte{tagEAC3, 1, 0}
	opus20    = []byte{31 << 3, 1, 2}
	kindADTS  = kind{"ADTS", 0x0f, nil, func(i int) []byte { return tswriter.Stereo48(block(i)) }, block, 1024, 48000, "mp4a.40.2"}
	kindAC3   = kind{"AC-3", 0x81, nil, ac3Frame, ac3Frame, 1536, 44100, "ac-3"}
	kindEAC3  = kind{"E-AC-3", 0x06, tagsEAC3, eac3Frame, eac3Frame, 1536, 48000, "ec-3"}
	kindMP3   = kind{"MP3", 0x03, nil, mp3Frame, mp3Frame, 1152, 48000, "mp4a.6B"}
	kindLATM  = kind{"LATM", 0x11, nil, latmFrame, block, 1024, 48000, "mp4a.40.2"}
	kindOpus  = kind{"Opus", 0x06, tagsOpus, func(i int) []byte { return tswriter.Opus(-1, -1, nil, opusPacket(i)) }, opusPacket, 960, 48000, "opus"}
	allSounds = []kind{kindADTS, kindAC3, kindEAC3, kindMP3, kindLATM, kindOpus}
)

// ac3Frame is of 44.1 kHz, where frames alternate in length.
func ac3Frame(i int) []byte {
	return tswriter.AC3{Fscod: 1, Frmsizecod: uint32(8 + i%2), Acmod: 2, Fill: byte(i + 20)}.Frame()
}

func eac3Frame(i int) []byte {
	return tswriter.EAC3{Size: 100 + 2*(i%9), Code: 3, Acmod: 7, LFE: true, Fill: byte(i + 20)}.Frame()
}

func mp3Frame(i int) []byte { return tswriter.MP3(byte(i%200 + 20)) }

// latmFrame brings the configuration with every third frame.
func latmFrame(i int) []byte {
	return tswriter.LATM{Same: i%3 != 0, ASC: config48, Payloads: [][]byte{block(i)}}.Frame()
}

func opusPacket(i int) []byte { return append(slices.Clone(opus20), byte(i)) }

// frames joins frames lo to hi.
func (k kind) frames(lo, hi int) (b []byte) {
	for i := lo; i < hi; i++ {
		b = append(b, k.frame(i)...)
	}
	return b
}

// heard are the units lo to hi from a time on.
func (k kind) heard(base int64, lo, hi int) (h []heard) {
	for i := lo; i < hi; i++ {
		h = append(h, heard{base + ticks(int64(i-lo)*k.samples, k.rate), string(k.payload(i))})
	}
	return h
}

// at is how many ticks n frames last.
func (k kind) at(n int) int64 { return ticks(int64(n)*k.samples, k.rate) }

func (k kind) stream() tswriter.Stream {
	return tswriter.Stream{PID: aPID, Type: k.typ, StreamID: 0xbd, Descriptors: k.tags}
}

func (k kind) writer(p ...pes) *tswriter.Writer {
	w := tswriter.New(k.stream())
	w.Tables()
	for _, x := range p {
		w.PES(aPID, x)
	}
	return w
}

// alike reports whether units are equal, but for a tick where anchors are rounded.
func alike(a, b []heard) bool {
	return slices.EqualFunc(a, b, func(x, y heard) bool {
		return x.payload == y.payload && max(x.pts-y.pts, y.pts-x.pts) <= 1
	})
}

func soundsOf(r *recorder) (h []heard) {
	for _, s := range r.of(aPID) {
		h = append(h, heard{s.pts, s.payload})
	}
	return h
}
