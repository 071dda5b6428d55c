package sound

import (
	"testing"

	"recfin/internal/tswriter"
	"recfin/mp4"
)

func TestReadMPEG(t *testing.T) {
	for name, c := range map[string]struct {
		in   tswriter.MPEGAudio
		size int
		want mp4.MP3
	}{
		"MPEG-1 layer III, 128 kbit/s":     {tswriter.MPEGAudio{Version: 3, Layer: 3, Index: 9}, 417, mp4.MP3{ObjectType: 0x6b, Layer: 3, SampleRate: 44100, Channels: 2, FrameSize: 1152}},
		"with padding":                     {tswriter.MPEGAudio{Version: 3, Layer: 3, Index: 9, Padding: true}, 418, mp4.MP3{ObjectType: 0x6b, Layer: 3, SampleRate: 44100, Channels: 2, FrameSize: 1152}},
		"MPEG-1 layer II, 384 kbit/s":      {tswriter.MPEGAudio{Version: 3, Layer: 2, Index: 14, Rate: 1, Mode: 3}, 1152, mp4.MP3{ObjectType: 0x6b, Layer: 2, SampleRate: 48000, Channels: 1, FrameSize: 1152}},
		"MPEG-1 layer I, 448 kbit/s":       {tswriter.MPEGAudio{Version: 3, Layer: 1, Index: 14, Rate: 2}, 672, mp4.MP3{ObjectType: 0x6b, Layer: 1, SampleRate: 32000, Channels: 2, FrameSize: 384}},
		"layer I, whole words and padding": {tswriter.MPEGAudio{Version: 3, Layer: 1, Index: 1, Padding: true}, 36, mp4.MP3{ObjectType: 0x6b, Layer: 1, SampleRate: 44100, Channels: 2, FrameSize: 384}},
		"MPEG-2 layer III, 64 kbit/s":      {tswriter.MPEGAudio{Version: 2, Layer: 3, Index: 8}, 208, mp4.MP3{ObjectType: 0x69, Layer: 3, SampleRate: 22050, Channels: 2, FrameSize: 576}},
		"MPEG-2 layer II, 160 kbit/s":      {tswriter.MPEGAudio{Version: 2, Layer: 2, Index: 14, Rate: 1}, 960, mp4.MP3{ObjectType: 0x69, Layer: 2, SampleRate: 24000, Channels: 2, FrameSize: 1152}},
		"MPEG 2.5 layer III, 8 kbit/s":     {tswriter.MPEGAudio{Version: 0, Layer: 3, Index: 1, Rate: 2, Mode: 3}, 72, mp4.MP3{ObjectType: 0x69, Layer: 3, SampleRate: 8000, Channels: 1, FrameSize: 576}},
		"free format":                      {tswriter.MPEGAudio{Version: 3, Layer: 3}, 0, mp4.MP3{ObjectType: 0x6b, Layer: 3, SampleRate: 44100, Channels: 2, FrameSize: 1152}},
	} {
		f, ok := ReadMPEG(c.in.Frame())
		if !ok || f.Size != c.size || f.Entry != c.want {
			t.Errorf("%s: %+v, %v, want %d bytes, %+v", name, f, ok, c.size, c.want)
			continue
		}
		if _, err := f.Entry.Box(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, b := range map[string][]byte{
		"short":            {0xff, 0xfb, 0x90},
		"ADTS":             {0xff, 0xf1, 0x50, 0x80},
		"reserved version": {0xff, 0xeb, 0x90, 0},
		"bad bit rate":     {0xff, 0xfb, 0xf0, 0},
		"reserved rate":    {0xff, 0xfb, 0x9c, 0},
		"bad emphasis":     {0xff, 0xfb, 0x90, 2},
	} {
		if f, ok := ReadMPEG(b); ok {
			t.Errorf("%s: %+v", name, f)
		}
	}
}

func FuzzReadMPEG(f *testing.F) {
	f.Add(tswriter.MP3(1))
	f.Add([]byte{0xff, 0xfb, 0xf0, 0})
	f.Fuzz(func(t *testing.T, b []byte) {
		h, ok := ReadMPEG(b)
		if ok && (h.Size < 0 || h.Size > 4608+4 || h.Size > 0 && h.Size < 24 || h.Entry.SampleRate < 8000) {
			t.Fatalf("%+v", h)
		}
	})
}
