package mpegts

import (
	"bytes"
	"fmt"
)

const (
	packetSize = 188
	syncByte   = 0x47
	// maxLead is how many bytes may stand before the first packet.
	maxLead = 16 << 10
	// lookahead is what finding packets needs: three sync bytes in step, be it in
	// the step of another packet size.
	lookahead = 2*204 + 1
)

// framer cuts the bytes into packets.
type framer struct {
	rem     []byte // what was too short to be consumed
	locked  bool   // the next byte is expected to be a sync byte
	ever    bool   // packets were found before
	skipped int64  // bytes passed over since the last packet
	at      int64  // of the segment, where what is consumed next begins
}

// frame consumes p, keeping the remainder of a packet.
func (d *Demuxer) frame(p []byte) error {
	f := &d.framer
	for len(p) > 0 {
		if len(f.rem) == 0 {
			n, err := d.consume(p, false)
			if err != nil {
				return err
			}
			f.at += int64(n)
			f.rem = append(f.rem, p[n:]...)
			return nil
		}
		old := len(f.rem)
		k := min(len(p), 2*lookahead)
		f.rem = append(f.rem, p[:k]...)
		n, err := d.consume(f.rem, false)
		if err != nil {
			return err
		}
		f.at += int64(n)
		if n >= old { // what is left of rem is a tail of p: go on without a copy
			p = p[n-old:]
			f.rem = f.rem[:0]
			continue
		}
		f.rem = f.rem[:copy(f.rem, f.rem[n:])]
		p = p[k:]
	}
	return nil
}

// endFraming consumes what is left and drops a packet that is cut.
func (d *Demuxer) endFraming() error {
	f := &d.framer
	n, err := d.consume(f.rem, true)
	f.at = 0
	if err != nil {
		return err
	}
	rest := f.rem[n:]
	f.rem = f.rem[:0]
	if len(rest) > 0 { // only where packets are in step
		d.stats.CutPackets++
	}
	if !f.ever && f.skipped > 0 {
		return fmt.Errorf("%w: no packet in %d bytes", ErrNotTS, f.skipped)
	}
	return nil
}

// consume takes whole packets from b and returns how many bytes it has used up.
// final: nothing follows, so that lookahead is what is there.
func (d *Demuxer) consume(b []byte, final bool) (int, error) {
	f := &d.framer
	n := 0
	for {
		if !f.locked {
			k, found, err := d.hunt(b[n:], final)
			n += k
			if err != nil || !found {
				return n, err
			}
			f.locked, f.ever, f.skipped = true, true, 0
		}
		for len(b)-n >= packetSize && b[n] == syncByte {
			d.at.pos = f.at + int64(n)
			if err := d.packet(b[n : n+packetSize : n+packetSize]); err != nil {
				return n, err
			}
			n += packetSize
		}
		if n == len(b) || b[n] == syncByte {
			return n, nil
		}
		d.stats.SyncLosses++
		f.locked = false
	}
}

// hunt finds the next place where packets begin. It returns the bytes to pass
// over, and whether there is a packet behind them.
func (d *Demuxer) hunt(b []byte, final bool) (int, bool, error) {
	f := &d.framer
	n := 0
	for n < len(b) {
		i := bytes.IndexByte(b[n:], syncByte)
		if i < 0 {
			i = len(b) - n
		}
		if err := d.skip(b, n, i); err != nil {
			return n, false, err
		}
		n += i
		if n == len(b) {
			break
		}
		if len(b)-n < lookahead && !final {
			return n, false, nil
		}
		if inStep(b[n:], packetSize) {
			return n, true, nil
		}
		for _, size := range [...]int{192, 204} {
			if !f.ever && len(b)-n > 2*size && inStep(b[n:], size) {
				return n, false, fmt.Errorf("%w but of %d", ErrPacketSize, size)
			}
		}
		if err := d.skip(b, n, 1); err != nil {
			return n, false, err
		}
		n++
	}
	return n, false, nil
}

// skip counts k bytes passed over and gives up where a stream never begins.
func (d *Demuxer) skip(b []byte, at, k int) error {
	f := &d.framer
	d.stats.SkippedBytes += int64(k)
	f.skipped += int64(k)
	if f.ever || f.skipped <= maxLead {
		return nil
	}
	return fmt.Errorf("%w: no packet in the first %d bytes", ErrNotTS, maxLead)
}

// inStep reports whether b begins with up to three packets, as far as it goes.
func inStep(b []byte, size int) bool {
	if len(b) < packetSize {
		return false
	}
	for i := 0; i < 3; i++ {
		if at := i * size; at < len(b) && b[at] != syncByte {
			return false
		}
	}
	return true
}
