package fmp4

import (
	"fmt"
	"math"

	"recfin/mp4"
	"recfin/probe/sound"
)

// Fixed part of an audio sample entry without the box header (§12.2.3).
const soundFixed = 28

// readSound reads an AudioSampleEntry.
func (e *desc) readSound(b box) error {
	if b.is("enca") {
		return encrypted(b)
	}
	rate, channels := soundLayout(b)
	foreign := &mp4.ForeignAudio{SampleRate: rate, Channels: channels, Why: unread(b.typ())}
	foreign.Name, foreign.Type = soundCodec(b.typ())
	switch b.typ() {
	case "mp4a":
		object, asc := elementary(soundPart(b, "esds").body)
		foreign.Name, foreign.Type = mpegAudio(object, asc)
		switch {
		case object == objectMP3 || object == objectMP3L:
			e.readMP3(rate, channels)
		case object == objectMPEG4 || object >= objectMPEG2 && object <= objectMPEG2+2:
			a, err := sound.ReadASC(asc)
			switch {
			case len(asc) == 0:
				foreign.Why = "its AudioSpecificConfig is missing"
			case err != nil:
				foreign.Why = err.Error()
			default:
				e.entry = a
			}
		}
	case ".mp3":
		e.readMP3(rate, channels)
	case "ac-3":
		if a := sound.ReadDac3(soundPart(b, "dac3").body); a != nil {
			e.entry = a
		}
	case "ec-3":
		if a := sound.ReadDec3(soundPart(b, "dec3").body, rate); a != nil {
			e.entry = a
		}
	case "Opus":
		if o := readOpus(soundPart(b, "dOps").body); o != nil {
			e.entry, e.opus = o, true
		}
	}
	if e.entry == nil || !holds(e.entry) {
		e.entry, e.framed, e.opus = foreign, nil, false
	}
	return nil
}

// readMP3 describes MPEG audio, of which the box tells neither layer nor version:
// the header of the first frame does. Before that it is taken for layer III of
// the version that has the sample rate.
func (e *desc) readMP3(rate, channels int) {
	a := &mp4.MP3{ObjectType: objectMP3, Layer: 3, SampleRate: rate, Channels: channels, FrameSize: 1152}
	if rate < 32000 {
		a.ObjectType, a.FrameSize = objectMP3L, 576
	}
	e.entry = a
	e.framed = func(frame []byte) mp4.SampleEntry {
		f, ok := sound.ReadMPEG(frame)
		if !ok {
			return nil
		}
		return &f.Entry
	}
}

// soundLayout reads sample rate and channels as the entry itself has them, which
// QuickTime puts elsewhere in version 2.
func soundLayout(b box) (rate, channels int) {
	f := fields{p: b.body}
	f.skip(8)
	version := f.u16()
	f.skip(6)
	channels = int(f.u16())
	f.skip(6)
	rate = int(f.u32() >> 16)
	if version != 2 {
		return rate, channels
	}
	f.skip(4)
	hz, n := math.Float64frombits(f.u64()), f.u32()
	if f.short || !(hz >= 1 && hz <= 1<<24) || n > math.MaxUint16 {
		return rate, channels
	}
	return int(hz), int(n)
}

// soundPart finds a box in a sample entry. QuickTime has longer entries
// (versions 1 and 2) and may wrap the box once more.
func soundPart(b box, typ string) box {
	for _, fixed := range []int{soundFixed, soundFixed + 16, soundFixed + 36} {
		if len(b.body) < fixed {
			break
		}
		list := boxList(b.body[fixed:])
		if x := list.find(typ); x.body != nil {
			return x
		}
		if x := list.find("wave").inside(typ); x.body != nil {
			return x
		}
	}
	return box{}
}

// soundCodec names a codec that cannot be joined, and gives its value for the
// CODECS attribute.
func soundCodec(typ string) (name, codecs string) {
	switch typ {
	case "Opus":
		return "opus", "opus"
	case "ac-3":
		return "ac3", typ
	case "ec-3":
		return "eac3", typ
	case "fLaC":
		return "flac", typ
	case ".mp3":
		return "mp3", "mp4a.6B"
	}
	return clean(typ), clean(typ)
}

// Object types of audio (ISO/IEC 14496-1 §7.2.6.6).
const (
	objectMPEG4 = 0x40
	objectMPEG2 = 0x66 // to 0x68: AAC of ISO/IEC 13818-7 by profile
	objectMP3   = 0x6b
	objectMP3L  = 0x69
)

// Descriptor tags (ISO/IEC 14496-1 §7.2.2.1).
const (
	tagES            = 3
	tagDecoderConfig = 4
	tagDecoderInfo   = 5
)

// elementary reads an esds box: the object type, and the AudioSpecificConfig
// where there is one.
func elementary(b []byte) (object byte, asc []byte) {
	f := fields{p: b}
	f.full()
	es := fields{p: descriptor(f.p, tagES)}
	es.skip(2)
	flags := es.u8()
	if flags&0x80 != 0 { // depends on another stream
		es.skip(2)
	}
	if flags&0x40 != 0 { // a URL
		es.skip(int(es.u8()))
	}
	if flags&0x20 != 0 { // a clock of its own
		es.skip(2)
	}
	config := fields{p: descriptor(es.p, tagDecoderConfig)}
	object = config.u8()
	config.skip(12)
	if config.short {
		return 0, nil
	}
	return object, descriptor(config.p, tagDecoderInfo)
}

// descriptor is the content of the first descriptor with a tag in p.
func descriptor(p []byte, tag byte) []byte {
	f := fields{p: p}
	for !f.short && len(f.p) > 0 {
		t, n := f.u8(), 0
		for range 4 {
			c := f.u8()
			n = n<<7 | int(c&0x7f)
			if c&0x80 == 0 {
				break
			}
		}
		body := f.bytes(n)
		if t == tag {
			return body
		}
	}
	return nil
}

// mpegAudio names what an mp4a entry holds that is no AAC that can be joined.
func mpegAudio(object byte, asc []byte) (name, codecs string) {
	switch object {
	case objectMP3, objectMP3L:
		return "mp3", fmt.Sprintf("mp4a.%02X", object)
	case 0xa5:
		return "ac3", "ac-3"
	case 0xa6:
		return "eac3", "ec-3"
	case 0:
		return "mp4a", "mp4a"
	case objectMPEG4:
		if len(asc) < 2 {
			return "aac", "mp4a.40"
		}
		t := int(asc[0] >> 3)
		if t == 31 {
			t = 32 + int(asc[0]&7)<<3 + int(asc[1]>>5)
		}
		return "aac", fmt.Sprintf("mp4a.40.%d", t)
	}
	return "mp4a", fmt.Sprintf("mp4a.%02x", object)
}
