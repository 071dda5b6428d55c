package mp4_test

import (
	"bytes"
	"strings"
	"testing"

	"recfin/internal/mp4check"
	"recfin/mp4"
)

// changedEntry is an entry whose box is made wrong.
type changedEntry struct {
	mp4.SampleEntry
	change func(box []byte)
}

func (c changedEntry) Box() ([]byte, error) {
	box, err := c.SampleEntry.Box()
	c.change(box)
	return box, err
}

// The independent checker looks into each configuration: it takes none in which
// one byte is wrong.
func TestCheckerFindsBadConfigurations(t *testing.T) {
	avc := &mp4.AVC{SPS: [][]byte{spsHigh}, PPS: [][]byte{pps}, Width: 160, Height: 90}
	opus := &mp4.Opus{Channels: 6, Mapping: unhex("010402000401020305")}
	for name, c := range map[string]struct {
		entry mp4.SampleEntry
		box   string // of the configuration, or empty: at counts from the start of the entry
		at    int
		value byte
	}{
		"avcC of version 2":       {avc, "avcC", 0, 2},
		"avcC of other profile":   {avc, "avcC", 1, 77},
		"avcC of short lengths":   {avc, "avcC", 4, 0xfd},
		"avcC with cut SPS":       {avc, "avcC", 7, 200},
		"no width":                {avc, "", 33, 0},
		"hvcC of version 2":       {hevc(), "hvcC", 0, 2},
		"hvcC of other profile":   {hevc(), "hvcC", 1, 2},
		"hvcC of other level":     {hevc(), "hvcC", 12, 31},
		"hvcC of more layers":     {hevc(), "hvcC", 21, 0x17},
		"hvcC of short lengths":   {hevc(), "hvcC", 21, 0x0d},
		"hvcC with open arrays":   {hevc(), "hvcC", 23, 0x20},
		"hvcC with four arrays":   {hevc(), "hvcC", 22, 4},
		"hvcC with a cut set":     {hevc(), "hvcC", 26, 1},
		"av1C of version 2":       {&mp4.AV1{Config: unhex("81040c00"), Width: 1, Height: 1}, "av1C", 0, 0x82},
		"av1C with reserved bits": {&mp4.AV1{Config: unhex("81040c00"), Width: 1, Height: 1}, "av1C", 3, 0x80},
		"av1C with bad OBU":       {&mp4.AV1{Config: unhex("81040c000a0100"), Width: 1, Height: 1}, "av1C", 4, 0x8a},
		"av1C with cut OBU":       {&mp4.AV1{Config: unhex("81040c000a0100"), Width: 1, Height: 1}, "av1C", 5, 2},
		"vpcC of version 0":       {&mp4.VP9{Config: unhex("01000000000a820202020000"), Width: 1, Height: 1}, "vpcC", 0, 0},
		"vpcC with data":          {&mp4.VP9{Config: unhex("01000000000a820202020000"), Width: 1, Height: 1}, "vpcC", 11, 1},
		"vpcC of 7 bits":          {&mp4.VP9{Config: unhex("01000000000a820202020000"), Width: 1, Height: 1}, "vpcC", 6, 0x72},
		"dac3 of other rate":      {&mp4.AC3{Bsid: 8, SampleRate: 48000}, "dac3", 0, 0x50},
		"dac3 with reserved bits": {&mp4.AC3{Bsid: 8, SampleRate: 48000}, "dac3", 2, 1},
		"sound of 8 bits":         {&mp4.AC3{Bsid: 8, SampleRate: 48000}, "", 27, 8},
		"dec3 of two programs":    {&mp4.EAC3{Substreams: make([]mp4.EAC3Substream, 1), SampleRate: 48000}, "dec3", 1, 1},
		"dec3 with dependents":    {&mp4.EAC3{Substreams: make([]mp4.EAC3Substream, 1), SampleRate: 48000}, "dec3", 4, 2},
		"dec3 of other rate":      {&mp4.EAC3{Substreams: make([]mp4.EAC3Substream, 1), SampleRate: 48000}, "dec3", 2, 0x40},
		"dOps of version 1":       {opus, "dOps", 0, 1},
		"dOps of other channels":  {opus, "dOps", 1, 5},
		"dOps of family 0":        {opus, "dOps", 10, 0},
		"dOps with no stream":     {opus, "dOps", 11, 0},
		"dOps, channel not there": {opus, "dOps", 13, 6},
		"esds of pictures":        {&mp4.MP3{ObjectType: 0x6b, Layer: 3, SampleRate: 48000}, "esds", 17, 0x20},
		"esds cut":                {&mp4.MP3{ObjectType: 0x6b, Layer: 3, SampleRate: 48000}, "esds", 8, 0x1c},
		"esds of AAC without it":  {&mp4.MP3{ObjectType: 0x6b, Layer: 3, SampleRate: 48000}, "esds", 17, 0x40},
		"other data source":       {hevc(), "", 15, 2},
	} {
		for _, wrong := range []bool{false, true} {
			var body bytes.Buffer
			m := mp4.NewMovie(&body)
			e := changedEntry{c.entry, func(box []byte) {
				at := c.at
				if c.box != "" {
					at += bytes.Index(box, []byte(c.box)) + 4
				}
				if wrong {
					box[at] = c.value
				}
			}}
			if _, err := m.AddTrack(mp4.Track{Entry: e, Timescale: 48000}); err != nil {
				t.Fatal(err)
			}
			if err := m.Write(0, &mp4.Sample{Duration: 960, Pieces: [][]byte{{1}}}); err != nil {
				t.Fatal(err)
			}
			head, err := m.Finish(0)
			if err != nil {
				t.Fatal(err)
			}
			file := join(head, body.Bytes()).bytes(t)
			err = mp4check.File(bytes.NewReader(file), int64(len(file)))
			if (err != nil) != wrong {
				t.Errorf("%s: wrong is %v, mp4check says %v", name, wrong, err)
			}
		}
	}
}

// It finds chapters and groups that do not agree, too: see the table of what is
// wrong for ReadHead, which both must find. Here are those in the body.
func TestCheckerReadsChapters(t *testing.T) {
	file := rich(t, 0)
	at := bytes.Index(file, []byte("encd"))
	if at < 0 {
		t.Fatal("no text sample")
	}
	for name, c := range map[string]struct {
		at    int
		value byte
		says  string
	}{
		"other title":    {at - 5, 'X', "in chpl and"},
		"longer title":   {at - 10, 6, "text sample"},
		"other encoding": {at + 6, 2, "text sample"},
	} {
		wrong := bytes.Clone(file)
		wrong[c.at] = c.value
		err := mp4check.File(bytes.NewReader(wrong), int64(len(wrong)))
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
