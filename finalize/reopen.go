package finalize

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"path"
	"slices"
	"strings"

	"recfin/finalize/timeline"
	"recfin/store"
)

// Fragments of MP4 that nothing describes yet cannot be understood, and nothing
// is said against their bytes: their init segment may come after the others of
// their session were committed. So the row of such a drop says what lay around
// it. As long as that is so, the drop is a fact like any other and costs no read;
// once something else is there, it is none, and the segment is looked at again.

// unsure stands in a row for an init segment that is listed and could not be had
// (it is archived): no listing tells when that changes.
const unsure = "?"

// openers are the listed objects that may be an init segment, or a playlist that
// names one.
type openers struct {
	all  []opener
	l    Listing // as the store gave it: the writers of the segments are those of the keys
	sums map[surrounding]string
}

type opener struct {
	store.Object
	nonce    string
	anywhere bool // a playlist may name it for any segment
}

type surrounding struct{ dir, nonce string }

// findOpeners looks through a listing as the store gave it, before playlists say
// what else its objects are.
func (l *Listing) findOpeners() *openers {
	w := &openers{l: Listing{Segments: l.Segments}, sums: map[surrounding]string{}}
	for _, group := range [][]keyed{l.Inits, l.Sidecars} {
		for i := range group {
			w.all = append(w.all, opener{Object: group[i].Object, nonce: group[i].Nonce})
		}
	}
	for _, o := range l.Unknown {
		ext := strings.ToLower(strings.TrimPrefix(path.Ext(o.Key), "."))
		if fragmentNames[ext] || strings.Contains(path.Base(o.Key), "init") {
			w.all = append(w.all, opener{Object: o, anywhere: true})
		}
	}
	slices.SortFunc(w.all, func(a, b opener) int { return compareObjects(a.Object, b.Object) })
	return w
}

// around tells apart what may describe a segment: in its folder, of its writer,
// or anywhere.
func (w *openers) around(id objectID) string {
	nonce, _ := w.writer(id)
	at := surrounding{path.Dir(id.key), nonce}
	if sum, ok := w.sums[at]; ok {
		return sum
	}
	h := sha256.New()
	for i := range w.all {
		if x := &w.all[i]; x.anywhere || x.nonce == at.nonce || path.Dir(x.Key) == at.dir {
			fmt.Fprintf(h, "%q %q %q %d\n", x.Store, x.Key, x.ETag, x.Size)
		}
	}
	w.sums[at] = hex.EncodeToString(h.Sum(nil))[:16]
	return w.sums[at]
}

// writer is that of a listed segment, as its key has it.
func (w *openers) writer(id objectID) (nonce string, listed bool) {
	if i := w.l.version(id.object()); i >= 0 {
		return w.l.Segments[i].Nonce, true
	}
	return "", false
}

// around is what a row says of a segment that cannot be understood for now; empty:
// another init segment would change nothing.
func (m *Measured) around(i int, reason Reason) string {
	s, look := &m.Segments[i], m.looks[i]
	init := m.initOf(s)
	switch {
	case reason != timeline.UndecodableSeg && reason != timeline.UnreadableSeg:
		return ""
	case init != nil && init.raw == nil && init.bytes() <= maxInit:
		return unsure
	case init == nil && (look == nil || !look.needsInit):
		return ""
	}
	return m.openers.around(s.version())
}

// reopen forgets the drops around which something else lies by now.
func (c *committed) reopen(w *openers) {
	if c == nil {
		return
	}
	was := map[rowID]string{}
	for _, e := range c.marker.Sessions {
		d := &c.record[e.ID].Dropped
		for j := range d.Around {
			was[d.row(j)] = d.Around[j]
		}
	}
	for i := range c.seen {
		was[c.seen[i].id()] = c.seen[i].around // it was looked at since
	}
	c.reopened = map[rowID]bool{}
	for row, around := range was {
		if _, listed := w.writer(row.objectID); listed && len(w.all) > 0 && around != "" && around != w.around(row.objectID) {
			c.reopened[row] = true
		}
	}
	if len(c.reopened) > 0 {
		c.index = c.makeIndex()
	}
}

// opened reports whether a drop is no fact any more.
func (c *committed) opened(row rowID) bool { return c != nil && c.reopened[row] }
