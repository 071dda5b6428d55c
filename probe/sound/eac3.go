package sound

import "recfin/mp4"

// readInformation reads what bsi() of E-AC-3 holds behind bsid (ETSI TS 102 366
// §E.1.2.2). If the bytes end before, nothing of it is told.
func (f *AC3Frame) readInformation(r *reader) {
	g := *f
	r.skip(5) // dialnorm
	r.skipIf(8)
	if g.Acmod == 0 {
		r.skip(5)
		r.skipIf(8)
	}
	if g.Type == Dependent && r.flag() {
		g.Locations = uint16(r.get(16))
	}
	if r.flag() {
		g.skipMixing(r)
	}
	if r.flag() {
		g.readMeta(r)
	}
	if g.Type == Independent && g.Blocks < 6 {
		g.First = r.flag()
	}
	if g.Type == Converted && (g.Blocks == 6 || r.flag()) {
		r.skip(6) // frmsizecod
	}
	if r.flag() && r.get(6) >= 1 { // addbsi of two bytes and more
		if r.get(8) == 1 { // flag_ec3_extension_type_a
			g.Objects = uint8(r.get(8))
		}
	}
	if !r.over {
		*f = g
	}
}

// skipIf passes over a flag and the n bits that are there if it is set.
func (r *reader) skipIf(n int) {
	if r.flag() {
		r.skip(n)
	}
}

// skipMixing passes over the mixing metadata.
func (f *AC3Frame) skipMixing(r *reader) {
	if f.Acmod > 2 {
		r.skip(2) // dmixmod
		if f.Acmod&1 != 0 {
			r.skip(6)
		}
		if f.Acmod&4 != 0 {
			r.skip(6)
		}
	}
	if f.LFE {
		r.skipIf(5)
	}
	if f.Type != Independent {
		return
	}
	r.skipIf(6) // pgmscl
	if f.Acmod == 0 {
		r.skipIf(6)
	}
	r.skipIf(6) // extpgmscl
	switch r.get(2) {
	case 1:
		r.skip(5)
	case 2:
		r.skip(12)
	case 3:
		r.skip(8 * (int(r.get(5)) + 2))
	}
	if f.Acmod < 2 {
		r.skipIf(14) // paninfo
		if f.Acmod == 0 {
			r.skipIf(14)
		}
	}
	if !r.flag() { // frmmixcfginfoe
		return
	}
	if f.Blocks == 1 {
		r.skip(5)
		return
	}
	for range f.Blocks {
		r.skipIf(5)
	}
}

// readMeta reads the informational metadata.
func (f *AC3Frame) readMeta(r *reader) {
	f.Bsmod = uint8(r.get(3))
	r.skip(2)
	switch {
	case f.Acmod == 2:
		r.skip(4)
	case f.Acmod >= 6:
		r.skip(2)
	}
	r.skipIf(8) // audprodi
	if f.Acmod == 0 {
		r.skipIf(8)
	}
	if f.Fscod < 3 {
		r.skip(1) // sourcefscod
	}
}

// DolbyEntry makes the sample entry of an access unit with these sync frames, in
// their order: *mp4.AC3 of a single frame of AC-3, else *mp4.EAC3, whose data
// rate is that of this unit. The first frame must be independent; nil: it is not,
// or there are more than 8 independent substreams or 15 that depend on one.
func DolbyEntry(frames []AC3Frame) mp4.SampleEntry {
	if len(frames) == 0 || frames[0].Type == Dependent {
		return nil
	}
	if f := frames[0]; len(frames) == 1 && !f.Enhanced {
		return &mp4.AC3{
			Fscod: f.Fscod, Bsid: f.Bsid, Bsmod: f.Bsmod, Acmod: f.Acmod, LFE: f.LFE,
			BitRateCode: f.BitRateCode, SampleRate: f.SampleRate, Channels: channels(f.Locations),
		}
	}
	e := &mp4.EAC3{SampleRate: frames[0].SampleRate}
	size, blocks, all, id := 0, 0, frames[0].Locations, -1
	for _, f := range frames {
		size += f.Size
		if f.Type != Dependent && f.ID == frames[0].ID {
			blocks += f.Blocks
		}
		if blocks > frames[0].Blocks {
			continue // further blocks of the same substreams
		}
		if f.Type != Dependent {
			id = f.ID
			e.Substreams = append(e.Substreams, mp4.EAC3Substream{Fscod: f.Fscod, Bsid: f.Bsid, Bsmod: f.Bsmod, Acmod: f.Acmod, LFE: f.LFE})
		} else {
			s := &e.Substreams[len(e.Substreams)-1]
			s.Dependent++
			s.ChanLoc |= chanLoc(f.Locations)
		}
		if id == frames[0].ID {
			all |= f.Locations
		}
		if f.Objects > 0 && e.Extension == nil {
			e.Extension = []byte{1, f.Objects}
		}
	}
	for _, s := range e.Substreams {
		if len(e.Substreams) > 8 || s.Dependent > 15 {
			return nil
		}
	}
	e.Channels = channels(all)
	e.DataRate = 8 * size * e.SampleRate / (256 * blocks) / 1000
	return e
}

// chanLoc tells a chanmap as dec3 has it (table F.6.1): its bits 5 to 12 become
// bits 0 to 7, counted from the least significant one, LFE2 bit 8.
func chanLoc(m uint16) (loc uint16) {
	for i := range 8 {
		loc |= m >> (10 - i) & 1 << i
	}
	if m&lfe2 != 0 {
		loc |= 1 << 8
	}
	return loc
}

// ReadDac3 reads the content of a dac3 box (annex F.4); nil: it is cut, or
// reserved values stand in it.
func ReadDac3(b []byte) *mp4.AC3 {
	r := reader{p: b}
	e := &mp4.AC3{Fscod: uint8(r.get(2)), Bsid: uint8(r.get(5)), Bsmod: uint8(r.get(3)), Acmod: uint8(r.get(3)), LFE: r.flag(), BitRateCode: uint8(r.get(5))}
	if r.over || e.Fscod == 3 {
		return nil
	}
	e.SampleRate = [...]int{48000, 44100, 32000}[e.Fscod]
	e.Channels = channels(locations(e.Acmod, e.LFE))
	return e
}

// ReadDec3 reads the content of a dec3 box (annex F.6). rate, in Hz, is that of
// the sample entry, which alone tells reduced rates. nil: it is cut.
func ReadDec3(b []byte, rate int) *mp4.EAC3 {
	r := reader{p: b}
	e := &mp4.EAC3{DataRate: int(r.get(13)), SampleRate: rate}
	for range r.get(3) + 1 {
		s := mp4.EAC3Substream{Fscod: uint8(r.get(2)), Bsid: uint8(r.get(5))}
		r.skip(2)
		s.Bsmod, s.Acmod, s.LFE = uint8(r.get(3)), uint8(r.get(3)), r.flag()
		r.skip(3)
		if s.Dependent = uint8(r.get(4)); s.Dependent > 0 {
			s.ChanLoc = uint16(r.get(9))
		} else {
			r.skip(1)
		}
		e.Substreams = append(e.Substreams, s)
	}
	if r.over {
		return nil
	}
	first := e.Substreams[0]
	if first.Fscod < 3 {
		e.SampleRate = [...]int{48000, 44100, 32000}[first.Fscod]
	}
	all := locations(first.Acmod, first.LFE)
	for i := range 8 {
		all |= first.ChanLoc >> i & 1 << (10 - i)
	}
	all |= first.ChanLoc >> 8 & 1 * lfe2
	e.Channels = channels(all)
	if rest := b[r.pos/8:]; len(rest) > 0 { // substreams are whole bytes
		e.Extension = append([]byte{}, rest...)
	}
	return e
}
