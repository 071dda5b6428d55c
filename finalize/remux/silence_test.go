package remux

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"recfin/mp4"
)

const (
	sce = 0 // single_channel_element
	cpe = 1
	lfe = 3
	end = 7
)

// elements are those of a channel configuration (ISO/IEC 14496-3 table 1.19).
var elements = map[int][]int{1: {sce}, 2: {cpe}, 3: {sce, cpe}, 4: {sce, cpe, sce}, 5: {sce, cpe, cpe},
	6: {sce, cpe, cpe, lfe}, 7: {sce, cpe, cpe, cpe, lfe}}

// derive writes a frame of silence from the syntax tables of ISO/IEC 14496-3
// §4.4.2.1 and .2.
func derive(list []int) []byte {
	w := &bitWriter{}
	info := func() {
		w.put(0, 1) // ics_reserved_bit
		w.put(0, 2) // window_sequence: ONLY_LONG_SEQUENCE
		w.put(0, 1) // window_shape: sine
		w.put(0, 6) // max_sfb
		w.put(0, 1) // predictor_data_present
	}
	stream := func(common bool) {
		w.put(0, 8) // global_gain
		if !common {
			info()
		}
		w.put(0, 1) // pulse_data_present
		w.put(0, 1) // tns_data_present
		w.put(0, 1) // gain_control_data_present
	}
	tags := map[int]uint32{}
	for _, e := range list {
		w.put(uint32(e), 3)
		w.put(tags[e], 4)
		tags[e]++
		if e != cpe {
			stream(false)
			continue
		}
		w.put(1, 1) // common_window
		info()
		w.put(0, 2) // ms_mask_present
		stream(true)
		stream(true)
	}
	w.put(end, 3)
	return w.b
}

func TestSilenceIsAsTheSyntaxHasIt(t *testing.T) {
	if len(silentLC) != len(elements) {
		t.Fatalf("%d layouts", len(silentLC))
	}
	for c, list := range elements {
		if want := derive(list); !bytes.Equal(silentLC[c], want) {
			t.Errorf("configuration %d: %x, want %x", c, silentLC[c], want)
		}
	}
}

func TestSilenceOf(t *testing.T) {
	explicit := &mp4.AAC{Config: []byte{2<<3 | 7, 0x80, 0, 0xbb, 0x80<<1&0xff | 2<<3}, ObjectType: 2, SampleRate: 48000, Channels: 2, FrameSize: 1024}
	for _, c := range []struct {
		entry mp4.SampleEntry
		want  []byte // the first
	}{
		{aac(48000, 1), silentLC[1]},
		{aac(44100, 2), silentLC[2]},
		{explicit, silentLC[2]},
		{aac(48000, 0), nil}, // a program config element
		{&mp4.AAC{Config: []byte{1<<3 | 1, 0x90}, ObjectType: 1, SampleRate: 48000, Channels: 2, FrameSize: 1024}, nil},
		{&mp4.AAC{ObjectType: 2}, nil},
		{&mp4.Opus{Channels: 1}, []byte{0xf8, 0xff, 0xfe}},
		{&mp4.Opus{Channels: 2}, []byte{0xfc, 0xff, 0xfe}},
		{&mp4.Opus{Channels: 3, Mapping: []byte{1, 2, 1, 0, 2, 1}}, []byte{0xfc, 2, 0xff, 0xfe, 0xf8, 0xff, 0xfe}},
		{&mp4.Opus{Channels: 3, Mapping: []byte{1, 0, 1}}, nil},
		{&mp4.MP3{Layer: 3, SampleRate: 96000, Channels: 2, FrameSize: 1152}, nil},
		{&mp4.MP3{Layer: 4, SampleRate: 48000, Channels: 2, FrameSize: 1152}, nil},
		{&mp4.AC3{Fscod: 3, Acmod: 2}, nil},
		{&mp4.AC3{Acmod: 7, LFE: true, BitRateCode: 19}, nil},
		{&mp4.EAC3{Substreams: []mp4.EAC3Substream{{Bsid: 16, Dependent: 1}}}, nil},
		{&mp4.EAC3{}, nil},
		{avc(1), nil},
	} {
		var got []byte
		if list := silence(c.entry); len(list) > 0 {
			got = list[0].data
		}
		if !bytes.Equal(got, c.want) {
			t.Errorf("%+v: %x, want %x", c.entry, got, c.want)
		}
	}
}

// TestSilentADTS: a decoder makes digital silence of every layout.
func TestSilentADTS(t *testing.T) {
	for c, frame := range silentLC {
		var adts []byte
		const count = 4
		for range count {
			n := len(frame) + 7
			adts = append(adts, 0xff, 0xf1, 1<<6|3<<2|byte(c>>2), byte(c&3)<<6|byte(n>>11), byte(n>>3), byte(n<<5)|0x1f, 0xfc)
			adts = append(adts, frame...)
		}
		path := filepath.Join(t.TempDir(), fmt.Sprintf("%d.aac", c))
		if err := os.WriteFile(path, adts, 0o600); err != nil {
			t.Fatal(err)
		}
		out := ffmpeg(t, "-xerror", "-f", "aac", "-i", path, "-f", "s16le", "-")
		channels := c
		if c == 7 {
			channels = 8
		}
		if len(out) != count*1024*channels*2 {
			t.Errorf("configuration %d: %d bytes", c, len(out))
		}
		if slices.ContainsFunc(out, func(b byte) bool { return b != 0 }) {
			t.Errorf("configuration %d is not silent", c)
		}
	}
}
