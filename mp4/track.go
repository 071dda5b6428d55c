package mp4

import (
	"bytes"
	"fmt"
	"math"
)

const (
	maxTracks = 128
	maxEntry  = 1 << 20 // bytes of a sample entry
	maxStamp  = 1 << 61 // ticks of PTS and DTS, either sign
	maxChunk  = 8 << 20 // payload bytes that a chunk of more than one sample has at most
)

// track is what the movie keeps of one track: the tables, and one open chunk.
type track struct {
	kind      Kind
	timescale uint32
	language  string
	rotation  int // degrees clockwise

	box     []byte // sample entry of what follows
	entry   int    // its index; -1: not yet used
	entries [][]byte
	index   map[string]int

	samples    int
	base       int64 // DTS of the first sample as it came
	asked      int64 // DTS of the last sample as it came
	dts        int64 // of the last sample, from base
	duration   int64 // of the last sample
	shortest   int64 // of the samples before it; 0: there is none
	stts       runs
	ctts       runs
	sizes      column
	uneven     bool // sizes differ
	first      int64
	sync       column
	access     int64 // DTS of the last random access point that is more than a lone I picture
	accessible bool  // there was one

	chunks column // offsets in the body
	stsc   column
	spc    record // the last record of stsc

	buf       []byte // payload of the open chunk
	open      int    // samples of it
	openStart int64  // media time
	openEntry int
	media     int64 // start offset
	priming   int64
}

func newTrack(t Track, box []byte) *track {
	return &track{
		kind: t.Entry.Kind(), timescale: t.Timescale, language: t.Language, rotation: t.Rotation,
		box: box, entry: -1, index: map[string]int{},
		stts: runs{col: column{fields: 2}}, ctts: runs{col: column{fields: 2}},
		sizes: column{fields: 1}, sync: column{fields: 1},
		chunks: column{fields: 1}, stsc: column{fields: 3},
	}
}

// entryBox makes and checks the box of a sample entry.
func entryBox(e SampleEntry) ([]byte, error) {
	if e == nil {
		return nil, fmt.Errorf("none given: %w", ErrEntry)
	}
	box, err := e.Box()
	if err != nil {
		return nil, fmt.Errorf("sample entry %s: %w", e.Codec(), err)
	}
	if len(box) < 16 || len(box) > maxEntry || int64(be.Uint32(box)) != int64(len(box)) {
		return nil, fmt.Errorf("sample entry %s is no box of 16 bytes to 1 MiB: %w", e.Codec(), ErrEntry)
	}
	return bytes.Clone(box), nil
}

// setEntry makes box the entry of the samples that follow. It gets a number
// when the first sample uses it.
func (t *track) setEntry(box []byte) {
	t.box, t.entry = box, -1
	if i, ok := t.index[string(box)]; ok {
		t.entry = i
	}
}

func (t *track) useEntry() int {
	if t.entry < 0 {
		t.entry = len(t.entries)
		t.entries = append(t.entries, t.box)
		t.index[string(t.box)] = t.entry
	}
	return t.entry
}

// times checks the times of the next sample and gives its DTS from base.
func (t *track) times(s *Sample) (dts int64, err error) {
	if s.Duration <= 0 || s.Duration > math.MaxUint32 {
		return 0, fmt.Errorf("duration %d: %w", s.Duration, ErrRange)
	}
	if min(s.DTS, s.PTS) < -maxStamp || max(s.DTS, s.PTS) > maxStamp {
		return 0, fmt.Errorf("DTS %d, PTS %d: %w", s.DTS, s.PTS, ErrRange)
	}
	base := s.DTS
	if t.samples > 0 {
		base = t.base
		if s.DTS < t.asked {
			return 0, fmt.Errorf("DTS %d after %d: %w", s.DTS, t.asked, ErrOrder)
		}
		dts = max(s.DTS-base, t.dts+1)
		if dts-t.dts > math.MaxUint32 || dts > t.longest() {
			return 0, fmt.Errorf("DTS %d after %d: %w", s.DTS, t.asked, ErrRange)
		}
	}
	if off := s.PTS - base - dts; off < math.MinInt32 || off > math.MaxInt32 {
		return 0, fmt.Errorf("PTS %d to DTS %d: %w", s.PTS, s.DTS, ErrRange)
	}
	return dts, nil
}

// record puts a sample into the tables.
func (t *track) record(s *Sample, dts, size int64) {
	if t.samples == 0 {
		t.base, t.first = s.DTS, size
	} else {
		delta := dts - t.dts
		t.stts.add(delta)
		if t.shortest == 0 || delta < t.shortest {
			t.shortest = delta
		}
	}
	t.ctts.add(s.PTS - t.base - dts)
	t.sizes.add(record{size})
	t.uneven = t.uneven || size != t.first
	t.samples++
	if t.kind == Video && t.syncs(s.Access, dts) {
		t.sync.add(record{int64(t.samples)})
	}
	t.asked, t.dts, t.duration = s.DTS, dts, s.Duration
}

// longest is the most ticks that are counted from the start of a track or of
// the movie: 2^40 s, and 2^60. With it no conversion overflows.
func (t *track) longest() int64 { return int64(min(t.timescale, 1<<20)) << 40 }

// full reports whether the open chunk must end before the next sample.
func (t *track) full(s *Sample, dts, size int64) bool {
	return t.open > 0 && (t.entry != t.openEntry ||
		dts+s.Duration-t.openStart > int64(t.timescale) ||
		int64(len(t.buf))+size > maxChunk)
}

// closeChunk records the open chunk, which begins at off in the body.
func (t *track) closeChunk(off int64) {
	t.chunks.add(record{off})
	if spc := int64(t.open); t.spc[1] != spc || t.spc[2] != int64(t.openEntry+1) {
		t.spc = record{int64(t.chunks.n), spc, int64(t.openEntry + 1)}
		t.stsc.add(t.spc)
	}
	t.buf, t.open = t.buf[:0], 0
}

// mediaDuration is the sum of stts.
func (t *track) mediaDuration() int64 {
	if t.samples == 0 {
		return 0
	}
	return t.dts + t.duration
}

// tableBytes is an upper bound of the size of its trak box.
func (t *track) tableBytes() int64 {
	const boxes = 1024 // all headers and small boxes of a trak together are below
	n := int64(boxes)
	for _, e := range t.entries {
		n += int64(len(e))
	}
	open := min(t.open, 1)
	n += 8*int64(t.stts.entries()+1) + 8*int64(t.ctts.entries())
	n += 4*int64(t.sizes.n) + 4*int64(t.sync.n)
	return n + 8*int64(t.chunks.n+open) + 12*int64(t.stsc.n+open)
}
