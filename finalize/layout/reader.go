package layout

import "strings"

// Reader reads many keys of a layout. It reads them as Match does, and faster where they
// come in order: keys of one folder differ in their last element only, so what the others
// say is read once. It is for one goroutine.
type Reader struct {
	layout *Layout
	folder string // of the key that was read last, ending in a slash; empty: none
	usable bool
	ready  []readied // by pattern
	r      reading
}

// readied is what a pattern has read of a folder.
type readied struct {
	how  readiness
	read reading
}

type readiness uint8

const (
	unlike readiness = iota // no key of the folder matches
	begun                   // those match of which the last element does
	whole                   // the key has to be read as a whole
)

// Reader gives a reader of keys.
func (l *Layout) Reader() *Reader {
	return &Reader{layout: l, ready: make([]readied, len(l.patterns))}
}

// Match is that of the layout. What it returns is valid until the next call.
func (d *Reader) Match(key string) (*Fields, bool) {
	cut := strings.LastIndexByte(key, '/') + 1
	if cut == 0 {
		f, ok := d.layout.Match(key)
		d.r.Fields = f
		return &d.r.Fields, ok
	}
	if key[:cut] != d.folder {
		d.enter(key[:cut])
	}
	last := key[cut:]
	if !d.usable || last == "" || last == "." || last == ".." || len(last) > maxElement {
		return nil, false
	}
	for i := range d.ready {
		if d.ready[i].how != unlike && d.layout.patterns[i].finish(key, last, &d.ready[i], &d.r) {
			return &d.r.Fields, true
		}
	}
	return nil, false
}

// enter reads a folder.
func (d *Reader) enter(folder string) {
	d.folder = folder
	var slashes int
	if slashes, d.usable = usable(folder[:len(folder)-1]); !d.usable {
		return
	}
	for i, p := range d.layout.patterns {
		d.ready[i].how = p.begin(folder, slashes+1, &d.ready[i].read)
	}
}

// begin reads all elements of a key but the last, of one in a folder: keys in it have so
// many slashes.
func (p *pattern) begin(folder string, slashes int, r *reading) readiness {
	n := len(p.elements) - 1
	switch {
	case !p.fits(slashes):
		return unlike
	case p.deep == n || p.counts:
		return whole
	}
	r.Fields, r.moment = p.fixed, moment{}
	if !p.matchBefore(folder, n, len(folder)-1, r) {
		return unlike
	}
	return begun
}

// finish reads a key of which the folder was read.
func (p *pattern) finish(key, last string, from *readied, r *reading) bool {
	if from.how == whole {
		return p.match(key, strings.Count(key, "/"), r)
	}
	*r = from.read
	return p.elements[len(p.elements)-1].match(last, r) && p.dated(r)
}
