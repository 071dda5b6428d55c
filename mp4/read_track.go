package mp4

import (
	"math/bits"
	"strings"
)

// containers are the boxes below trak that hold boxes that matter.
var containers = map[string]bool{"edts": true, "tref": true, "dinf": true, "mdia": true, "minf": true, "stbl": true}

// boxes collects the boxes of a trak, by type; each may be there once.
func (p *parser) boxes(s span, into map[string]span) error {
	return p.walk(s.body, s.to, func(k span) error {
		if _, twice := into[k.typ]; twice {
			return corrupt(k.off, "a second %q", k.typ)
		}
		if len(into) > 64 {
			return corrupt(k.off, "more than 64 boxes in a trak")
		}
		into[k.typ] = k
		if containers[k.typ] {
			return p.boxes(k, into)
		}
		return nil
	})
}

// track reads a trak and checks all that concerns it alone.
func (p *parser) track(trak span) (*parsed, error) {
	boxes := map[string]span{}
	if err := p.boxes(trak, boxes); err != nil {
		return nil, err
	}
	for _, typ := range []string{"tkhd", "mdhd", "hdlr", "dref", "stsd", "stts", "stsc", "stsz"} {
		if _, ok := boxes[typ]; !ok {
			return nil, corrupt(trak.off, "a trak without %q", typ)
		}
	}
	t := &parsed{}
	for _, step := range []func(*parsed, map[string]span) error{
		p.media, p.header, p.reference, p.source, p.entries, p.sizes, p.times, p.syncs, p.groups, p.places,
	} {
		if err := step(t, boxes); err != nil {
			return nil, err
		}
	}
	return t, nil
}

// media reads mdhd and hdlr.
func (p *parser) media(t *parsed, boxes map[string]span) error {
	s := boxes["mdhd"]
	b, err := p.content(s, 36, 36)
	if err != nil {
		return err
	}
	t.Timescale = be.Uint32(b[20:])
	if b[0] != 1 || t.Timescale == 0 {
		return corrupt(s.off, "mdhd of version %d with timescale %d", b[0], t.Timescale)
	}
	if t.Duration, err = duration(s, b[24:]); err != nil {
		return err
	}
	if hi, _ := bits.Mul64(uint64(t.Duration), Timescale); hi >= uint64(t.Timescale) {
		return corrupt(s.off, "mdhd with a duration of %d", t.Duration)
	}
	s = boxes["hdlr"]
	if b, err = p.content(s, 20, 1024); err != nil {
		return err
	}
	switch handler := string(b[8:12]); handler {
	case "vide":
		t.Kind = Video
	case "soun":
		t.Kind = Audio
	case "text":
		t.Kind = text
	default:
		return corrupt(s.off, "hdlr of type %q", handler)
	}
	return nil
}

// header reads tkhd and elst.
func (p *parser) header(t *parsed, boxes map[string]span) error {
	s := boxes["tkhd"]
	b, err := p.content(s, 96, 96)
	if err != nil {
		return err
	}
	if b[0] != 1 {
		return corrupt(s.off, "tkhd of version %d", b[0])
	}
	t.id = be.Uint32(b[20:])
	if t.shown, err = duration(s, b[28:]); err != nil {
		return err
	}
	edits := scale(t.Duration, t.Timescale, up)
	if list, ok := boxes["elst"]; ok {
		if edits, err = p.edits(t, list); err != nil {
			return err
		}
	}
	if edits != t.shown {
		return corrupt(s.off, "tkhd lasts %d, its edits %d", t.shown, edits)
	}
	return nil
}

// edits reads elst and gives the sum of its durations.
func (p *parser) edits(t *parsed, s span) (int64, error) {
	r, _, err := p.table(s, 1, 20)
	if err != nil {
		return 0, err
	}
	var sum int64
	for {
		row, err := r.next()
		if row == nil || err != nil {
			return sum, err
		}
		d, start := be.Uint64(row), int64(be.Uint64(row[8:]))
		if d > 1<<61 || sum+int64(d) > 1<<62 || start < -1 || start > t.Duration {
			return 0, corrupt(s.off, "elst with an edit of %d from %d", d, start)
		}
		if start >= 0 && int64(d) > scale(t.Duration-start, t.Timescale, up) {
			return 0, corrupt(s.off, "elst shows %d from %d of a media of %d", d, start, t.Duration)
		}
		sum += int64(d)
	}
}

// maxKinds is how many different CODECS values the entries of a track may have:
// more than any recording has, and what bounds the memory for them.
const maxKinds = 4096

// entries reads stsd.
func (p *parser) entries(t *parsed, boxes map[string]span) error {
	s := boxes["stsd"]
	if s.to-s.body < 8 {
		return corrupt(s.off, "stsd of %d bytes", s.to-s.body)
	}
	var h [8]byte
	if err := p.g.read(h[:], s.body); err != nil {
		return err
	}
	var kinds []string
	seen := map[string]bool{}
	err := p.walk(s.body+8, s.to, func(e span) error {
		if e.to-e.off > maxEntry || e.to-e.off < 16 {
			return corrupt(e.off, "sample entry of %d bytes", e.to-e.off)
		}
		box := make([]byte, e.to-e.off)
		if err := p.g.read(box, e.off); err != nil {
			return err
		}
		if ref := be.Uint16(box[14:]); ref != thisFile {
			return corrupt(e.off, "sample entry %q is for data source %d", e.typ, ref)
		}
		t.Entries++
		if c := codecsOf(box); !seen[c] {
			seen[c] = true
			kinds = append(kinds, c)
		}
		if len(kinds) > maxKinds {
			return corrupt(e.off, "sample entries of more than %d kinds", maxKinds)
		}
		return nil
	})
	t.Codecs = strings.Join(kinds, ",")
	if err == nil && (t.Entries == 0 || t.Entries != int(be.Uint32(h[4:]))) {
		return corrupt(s.off, "stsd says %d entries and holds %d", be.Uint32(h[4:]), t.Entries)
	}
	return err
}

// table opens a table of a version whose rows have width bytes and gives its
// number of rows, which the box really holds.
func (p *parser) table(s span, version byte, width int) (*rows, int64, error) {
	if s.to-s.body < 8 {
		return nil, 0, corrupt(s.off, "%q of %d bytes", s.typ, s.to-s.body)
	}
	var h [8]byte
	if err := p.g.read(h[:], s.body); err != nil {
		return nil, 0, err
	}
	n := int64(be.Uint32(h[4:]))
	if h[0] != version || n*int64(width) != s.to-s.body-8 {
		return nil, 0, corrupt(s.off, "%q of version %d with %d entries in %d bytes", s.typ, h[0], n, s.to-s.body-8)
	}
	return &rows{g: p.g, off: s.body + 8, left: n, width: width}, n, nil
}
