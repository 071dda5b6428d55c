// Package tswriter makes MPEG transport streams for tests: well-formed ones,
// and every kind of odd one. It shares no code with the demuxer.
package tswriter

import "bytes"

// PacketSize is the size of a transport packet.
const PacketSize = 188

// Stream types that the helpers of this package make payload for.
const (
	TypeH264 = 0x1b
	TypeADTS = 0x0f
	TypeID3  = 0x15
)

// Stream is one entry of the program map.
type Stream struct {
	PID         uint16
	Type        uint8
	StreamID    byte // of its PES packets; 0: 0xe0
	Descriptors []byte
}

// Writer collects packets.
type Writer struct {
	PMT     uint16 // PID of the map; New sets 0x1000
	Program uint16 // number of the program; New sets 1
	Streams []Stream
	Version byte // of PAT and PMT

	packets [][]byte
	cc      map[uint16]byte
}

// New makes a writer for a program. It writes nothing by itself.
func New(streams ...Stream) *Writer {
	return &Writer{PMT: 0x1000, Program: 1, Streams: streams, cc: map[uint16]byte{}}
}

// Bytes gives all packets in one piece.
func (w *Writer) Bytes() []byte { return bytes.Join(w.packets, nil) }

// Packets gives the packets; they may be changed in place.
func (w *Writer) Packets() [][]byte { return w.packets }

// Drop takes packet i out.
func (w *Writer) Drop(i int) { w.packets = append(w.packets[:i:i], w.packets[i+1:]...) }

// Repeat sends the last packet once more, as it is.
func (w *Writer) Repeat() {
	w.packets = append(w.packets, bytes.Clone(w.packets[len(w.packets)-1]))
}

// SetCounter sets the continuity counter of the next packet of a PID.
func (w *Writer) SetCounter(pid uint16, cc byte) { w.cc[pid] = cc & 15 }

// Counter is the continuity counter of the next packet of a PID.
func (w *Writer) Counter(pid uint16) byte { return w.cc[pid] }

// Raw appends a packet as it is.
func (w *Writer) Raw(p []byte) { w.packets = append(w.packets, bytes.Clone(p)) }

// Null appends a null packet.
func (w *Writer) Null() {
	p := bytes.Repeat([]byte{0xff}, PacketSize)
	copy(p, []byte{0x47, 0x1f, 0xff, 0x10})
	w.packets = append(w.packets, p)
}

// Payload cuts b into packets of a PID. The last one is stuffed by its
// adaptation field.
func (w *Writer) Payload(pid uint16, b []byte, start bool) {
	for first := true; first || len(b) > 0; first = false {
		p := make([]byte, 4, PacketSize)
		p[0], p[1], p[2] = 0x47, byte(pid>>8)&0x1f, byte(pid)
		if start && first {
			p[1] |= 0x40
		}
		p[3] = 0x10 | w.cc[pid]
		w.cc[pid] = (w.cc[pid] + 1) & 15
		if room := PacketSize - 4 - len(b); room > 0 {
			p[3] |= 0x20
			p = append(p, byte(room-1))
			if room > 1 {
				p = append(p, 0)
				p = append(p, bytes.Repeat([]byte{0xff}, room-2)...)
			}
		}
		n := PacketSize - len(p)
		p = append(p, b[:n]...)
		b = b[n:]
		w.packets = append(w.packets, p)
	}
}

// Tables writes PAT and PMT.
func (w *Writer) Tables() {
	w.PAT()
	w.Map()
}

// PAT writes a program association section.
func (w *Writer) PAT() {
	w.section(0, 0, 1, []byte{byte(w.Program >> 8), byte(w.Program), 0xe0 | byte(w.PMT>>8), byte(w.PMT)})
}

// Map writes a program map section.
func (w *Writer) Map() {
	b := []byte{0xe0 | byte(w.pcr()>>8), byte(w.pcr()), 0xf0, 0}
	for _, s := range w.Streams {
		n := len(s.Descriptors)
		b = append(b, s.Type, 0xe0|byte(s.PID>>8), byte(s.PID), 0xf0|byte(n>>8), byte(n))
		b = append(b, s.Descriptors...)
	}
	w.section(w.PMT, 2, w.Program, b)
}

func (w *Writer) pcr() uint16 {
	if len(w.Streams) == 0 {
		return 0x1fff
	}
	return w.Streams[0].PID
}

func (w *Writer) section(pid uint16, table byte, id uint16, body []byte) {
	n := len(body) + 9
	b := []byte{table, 0xb0 | byte(n>>8), byte(n), byte(id >> 8), byte(id), 0xc1 | w.Version<<1, 0, 0}
	b = append(b, body...)
	c := crc(b)
	b = append(b, byte(c>>24), byte(c>>16), byte(c>>8), byte(c))
	b = append([]byte{0}, b...)
	for len(b)%(PacketSize-4) != 0 {
		b = append(b, 0xff)
	}
	w.Payload(pid, b, true)
}

// crc is computed bit by bit from the polynomial of ISO/IEC 13818-1 Annex A.
func crc(b []byte) uint32 {
	c := ^uint32(0)
	for _, v := range b {
		for i := 7; i >= 0; i-- {
			top := c >> 31
			c <<= 1
			if top != uint32(v>>i&1) {
				c ^= 0x04c11db7
			}
		}
	}
	return c
}
