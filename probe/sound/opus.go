package sound

import (
	"slices"

	"github.com/bluenviron/mediacommon/v2/pkg/codecs/opus"

	"recfin/mp4"
)

// OpusRate is the rate in which everything about Opus is counted, in Hz.
const OpusRate = 48000

// OpusDuration is how many samples of 48 kHz an Opus packet brings (RFC 6716
// §3.1, §3.2); 0: it is no packet of at most 120 ms.
func OpusDuration(packet []byte) int {
	if n := opus.PacketDuration2(packet); n <= 5760 {
		return int(n)
	}
	return 0
}

// OpusControl is the control header that stands before each packet of Opus in
// MPEG-TS (ETSI TS 103 491 §4.3, after the draft "Opus in MPEG-TS" of xiph.org).
type OpusControl struct {
	Header    int // bytes of it
	Size      int // bytes of the packet behind it
	StartTrim int // samples of 48 kHz to be thrown away at the start
	EndTrim   int // and at the end
}

// maxOpus is more than a packet has: 48 frames of 1275 bytes in 8 streams.
const maxOpus = 1 << 19

// ReadOpusControl reads the control header that b begins with. ok: it is whole;
// short: it may be one, the bytes end inside.
func ReadOpusControl(b []byte) (c OpusControl, ok, short bool) {
	for i, want := range [2][2]byte{{0xff, 0x7f}, {0xe0, 0xe0}} {
		if len(b) <= i {
			return c, false, true
		}
		if b[i]&want[0] != want[1] {
			return c, false, false
		}
	}
	flags, at := b[1], 2
	for {
		if at >= len(b) {
			return c, false, true
		}
		n := int(b[at])
		at++
		if c.Size += n; n < 255 || c.Size > maxOpus {
			break
		}
	}
	if c.Size == 0 || c.Size > maxOpus {
		return c, false, false
	}
	trim := func(mask byte) int {
		if flags&mask == 0 {
			return 0
		}
		at += 2
		if at > len(b) {
			return 0
		}
		return int(b[at-2]&0x1f)<<8 | int(b[at-1])
	}
	c.StartTrim, c.EndTrim = trim(0x10), trim(0x08)
	if flags&0x04 != 0 { // control extension
		if at >= len(b) {
			return c, false, true
		}
		at += 1 + int(b[at])
	}
	c.Header = at
	return c, at <= len(b), at > len(b)
}

// Channel mappings of family 1 (RFC 7845 §5.1.1.2), by number of channels.
var (
	vorbisStreams = [9]byte{1, 1, 1, 2, 2, 3, 4, 4, 5}
	vorbisCoupled = [9]byte{1, 0, 1, 1, 2, 2, 2, 3, 3}
	vorbisOrder   = [9]string{
		"\x00\x01", "\x00", "\x00\x01", "\x00\x02\x01", "\x00\x01\x02\x03", "\x00\x04\x01\x02\x03",
		"\x00\x04\x01\x02\x03\x05", "\x00\x04\x01\x02\x03\x05\x06", "\x00\x06\x01\x02\x03\x04\x05\x07",
	}
)

// OpusEntry makes the sample entry of Opus in MPEG-TS from what the DVB extension
// descriptor holds behind its tag 0x80: channel_config_code and, where that is
// 0x81, the mapping. Without a descriptor there are two channels. nil: the value
// is reserved or cut.
func OpusEntry(config []byte) *mp4.Opus {
	if len(config) == 0 {
		return &mp4.Opus{Channels: 2, InputRate: OpusRate}
	}
	e := &mp4.Opus{InputRate: OpusRate}
	switch n := int(config[0]); {
	case n == 1 || n == 2:
		e.Channels = n
	case n == 0: // two channels that have nothing to do with each other
		e.Channels = 2
		e.Mapping = []byte{255, 1, 1, 0, 1}
	case n <= 8:
		e.Channels = n
		e.Mapping = append([]byte{1, vorbisStreams[n], vorbisCoupled[n]}, vorbisOrder[n]...)
	case n == 0x81:
		return explicitOpus(e, config[1:])
	case n >= 0x82 && n <= 0x88: // a stream for each channel
		e.Channels = n & 0x7f
		e.Mapping = []byte{255, byte(e.Channels), 0}
		for i := range e.Channels {
			e.Mapping = append(e.Mapping, byte(i))
		}
	default:
		return nil
	}
	return e
}

// explicitOpus reads a mapping that is sent as such.
func explicitOpus(e *mp4.Opus, b []byte) *mp4.Opus {
	r := reader{p: b}
	e.Channels = int(r.get(8))
	family := byte(r.get(8))
	if r.over || e.Channels == 0 {
		return nil
	}
	if family == 0 {
		if e.Channels > 2 {
			return nil
		}
		return e
	}
	streams := int(r.get(width(e.Channels))) + 1
	coupled := int(r.get(width(streams + 1)))
	e.Mapping = []byte{family, byte(streams), byte(coupled)}
	for range e.Channels {
		e.Mapping = append(e.Mapping, byte(r.get(width(streams+coupled+1))))
	}
	if r.over || coupled > streams || streams+coupled > 255 {
		return nil
	}
	if slices.ContainsFunc(e.Mapping[3:], func(b byte) bool { return int(b) >= streams+coupled && b != 255 }) {
		return nil
	}
	return e
}

// width is the number of bits that hold n values.
func width(n int) int {
	k := 0
	for 1<<k < n {
		k++
	}
	return k
}
