package tswriter

// ADTS describes an ADTS frame.
type ADTS struct {
	Profile  int // audio object type minus one; 1 is LC
	Rate     int // index of the sampling frequency: 3 is 48000, 4 is 44100
	Channels int // channel configuration
	CRC      bool
	Blocks   [][]byte // raw data blocks
}

// Stereo48 is an AAC-LC frame of 48 kHz and two channels.
func Stereo48(block []byte) []byte {
	return ADTS{Profile: 1, Rate: 3, Channels: 2, Blocks: [][]byte{block}}.Frame()
}

// Frame gives the bytes. Checksums are zeros.
func (a ADTS) Frame() []byte {
	var body []byte
	if a.CRC {
		at := 0
		for i, b := range a.Blocks {
			if i > 0 {
				body = append(body, byte(at>>8), byte(at))
			}
			at += len(b) + 2
		}
		body = append(body, 0, 0)
	}
	for _, b := range a.Blocks {
		body = append(body, b...)
		if a.CRC && len(a.Blocks) > 1 {
			body = append(body, 0, 0)
		}
	}
	n := 7 + len(body)
	h := []byte{
		0xff, 0xf1, byte(a.Profile<<6 | a.Rate<<2 | a.Channels>>2),
		byte(a.Channels&3<<6 | n>>11), byte(n >> 3), byte(n&7<<5 | 0x1f), byte(0xfc | (len(a.Blocks) - 1)),
	}
	if a.CRC {
		h[1] = 0xf0
	}
	return append(h, body...)
}
