package remux

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"recfin/mp4"
)

// quietCases are entries of every codec with silence, and how many channels a
// decoder makes of them.
func quietCases() map[string]mp4.SampleEntry {
	cases := map[string]mp4.SampleEntry{
		"aac 960":    &mp4.AAC{Config: []byte{2<<3 | 1, 0x80 | 2<<3 | 4}, ObjectType: 2, SampleRate: 48000, Channels: 2, FrameSize: 960},
		"aac sbr":    &mp4.AAC{Config: []byte{5<<3 | 3, 0<<7 | 2<<3 | 1, 0x80 | 2<<2, 0}, ObjectType: 5, SampleRate: 24000, Channels: 2, FrameSize: 1024},
		"aac ps":     &mp4.AAC{Config: []byte{29<<3 | 3, 0<<7 | 1<<3 | 1, 0x80 | 2<<2, 0}, ObjectType: 29, SampleRate: 24000, Channels: 1, FrameSize: 1024},
		"opus mono":  &mp4.Opus{Channels: 1},
		"opus":       &mp4.Opus{Channels: 2},
		"opus 5.1":   &mp4.Opus{Channels: 6, Mapping: []byte{1, 4, 2, 0, 4, 1, 2, 3, 5}},
		"layer I":    &mp4.MP3{ObjectType: 0x6b, Layer: 1, SampleRate: 48000, Channels: 2, FrameSize: 384},
		"layer I 2":  &mp4.MP3{ObjectType: 0x69, Layer: 1, SampleRate: 22050, Channels: 1, FrameSize: 384},
		"eac3 fours": &mp4.EAC3{SampleRate: 44100, Channels: 2, Substreams: []mp4.EAC3Substream{{Fscod: 1, Bsid: 16, Acmod: 2}}},
	}
	for rate := range mpegRates {
		for channels := range 2 {
			object, frame := uint8(0x69), 576
			if rate >= 32000 {
				object, frame = 0x6b, 1152
			}
			name := fmt.Sprintf("%d Hz %d", rate, channels+1)
			cases["mp3 "+name] = &mp4.MP3{ObjectType: object, Layer: 3, SampleRate: rate, Channels: channels + 1, FrameSize: frame}
			if rate >= 16000 {
				cases["mp2 "+name] = &mp4.MP3{ObjectType: object, Layer: 2, SampleRate: rate, Channels: channels + 1, FrameSize: 1152}
			}
		}
	}
	for acmod, channels := range fullChannels {
		for _, lfe := range []bool{false, true} {
			if lfe {
				channels++
			}
			name := fmt.Sprintf("%d %v", acmod, lfe)
			code := uint8(1 + acmod) // 40 to 112 kbit/s
			cases["ac3 "+name] = &mp4.AC3{Bsid: 8, Acmod: uint8(acmod), LFE: lfe, BitRateCode: code, SampleRate: 48000, Channels: channels}
			cases["eac3 "+name] = &mp4.EAC3{DataRate: 64, SampleRate: 48000, Channels: channels, Substreams: []mp4.EAC3Substream{{Bsid: 16, Acmod: uint8(acmod), LFE: lfe}}}
		}
	}
	for fscod, rate := range ac3Rates {
		for _, code := range []uint8{0, 10, 18} {
			cases[fmt.Sprintf("ac3 %d Hz rate %d", rate, code)] = &mp4.AC3{Fscod: uint8(fscod), Bsid: 8, Acmod: 7, LFE: true, BitRateCode: code, SampleRate: rate, Channels: 6}
		}
	}
	return cases
}

// TestSilenceDecodes: ffmpeg makes zeros of the frames of every codec and
// length, without a complaint and as many as the entry promises.
func TestSilenceDecodes(t *testing.T) {
	const count = 16
	for name, entry := range quietCases() {
		for _, q := range silence(entry) {
			path := filepath.Join(t.TempDir(), "silent.mp4")
			writeSilence(t, path, entry, q, count)
			out := ffmpeg(t, "-xerror", "-err_detect", "crccheck+bitstream+buffer", "-ignore_editlist", "1", "-i", path, "-ac", "1", "-f", "s16le", "-")
			want := count * int(q.samples) * 2
			if e, ok := entry.(*mp4.AAC); ok && e.ObjectType != objectLC {
				want *= 2 // the extension doubles the rate
			}
			if len(out) < want-2*1105-int(q.samples)*2 || len(out) > want { // a decoder may hold the first frame back
				t.Errorf("%s: %d bytes of sound, want %d", name, len(out), want)
			}
			if slices.ContainsFunc(out, func(b byte) bool { return b != 0 }) {
				t.Errorf("%s, %d samples: not silent", name, q.samples)
			}
		}
		if len(silence(entry)) == 0 {
			t.Errorf("%s: no silence", name)
		}
	}
}

// writeSilence writes an MP4 of nothing but silence.
func writeSilence(t *testing.T, path string, entry mp4.SampleEntry, q quiet, count int) {
	t.Helper()
	var body bytes.Buffer
	m := mp4.NewMovie(&body)
	rate, _ := entry.(mp4.Sound).Layout()
	track, err := m.AddTrack(mp4.Track{Entry: entry, Timescale: uint32(rate)})
	if err != nil {
		t.Fatal(err)
	}
	for i := range count {
		at := int64(i) * q.samples
		if err := m.Write(track, &mp4.Sample{PTS: at, DTS: at, Duration: q.samples, Access: mp4.Sync, Pieces: [][]byte{q.data}}); err != nil {
			t.Fatal(err)
		}
	}
	head, err := m.Finish(0)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := io.ReadAll(io.NewSectionReader(head, 0, head.Size()))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, append(raw, body.Bytes()...), 0o600); err != nil {
		t.Fatal(err)
	}
}
