package finalize

import (
	"iter"

	"recfin/store"
)

// pieces are listed objects in the order in which they came, in pieces that grow up to
// mostPiece: a million are never copied to make room for more, and whoever is done with
// a piece can let go of it.
type pieces [][]store.Object

// Objects of the first piece and of the largest ones: a small recording has one piece, and
// of a large one less than a piece is empty.
const (
	firstPiece = 100
	mostPiece  = 6400
)

func (p *pieces) add(o store.Object) {
	last := len(*p) - 1
	if last < 0 || len((*p)[last]) == cap((*p)[last]) {
		size := firstPiece
		if last >= 0 {
			size = min(2*cap((*p)[last]), mostPiece)
		}
		*p = append(*p, make([]store.Object, 0, size))
		last++
	}
	(*p)[last] = append((*p)[last], o)
}

// len is how many objects there are.
func (p pieces) len() int {
	n := 0
	for _, piece := range p {
		n += len(piece)
	}
	return n
}

// all gives each object.
func (p pieces) all() iter.Seq[*store.Object] {
	return func(yield func(*store.Object) bool) {
		for _, piece := range p {
			for i := range piece {
				if !yield(&piece[i]) {
					return
				}
			}
		}
	}
}

// drain gives each object and lets go of what was given.
func (p *pieces) drain() iter.Seq[*store.Object] {
	return func(yield func(*store.Object) bool) {
		for ; len(*p) > 0; *p = (*p)[1:] {
			piece := (*p)[0]
			(*p)[0] = nil
			for i := range piece {
				if !yield(&piece[i]) {
					return
				}
			}
		}
	}
}

// list gives them as one list.
func (p pieces) list() []store.Object {
	if len(p) == 1 {
		return p[0]
	}
	out := make([]store.Object, 0, p.len())
	for _, piece := range p {
		out = append(out, piece...)
	}
	return out
}
