package mp4

import (
	"fmt"
	"io"
)

// ReadHead reads the head of a finished file of size bytes and checks that all
// of it agrees: every chunk lies in mdat, chunks follow each other without gap
// or overlap, sample sizes add up to the chunks and to mdat, times add up to the
// durations of media, track and movie, sample entries, data sources, groups and
// chapters that are named are there. It is strict: it wants what [Movie] writes
// (one mdat, after moov, that ends the file; times of version 1; at most 128
// tracks and one of chapters). It reads everything before the body, in blocks of 1 MiB, and
// nothing of the body, and needs at most about 20 MiB whatever the counts in the
// file say. What does not agree is ErrCorrupt, with what and where; errors of r
// come back wrapped.
func ReadHead(r io.ReaderAt, size int64) (*Summary, error) {
	p := &parser{g: &pager{r: r, size: size}, sum: Summary{Size: size}}
	if err := p.file(); err != nil {
		return nil, fmt.Errorf("read the head of an MP4: %w", err)
	}
	return &p.sum, nil
}

// corrupt says what is wrong and at which byte.
func corrupt(at int64, format string, args ...any) error {
	return fmt.Errorf("%s at byte %d: %w", fmt.Sprintf(format, args...), at, ErrCorrupt)
}

// span is a box in the file.
type span struct {
	typ      string
	off      int64 // of the header
	body, to int64 // content
}

// parser reads one file.
type parser struct {
	g      *pager
	sum    Summary
	mdat   span
	tracks []*parsed
	named  int // chapters in udta
}

// parsed is a track whose tables were read, but for those that say where its
// samples are: they are read side by side with those of the other tracks.
type parsed struct {
	TrackSummary
	id      uint32
	refers  uint32 // to a track of chapters; 0: to none
	shown   int64  // duration of tkhd, movie ticks
	samples int64

	size  int64 // of every sample; 0: see sizes
	sizes *rows

	chunks *rows // stco or co64
	chunk  chunk // not yet laid out
	read   int64 // chunks so far

	runs     *rows    // stsc
	runsAt   int64    // byte of the box
	run      chunkRun // not yet reached
	perChunk int64    // samples of the current chunk
	placed   int64    // samples in chunks so far
}

// box reads the header of a box that begins at off and ends at or before end.
func (p *parser) box(off, end int64) (span, error) {
	var h [16]byte
	if end-off < 8 {
		return span{}, corrupt(off, "%d bytes are no box", end-off)
	}
	if err := p.g.read(h[:8], off); err != nil {
		return span{}, err
	}
	s := span{typ: string(h[4:8]), off: off, body: off + 8}
	size := int64(be.Uint32(h[:]))
	if size == 1 {
		if end-off < 16 {
			return span{}, corrupt(off, "%q is cut", s.typ)
		}
		if err := p.g.read(h[8:16], off+8); err != nil {
			return span{}, err
		}
		s.body += 8
		size = int64(be.Uint64(h[8:]))
	}
	if size < s.body-off || size > end-off {
		return span{}, corrupt(off, "%q has %d bytes of %d", s.typ, size, end-off)
	}
	s.to = off + size
	return s, nil
}

// walk calls f for each box between off and end.
func (p *parser) walk(off, end int64, f func(span) error) error {
	for off < end {
		s, err := p.box(off, end)
		if err != nil {
			return err
		}
		if err := f(s); err != nil {
			return err
		}
		off = s.to
	}
	return nil
}

// content reads the whole content of a small box of least to most bytes.
func (p *parser) content(s span, least, most int64) ([]byte, error) {
	n := s.to - s.body
	if n < least || n > most {
		return nil, corrupt(s.off, "%q holds %d bytes", s.typ, n)
	}
	buf := make([]byte, n)
	return buf, p.g.read(buf, s.body)
}

// file reads ftyp, moov, free boxes and the header of mdat, in this order.
func (p *parser) file() error {
	want := []string{"ftyp", "moov", "mdat"}
	var moov span
	err := p.walk(0, p.g.size, func(s span) error {
		if len(want) == 1 && s.typ == "free" {
			return nil
		}
		if len(want) == 0 {
			return corrupt(s.off, "%q stands behind mdat", s.typ)
		}
		if s.typ != want[0] {
			return corrupt(s.off, "%q stands in the place of %q", s.typ, want[0])
		}
		switch s.typ {
		case "moov":
			moov = s
		case "mdat":
			p.mdat = s
		}
		want = want[1:]
		return nil
	})
	if err != nil {
		return err
	}
	if len(want) > 0 {
		return corrupt(p.g.size, "%q is missing", want[0])
	}
	return p.movie(moov)
}

// movie reads moov.
func (p *parser) movie(moov span) error {
	var next uint32
	seen := false
	err := p.walk(moov.body, moov.to, func(s span) (err error) {
		switch s.typ {
		case "mvhd":
			if seen {
				return corrupt(s.off, "a second mvhd")
			}
			seen = true
			next, err = p.movieHeader(s)
		case "udta":
			err = p.userData(s)
		case "trak":
			if len(p.tracks) > maxTracks { // chapters have one on top
				return corrupt(s.off, "more than %d tracks", maxTracks+1)
			}
			var t *parsed
			if t, err = p.track(s); err == nil {
				p.tracks = append(p.tracks, t)
			}
		}
		return err
	})
	if err != nil {
		return err
	}
	if !seen || len(p.tracks) == 0 {
		return corrupt(moov.off, "moov without mvhd or trak")
	}
	var longest int64
	ids := map[uint32]bool{0: true}
	for _, t := range p.tracks {
		if ids[t.id] || t.id >= next {
			return corrupt(moov.off, "track id %d is used twice or not below %d", t.id, next)
		}
		ids[t.id] = true
		longest = max(longest, t.shown)
	}
	if longest != p.sum.Duration {
		return corrupt(moov.off, "the movie lasts %d, its longest track %d", p.sum.Duration, longest)
	}
	if err := p.layout(); err != nil {
		return err
	}
	if err := p.chapters(moov); err != nil {
		return err
	}
	for _, t := range p.tracks {
		if t.Kind != text {
			p.sum.Tracks = append(p.sum.Tracks, t.TrackSummary)
		}
	}
	return nil
}

// movieHeader reads mvhd and gives the next track id.
func (p *parser) movieHeader(s span) (uint32, error) {
	b, err := p.content(s, 112, 112)
	if err != nil {
		return 0, err
	}
	if b[0] != 1 || be.Uint32(b[20:]) != Timescale {
		return 0, corrupt(s.off, "mvhd of version %d with timescale %d", b[0], be.Uint32(b[20:]))
	}
	p.sum.Duration, err = duration(s, b[24:])
	return be.Uint32(b[108:]), err
}

// duration reads a 64-bit duration that fits an int64.
func duration(s span, b []byte) (int64, error) {
	d := be.Uint64(b)
	if d > 1<<62 {
		return 0, corrupt(s.off, "%q with a duration of %d", s.typ, d)
	}
	return int64(d), nil
}
