package tswriter

import "fmt"

// Live describes a stream of pictures as an encoder and a muxer make it. The
// zero value with a number of pictures, at most 128 from one IDR to the next, is a
// plain one: H.264 without B-pictures, a delimiter, a PES packet and timestamps for
// each picture.
type Live struct {
	HEVC     bool
	Pictures int
	GOP      int   // pictures from one access point to the next; 0: only the first is one
	From     int64 // DTS of the first picture, 90 kHz
	Step     int64 // ticks a picture; 0: 3600

	Recovery bool // access points but the first are recovery points, no IDR
	B        bool // every second picture is shown before the one in front of it; GOP must be 0 or Pictures
	NoDelay  bool // with B: the DTS of B-pictures are above their PTS
	Fields   bool // H.264: each picture is a pair of fields

	Bare   bool // no delimiters
	PerPES int  // pictures in a PES packet; 0: one
	// Split is the byte at which a PES packet is split in two; 0: it is not. The
	// second one repeats the timestamps, or has none with Untimed.
	Split   int
	Untimed bool
	// Over is how many bytes of each picture stand at the beginning of the PES
	// packet of the next one.
	Over     int
	FieldPES bool // with Fields: a PES packet for each field, with times of its own
}

func (l Live) step() int64 {
	if l.Step == 0 {
		return 3600
	}
	return l.Step
}

// shown is the place of picture i in presentation.
func (l Live) shown(i int) int {
	switch {
	case !l.B, i == 0, i == l.Pictures-1 && i%2 == 1: // nothing is left to be shown before the last one
		return i
	case i%2 == 1:
		return i + 1
	}
	return i - 1
}

// poc is the picture order count of picture i in pictures: from the last IDR on.
func (l Live) poc(i int) uint32 {
	from := 0
	if l.GOP > 0 && !l.Recovery {
		from = i / l.GOP * l.GOP
	}
	return uint32(l.shown(i)-l.shown(from)) & 127
}

// times gives PTS and DTS of picture i in decoding order.
func (l Live) times(i int) (pts, dts int64) {
	delay := 0
	if l.B && !l.NoDelay {
		delay = 1
	}
	return l.From + int64(l.shown(i)+delay)*l.step(), l.From + int64(i)*l.step()
}

// PESPackets gives the pictures in PES packets.
func (l Live) PESPackets() []PES {
	var list []PES
	var rest []byte
	for i := 0; i < l.Pictures; {
		pts, dts := l.times(i)
		p := PES{PTS: pts, DTS: dts, Data: rest}
		rest = nil
		for k := 0; k < max(l.PerPES, 1) && i < l.Pictures; k++ {
			for n, part := range l.picture(i) {
				if n > 0 && l.FieldPES {
					list = append(list, p)
					half := l.step() / 2
					p = PES{PTS: pts + half, DTS: dts + half}
				}
				p.Data = append(p.Data, part...)
			}
			i++
		}
		if n := len(p.Data) - l.Over; l.Over > 0 && n > 0 && i < l.Pictures {
			p.Data, rest = p.Data[:n:n], p.Data[n:]
		}
		if l.Split > 0 && l.Split < len(p.Data) {
			second := PES{PTS: p.PTS, DTS: p.DTS, NoTime: l.Untimed, Data: p.Data[l.Split:]}
			p.Data = p.Data[:l.Split]
			list = append(list, p)
			p = second
		}
		list = append(list, p)
	}
	return list
}

// access reports whether picture i is an access point.
func (l Live) access(i int) bool { return i == 0 || l.GOP > 0 && i%l.GOP == 0 }

// picture gives the byte stream of picture i: of two fields in two parts.
func (l Live) picture(i int) [][]byte {
	data := fmt.Appendf(nil, "picture %d \x00\x00\x01 and what it holds", i)
	if l.HEVC {
		return [][]byte{AnnexB(i%2 == 1, l.hevc(i, data)...)}
	}
	intra := l.access(i)
	idr := i == 0 || intra && !l.Recovery
	s := Slice{IDR: idr, FrameNum: uint32(i) & 255, POC: 2 * l.poc(i), Fields: l.Fields, Field: l.Fields, Data: data}
	if intra {
		s.Type = I
	}
	var nals [][]byte
	if !l.Bare {
		nals = append(nals, Delimiter)
	}
	switch {
	case idr:
		sps := SPS{Width: 320, Height: 192, Fields: l.Fields, FrameTicks: uint32(l.step())}
		nals = append(nals, sps.NAL(), PPS(0, 0, 0))
	case intra:
		nals = append(nals, RecoveryPoint)
	}
	parts := [][]byte{AnnexB(i%2 == 1, append(nals, s.NAL())...)}
	if l.Fields {
		s.IDR, s.Type, s.Bottom, s.POC = false, P, true, s.POC+1
		nals = nals[:0]
		if !l.Bare {
			nals = append(nals, Delimiter)
		}
		parts = append(parts, AnnexB(false, append(nals, s.NAL())...))
	}
	return parts
}

func (l Live) hevc(i int, data []byte) (nals [][]byte) {
	if !l.Bare {
		nals = append(nals, HEVCDelimiter)
	}
	s := HEVCSlice{NAL: HEVCTrail, Type: HEVCTypeP, POC: l.poc(i), Data: data}
	switch intra := l.access(i); {
	case i == 0 || intra && !l.Recovery:
		s.NAL, s.Type = HEVCIDR, HEVCTypeI
		sps := HEVCSPS{Width: 320, Height: 192, FrameTicks: uint32(l.step())}
		nals = append(nals, HEVCVPS(0, 0), sps.NAL(), HEVCPPS(0, 0, 0))
	case intra:
		s.Type = HEVCTypeI
		nals = append(nals, HEVCRecoveryPoint)
	}
	return append(nals, s.Bytes())
}
