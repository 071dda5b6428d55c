package sound

import (
	"bytes"
	"encoding/hex"
	"errors"
	"reflect"
	"testing"

	"recfin/internal/tswriter"
	"recfin/mp4"
)

func unhex(s string) []byte {
	b, err := hex.DecodeString(s)
	if err != nil {
		panic(err)
	}
	return b
}

var configs = map[string]struct {
	config string
	want   mp4.AAC
	err    error
}{
	"LC, stereo":                         {"1190", mp4.AAC{ObjectType: 2, SampleRate: 48000, Channels: 2, FrameSize: 1024}, nil},
	"LC, frames of 960":                  {"1194", mp4.AAC{ObjectType: 2, SampleRate: 48000, Channels: 2, FrameSize: 960}, nil},
	"LC, 7.1":                            {"11b8", mp4.AAC{ObjectType: 2, SampleRate: 48000, Channels: 8, FrameSize: 1024}, nil},
	"SBR in the old way":                 {"131056e598", mp4.AAC{ObjectType: 2, SampleRate: 24000, Channels: 2, FrameSize: 1024}, nil},
	"HE-AAC":                             {"2b118800", mp4.AAC{ObjectType: 5, SampleRate: 24000, Channels: 2, FrameSize: 1024}, nil},
	"HE-AAC v2":                          {"eb098800", mp4.AAC{ObjectType: 29, SampleRate: 24000, Channels: 1, FrameSize: 1024}, nil},
	"rate in full, of 0":                 {"178000000008", mp4.AAC{}, ErrConfig},
	"rate in full, mono":                 {"17805dc008", mp4.AAC{ObjectType: 2, SampleRate: 48000, Channels: 1, FrameSize: 1024}, nil},
	"error resilient low delay":          {"b98800", mp4.AAC{ObjectType: 23, SampleRate: 48000, Channels: 1, FrameSize: 512}, nil},
	"enhanced low delay, 480":            {"f8e65400", mp4.AAC{ObjectType: 39, SampleRate: 48000, Channels: 2, FrameSize: 480}, nil},
	"core coder":                         {"12120010", mp4.AAC{ObjectType: 2, SampleRate: 44100, Channels: 2, FrameSize: 1024}, nil},
	"CELP":                               {"4590", mp4.AAC{}, ErrForeign},
	"xHE-AAC":                            {"f94640", mp4.AAC{}, ErrForeign},
	"reserved channels":                  {"1240", mp4.AAC{}, ErrForeign},
	"reserved rate":                      {"1690", mp4.AAC{}, ErrConfig},
	"one byte":                           {"12", mp4.AAC{}, ErrConfig},
	"nothing":                            {"", mp4.AAC{}, ErrConfig},
	"channels of its own, which are cut": {"118004", mp4.AAC{}, ErrConfig},
}

func TestReadASC(t *testing.T) {
	for name, c := range configs {
		got, err := ReadASC(unhex(c.config))
		if !errors.Is(err, c.err) || c.err != nil && got != nil {
			t.Errorf("%s: %+v, %v", name, got, err)
			continue
		}
		if c.err != nil {
			continue
		}
		if c.want.Config = unhex(c.config); !reflect.DeepEqual(got, &c.want) {
			t.Errorf("%s: %+v\nwant %+v", name, got, c.want)
		}
	}
	if _, err := ReadASC(make([]byte, 5000)); !errors.Is(err, ErrConfig) {
		t.Errorf("5000 bytes: %v", err)
	}
}

// The channels that a raw data block tells stand in the config that is made of
// it, with the comment, whatever the alignment.
func TestPCE(t *testing.T) {
	for _, comment := range []string{"", "four channels"} {
		block := tswriter.PCE(comment, []byte("rest"))
		p, ok := ReadPCE(block)
		if !ok || p.Channels != 4 {
			t.Fatalf("%+v, %v", p, ok)
		}
		config := p.ASC(2, 3)
		e, err := ReadASC(config)
		if err != nil || e.Channels != 4 || e.SampleRate != 48000 || e.ObjectType != 2 {
			t.Errorf("%x: %+v, %v", config, e, err)
		}
		if !bytes.HasSuffix(config, append([]byte{byte(len(comment))}, comment...)) {
			t.Errorf("no comment in %x", config)
		}
		for n := range len(block) - 4 {
			if p, ok := ReadPCE(block[:n]); ok {
				t.Errorf("%d bytes: %+v", n, p)
			}
		}
	}
	if _, ok := ReadPCE([]byte{0x20, 0, 0, 0, 0, 0, 0, 0, 0}); ok {
		t.Error("another element")
	}
}

func FuzzReadASC(f *testing.F) {
	for _, c := range configs {
		f.Add(unhex(c.config))
	}
	f.Add(tswriter.PCE("comment", nil))
	f.Fuzz(func(t *testing.T, b []byte) {
		e, err := ReadASC(b)
		if err == nil && (e.SampleRate <= 0 || e.Channels <= 0 || e.FrameSize < 480 || !bytes.Equal(e.Config, b)) {
			t.Fatalf("%+v", e)
		}
		if p, ok := ReadPCE(b); ok {
			if e, err := ReadASC(p.ASC(2, 3)); err != nil || e.Channels != p.Channels {
				t.Fatalf("%+v, %v of %+v", e, err, p)
			}
		}
	})
}
