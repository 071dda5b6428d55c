package remux

import "recfin/mp4"

// silentLC holds one access unit of digital silence of AAC-LC for each channel
// configuration (ISO/IEC 14496-3 table 1.19, syntax §4.4.2): every channel has
// an ics_info of a long window with max_sfb 0, so that no spectrum follows.
// The elements stand in the order of the table, ID_END closes them. The length of
// the frame (1024 or 960) is no part of it. The test derives them again bit by bit
// and decodes them.
var silentLC = map[int][]byte{
	1: {0x00, 0x00, 0x00, 0x07},
	2: {0x21, 0x00, 0x00, 0x00, 0x00, 0x1c},
	3: {0x00, 0x00, 0x00, 0x01, 0x08, 0x00, 0x00, 0x00, 0x00, 0xe0},
	4: {0x00, 0x00, 0x00, 0x01, 0x08, 0x00, 0x00, 0x00, 0x00, 0x02, 0x00, 0x00, 0x07},
	5: {0x00, 0x00, 0x00, 0x01, 0x08, 0x00, 0x00, 0x00, 0x00, 0x23, 0x00, 0x00, 0x00, 0x00, 0x1c},
	6: {0x00, 0x00, 0x00, 0x01, 0x08, 0x00, 0x00, 0x00, 0x00, 0x23, 0x00, 0x00, 0x00, 0x00, 0x0c, 0x00, 0x00, 0x00, 0xe0},
	7: {0x00, 0x00, 0x00, 0x01, 0x08, 0x00, 0x00, 0x00, 0x00, 0x23, 0x00, 0x00, 0x00, 0x00, 0x04, 0xa0, 0x00, 0x00, 0x00, 0x01, 0x80, 0x00, 0x00, 0x1c},
}

// Audio object types whose access units may be of AAC-LC: itself, and those that
// put bandwidth or channels on top of a core (ISO/IEC 14496-3 table 1.17).
const (
	objectLC  = 2
	objectSBR = 5
	objectPS  = 29
)

// silentAAC gives a frame of silence for an entry, nil where there is none.
func silentAAC(a *mp4.AAC) []byte {
	if object := audioObject(a.Config); object != objectLC && object != objectSBR && object != objectPS {
		return nil
	}
	return silentLC[channelConfiguration(a.Config)]
}

// audioObject is the object type that an AudioSpecificConfig begins with, 0
// where it cannot be told or is none of the first 31.
func audioObject(config []byte) int {
	if len(config) < 2 || config[0]>>3 == 31 {
		return 0
	}
	return int(config[0] >> 3)
}

// channelConfiguration reads the field of an AudioSpecificConfig (ISO/IEC
// 14496-3 §1.6.2.1), 0 where it cannot be told.
func channelConfiguration(config []byte) int {
	if len(config) < 2 {
		return 0
	}
	if config[0]&7<<1|config[1]>>7 == 15 { // the rate is written out in 24 bits
		if len(config) < 5 {
			return 0
		}
		return int(config[4] >> 3 & 15)
	}
	return int(config[1] >> 3 & 15)
}
