package sound

import "recfin/mp4"

// MPEGHeader is how many bytes of a frame ReadMPEG needs.
const MPEGHeader = 4

// MPEGFrame is a frame of MPEG audio (ISO/IEC 11172-3 §2.4.1.3, ISO/IEC 13818-3
// §2.4.2.3, and "MPEG 2.5" with half of the latter's rates).
type MPEGFrame struct {
	Size  int // bytes; 0: free format, in which no header tells it
	Entry mp4.MP3
}

// Bit rates in kbit/s by index (ISO/IEC 11172-3 §2.4.2.3, ISO/IEC 13818-3 §2.4.2.3).
var (
	rates1 = [4][15]int{
		1: {0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448},
		2: {0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384},
		3: {0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320},
	}
	rates2 = [4][15]int{
		1: {0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256},
		2: {0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160},
		3: {0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160},
	}
)

// ReadMPEG reads the header of the frame that b begins with.
func ReadMPEG(b []byte) (f MPEGFrame, ok bool) {
	if len(b) < MPEGHeader || b[0] != 0xff || b[1]&0xe0 != 0xe0 {
		return f, false
	}
	version, layer := b[1]>>3&3, 4-int(b[1]>>1&3) // 3: MPEG-1, 2: MPEG-2, 0: MPEG 2.5
	index, rate := b[2]>>4, b[2]>>2&3
	if version == 1 || layer == 4 || index == 15 || rate == 3 || b[3]&3 == 2 {
		return f, false
	}
	e := mp4.MP3{ObjectType: 0x6b, Layer: layer, SampleRate: [...]int{44100, 48000, 32000}[rate], Channels: 2, FrameSize: 1152}
	kbit := rates1[layer][index]
	if version != 3 {
		e.ObjectType, e.SampleRate, kbit = 0x69, e.SampleRate/2, rates2[layer][index]
		if layer == 3 {
			e.FrameSize = 576
		}
	}
	if version == 0 {
		e.SampleRate /= 2
	}
	if b[3]>>6 == 3 {
		e.Channels = 1
	}
	padding := int(b[2] >> 1 & 1)
	if layer == 1 {
		e.FrameSize, padding = 384, 4*padding
	}
	if kbit > 0 {
		f.Size = e.FrameSize * kbit * 1000 / 8 / e.SampleRate
		if layer == 1 {
			f.Size &^= 3
		}
		f.Size += padding
	}
	f.Entry = e
	return f, true
}
