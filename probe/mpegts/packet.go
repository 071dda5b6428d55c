package mpegts

import (
	"bytes"
	"fmt"
)

const (
	pidPAT      = 0x0000
	pidReserved = 0x0020 // PIDs below carry tables of the system
	pidPSIP     = 0x1ffb // ATSC A/65
	pidNull     = 0x1fff

	// maxScrambled is how many encrypted packets a stream may have before it is
	// believed to be encrypted rather than damaged.
	maxScrambled = 8
)

func pidOf(p []byte) uint16 { return uint16(p[1]&0x1f)<<8 | uint16(p[2]) }

// packet takes one packet (§2.4.3.2) that begins with a sync byte.
func (d *Demuxer) packet(p []byte) error {
	d.stats.Packets++
	pid := pidOf(p)
	if s := d.pids.of(pid); s != nil {
		return d.media(s, p)
	}
	switch {
	case pid == pidPAT || d.psi.owns(pid):
		return d.table(pid, p)
	case pid < pidReserved, pid == pidNull, pid == pidPSIP:
		return nil
	}
	return d.hold(p)
}

// payload is what follows the header and the adaptation field; nil: none.
// jump: a discontinuity_indicator says that the counter may leap here.
func payload(p []byte) (b []byte, jump bool) {
	at := 4
	if p[3]&0x20 != 0 {
		n := int(p[4])
		at += 1 + n
		jump = n > 0 && p[5]&0x80 != 0
	}
	if p[3]&0x10 == 0 || at >= len(p) {
		return nil, jump
	}
	return p[at:], jump
}

// media takes a packet of a stream of the program.
func (d *Demuxer) media(s *stream, p []byte) error {
	if s.data {
		d.stats.DataPackets++
		return nil
	}
	if s.parser == nil || s.muted {
		return nil
	}
	if s.guess != nil && !s.guess.packet(p) {
		return nil
	}
	if p[1]&0x80 != 0 {
		d.stats.TransportErrors++
	}
	b, jump := payload(p)
	if b == nil {
		if jump {
			s.cc = -1
		}
		return nil
	}
	if p[3]&0xc0 != 0 {
		d.stats.Scrambled++
		if s.scrambled++; s.scrambled >= maxScrambled {
			return fmt.Errorf("%w: PID %d", ErrEncrypted, s.info.PID)
		}
		return nil
	}
	cc, first := int8(p[3]&0x0f), s.first
	s.first = false
	if first && p[1]&0x40 == 0 && s.guess == nil {
		d.tables.cut = true
	}
	if s.cc >= 0 && cc != (s.cc+1)&0x0f {
		if cc == s.cc && bytes.Equal(b, s.last[:s.lastLen]) {
			d.stats.Duplicates++
			return nil
		}
		if !jump {
			d.stats.ContinuityErrors++
		}
		damaged := d.stats.Damaged
		d.gap(s)
		if first {
			d.stats.OpenAtRestart += d.stats.Damaged - damaged
			if !jump {
				d.stats.Restarts++
			}
		}
	}
	s.cc = cc
	s.lastLen = copy(s.last[:], b)
	return d.pesData(s, b, p[1]&0x40 != 0)
}
