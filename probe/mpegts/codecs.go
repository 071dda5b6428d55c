package mpegts

import (
	"bytes"
	"slices"

	"recfin/mp4"
	"recfin/probe/sound"
)

// Descriptor tags (ISO/IEC 13818-1 §2.6, ETSI EN 300 468 §6.1).
const (
	tagRegistration = 0x05
	tagLanguage     = 0x0a
	tagAC3          = 0x6a
	tagEAC3         = 0x7a
	tagDTS          = 0x7b
	tagAAC          = 0x7c
	tagExtension    = 0x7f
	tagStream       = 0x52 // stream identifier

	extensionOpus = 0x80 // of an extension descriptor (ETSI TS 103 491)
)

// codec says how a kind of elementary stream is demuxed.
type codec struct {
	name   string
	kind   mp4.Kind                       // 0: neither audio nor video
	parser func(*Demuxer, *stream) parser // nil: cannot be demuxed
}

// byType is the table of stream types (§2.4.4.10, Table 2-34, and what is in
// wide use beside it). What is not in it is data.
var byType = map[uint8]codec{
	0x01: {"MPEG-1 video", mp4.Video, nil},
	0x02: {"MPEG-2 video", mp4.Video, nil},
	0x03: {"MPEG-1 audio", mp4.Audio, newFinder(codingMPEG)},
	0x04: {"MPEG-2 audio", mp4.Audio, newFinder(codingMPEG)},
	0x0f: {"AAC", mp4.Audio, newFinder(codingADTS)},
	0x10: {"MPEG-4 video", mp4.Video, nil},
	0x11: {"AAC in LATM", mp4.Audio, newFinder(codingLOAS)},
	0x1b: {"H.264", mp4.Video, newH264},
	0x1c: {"MPEG-4 audio", mp4.Audio, newFinder(codingLOAS)},
	0x20: {"H.264 MVC", mp4.Video, nil},
	0x21: {"JPEG 2000", mp4.Video, nil},
	0x24: {"HEVC", mp4.Video, newH265},
	0x2d: {"MPEG-H audio", mp4.Audio, nil},
	0x33: {"VVC", mp4.Video, nil},
	0x42: {"AVS", mp4.Video, nil},
	0x81: {"AC-3", mp4.Audio, newFinder(codingAC3)},
	0x87: {"E-AC-3", mp4.Audio, newFinder(codingAC3)},
	0x8a: {"DTS", mp4.Audio, nil},
	0xc1: {"encrypted AC-3", mp4.Audio, nil},
	0xc2: {"encrypted E-AC-3", mp4.Audio, nil},
	0xcf: {"encrypted AAC", mp4.Audio, nil},
	0xd1: {"Dirac", mp4.Video, nil},
	0xd2: {"AVS2", mp4.Video, nil},
	0xd4: {"AVS3", mp4.Video, nil},
	0xdb: {"encrypted H.264", mp4.Video, nil},
	0xea: {"VC-1", mp4.Video, nil},
}

// byFormat is the table of registration descriptors that give private data
// (stream types 0x06 and 0x80 and up) a meaning.
var byFormat = map[string]codec{
	"AC-3": {"AC-3", mp4.Audio, newFinder(codingAC3)},
	"EAC3": {"E-AC-3", mp4.Audio, newFinder(codingAC3)},
	"DTS1": {"DTS", mp4.Audio, nil},
	"DTS2": {"DTS", mp4.Audio, nil},
	"DTS3": {"DTS", mp4.Audio, nil},
	"Opus": {"Opus", mp4.Audio, newFinder(codingOpus)},
	"BSSD": {"SMPTE 302M audio", mp4.Audio, nil},
	"HEVC": {"HEVC", mp4.Video, newH265},
	"AV01": {"AV1", mp4.Video, nil},
	"VC-1": {"VC-1", mp4.Video, nil},
	"drac": {"Dirac", mp4.Video, nil},
}

// byTag is the table of DVB descriptors that give private data a meaning.
var byTag = []struct {
	tag   byte
	codec codec
}{
	{tagAC3, codec{"AC-3", mp4.Audio, newFinder(codingAC3)}},
	{tagEAC3, codec{"E-AC-3", mp4.Audio, newFinder(codingAC3)}},
	{tagDTS, codec{"DTS", mp4.Audio, nil}},
	{tagAAC, codec{"AAC in private PES", mp4.Audio, newFinder(codingLOAS)}},
}

// unexplained reports whether the map leaves open what private data are: of
// stream type 0x06 (§2.4.4.10) without a telling descriptor, or of the types that
// users define, some of which stand for sound and for data alike.
func (s Stream) unexplained() bool {
	telling := func(t byte) bool { return t != tagLanguage && t != tagStream }
	return s.Type >= 0x80 || s.Type == 0x06 && s.Format == "" && !slices.ContainsFunc(s.Tags, telling)
}

// lookup tells the codec of a stream of the map.
func lookup(s Stream) codec {
	if s.Type == 0x06 || s.Type >= 0x80 {
		if c, ok := byFormat[s.Format]; ok {
			if s.Format == "Opus" && sound.OpusEntry(s.Opus) == nil {
				return codec{"Opus of a reserved channel configuration", mp4.Audio, nil}
			}
			return c
		}
	}
	if s.Type == 0x06 {
		for _, t := range byTag {
			if bytes.IndexByte(s.Tags, t.tag) >= 0 {
				return t.codec
			}
		}
	}
	c, known := byType[s.Type]
	if !known && s.unexplained() {
		return codec{"private data", 0, newGuess}
	}
	return c
}
