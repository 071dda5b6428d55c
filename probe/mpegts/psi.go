package mpegts

import "bytes"

// psi follows the tables that describe the program (§2.4.4).
type psi struct {
	pat, pmt section
	pmtPID   uint16
	number   uint16
	known    bool   // pmtPID and number are known
	last     []byte // the map that the program is of; it is repeated ten times a second
}

// follow takes over a program that is known from elsewhere.
func (t *psi) follow(p *Program) {
	t.pmtPID, t.number, t.known = p.PMT, p.Number, true
}

// owns reports whether pid carries the map.
func (t *psi) owns(pid uint16) bool { return t.known && pid == t.pmtPID }

// table takes a packet of the PAT or the PMT.
func (d *Demuxer) table(pid uint16, p []byte) error {
	b, _ := payload(p)
	if b == nil || p[1]&0x80 != 0 {
		return nil
	}
	sec, use := &d.psi.pmt, d.useMap
	if pid == pidPAT {
		sec, use = &d.psi.pat, d.usePAT
	}
	bad, err := sec.write(b, p[1]&0x40 != 0, use)
	d.stats.BadSections += int64(bad)
	return err
}

// usePAT finds the program: the one that is followed already, else the first.
func (d *Demuxer) usePAT(b []byte) error {
	if b[0] != 0 {
		return nil
	}
	t := &d.psi
	var number, pid uint16
	found, programs := false, 0
	for e := b[8 : len(b)-4]; len(e) >= 4; e = e[4:] {
		n, id := uint16(e[0])<<8|uint16(e[1]), uint16(e[2]&0x1f)<<8|uint16(e[3])
		if n == 0 || id < pidReserved || id == pidNull {
			continue
		}
		programs++
		if !found || t.known && n == t.number && number != n {
			number, pid, found = n, id, true
		}
	}
	if !found {
		return nil
	}
	d.stats.Programs = max(d.stats.Programs, programs-1)
	same := t.known && t.number == number && t.pmtPID == pid
	d.sawPAT(!same)
	if same {
		return nil
	}
	t.number, t.pmtPID, t.known = number, pid, true
	t.pmt, t.last = section{}, nil
	return d.heldMap(pid)
}

// heldMap looks for a map that came before the PAT that names it.
func (d *Demuxer) heldMap(pid uint16) error {
	held := d.held.packets
	for ; len(held) >= packetSize && !d.held.mapped; held = held[packetSize:] {
		if p := held[:packetSize:packetSize]; pidOf(p) == pid {
			if err := d.table(pid, p); err != nil {
				return err
			}
		}
	}
	return nil
}

// useMap reads a map and makes it the program.
func (d *Demuxer) useMap(b []byte) error {
	if b[0] != 2 || uint16(b[3])<<8|uint16(b[4]) != d.psi.number {
		return nil
	}
	if bytes.Equal(b, d.psi.last) {
		d.sawMap(false)
		return d.replay()
	}
	p, ok := parseMap(b)
	if !ok {
		d.stats.BadSections++
		return nil
	}
	p.PMT = d.psi.pmtPID
	other := !p.equal(d.program)
	d.sawMap(other)
	if other {
		if err := d.adopt(p); err != nil {
			return err
		}
	}
	d.psi.last = append(d.psi.last[:0], b...)
	return d.replay()
}

// parseMap reads a TS_program_map_section (§2.4.4.9) with a valid checksum.
func parseMap(b []byte) (*Program, bool) {
	p := &Program{Number: uint16(b[3])<<8 | uint16(b[4])}
	end := len(b) - 4
	if end < 12 {
		return nil, false
	}
	at := 12 + (int(b[10]&0x0f)<<8 | int(b[11]))
	for at+5 <= end {
		s := Stream{Type: b[at], PID: uint16(b[at+1]&0x1f)<<8 | uint16(b[at+2])}
		n := int(b[at+3]&0x0f)<<8 | int(b[at+4])
		at += 5
		if at+n > end {
			return nil, false
		}
		s.describe(b[at : at+n])
		at += n
		if s.PID >= 0x10 && s.PID != pidNull {
			p.Streams = append(p.Streams, s)
		}
	}
	return p, at <= end
}

// describe reads the descriptors of a stream (§2.6).
func (s *Stream) describe(b []byte) {
	for len(b) >= 2 {
		n := int(b[1])
		if 2+n > len(b) {
			return
		}
		v := b[2 : 2+n]
		s.Tags = append(s.Tags, b[0])
		switch {
		case b[0] == tagRegistration && n >= 4 && s.Format == "":
			s.Format = string(v[:4])
		case b[0] == tagLanguage && n >= 4 && s.Language == "":
			s.Language = language(v[:3])
		case b[0] == tagExtension && n >= 2 && v[0] == extensionOpus && len(s.Opus) == 0:
			s.Opus = bytes.Clone(v[1:])
		}
		b = b[2+n:]
	}
}

// language gives an ISO 639-2 code in lower case, or nothing.
func language(b []byte) string {
	var l [3]byte
	for i, c := range b {
		c |= 0x20
		if c < 'a' || c > 'z' {
			return ""
		}
		l[i] = c
	}
	if l == [3]byte{'u', 'n', 'd'} {
		return ""
	}
	return string(l[:])
}
