package finalize

import (
	"recfin/finalize/layout"
	"recfin/store"
)

// read reads a key by the first layout that fits.
func (f *Finalizer) read(o store.Object) (keyed, bool) {
	for _, l := range f.cfg.Layouts {
		if fields, ok := l.Match(o.Key); ok {
			fields.Rendition = f.cfg.rename(fields.Rendition)
			return keyed{Object: o, Fields: fields, Layout: l.Name()}, true
		}
	}
	return keyed{}, false
}

// keyReader reads many keys, by the first layout that fits, as read does.
type keyReader struct {
	f       *Finalizer
	readers []*layout.Reader
	had     string // the rendition of the key before, as it is in the key
	renamed string
}

func (f *Finalizer) keys() *keyReader {
	k := &keyReader{f: f, renamed: f.cfg.rename("")}
	for _, l := range f.cfg.Layouts {
		k.readers = append(k.readers, l.Reader())
	}
	return k
}

// read reads the key of an object. What no layout reads is no more than the object.
func (k *keyReader) read(o *store.Object, into *keyed) bool {
	for i, r := range k.readers {
		fields, ok := r.Match(o.Key)
		if !ok {
			continue
		}
		into.Object, into.Fields, into.Layout = *o, *fields, k.f.cfg.Layouts[i].Name()
		if fields.Rendition != k.had {
			k.had, k.renamed = fields.Rendition, k.f.cfg.rename(fields.Rendition)
		}
		into.Rendition = k.renamed
		return true
	}
	*into = keyed{Object: *o}
	return false
}

// parse reads the key of a segment; false for anything else.
func (f *Finalizer) parse(o store.Object) (keyed, bool) {
	s, ok := f.read(o)
	return s, ok && s.Kind == layout.Media
}
