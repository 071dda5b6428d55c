package finalize

import (
	"encoding/binary"
	"fmt"
	"math"

	"recfin/probe"
)

// fragments takes the header off a fragmented MP4 that brings its own moov, and
// passes on the rest of it, or all of one that brings none. It refuses what only
// makes sense where it is in a file of its own.
type fragments struct {
	init func(header []byte) error // called once, before out; nil: there is none
	out  func(p []byte) error

	boxes boxWalk
	n     int64  // bytes that came
	head  []byte // until it is known where the media begin
	known bool
	front int64 // bytes of the header
}

func (c *fragments) write(p []byte) error {
	base := c.n
	c.n += int64(len(p))
	if err := c.boxes.walk(p); err != nil {
		return err
	}
	if c.known {
		return c.out(p)
	}
	switch moov, media := c.boxes.moovEnd, c.boxes.media; {
	case c.boxes.skip == math.MaxInt64 && !c.boxes.moof:
		return c.fragmentless()
	case c.boxes.front > maxInit:
		return fmt.Errorf("%w: more than %d bytes stand before its first fragment: use --hls copy", errSingle, maxInit)
	case moov > 0 && c.n >= moov:
		c.front = moov
		header := p[:moov-base]
		if base > 0 {
			header = append(c.head, header...)
		}
		return c.begin(header, nil, p[moov-base:])
	case moov == 0 && media:
		return c.begin(nil, c.head, p)
	}
	c.head = append(c.head, p...)
	return nil
}

// begin passes on what is known to be media.
func (c *fragments) begin(header, before, media []byte) error {
	c.known = true
	err := c.init(header)
	c.head = nil
	for _, p := range [...][]byte{before, media} {
		if err == nil && len(p) > 0 {
			err = c.out(p)
		}
	}
	return err
}

func (c *fragments) end() (front, cut int64, err error) {
	if c.boxes.moof && c.known && c.n > c.front {
		return c.front, 0, nil
	}
	return 0, 0, c.fragmentless()
}

// fragmentless says why it is none of fragments.
func (c *fragments) fragmentless() error {
	if c.boxes.moov {
		return fmt.Errorf("%w: it is an MP4 without fragments: use --format mp4", errSingle)
	}
	return fmt.Errorf("%w: there is no fragment in it", probe.ErrUnreadable)
}

// boxWalk goes over the boxes of a file (ISO/IEC 14496-12 §4.2) as its bytes come.
// It holds the head of one box at most.
type boxWalk struct {
	moov, moof bool  // one was there
	media      bool  // a moof or mdat began, and no moov before it
	moovEnd    int64 // where the first moov ends, if it came before all media; 0: none did
	front      int64 // so much stands before moovEnd or, without one, the media, as far as is known

	pos    int64   // of the next byte
	skip   int64   // nothing of interest is before it
	within []int64 // ends of the moof and traf that are open
	head   [20]byte
	have   int // bytes of head
}

const (
	plainHead = 8  // size and type
	largeHead = 16 // and a size of 64 bits
)

// walk takes the next bytes.
func (w *boxWalk) walk(p []byte) error {
	for len(p) > 0 {
		if w.pos < w.skip {
			n := min(int64(len(p)), w.skip-w.pos)
			w.pos, p = w.pos+n, p[n:]
			continue
		}
		if d := len(w.within); d > 0 && w.pos-int64(w.have)+int64(w.need()) > w.within[d-1] {
			w.have, w.skip = 0, w.within[d-1] // too little is left in there for a box
			w.close()
			continue
		}
		n := copy(w.head[w.have:w.need()], p)
		w.pos, w.have, p = w.pos+int64(n), w.have+n, p[n:]
		if w.have < w.need() {
			continue
		}
		if err := w.box(); err != nil {
			return err
		}
	}
	return nil
}

// need is how many bytes of the head of the box have to be there.
func (w *boxWalk) need() int {
	n := plainHead
	if w.have >= plainHead {
		n = w.size()
		if string(w.head[4:8]) == "tfhd" && len(w.within) == 2 {
			n += 4 // version and flags
		}
	}
	return n
}

// size is that of the head of the box, of which the plain part is there.
func (w *boxWalk) size() int {
	if binary.BigEndian.Uint32(w.head[:]) == 1 {
		return largeHead
	}
	return plainHead
}

// box takes a box whose head is there.
func (w *boxWalk) box() error {
	size := w.size()
	begin := w.pos - int64(w.have)
	end := int64(math.MaxInt64) // size 0: to the end of the file
	switch n := binary.BigEndian.Uint32(w.head[:]); {
	case n == 1:
		if large := binary.BigEndian.Uint64(w.head[plainHead:]); large <= uint64(math.MaxInt64-begin) {
			end = begin + int64(large)
		}
	case n != 0:
		end = begin + int64(n)
	}
	w.have = 0
	depth := len(w.within)
	if end < w.pos { // shorter than its head: what follows here is no box
		end = math.MaxInt64
	}
	if depth > 0 {
		end = min(end, w.within[depth-1])
	}
	w.skip = end
	switch typ := string(w.head[4:8]); {
	case depth == 0 && typ == "moov":
		if !w.moov && !w.media {
			w.moovEnd = end
		}
		w.moov = true
	case depth == 0 && (typ == "moof" || typ == "mdat"):
		w.media = w.media || !w.moov
		if typ == "moof" {
			w.moof = true
			w.open(end)
		}
	case depth == 1 && typ == "traf":
		w.open(end)
	case depth == 2 && typ == "tfhd":
		const baseDataOffset = 1 // ISO/IEC 14496-12 §8.8.7.1
		if w.head[size+3]&baseDataOffset != 0 {
			return fmt.Errorf("%w: its fragments name places in a file of their own (base-data-offset): use --hls copy", errSingle)
		}
	}
	if w.moovEnd > 0 {
		w.front = w.moovEnd
	} else if !w.media {
		w.front = w.skip
	}
	w.close()
	return nil
}

// open goes into a box that ends there.
func (w *boxWalk) open(end int64) { w.within, w.skip = append(w.within, end), w.pos }

// close leaves the boxes that have ended.
func (w *boxWalk) close() {
	for n := len(w.within); n > 0 && w.within[n-1] <= max(w.pos, w.skip); n-- {
		w.within = w.within[:n-1]
	}
}
