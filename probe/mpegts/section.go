package mpegts

import "bytes"

// section puts the sections of one PID together (§2.4.4.1).
type section struct {
	buf  []byte
	open bool
	good []byte // the last one with a checksum that was valid: most come again and again
}

// write takes the payload of a packet and hands complete sections with a valid
// checksum, that are in force, to use. It returns how many were bad.
func (s *section) write(b []byte, start bool, use func([]byte) error) (bad int, err error) {
	if !start {
		if !s.open {
			return 0, nil
		}
		s.buf = append(s.buf, b...)
		return s.drain(use)
	}
	n := int(b[0])
	b = b[1:]
	if n > len(b) {
		s.open = false
		return 1, nil
	}
	if s.open && n > 0 {
		s.buf = append(s.buf, b[:n]...)
		if bad, err = s.drain(use); err != nil {
			return bad, err
		}
	}
	s.buf, s.open = append(s.buf[:0], b[n:]...), true
	more, err := s.drain(use)
	return bad + more, err
}

// drain takes the complete sections from the buffer.
func (s *section) drain(use func([]byte) error) (bad int, err error) {
	b := s.buf
	for s.open {
		if len(b) > 0 && b[0] == 0xff { // stuffing to the end of the packet
			s.open = false
		}
		if !s.open || len(b) < 3 {
			break
		}
		n := 3 + (int(b[1]&0x0f)<<8 | int(b[2]))
		if len(b) < n {
			break
		}
		sec := b[:n:n]
		b = b[n:]
		switch {
		case sec[1]&0x80 == 0: // a private section without checksum
		case n < 12 || !bytes.Equal(sec, s.good) && crc32(sec) != 0:
			bad++
		case sec[5]&1 == 0: // not in force yet
		default:
			s.good = append(s.good[:0], sec...)
			if err = use(sec); err != nil {
				return bad, err
			}
		}
	}
	if s.open {
		s.buf = s.buf[:copy(s.buf, b)]
	}
	return bad, err
}

var crcTable = func() (t [256]uint32) {
	for i := range t {
		c := uint32(i) << 24
		for range 8 {
			if c&0x80000000 != 0 {
				c = c<<1 ^ 0x04c11db7
			} else {
				c <<= 1
			}
		}
		t[i] = c
	}
	return t
}()

// crc32 is the CRC of Annex A; over a section with its checksum it is 0.
func crc32(b []byte) uint32 {
	c := ^uint32(0)
	for _, v := range b {
		c = c<<8 ^ crcTable[byte(c>>24)^v]
	}
	return c
}
