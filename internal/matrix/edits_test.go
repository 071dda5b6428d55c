package matrix

import (
	"encoding/binary"
	"slices"
)

// edits gives for each track of an MP4, in the order of the file, what is added
// to its media times to have presentation times, in flicks (ISO/IEC 14496-12
// §8.6.6): an empty edit in front moves the track on, and the media time of the
// edit behind it stands where that ends.
func edits(body []byte) []int64 {
	var list []int64
	movie := scale(child(body, "moov", "mvhd"))
	moov := child(body, "moov")
	for _, trak := range children(moov, "trak") {
		media := scale(child(trak, "mdia", "mdhd"))
		elst := child(trak, "edts", "elst")
		shift := int64(0)
		if len(elst) >= 8 && movie > 0 && media > 0 {
			size, p := 12, elst[8:]
			if elst[0] == 1 {
				size = 20
			}
			for ; len(p) >= size; p = p[size:] {
				var length, at int64
				if size == 12 {
					length, at = int64(binary.BigEndian.Uint32(p)), int64(int32(binary.BigEndian.Uint32(p[4:])))
				} else {
					length, at = int64(binary.BigEndian.Uint64(p)), int64(binary.BigEndian.Uint64(p[8:]))
				}
				if at < 0 {
					shift += length * (flick / movie)
					continue
				}
				shift -= at * (flick / media)
				break
			}
		}
		list = append(list, shift)
	}
	return list
}

// scale reads the timescale of mvhd and mdhd, which stands behind two times of
// 4 or 8 bytes (§8.2.2, §8.4.2).
func scale(box []byte) int64 {
	at := 12
	if len(box) > 0 && box[0] == 1 {
		at = 20
	}
	if len(box) < at+4 {
		return 0
	}
	return int64(binary.BigEndian.Uint32(box[at:]))
}

// children gives the contents of the boxes of a type in b.
func children(b []byte, kind string) [][]byte {
	var list [][]byte
	for len(b) >= 8 {
		n, head := int64(binary.BigEndian.Uint32(b)), int64(8)
		if n == 1 && len(b) >= 16 {
			n, head = int64(binary.BigEndian.Uint64(b[8:])), 16
		}
		if n < head || n > int64(len(b)) {
			break
		}
		if string(b[4:8]) == kind {
			list = append(list, b[head:n])
		}
		b = b[n:]
	}
	return list
}

// child follows a path of boxes.
func child(b []byte, path ...string) []byte {
	for _, kind := range path {
		found := children(b, kind)
		if len(found) == 0 {
			return nil
		}
		b = found[0]
	}
	return slices.Clip(b)
}
