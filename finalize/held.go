package finalize

import (
	"strings"
	"sync"

	"recfin/finalize/remux"
	"recfin/store"
)

// hold notes how much of each segment the MP4 has.
func (q *RenditionRecord) hold(segments []remux.Measured) {
	q.Held = nil
	for i, m := range segments {
		q.Held = addSparse(q.Held, i, m.Held)
	}
}

// keeper is what has a segment.
type keeper struct {
	held remux.Held
	by   *Output // one of those that have it; nil: none
	sum  string  // CRC-64/NVME of the segment as it went in; empty: not known
}

// copied reports whether it is a copy of the whole object.
func (k *keeper) copied() bool { return k.by != nil && k.by.Kind == "copy" }

// holders know what the outputs of a version hold of the segments of its session.
// It is the one place that knows what an output of which kind holds.
type holders struct {
	movies  map[string]*Output             // by rendition: an MP4 that is made of it, or of its sound
	copies  map[string]*Output             // by key
	keys    map[string]map[objectID]string // of copies, by rendition
	singles map[string]*Output             // by rendition: the one media object
}

// holders looks at the outputs of a version, the folder of which is dir.
func (j *job) holders(rec *Record, dir string) *holders {
	h := &holders{movies: map[string]*Output{}, copies: map[string]*Output{}, keys: map[string]map[objectID]string{}, singles: map[string]*Output{}}
	for i := range rec.Outputs {
		switch o := &rec.Outputs[i]; o.Kind {
		case "mp4":
			for _, name := range append([]string{o.Rendition}, o.Sound...) {
				if h.movies[name] == nil {
					h.movies[name] = o
				}
			}
		case "copy":
			h.copies[o.Key] = o
		case "single":
			h.singles[o.Rendition] = o
		}
	}
	if len(h.copies) > 0 {
		for i := range rec.Renditions {
			h.keys[rec.Renditions[i].Name] = j.copies(rec, &rec.Renditions[i], dir)
		}
	}
	return h
}

// copyOf is the copy of an object that the playlist of a rendition names.
func (h *holders) copyOf(q *RenditionRecord, from store.Object) keeper {
	o := h.copies[h.keys[q.Name][idOf(from)]]
	if o == nil || o.Size != from.Size {
		return keeper{}
	}
	sum, _ := o.crc()
	return keeper{remux.Wholly, o, sum} // byte for byte
}

// of says what has row i of a rendition.
func (h *holders) of(q *RenditionRecord, i int) keeper {
	if k := h.copyOf(q, q.Object(i)); k.by != nil {
		return k
	}
	if o := h.singles[q.Name]; o != nil && q.Single.holds(i) && i < len(q.CRC64) {
		return keeper{remux.Wholly, o, q.CRC64[i]} // byte for byte
	}
	if o := h.movies[q.Name]; o != nil && i < len(q.Held) && q.Held[i] > remux.Partly && i < len(q.CRC64) {
		return keeper{q.Held[i], o, q.CRC64[i]}
	}
	return keeper{}
}

// crc is the CRC-64/NVME of an output in the form of store.Info.CRC64; false: it
// is told by another checksum.
func (o *Output) crc() (string, bool) { return strings.CutPrefix(o.Checksum, crcPrefix) }

// proofs are what a job has shown to be what the stores hold. Several goroutines
// use them.
type proofs struct {
	mu     sync.Mutex
	read   map[rowID]string    // CRC-64/NVME of segments as they were read
	bodies map[objectID]bool   // outputs
	sums   map[objectID]string // CRC-64/NVME of those that were recorded without one
}

func newProofs() *proofs {
	return &proofs{read: map[rowID]string{}, bodies: map[objectID]bool{}, sums: map[objectID]string{}}
}

// add notes that a segment with that sum was read, and that the store holds it.
func (p *proofs) add(row rowID, sum string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.read[row] = sum
}

// of reports whether a segment with that sum was proved.
func (p *proofs) of(row rowID, sum string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return sum != "" && p.read[row] == sum
}

func (p *proofs) addBody(o Output) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.bodies[idOf(o.object())] = true
}

// addSum notes the checksum of an output that was proved and recorded without one.
func (p *proofs) addSum(o Output, sum string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.sums[idOf(o.object())] = sum
}

// sum is the checksum that was noted; empty: none.
func (p *proofs) sum(o Output) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.sums[idOf(o.object())]
}

func (p *proofs) body(o Output) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.bodies[idOf(o.object())]
}
