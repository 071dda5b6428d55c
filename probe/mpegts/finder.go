package mpegts

import (
	"bytes"
	"fmt"
)

// finder finds the frames of an audio stream whose frames begin with a sync
// word. What a header of its codec looks like says a coding, what a frame holds
// an unpacker.
type finder struct {
	d      *Demuxer
	s      *stream
	coding *coding
	unpack unpacker
	pacer  pacer

	pos    int64 // offset of the next frame
	ended  int64 // offset of the last flush
	edge   int64 // the segment that begins before it has had its first frame
	locked bool  // a frame ended at pos
	found  bool  // there was a frame
	alien  bool  // a PES packet began with a header of a kind that cannot be joined
	seen   head  // of the frames so far
	gapLo  int64 // packets may be missing between these offsets, at both of them
	gapHi  int64

	backlog []frame // they wait for the configuration
	held    int     // bytes of it
}

// frame is a frame that was found.
type frame struct {
	data    []byte  // header included; valid during the call
	time    pesTime // of the first access unit that begins in it, if a PES packet tells it
	fresh   bool    // it does not follow another one
	damaged bool    // packets of it may be missing
}

// unpacker takes the frames of a codec apart.
type unpacker interface {
	// learn reads the configuration that a frame may bring; false: none is known
	// yet, and the frame is to wait.
	learn(f frame) (bool, error)
	// take hands the access units of a frame to the pacer.
	take(f frame) error
	// flush hands out what is open.
	flush() error
}

// newFinder makes the parser of a codec.
func newFinder(c *coding) func(*Demuxer, *stream) parser {
	return func(d *Demuxer, s *stream) parser {
		f := &finder{d: d, s: s, pacer: pacer{d: d, s: s}}
		f.use(c)
		return f
	}
}

func (f *finder) use(c *coding) {
	f.coding, f.unpack = c, c.open(f)
}

func (f *finder) gap() {
	if f.gapHi <= f.pos {
		f.gapLo = f.s.es.end()
	}
	f.gapHi = f.s.es.end()
}

func (f *finder) parse() error { return f.run(false) }

func (f *finder) flush(bool) error {
	if err := f.run(true); err != nil {
		return err
	}
	if err := f.unpack.flush(); err != nil {
		return err
	}
	f.drop()
	f.pacer.flush()
	switch {
	case f.found:
	case f.alien:
		return fmt.Errorf("PID %d: this kind of %s is %w", f.s.info.PID, f.coding.name, ErrUnsupported)
	case f.coding.unsure(f.s):
		f.d.noteUnsupported(f.s)
	case f.s.es.end() > f.ended:
		f.d.stats.Soundless++
	}
	f.ended = f.s.es.end()
	f.locked, f.gapLo, f.gapHi = false, 0, 0
	return nil
}

// run takes the frames that are complete. last: nothing follows.
func (f *finder) run(last bool) error {
	es := &f.s.es
	f.pos = max(f.pos, es.base)
	for {
		b := es.from(f.pos)
		if len(b) == 0 {
			break
		}
		if !f.found && f.begins(f.pos) && f.recognize(b, last) == maybe && !last {
			break
		}
		h, verdict := f.judge(b, last)
		if verdict == wait {
			break
		}
		if verdict == reject {
			f.junk(b)
			continue
		}
		if verdict == cut {
			f.d.stats.Truncated++
			f.pos = es.end()
			break
		}
		if err := f.frame(b[:h.size], h); err != nil {
			return err
		}
	}
	es.markAt(f.pos)
	es.discard(f.pos)
	if es.end()-es.base > maxUnit {
		f.d.stats.Truncated++
		f.pos = es.end()
		es.reset()
	}
	return nil
}

// begins reports whether a PES packet begins at an offset.
func (f *finder) begins(at int64) bool {
	m := f.s.es.markAt(at)
	return m != nil && m.off == at
}

// recognize holds the beginning of a PES packet against the codecs, as long as
// nothing was found: streams of AAC and others are announced under each other's
// stream types. Two frames in a row tell.
func (f *finder) recognize(b []byte, last bool) match {
	if _, m := f.coding.read(b); m != no {
		return m
	}
	for _, c := range codings {
		switch c.chain(b, 2, last) {
		case yes:
			f.use(c)
			return yes
		case maybe:
			return maybe
		}
	}
	return no
}

type verdict uint8

const (
	accept verdict = iota
	reject         // no frame begins here
	wait           // more bytes will tell
	cut            // the frame ends with the stream
)

// judge says whether a frame begins at b. A frame that follows another one, or
// begins a PES packet, needs no further proof; after junk, a gap or with another
// configuration the header of the next frame must be in place.
func (f *finder) judge(b []byte, last bool) (head, verdict) {
	h, m := f.coding.read(b)
	f.alien = f.alien || m == alien && f.begins(f.pos)
	if m == maybe || m == yes && len(b) < h.size {
		switch {
		case !last:
			return h, wait
		case f.locked || m == yes && f.sure(h):
			return h, cut
		}
		return h, reject
	}
	if m != yes {
		return h, reject
	}
	if f.sure(h) {
		return h, accept
	}
	next, m := f.coding.read(b[h.size:])
	switch {
	case m == yes && next.like(h):
		return h, accept
	case m == yes, m == no, m == alien:
		return h, reject
	case !last:
		return h, wait
	case len(b) == h.size && (!f.found || h.like(f.seen)):
		return h, accept
	}
	return h, reject
}

// sure reports whether the frame with header h at pos needs no proof.
func (f *finder) sure(h head) bool {
	if !f.found || !h.like(f.seen) || f.gapHi > f.pos && f.gapLo < f.pos+int64(h.size) {
		return false
	}
	return f.locked || f.begins(f.pos)
}

// junk passes over bytes up to the next that may begin a header.
func (f *finder) junk(b []byte) {
	n := 1 + bytes.IndexByte(b[1:], f.coding.lead)
	if n == 0 {
		n = len(b)
	}
	f.d.stats.JunkBytes += int64(n)
	f.pos += int64(n)
	f.locked = false
}

// frame takes the frame that lies at pos.
func (f *finder) frame(b []byte, h head) error {
	fr := frame{data: b, fresh: !f.locked}
	if edge := f.s.edge; f.edge <= edge && f.pos+int64(h.size) > edge { // the first in the segment
		f.edge = edge + 1
		f.d.tables.cut = f.d.tables.cut || f.pos != edge
	}
	if f.gapHi > f.pos && f.gapLo < f.pos+int64(h.size) {
		f.d.stats.Damaged++
		fr.damaged = true
	}
	if !h.part {
		if m := f.s.es.markAt(f.pos); m != nil && m.timed && !m.used {
			m.used = true
			fr.time = pesTime{pts: m.pts, dts: m.dts, timed: true}
		}
	}
	if !h.part || !f.found {
		f.seen = h
	}
	f.pos += int64(h.size)
	f.locked, f.found = true, true
	return f.hand(fr)
}

// hand gives a frame to the unpacker, as soon as the configuration is known.
func (f *finder) hand(fr frame) error {
	known, err := f.unpack.learn(fr)
	if err != nil {
		return err
	}
	if !known {
		fr.data = bytes.Clone(fr.data)
		f.backlog = append(f.backlog, fr)
		if f.held += len(fr.data); f.held > maxUnit {
			f.drop()
		}
		return nil
	}
	for _, old := range f.backlog {
		if err := f.unpack.take(old); err != nil {
			return err
		}
	}
	f.backlog, f.held = nil, 0
	return f.unpack.take(fr)
}

// drop gives up the frames that wait for a configuration.
func (f *finder) drop() {
	f.d.stats.Undescribed += int64(len(f.backlog))
	f.backlog, f.held = nil, 0
}
