package mp4

// thisFile is the data reference index of all sample entries: dref has one entry.
const thisFile = 1

// source checks that dref (ISO/IEC 14496-12 §8.7.2) is this file and nothing else.
func (p *parser) source(_ *parsed, boxes map[string]span) error {
	s := boxes["dref"]
	b, err := p.content(s, 20, 20)
	if err != nil {
		return err
	}
	if be.Uint32(b[4:]) != 1 || string(b[12:16]) != "url " || be.Uint32(b[16:]) != 1 {
		return corrupt(s.off, "dref of %d entries is not this file", be.Uint32(b[4:]))
	}
	return nil
}

// groups checks sbgp (ISO/IEC 14496-12 §8.9.2) against the samples and against
// the descriptions in sgpd (§8.9.3), of which there are as many as it names.
func (p *parser) groups(t *parsed, boxes map[string]span) error {
	of, grouped := boxes["sbgp"]
	from, described := boxes["sgpd"]
	if !grouped && !described {
		return nil
	}
	if grouped != described {
		return corrupt(max(of.off, from.off), "one of sgpd and sbgp alone")
	}
	b, err := p.content(from, 16, 1<<16)
	if err != nil {
		return err
	}
	count, length := int64(be.Uint32(b[12:])), int64(be.Uint32(b[8:]))
	if b[0] != 1 || length == 0 || count*length != int64(len(b)-16) {
		return corrupt(from.off, "sgpd of version %d with %d descriptions of %d bytes in %d", b[0], count, length, len(b)-16)
	}
	g, err := p.content(of, 12, 1<<20)
	if err != nil {
		return err
	}
	if g[0] != 0 || string(g[4:8]) != string(b[4:8]) || 8*int64(be.Uint32(g[8:])) != int64(len(g)-12) {
		return corrupt(of.off, "sbgp of version %d and type %q with %d runs in %d bytes", g[0], g[4:8], be.Uint32(g[8:]), len(g)-12)
	}
	var seen int64
	for g = g[12:]; len(g) > 0; g = g[8:] {
		n, i := int64(be.Uint32(g)), int64(be.Uint32(g[4:]))
		if seen += n; n == 0 || seen > t.samples || i > count {
			return corrupt(of.off, "sbgp has %d samples in group %d of %d, and %d samples are there", n, i, count, t.samples)
		}
	}
	return nil
}
