package finalize

import (
	"encoding/binary"
	"time"

	"recfin/probe"
)

// stills are the I pictures of a segment that was read whole, packed: there is one for
// every such segment until the recording is committed. Empty: it was not read whole.
type stills string

// Kinds of stills, their first byte.
const (
	stillsDescribed = "d"
	stillsBare      = "b" // something has to be known of them that does not stand before them
)

// stillsOf packs what measuring found.
func stillsOf(m *probe.Media) stills {
	kind := stillsBare
	if m.Described {
		kind = stillsDescribed
	}
	b, end, at := []byte(kind), int64(0), time.Duration(0)
	for _, f := range m.IFrames {
		b = binary.AppendVarint(b, f.Offset-end)
		b = binary.AppendVarint(b, f.Length)
		b = binary.AppendVarint(b, int64(f.At-at))
		end, at = f.Offset+f.Length, f.At
	}
	return stills(b)
}

// read reports whether all of the segment was read.
func (s stills) read() bool { return s != "" }

// described is probe.Media.Described.
func (s stills) described() bool { return s.read() && s[:1] == stillsDescribed }

// frames unpacks the I pictures.
func (s stills) frames() []probe.IFrame {
	if !s.read() {
		return nil
	}
	var frames []probe.IFrame
	var f probe.IFrame
	for b := []byte(s[1:]); len(b) > 0; {
		var v [3]int64
		for i := range v {
			n := 0
			v[i], n = binary.Varint(b)
			b = b[max(n, 1):]
		}
		f = probe.IFrame{Offset: f.Offset + f.Length + v[0], Length: v[1], At: f.At + time.Duration(v[2])}
		frames = append(frames, f)
	}
	return frames
}
