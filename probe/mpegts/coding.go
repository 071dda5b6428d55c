package mpegts

import "recfin/probe/sound"

// coding says what the headers of a codec look like.
type coding struct {
	name string
	lead byte // the first byte of a header
	// read reads the header that b begins with.
	read func(b []byte) (head, match)
	open func(*finder) unpacker
}

// match says how bytes go with a header.
type match uint8

const (
	no    match = iota
	maybe       // they end inside of one
	yes
	alien // a header of a kind that cannot be joined
)

// head is what the finder needs to know of a header.
type head struct {
	size int    // bytes of the frame
	rate uint32 // what all frames of a stream have in common
	kind uint32 // what does not change from access unit to access unit
	part bool   // no access unit begins with the frame: its kind says nothing
}

// like reports whether two frames may be of one stream.
func (h head) like(o head) bool { return h.rate == o.rate && (h.part || o.part || h.kind == o.kind) }

// codings are the codecs that are found by sync words. No header of one begins
// like that of another.
var codings = []*coding{codingADTS, codingAC3, codingMPEG, codingLOAS, codingOpus}

// chain says whether b begins with n headers in a row, alike and in place. last:
// nothing follows b, so that a whole frame which ends with it, or another one
// that is cut behind it, stands for the rest.
func (c *coding) chain(b []byte, n int, last bool) match {
	var first head
	for i := range n {
		h, m := c.read(b)
		if i > 0 && len(b) == 0 && last {
			return yes
		}
		if i == 0 {
			first = h
		}
		switch {
		case m == maybe && !last:
			return maybe
		case m != yes, !h.like(first):
			return no
		}
		if i+1 == n {
			return yes
		}
		switch {
		case len(b) >= h.size:
		case !last:
			return maybe
		case i > 0: // cut, but not the first
			return yes
		default:
			return no
		}
		b = b[h.size:]
	}
	return no
}

// unsure reports whether the stream type of s leaves open what the bytes are, so
// that a stream without any frame is one that is not supported.
func (c *coding) unsure(s *stream) bool { return s.info.Type == 0x1c && s.es.end() > 0 }

var codingAC3 = &coding{
	name: "AC-3", lead: 0x0b,
	read: readAC3,
	open: func(f *finder) unpacker { return &ac3Frames{f: f} },
}

var codingMPEG = &coding{
	name: "MPEG audio", lead: 0xff,
	read: readMPEG,
	open: func(f *finder) unpacker { return &mpegFrames{f: f} },
}

var codingLOAS = &coding{
	name: "AAC in LATM", lead: 0x56,
	read: readLOAS,
	open: func(f *finder) unpacker { return &latmFrames{f: f, refusal: refusal{pid: f.s.info.PID}} },
}

var codingOpus = &coding{
	name: "Opus", lead: 0x7f,
	read: readOpus,
	open: func(f *finder) unpacker { return &opusFrames{f: f} },
}

// prefix says whether b, which is too short for a header, is the beginning of
// one that starts with the bits of want that mask has.
func prefix(b []byte, want, mask [2]byte) match {
	for i := range min(2, len(b)) {
		if b[i]&mask[i] != want[i] {
			return no
		}
	}
	return maybe
}

func readLOAS(b []byte) (head, match) {
	if len(b) < sound.LOASHeader {
		return head{}, prefix(b, [2]byte{0x56, 0xe0}, [2]byte{0xff, 0xe0})
	}
	size, ok := sound.ReadLOAS(b)
	if !ok {
		return head{}, no
	}
	return head{size: size}, yes
}

func readOpus(b []byte) (head, match) {
	c, ok, short := sound.ReadOpusControl(b)
	switch {
	case short:
		return head{}, maybe
	case !ok:
		return head{}, no
	}
	return head{size: c.Header + c.Size}, yes
}
