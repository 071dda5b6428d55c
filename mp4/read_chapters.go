package mp4

// reference reads tref, which may name one track of chapters.
func (p *parser) reference(t *parsed, boxes map[string]span) error {
	s, ok := boxes["chap"]
	if !ok {
		return nil
	}
	b, err := p.content(s, 4, 4)
	if err != nil {
		return err
	}
	if t.refers = be.Uint32(b); t.refers == 0 {
		return corrupt(s.off, "a reference to track id 0")
	}
	return nil
}

// userData reads chpl, whose chapters must be whole and ascend.
func (p *parser) userData(s span) error {
	return p.walk(s.body, s.to, func(s span) error {
		if s.typ != "chpl" {
			return nil
		}
		b, err := p.content(s, 9, 9+maxChpl*(9+maxTitle))
		if err != nil {
			return err
		}
		n, b := int(b[8]), b[9:]
		var last uint64
		for i := range n {
			if len(b) < 9 || len(b) < 9+int(b[8]) {
				return corrupt(s.off, "chpl of %d chapters is cut", n)
			}
			at := be.Uint64(b)
			if i > 0 && at <= last || at > 1<<62 {
				return corrupt(s.off, "chpl with a chapter at %d after %d", at, last)
			}
			last, b = at, b[9+int(b[8]):]
		}
		if n == 0 || len(b) > 0 || p.named > 0 {
			return corrupt(s.off, "chpl of %d chapters with %d bytes too many, or a second one", n, len(b))
		}
		p.named = n
		return nil
	})
}

// chapters checks that there is at most one track of chapters, that all other
// tracks refer to it, and that udta names its first ones.
func (p *parser) chapters(moov span) error {
	var of *parsed
	for _, t := range p.tracks {
		if t.Kind != text {
			continue
		}
		if of != nil || t.refers != 0 {
			return corrupt(moov.off, "track id %d is one of chapters that has chapters, or a second one", t.id)
		}
		of = t
	}
	id := uint32(0)
	if of != nil {
		id, p.sum.Chapters = of.id, of.Samples
	}
	for _, t := range p.tracks {
		if t.Kind != text && t.refers != id {
			return corrupt(moov.off, "track id %d has its chapters in track id %d and not in %d", t.id, t.refers, id)
		}
	}
	if p.named != min(p.sum.Chapters, maxChpl) {
		return corrupt(moov.off, "udta names %d of %d chapters", p.named, p.sum.Chapters)
	}
	if len(p.tracks) == 1 && of != nil {
		return corrupt(moov.off, "a movie of nothing but chapters")
	}
	return nil
}
