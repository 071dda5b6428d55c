package finalize

import (
	"hash/maphash"
	"sync"

	"recfin/store"
)

// presence is everything that was listed of a recording, understood or not. It is asked
// for by few, so it is made when somebody asks first; and of segments, which may be
// millions, it holds numbers in the table that there is anyway.
type presence struct {
	segments []Segment
	beside   [][]store.Object
	once     sync.Once
	seed     maphash.Seed
	table    []int32 // hashed by key, open addressing: number in segments, from 1; 0: free
	others   map[objectID]bool
}

// has reports whether a version was listed. Of nothing nothing was.
func (p *presence) has(id objectID) bool {
	if p == nil {
		return false
	}
	p.once.Do(p.index)
	if p.others[id] {
		return true
	}
	for at := p.slot(id.key); p.table[at] > 0; at = (at + 1) & (len(p.table) - 1) {
		if s := &p.segments[p.table[at]-1]; s.version() == id {
			return true
		}
	}
	return false
}

func (p *presence) slot(key string) int {
	return int(maphash.String(p.seed, key) & uint64(len(p.table)-1))
}

func (p *presence) index() {
	size := 2
	for size < 2*len(p.segments) {
		size *= 2
	}
	p.seed, p.table = maphash.MakeSeed(), make([]int32, size)
	for i := range p.segments {
		if i > 0 && p.segments[i].Key == p.segments[i-1].Key && p.segments[i].version() == p.segments[i-1].version() {
			continue // another part of one object
		}
		at := p.slot(p.segments[i].Key)
		for p.table[at] > 0 {
			at = (at + 1) & (size - 1)
		}
		p.table[at] = int32(i + 1)
	}
	p.others = map[objectID]bool{}
	for _, objects := range p.beside {
		for _, o := range objects {
			p.others[idOf(o)] = true
		}
	}
}

// there is everything that was listed, understood or not.
func (l *Listing) there() *presence {
	return &presence{segments: l.Segments, beside: [][]store.Object{l.Unknown, l.Condemned, l.Outputs, l.beside()}}
}
