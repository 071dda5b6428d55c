package tswriter

// MPEGAudio describes a frame of MPEG audio (ISO/IEC 11172-3 §2.4.1.3).
type MPEGAudio struct {
	Version uint32 // 3: MPEG-1, 2: MPEG-2, 0: MPEG 2.5
	Layer   uint32 // 1 to 3
	Index   uint32 // of the bit rate; 0: free format
	Rate    uint32 // index of the sampling frequency
	Padding bool
	Mode    uint32 // 3: one channel
	Size    int    // bytes of the frame; the caller knows
	Fill    byte
}

// Frame gives the bytes.
func (m MPEGAudio) Frame() []byte {
	var w bits
	w.put(0x7ff, 11)
	w.put(m.Version, 2)
	w.put(4-m.Layer, 2)
	w.put(1, 1)
	w.put(m.Index, 4)
	w.put(m.Rate, 2)
	w.flag(m.Padding)
	w.put(0, 1)
	w.put(m.Mode, 2)
	w.put(0, 6)
	return w.filled(m.Size, m.Fill)
}

// MP3 is a frame of MPEG-1 layer III of 128 kbit/s, 48 kHz and two channels.
func MP3(fill byte) []byte {
	return MPEGAudio{Version: 3, Layer: 3, Index: 9, Rate: 1, Size: 384, Fill: fill}.Frame()
}

// LATM describes an AudioMuxElement (ISO/IEC 14496-3 §1.7.3) of one program with
// one layer.
type LATM struct {
	Same    bool   // it brings no StreamMuxConfig
	ASC     []byte // AudioSpecificConfig
	ASCBits int    // bits of it; 0: all
	Version uint32 // audioMuxVersion
	// Constant: the length of the payloads, 20 to 531 bytes, stands in the
	// configuration only.
	Constant bool
	Other    int // bits of other data; less than 65,536
	Check    bool
	Programs uint32 // less one
	// Payloads, as many as there are frames in the element.
	Payloads [][]byte
}

// Element gives the AudioMuxElement.
func (l LATM) Element() []byte {
	var w bits
	w.flag(l.Same)
	if !l.Same {
		l.config(&w)
	}
	for _, p := range l.Payloads {
		if !l.Constant {
			n := len(p)
			for ; n >= 255; n -= 255 {
				w.put(255, 8)
			}
			w.put(uint32(n), 8)
		}
		for _, b := range p {
			w.put(uint32(b), 8)
		}
	}
	for range l.Other {
		w.put(1, 1)
	}
	return w.filled(0, 0)
}

// Frame gives the element in an AudioSyncStream.
func (l LATM) Frame() []byte {
	e := l.Element()
	return append([]byte{0x56, 0xe0 | byte(len(e)>>8), byte(len(e))}, e...)
}

func (l LATM) config(w *bits) {
	w.put(l.Version, 1)
	if l.Version == 1 {
		w.put(0, 1)
		value(w, 0x1ff)
	}
	w.put(1, 1)
	w.put(uint32(len(l.Payloads)-1), 6)
	w.put(l.Programs, 4)
	w.put(0, 3)
	n := l.ASCBits
	if n == 0 {
		n = 8 * len(l.ASC)
	}
	if l.Version == 1 {
		value(w, uint32(n))
	}
	for i := range n {
		w.put(uint32(l.ASC[i/8]>>(7-i%8)), 1)
	}
	if l.Constant {
		w.put(1, 3)
		w.put(uint32(len(l.Payloads[0])-20), 9)
	} else {
		w.put(0, 3)
		w.put(0xff, 8)
	}
	w.flag(l.Other > 0)
	switch {
	case l.Other == 0:
	case l.Version == 1:
		value(w, uint32(l.Other))
	default:
		w.put(uint32(0x100|l.Other>>8), 9)
		w.put(uint32(l.Other&0xff), 9)
	}
	w.flag(l.Check)
	if l.Check {
		w.put(0xa5, 8)
	}
}

// value writes a LatmGetValue of two bytes.
func value(w *bits, v uint32) {
	w.put(1, 2)
	w.put(v, 16)
}

// Opus gives a packet of Opus with its control header (ETSI TS 103 491). Trims are
// in samples of 48 kHz; a negative one is not written.
func Opus(start, end int, extension, packet []byte) []byte {
	b := []byte{0x7f, 0xe0}
	for n := len(packet); ; n -= 255 {
		if n < 255 {
			b = append(b, byte(n))
			break
		}
		b = append(b, 255)
	}
	if start >= 0 {
		b[1] |= 0x10
		b = append(b, byte(start>>8), byte(start))
	}
	if end >= 0 {
		b[1] |= 0x08
		b = append(b, byte(end>>8), byte(end))
	}
	if extension != nil {
		b[1] |= 0x04
		b = append(append(b, byte(len(extension))), extension...)
	}
	return append(b, packet...)
}

// PCE gives a raw data block of AAC that begins with a program config element of
// two front and two back channels, as pairs, with a comment, followed by rest.
func PCE(comment string, rest []byte) []byte {
	var w bits
	w.put(5, 3)
	w.put(0, 4)
	w.put(1, 2)
	w.put(3, 4)
	w.put(1, 4)
	w.put(0, 4)
	w.put(1, 4)
	w.put(0, 2+3+4+3)
	w.put(0x10, 5)
	w.put(0x11, 5)
	b := w.filled(0, 0)
	b = append(append(b, byte(len(comment))), comment...)
	return append(b, rest...)
}
