package remux

import (
	"encoding/binary"

	"recfin/mp4"
)

// mpegVersion is what the sample rate says about a header of MPEG audio
// (ISO/IEC 11172-3 §2.4.1.3, ISO/IEC 13818-3 §2.4.1.3; MPEG-2.5 is a custom).
type mpegVersion struct {
	bits uint32 // of the version
	rate uint32 // of the sampling frequency
}

var mpegRates = map[int]mpegVersion{
	44100: {3, 0}, 48000: {3, 1}, 32000: {3, 2},
	22050: {2, 0}, 24000: {2, 1}, 16000: {2, 2},
	11025: {0, 0}, 12000: {0, 1}, 8000: {0, 2},
}

// silentMPEG gives a frame of silence of MPEG audio. Behind the header all bits
// are zero: no bits are allocated to a subband (layers I and II); nothing of the
// spectrum is coded and no earlier frame is needed (layer III).
func silentMPEG(m *mp4.MP3) []byte {
	v, ok := mpegRates[m.SampleRate]
	if !ok || m.Channels < 1 || m.Channels > 2 || m.Layer < 1 || m.Layer > 3 {
		return nil
	}
	first := v.bits == 3
	index, kbps := mpegBitrate(m.Layer, first)
	size := m.FrameSize / 8 * kbps * 1000 / m.SampleRate
	if m.Layer == 1 {
		size = size / 4 * 4
	}
	mode := uint32(0) // stereo
	if m.Channels == 1 {
		mode = 3
	}
	header := 0x7ff<<21 | v.bits<<19 | uint32(4-m.Layer)<<17 | 1<<16 | index<<12 | v.rate<<10 | mode<<6
	return append(binary.BigEndian.AppendUint32(nil, header), make([]byte, size-4)...)
}

// mpegBitrate is a bit rate that holds the fixed fields of any frame and that
// both one and two channels may have.
func mpegBitrate(layer int, first bool) (index uint32, kbps int) {
	switch {
	case layer == 1 && first:
		return 4, 128
	case layer == 1:
		return 5, 80
	case layer == 2 && first:
		return 4, 64
	case first:
		return 1, 32
	}
	return 4, 32 // MPEG-2 and 2.5, layers II and III
}
