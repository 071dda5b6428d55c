package mpegts

import (
	"bytes"
	"slices"
)

// Segmenters that cut at packets leave segments without PAT and PMT, and their
// pictures are as good as any. Where no map came at all, guessProgram makes one from
// what was held: it takes a map whose PAT is missing, and else believes PES
// packets that hold what their stream_id says. The true map would come before
// it, so a guess never stands against one.

const (
	maxGuessed    = 32      // PIDs that are looked at
	guessedSample = 1 << 16 // bytes of payload that are looked at of each
)

// candidate is a PID that carries PES packets.
type candidate struct {
	pid  uint16
	id   byte // stream_id
	data []byte
	pes  []int // where payloads of PES packets begin in data
}

// guessProgram makes a program of the packets that are held and feeds them to it. It
// reports whether there is one.
func (d *Demuxer) guessProgram() (bool, error) {
	p := d.orphanMap()
	if p != nil {
		d.psi.follow(p)
	} else {
		p = d.believable()
	}
	if p == nil {
		return false, nil
	}
	d.stats.Guessed++
	if err := d.adopt(p); err != nil {
		return true, err
	}
	return true, d.replay()
}

// orphanMap looks for a map in force that no PAT has named.
func (d *Demuxer) orphanMap() (found *Program) {
	sections := map[uint16]*section{}
	for held := d.held.packets; len(held) >= packetSize && found == nil; held = held[packetSize:] {
		p := held[:packetSize:packetSize]
		pid, start := pidOf(p), p[1]&0x40 != 0
		b, _ := payload(p)
		if len(b) == 0 || p[1]&0x80 != 0 || p[3]&0xc0 != 0 {
			continue
		}
		s := sections[pid]
		if s == nil {
			if !start || len(sections) == maxGuessed || bytes.HasPrefix(b, startCode) {
				continue
			}
			s = &section{}
			sections[pid] = s
		}
		s.write(b, start, func(b []byte) error { // it returns no error
			if b[0] != 2 || found != nil {
				return nil
			}
			if m, ok := parseMap(b); ok && len(m.Streams) > 0 {
				m.PMT = pid
				found = m
			}
			return nil
		})
	}
	return found
}

// believable makes a program of the PIDs whose PES packets hold what can be
// recognized, in the order of PIDs; nil: there are none.
func (d *Demuxer) believable() *Program {
	p := &Program{}
	for _, c := range d.candidates() {
		s := Stream{PID: c.pid}
		switch {
		case c.id&0xf0 == 0xe0:
			s.Type = videoType(c.data)
		case c.id&0xe0 == 0xc0, c.id == 0xbd, c.id == 0xfd: // MPEG audio, private, extended
			s.Type = c.soundType()
		}
		if s.Type != 0 {
			p.Streams = append(p.Streams, s)
		}
	}
	if len(p.Streams) == 0 {
		return nil
	}
	return p
}

// candidates collects the PES packets that are held, by PID.
func (d *Demuxer) candidates() []*candidate {
	var list []*candidate
	for held := d.held.packets; len(held) >= packetSize; held = held[packetSize:] {
		p := held[:packetSize:packetSize]
		pid := pidOf(p)
		b, _ := payload(p)
		i, known := slices.BinarySearchFunc(list, pid, func(c *candidate, pid uint16) int { return int(c.pid) - int(pid) })
		start := p[1]&0x40 != 0 && len(b) >= 9 && headerSize(b) > 0
		if p[3]&0xc0 != 0 || !known && (!start || len(list) == maxGuessed) {
			continue
		}
		if !known {
			list = slices.Insert(list, i, &candidate{pid: pid, id: b[3]})
		}
		c := list[i]
		if start {
			b = b[min(headerSize(b), len(b)):]
			c.pes = append(c.pes, len(c.data))
		}
		if len(c.data) < guessedSample {
			c.data = append(c.data, b...)
		}
	}
	return list
}

// videoType tells H.264 from H.265 by the headers of NAL units; 0: neither.
func videoType(b []byte) uint8 {
	h264, h265 := 0, 0
	for {
		i := bytes.Index(b, startCode)
		if i < 0 || len(b) < i+5 {
			break
		}
		b = b[i+3:]
		if isH264(b[0]) {
			h264++
		}
		if isH265(b[0], b[1]) {
			h265++
		}
	}
	switch {
	case h264 > h265:
		return 0x1b
	case h265 > h264:
		return 0x24
	}
	return 0
}

// isH264 reports whether a NAL unit of H.264 in use today can begin like that
// (ITU-T H.264 §7.4.1: which types have nal_ref_idc 0 and which have not).
func isH264(b byte) bool {
	ref := b&0x60 != 0
	switch b & 31 {
	case 1:
		return b&0x80 == 0
	case 5, 7, 8:
		return b&0x80 == 0 && ref
	case 6, 9, 10, 11, 12:
		return b&0x80 == 0 && !ref
	}
	return false
}

// isH265 reports whether a NAL unit of the base layer of H.265 can begin like
// that: the lowest temporal layer, and a type that is not reserved.
func isH265(b, next byte) bool {
	t := b >> 1
	return b&0x81 == 0 && next == 1 && (t <= 9 || t >= 16 && t <= 21 || t >= 32 && t <= 40)
}

// typeOf are stream types under which a codec of sound is demuxed.
var typeOf = map[*coding]uint8{codingADTS: 0x0f, codingAC3: 0x81, codingMPEG: 0x03, codingLOAS: 0x11, codingOpus: 0x06}

// soundType tells a codec by two frames in a row that begin with a PES packet;
// 0: none.
func (c *candidate) soundType() uint8 {
	for _, at := range c.pes {
		for _, k := range codings {
			if at < len(c.data) && k.chain(c.data[at:], 2, true) == yes {
				return typeOf[k]
			}
		}
	}
	return 0
}
