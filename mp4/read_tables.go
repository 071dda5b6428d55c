package mp4

// sizes reads the head of stsz.
func (p *parser) sizes(t *parsed, boxes map[string]span) error {
	s := boxes["stsz"]
	if s.to-s.body < 12 {
		return corrupt(s.off, "stsz of %d bytes", s.to-s.body)
	}
	var h [12]byte
	if err := p.g.read(h[:], s.body); err != nil {
		return err
	}
	t.size, t.samples = int64(be.Uint32(h[4:])), int64(be.Uint32(h[8:]))
	rest := s.to - s.body - 12
	if t.size > 0 {
		if rest != 0 || t.samples > (p.mdat.to-p.mdat.body)/t.size {
			return corrupt(s.off, "stsz with %d samples of %d bytes", t.samples, t.size)
		}
	} else if rest != 4*t.samples {
		return corrupt(s.off, "stsz with %d samples in %d bytes", t.samples, rest)
	}
	if t.samples == 0 {
		return corrupt(s.off, "stsz without samples")
	}
	t.sizes = &rows{g: p.g, off: s.body + 12, left: rest / 4, width: 4}
	t.Samples = int(t.samples)
	return nil
}

// times checks stts against mdhd, and ctts.
func (p *parser) times(t *parsed, boxes map[string]span) error {
	s := boxes["stts"]
	var total int64
	err := p.pairs(t, s, 0, func(seen, count int64, value uint32) error {
		last := seen == t.samples && count == 1
		if value == 0 && !last || int64(value) > (1<<62-total)/count {
			return corrupt(s.off, "stts with %d times %d", count, value)
		}
		total += count * int64(value)
		return nil
	})
	if err != nil {
		return err
	}
	if total != t.Duration {
		return corrupt(s.off, "stts adds up to %d, mdhd says %d", total, t.Duration)
	}
	if s, ok := boxes["ctts"]; ok {
		return p.pairs(t, s, 1, func(int64, int64, uint32) error { return nil })
	}
	return nil
}

// pairs reads runs of (count, value) that must add up to the samples. f is also
// told how many samples the runs so far have.
func (p *parser) pairs(t *parsed, s span, version byte, f func(seen, count int64, value uint32) error) error {
	r, _, err := p.table(s, version, 8)
	if err != nil {
		return err
	}
	var seen int64
	for {
		row, err := r.next()
		if err != nil {
			return err
		}
		if row == nil {
			break
		}
		count := int64(be.Uint32(row))
		if seen += count; count == 0 || seen > t.samples {
			return corrupt(s.off, "%q with a run of %d for %d samples", s.typ, count, t.samples)
		}
		if err := f(seen, count, be.Uint32(row[4:])); err != nil {
			return err
		}
	}
	if seen != t.samples {
		return corrupt(s.off, "%q covers %d of %d samples", s.typ, seen, t.samples)
	}
	return nil
}

// syncs counts stss. Without it every sample is one.
func (p *parser) syncs(t *parsed, boxes map[string]span) error {
	t.Sync = t.Samples
	s, ok := boxes["stss"]
	if !ok {
		return nil
	}
	r, n, err := p.table(s, 0, 4)
	if err != nil {
		return err
	}
	t.Sync = int(n)
	var last int64
	for {
		row, err := r.next()
		if row == nil || err != nil {
			return err
		}
		i := int64(be.Uint32(row))
		if i <= last || i > t.samples {
			return corrupt(s.off, "stss names sample %d after %d of %d", i, last, t.samples)
		}
		last = i
	}
}

// places opens stsc and stco or co64, for layout.
func (p *parser) places(t *parsed, boxes map[string]span) error {
	s, short := boxes["stco"]
	long, wide := boxes["co64"]
	width := 4
	if wide {
		s, width = long, 8
	}
	if short == wide {
		return corrupt(boxes["stsz"].off, "not one of stco and co64 in the trak with this stsz")
	}
	var n int64
	var err error
	if t.chunks, n, err = p.table(s, 0, width); err != nil {
		return err
	}
	t.Chunks = int(n)
	if t.runs, _, err = p.table(boxes["stsc"], 0, 12); err != nil {
		return err
	}
	t.runsAt = boxes["stsc"].off
	if err := t.nextRun(); err != nil {
		return err
	}
	if t.run.first != 1 {
		return corrupt(t.runsAt, "stsc begins with chunk %d", t.run.first)
	}
	return nil
}

// chunkRun is a row of stsc: from a chunk on, counted from 1, each has so many
// samples.
type chunkRun struct {
	first, samples int64
}

// nextRun reads the run that comes next; first is 0 behind the last one.
func (t *parsed) nextRun() error {
	row, err := t.runs.next()
	if row == nil || err != nil {
		t.run.first = 0
		return err
	}
	r := chunkRun{first: int64(be.Uint32(row)), samples: int64(be.Uint32(row[4:]))}
	if entry := int64(be.Uint32(row[8:])); r.first <= t.run.first || r.samples == 0 || entry < 1 || entry > int64(t.Entries) {
		return corrupt(t.runsAt, "stsc with chunks from %d of %d samples of entry %d", r.first, r.samples, entry)
	}
	t.run = r
	return nil
}

// chunk is what layout needs of the next chunk of a track.
type chunk struct {
	number int64 // from 1; 0: none is left
	off    int64
}

// nextChunk reads the next chunk offset and how many samples are there.
func (t *parsed) nextChunk() error {
	row, err := t.chunks.next()
	if row == nil || err != nil {
		t.chunk = chunk{}
		return err
	}
	t.read++
	t.chunk.number = t.read
	if len(row) == 4 {
		t.chunk.off = int64(be.Uint32(row))
	} else {
		t.chunk.off = int64(min(be.Uint64(row), 1<<62))
	}
	if t.read == t.run.first {
		t.perChunk = t.run.samples
		return t.nextRun()
	}
	return nil
}

// chunkSize adds the sizes of the samples of the current chunk up. None may
// exceed limit.
func (t *parsed) chunkSize(limit int64) (int64, error) {
	if t.placed += t.perChunk; t.placed > t.samples {
		return 0, corrupt(t.runsAt, "stsc has more than %d samples", t.samples)
	}
	if t.size > 0 {
		return t.perChunk * t.size, nil
	}
	var sum int64
	for range t.perChunk {
		row, err := t.sizes.next()
		if err != nil {
			return 0, err
		}
		if sum += int64(be.Uint32(row)); sum > limit {
			break
		}
	}
	return sum, nil
}

// layout checks where the samples are: the chunks of all tracks together are
// the body, from its first byte to its last.
func (p *parser) layout() error {
	for _, t := range p.tracks {
		if err := t.nextChunk(); err != nil {
			return err
		}
	}
	for end := p.mdat.body; ; {
		var t *parsed
		for _, o := range p.tracks {
			if o.chunk.number > 0 && (t == nil || o.chunk.off < t.chunk.off) {
				t = o
			}
		}
		if t == nil {
			if end != p.mdat.to {
				return corrupt(end, "%d bytes that are no sample", p.mdat.to-end)
			}
			return p.placed()
		}
		size, err := t.chunkSize(p.mdat.to - end)
		if err != nil {
			return err
		}
		empty := size == 0 && t.chunk.off >= p.mdat.body && t.chunk.off <= end
		if t.chunk.off != end && !empty || size > p.mdat.to-end {
			return corrupt(t.chunk.off, "chunk %d of track id %d, of %d bytes, in a body that is used up to %d of %d",
				t.chunk.number, t.id, size, end, p.mdat.to)
		}
		end += size
		if err := t.nextChunk(); err != nil {
			return err
		}
	}
}

// placed checks that each sample was in a chunk, and each run of stsc used.
func (p *parser) placed() error {
	for _, t := range p.tracks {
		if t.placed != t.samples || t.run.first != 0 {
			return corrupt(t.runsAt, "stsc places %d of %d samples in %d chunks", t.placed, t.samples, t.read)
		}
	}
	return nil
}
