package mp4

import (
	"fmt"
	"io"
	"math"
	"slices"
	"sort"

	gomp4 "github.com/abema/go-mp4"
)

// Head is all that stands before the body: ftyp, moov, a free box that fills
// the room, and the header of mdat. It is an io.ReaderAt that makes its bytes
// on demand and always the same, also for several readers at once.
type Head struct {
	parts []section
	size  int64
	sum   Summary
}

const (
	mdatHeader = 16 // always with the 64-bit size
	freeHeader = 8  // always there, so that a gap of 1 to 7 bytes can be filled
)

// head lays the head out in front of a body of that many bytes.
func (b *builder) head(body, room int64) (*Head, error) {
	b.offsets = make([]*node, len(b.tracks))
	moov, err := b.moov()
	if err != nil {
		return nil, err
	}
	ftyp, err := b.ftyp()
	if err != nil {
		return nil, err
	}
	size := b.place(ftyp.size()+moov.size()+freeHeader+mdatHeader, room)

	var s sections
	for _, n := range []*node{ftyp, moov} {
		if err := s.add(n); err != nil {
			return nil, err
		}
	}
	fill := size - s.end - mdatHeader
	if fill > math.MaxUint32 {
		s.bytes(be.AppendUint64(append(be.AppendUint32(nil, 1), "free"...), uint64(fill)))
	} else {
		s.bytes(append(be.AppendUint32(nil, uint32(fill)), "free"...))
	}
	mdat := be.AppendUint64(append(be.AppendUint32(nil, 1), "mdat"...), uint64(mdatHeader+body))
	s.list = append(s.list, section{off: size - mdatHeader, data: mdat})
	return &Head{parts: s.list, size: size, sum: b.summary(size + body)}, nil
}

// Size is the number of bytes of the head.
func (h *Head) Size() int64 { return h.size }

// Summary is what the file holds. [ReadHead] of head and body gives the same.
func (h *Head) Summary() Summary { return h.sum }

// ReadAt implements io.ReaderAt.
func (h *Head) ReadAt(p []byte, off int64) (int, error) {
	if off < 0 {
		return 0, fmt.Errorf("read the head at %d: %w", off, ErrRange)
	}
	if off >= h.size {
		return 0, io.EOF
	}
	var err error
	if left := h.size - off; int64(len(p)) > left {
		p, err = p[:left], io.EOF
	}
	clear(p) // the free box has no bytes of its own
	end := off + int64(len(p))
	first := sort.Search(len(h.parts), func(i int) bool { return h.parts[i].off+h.parts[i].size() > off })
	for _, s := range h.parts[first:] {
		lo, hi := max(off, s.off), min(end, s.off+s.size())
		if lo >= hi {
			break
		}
		if dst := p[lo-off : hi-off]; s.tab != nil {
			s.tab.readAt(dst, lo-s.off)
		} else {
			copy(dst, s.data[lo-s.off:])
		}
	}
	return len(p), err
}

// builder makes the boxes of the head.
type builder struct {
	nodes
	tracks  []*track
	offsets []*node // stco or co64 of each track

	chapters     []chapter // those of the last track, if that is one of chapters
	chapterScale uint32    // their ticks a second
}

func (b *builder) ftyp() (*node, error) {
	f := &gomp4.Ftyp{MajorBrand: [4]byte{'i', 's', 'o', 'm'}, MinorVersion: 512}
	brands := []string{"isom", "iso2", "iso6", "mp41"}
	for _, brand := range []string{"avc1", "av01"} { // as ISO/IEC 14496-12 annex E and the AV1 binding §2.1 want
		if slices.ContainsFunc(b.tracks, func(t *track) bool { return string(t.entries[0][4:8]) == brand }) {
			brands = append(brands, brand)
		}
	}
	for _, brand := range brands {
		f.CompatibleBrands = append(f.CompatibleBrands, gomp4.CompatibleBrandElem{CompatibleBrand: [4]byte([]byte(brand))})
	}
	n := b.small(f)
	return n, b.err
}

// place settles where the body begins: the size of the head. Tracks with a
// chunk beyond 4 GiB get 64-bit offsets, which makes the head longer and may
// move another track beyond.
func (b *builder) place(size, room int64) int64 {
	for again := true; again; {
		again = false
		for i, n := range b.offsets {
			col := &b.tracks[i].chunks
			last := col.prev[0]
			if !n.tab.wide && max(size, room)+last > math.MaxUint32 {
				n.typ, n.tab.wide, again = "co64", true, true
				size += 4 * int64(col.n)
			}
		}
	}
	size = max(size, room)
	for _, n := range b.offsets {
		n.tab.add = size
	}
	return size
}

// summary says what the file of size bytes holds.
func (b *builder) summary(size int64) Summary {
	s := Summary{Size: size}
	for _, t := range b.tracks {
		if t.kind == text {
			s.Chapters = t.samples
			continue
		}
		ts := TrackSummary{
			Kind: t.kind, Codecs: joinCodecs(t.entries), Samples: t.samples, Chunks: t.chunks.n,
			Duration: t.mediaDuration(), Timescale: t.timescale, Sync: t.samples, Entries: len(t.entries),
		}
		if t.kind == Video {
			ts.Sync = t.sync.n
		}
		s.Tracks = append(s.Tracks, ts)
		s.Duration = max(s.Duration, sum(t.edits()))
	}
	return s
}
