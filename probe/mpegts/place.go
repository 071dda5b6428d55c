package mpegts

import (
	"bytes"
	"math"
	"sort"

	"recfin/mp4"
)

// spot is the place of a packet.
type spot struct {
	segment int   // counted by Boundary and Flush
	pos     int64 // of its first byte in the segment
}

// packets says which packet brought each byte of a stream, as long as the bytes are
// held.
type packets []packetOf

type packetOf struct {
	off  int64 // of the first byte of its payload in the stream
	from spot
}

// of is the packet that brought the byte at off, and where its payload ends, as long as
// more has come; false: it is not held any more.
func (p packets) of(off int64) (from spot, end int64, ok bool) {
	i := sort.Search(len(p), func(i int) bool { return p[i].off > off })
	if i == 0 {
		return spot{}, 0, false
	}
	if end = math.MaxInt64; i < len(p) {
		end = p[i].off
	}
	return p[i-1].from, end, true
}

// discard gives up the packets all of whose bytes lie before off.
func (p *packets) discard(off int64) {
	n := 0
	for n+1 < len(*p) && (*p)[n+1].off <= off {
		n++
	}
	*p = (*p)[:copy(*p, (*p)[n:])]
}

// alone gives the packets that hold the picture p, or the frame of two fields p and
// second, if a decoder can make the picture of them: it is an IDR, CRA or BLA
// picture, or all of its slices are I slices, whatever flags it bears (a recovery
// point may be the begin of a refresh in steps), and its parameter sets are in it.
// Its PES packet must begin with it, and no other one begin in its last packet: else
// the packets would hold pictures that need others, or a part of one. It lies in one
// segment.
func (f *frames) alone(p, second *picture, access mp4.Access) mp4.Place {
	at := &f.h.d.at
	none := mp4.Place{Back: at.segment - p.from.segment}
	if none.Back == 0 && access == mp4.NotAccess {
		return none
	}
	last := p
	if second != nil {
		last = second
	}
	hi := last.nals[len(last.nals)-1].hi
	end, to, ok := f.h.s.es.packets.of(hi - 1)
	if !ok || end.segment != p.from.segment {
		if ok {
			none.End = at.segment - end.segment
		}
		return none
	}
	none.End = none.Back
	// A field behind one that is a random access point needs that one alone.
	single := second == nil || second.intra || p.access != mp4.NotAccess
	if !single || !p.leads || !p.has(f.h.need) || p.access < mp4.OpenSync && !p.intra {
		return none
	}
	if f.sliceIn(hi, min(to, f.h.s.es.end())) {
		return none
	}
	return mp4.Place{Offset: p.from.pos, Length: end.pos + packetSize - p.from.pos, Back: none.Back, End: none.End}
}

// sliceIn reports whether a slice begins between two offsets: a part of a picture.
func (f *frames) sliceIn(lo, hi int64) bool {
	for b := f.h.s.es.at(lo, hi); ; {
		i := bytes.Index(b, startCode)
		if i < 0 || i+len(startCode) == len(b) {
			return false
		}
		if b = b[i+len(startCode):]; f.h.syntax.look(b[:min(len(b), sliceHeadSize)]).role == roleSlice {
			return true
		}
	}
}

// sliceHeadSize is more than enough to tell a NAL unit by.
const sliceHeadSize = 16
