package finalize

import (
	"bytes"
	"fmt"

	"recfin/probe"
)

// cutter passes on what of a segment goes into the one media object of its
// rendition. Its errors are of the segment: errSingle, or probe.ErrUnreadable.
type cutter interface {
	// write takes the next bytes.
	write(p []byte) error
	// end says that there are no more, and gives how many bytes stand before the
	// first that was passed on, and how many were passed on nowhere.
	end() (front, cut int64, err error)
}

const (
	tsPacket = 188
	tsSync   = 0x47
	// tsLead is how many bytes may stand before the first packet.
	tsLead = 16 << 10
	// tsAhead is what telling packets from chance takes: three sync bytes in step, be it
	// that of another packet size.
	tsAhead = 2*204 + 1
	// tsJunk is how many bytes behind the last packet are cut off at most.
	tsJunk = 64 << 10
)

// packets cuts a transport stream to whole packets (ISO/IEC 13818-1 §2.4.3.2): off
// goes what stands before the first and behind the last. What lies between two of
// them stays, so that a place in the segment is one in the object.
type packets struct {
	out func(p []byte) error
	all int64 // bytes that came

	front, passed int64
	rem           []byte // of what came, what cannot be told yet
	junk          []byte // behind the last packet
	locked, ever  bool   // a packet is expected next; there was one
}

func (c *packets) write(p []byte) error {
	c.all += int64(len(p))
	for len(p) > 0 {
		if len(c.rem) == 0 {
			n, err := c.consume(p, false)
			c.rem = append(c.rem, p[n:]...)
			return err
		}
		old, k := len(c.rem), min(len(p), 2*tsAhead)
		c.rem = append(c.rem, p[:k]...)
		n, err := c.consume(c.rem, false)
		if err != nil {
			return err
		}
		if n >= old { // what is left is a tail of p: go on without a copy
			p, c.rem = p[n-old:], c.rem[:0]
			continue
		}
		p, c.rem = p[k:], c.rem[:copy(c.rem, c.rem[n:])]
	}
	return nil
}

// consume passes on the packets at the beginning of b, and gives the number of bytes
// that it is done with. final: nothing follows.
func (c *packets) consume(b []byte, final bool) (int, error) {
	n := 0
	for n < len(b) {
		if !c.locked {
			k, err := c.hunt(b[n:], final)
			n += k
			if err != nil || !c.locked {
				return n, err
			}
		}
		k := n
		for len(b)-k >= tsPacket && b[k] == tsSync {
			k += tsPacket
		}
		if k > n {
			if err := c.pass(b[n:k]); err != nil {
				return n, err
			}
			n = k
		}
		if n == len(b) || b[n] == tsSync {
			return n, nil
		}
		c.locked = false
	}
	return n, nil
}

// hunt finds the next packet in b. It gives the number of bytes before it.
func (c *packets) hunt(b []byte, final bool) (int, error) {
	n := 0
	for n < len(b) {
		i := bytes.IndexByte(b[n:], tsSync)
		if i < 0 {
			i = len(b) - n
		}
		if err := c.skip(b[n : n+i]); err != nil {
			return n, err
		}
		if n += i; n == len(b) {
			break
		}
		if len(b)-n < tsAhead && !final {
			return n, nil
		}
		if inStep(b[n:], tsPacket) {
			c.locked, c.ever = true, true
			return n, nil
		}
		for _, size := range [...]int{192, 204} {
			if !c.ever && len(b)-n > 2*size && inStep(b[n:], size) {
				return n, fmt.Errorf("%w: its packets have %d bytes: use --hls copy", errSingle, size)
			}
		}
		if err := c.skip(b[n : n+1]); err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

// inStep reports whether b begins with up to three packets, as far as it goes.
func inStep(b []byte, size int) bool {
	if len(b) < tsPacket {
		return false
	}
	for i := range 3 {
		if at := i * size; at < len(b) && b[at] != tsSync {
			return false
		}
	}
	return true
}

// skip passes over bytes that are no packet.
func (c *packets) skip(p []byte) error {
	if !c.ever {
		if c.front += int64(len(p)); c.front > tsLead {
			return fmt.Errorf("%w: no packet in the first %d bytes", probe.ErrUnreadable, tsLead)
		}
		return nil
	}
	c.junk = append(c.junk, p...)
	if len(c.junk) <= 2*tsJunk {
		return nil
	}
	return c.flush(tsJunk)
}

// flush passes on what lies behind the last packet, but for the last so many bytes.
func (c *packets) flush(keep int) error {
	n := len(c.junk) - keep
	if n <= 0 {
		return nil
	}
	c.passed += int64(n)
	err := c.out(c.junk[:n])
	c.junk = c.junk[:copy(c.junk, c.junk[n:])]
	return err
}

func (c *packets) pass(p []byte) error {
	if err := c.flush(0); err != nil {
		return err
	}
	c.passed += int64(len(p))
	return c.out(p)
}

func (c *packets) end() (front, cut int64, err error) {
	if _, err := c.consume(c.rem, true); err != nil {
		return 0, 0, err
	}
	if err := c.flush(tsJunk); err != nil {
		return 0, 0, err
	}
	if c.passed == 0 {
		return 0, 0, fmt.Errorf("%w: no packet in %d bytes", probe.ErrUnreadable, c.all)
	}
	return c.front, c.all - c.passed, nil
}
