package mp4check

import "fmt"

// esds reads an ES descriptor (ISO/IEC 14496-14 §5.6, 14496-1 §7.2.6) of MPEG-4
// or MPEG-1 and -2 sound.
func esds(e *in, _ uint32, _ int) error {
	e.full()
	es := descr(e, 3)
	es.take(2)
	if flags := es.u8(); flags != 0 {
		return fmt.Errorf("ES descriptor has flags %#x", flags)
	}
	config := descr(es, 4)
	sl := descr(es, 6)
	object, stream := config.u8(), config.u8()
	if stream != 0x15 || sl.u8() != 2 {
		return fmt.Errorf("decoder config of object %#x, stream %#x, or no SL config", object, stream)
	}
	config.take(11)
	switch object {
	case 0x40:
		if asc := descr(config, 5); len(asc.b) < 2 {
			return fmt.Errorf("AudioSpecificConfig of %d bytes", len(asc.b))
		}
	case 0x69, 0x6b:
	default:
		return fmt.Errorf("object type %#x", object)
	}
	for _, part := range []*in{es, config, sl} {
		if err := part.done("descriptor"); err != nil {
			return err
		}
	}
	return nil
}

// descr reads a descriptor of a tag; a wrong one is empty and short.
func descr(r *in, tag byte) *in {
	if r.u8() != tag {
		r.short = true
	}
	n := 0
	for range 4 {
		b := r.u8()
		n = n<<7 | int(b&0x7f)
		if b < 0x80 {
			break
		}
	}
	p := r.take(n)
	return &in{b: p, short: r.short}
}

// hertz are the sample rates by fscod (ETSI TS 102 366 table 4.1).
var hertz = [3]uint32{48000, 44100, 32000}

// dac3 reads an AC3SpecificBox (ETSI TS 102 366 §F.4).
func dac3(c *in, rate uint32, _ int) error {
	fscod, v := c.b0()>>6, c.take(3)
	if c.short || v[2]&0x1f != 0 || fscod > 2 || rate != hertz[fscod]<<16 || v[0]>>1&31 > 8 {
		return fmt.Errorf("% x for a rate of %d", v, rate>>16)
	}
	return nil
}

// dec3 reads an EC3SpecificBox (ETSI TS 102 366 §F.6). What follows the
// substreams is not looked at.
func dec3(c *in, rate uint32, _ int) error {
	n := c.u16() & 7
	for i := range n + 1 {
		fscod := c.b0() >> 6
		v := c.take(3)
		if c.short || v[0]&1 != 0 || v[2]&0xe0 != 0 {
			return fmt.Errorf("substream %d is % x", i, v)
		}
		if i == 0 && fscod < 3 && rate != hertz[fscod]<<16 {
			return fmt.Errorf("fscod %d for a rate of %d", fscod, rate>>16)
		}
		if v[2]>>1&15 > 0 {
			c.take(1)
		}
	}
	c.take(len(c.b))
	return nil
}

// dOps reads an OpusSpecificBox ("Encapsulation of Opus in ISO Base Media File
// Format" §4.3.2).
func dOps(c *in, rate uint32, channels int) error {
	version, count := c.u8(), int(c.u8())
	c.take(2 + 4 + 2)
	if family := c.u8(); family > 0 {
		streams, coupled := c.u8(), c.u8()
		mapping := c.take(count)
		if streams == 0 || coupled > streams {
			return fmt.Errorf("%d streams, %d of them coupled", streams, coupled)
		}
		for _, m := range mapping {
			if int(m) >= int(streams)+int(coupled) && m != 255 {
				return fmt.Errorf("channel mapping % x", mapping)
			}
		}
	} else if count > 2 {
		return fmt.Errorf("%d channels without a mapping", count)
	}
	if version != 0 || count == 0 || count != channels || rate != 48000<<16 {
		return fmt.Errorf("version %d with %d channels in an entry of %d and %d Hz", version, count, channels, rate>>16)
	}
	return nil
}
