package mpegts

import (
	"fmt"

	"recfin/mp4"
	"recfin/probe/sound"
)

const (
	adtsHeader   = 7 // bytes, without checksum
	frameSamples = 1024
)

// adtsInfo is the header of an ADTS frame.
type adtsInfo struct {
	size  int    // bytes of the frame, header included
	count int    // raw data blocks: 1 to 4
	crc   bool   // checksums are there
	fixed uint32 // what must not change from frame to frame; never 0
}

// parseADTS reads an adts_fixed_header and adts_variable_header.
func parseADTS(b []byte) (adtsInfo, bool) {
	if len(b) < adtsHeader || b[0] != 0xff || b[1]&0xf6 != 0xf0 {
		return adtsInfo{}, false
	}
	h := adtsInfo{
		size:  int(b[3]&3)<<11 | int(b[4])<<3 | int(b[5]>>5),
		count: int(b[6]&3) + 1,
		crc:   b[1]&1 == 0,
		// MPEG version, profile, rate and channels; neither private, copy nor home bit
		fixed: 1<<31 | uint32(b[1]&8)<<16 | uint32(b[2]&0xfd)<<8 | uint32(b[3]&0xc0),
	}
	return h, h.rateIndex() < len(sampleRates) && h.size > h.overhead()
}

func (h adtsInfo) rateIndex() int { return int(h.fixed >> 10 & 0xf) }
func (h adtsInfo) channels() int  { return int(h.fixed>>6&3) | int(h.fixed>>8&1)<<2 }
func (h adtsInfo) profile() int   { return int(h.fixed >> 14 & 3) }

// overhead is the number of bytes before the first raw data block.
func (h adtsInfo) overhead() int {
	if !h.crc {
		return adtsHeader
	}
	return adtsHeader + 2*(h.count-1) + 2
}

// sampleRates are those of samplingFrequencyIndex (ISO/IEC 14496-3 Table 1.18).
var sampleRates = [...]int{96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350}

// entry makes the sample entry, with an AudioSpecificConfig of two bytes.
// Implicit SBR and PS stay implicit.
func (h adtsInfo) entry() *mp4.AAC {
	object, index, channels := h.profile()+1, h.rateIndex(), h.channels()
	return &mp4.AAC{
		Config:     []byte{byte(object<<3 | index>>1), byte(index<<7 | channels<<3)},
		ObjectType: object,
		SampleRate: sampleRates[index],
		Channels:   sound.ChannelsOf(channels),
		FrameSize:  frameSamples,
	}
}

type span struct{ lo, hi int }

// blocks finds the raw data blocks of the frame b. Several of them can only be
// told apart by the table of positions that stands beside the checksum; false:
// the table contradicts itself.
func (h adtsInfo) blocks(b []byte) (r [4]span, ok bool, err error) {
	at := h.overhead()
	r[0] = span{at, h.size}
	if h.count == 1 {
		return r, true, nil
	}
	if !h.crc {
		return r, false, fmt.Errorf("AAC with several raw data blocks in a frame without their positions is %w", ErrUnsupported)
	}
	lo := at
	for i := range h.count {
		hi := h.size
		if i+1 < h.count {
			hi = at + (int(b[adtsHeader+2*i])<<8 | int(b[adtsHeader+2*i+1]))
		}
		if hi > h.size || hi-2 <= lo { // each block has a checksum behind it
			return r, false, nil
		}
		r[i] = span{lo, hi - 2}
		lo = hi
	}
	return r, true, nil
}
