package tswriter

// PES is one PES packet.
type PES struct {
	PTS, DTS int64 // 90 kHz, cut to 33 bits; DTS is written where it differs
	NoTime   bool
	Bounded  bool // PES_packet_length is stated
	Stuffing int  // bytes of stuffing in its header
	Data     []byte
}

// PES writes a PES packet of a PID.
func (w *Writer) PES(pid uint16, p PES) { w.Payload(pid, w.Header(pid, p), true) }

// Header gives the bytes of a PES packet: header and data.
func (w *Writer) Header(pid uint16, p PES) []byte {
	id := byte(0xe0)
	for _, s := range w.Streams {
		if s.PID == pid && s.StreamID != 0 {
			id = s.StreamID
		}
	}
	var opt []byte
	flags := byte(0)
	switch {
	case p.NoTime:
	case p.DTS == p.PTS:
		flags, opt = 0x80, stamp(nil, 2, p.PTS)
	default:
		flags, opt = 0xc0, stamp(stamp(nil, 3, p.PTS), 1, p.DTS)
	}
	for range p.Stuffing {
		opt = append(opt, 0xff)
	}
	n := 0
	if p.Bounded {
		n = 3 + len(opt) + len(p.Data)
	}
	b := []byte{0, 0, 1, id, byte(n >> 8), byte(n), 0x80, flags, byte(len(opt))}
	return append(append(b, opt...), p.Data...)
}

func stamp(b []byte, prefix byte, t int64) []byte {
	return append(b, prefix<<4|byte(t>>29)&0x0e|1, byte(t>>22), byte(t>>14)|1, byte(t>>7), byte(t<<1)|1)
}
