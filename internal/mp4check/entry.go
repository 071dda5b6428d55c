package mp4check

import "fmt"

// descriptions reads stsd (§8.5.2) and looks into the entries that it knows.
func (t *Track) descriptions(stbl []box) error {
	stsd, err := one(stbl, "stsd", true)
	if err != nil {
		return err
	}
	r := &in{b: stsd}
	r.full()
	count := r.u32()
	boxes, err := split(r.b)
	if err != nil {
		return fmt.Errorf("stsd: %w", err)
	}
	if len(boxes) == 0 || int64(count) != int64(len(boxes)) {
		return fmt.Errorf("stsd says %d entries and has %d", count, len(boxes))
	}
	for i, b := range boxes {
		t.Entries = append(t.Entries, b.all)
		e := &in{b: b.body}
		e.take(6)
		if ref := e.u16(); ref != 1 || e.short {
			return fmt.Errorf("entry %d refers to data %d", i, ref)
		}
		switch b.name {
		case "avc1":
			err = avc1(e)
		case "mp4a":
			err = mp4a(e)
		}
		if err != nil {
			return fmt.Errorf("entry %d, %s: %w", i, b.name, err)
		}
	}
	return nil
}

// avc1 reads a visual sample entry (§12.1.3) with avcC (14496-15 §5.3.3.1).
func avc1(r *in) error {
	r.take(16)
	width, height := r.u16(), r.u16()
	r.take(14)
	r.take(32)
	depth, pre := r.u16(), r.u16()
	if r.short || width == 0 || height == 0 || depth != 0x18 || pre != 0xffff {
		return fmt.Errorf("visual entry %d by %d, depth %d, %#x", width, height, depth, pre)
	}
	boxes, err := split(r.b)
	if err != nil {
		return err
	}
	avcc, err := one(boxes, "avcC", true)
	if err != nil {
		return err
	}
	c := &in{b: avcc}
	version, profile, compatible, level := c.u8(), c.u8(), c.u8(), c.u8()
	lengths, count := c.u8(), c.u8()
	if version != 1 || lengths != 0xff || count&0xe0 != 0xe0 || count == 0xe0 {
		return fmt.Errorf("avcC begins with % x", avcc[:min(6, len(avcc))])
	}
	for i := range int(count & 31) {
		sps := c.take(c.u16())
		if c.short || len(sps) < 4 || sps[0]&31 != 7 {
			return fmt.Errorf("avcC: SPS %d is none", i)
		}
		if i == 0 && (sps[1] != profile || sps[2] != compatible || sps[3] != level) {
			return fmt.Errorf("avcC says profile %d, level %d, SPS % x", profile, level, sps[:4])
		}
	}
	pictures := int(c.u8())
	for i := range pictures {
		if pps := c.take(c.u16()); c.short || len(pps) < 2 || pps[0]&31 != 8 {
			return fmt.Errorf("avcC: PPS %d is none", i)
		}
	}
	if pictures == 0 {
		return fmt.Errorf("avcC without PPS")
	}
	if profile != 66 && profile != 77 && profile != 88 {
		if a, b, d, ext := c.u8(), c.u8(), c.u8(), c.u8(); a&0xfc != 0xfc || b&0xf8 != 0xf8 || d&0xf8 != 0xf8 || ext != 0 {
			return fmt.Errorf("avcC ends with %x %x %x %x", a, b, d, ext)
		}
	}
	return c.done("avcC")
}

// mp4a reads an audio sample entry (§12.2.3) with esds (14496-14 §5.6, 14496-1
// §7.2.6).
func mp4a(r *in) error {
	if version := r.u16(); version != 0 {
		return fmt.Errorf("audio entry of version %d", version)
	}
	r.take(6 + 2)
	bits := r.u16()
	r.take(4 + 4)
	if r.short || bits != 16 {
		return fmt.Errorf("audio entry of %d bits", bits)
	}
	boxes, err := split(r.b)
	if err != nil {
		return err
	}
	esds, err := one(boxes, "esds", true)
	if err != nil {
		return err
	}
	e := &in{b: esds}
	e.full()
	es := descr(e, 3)
	if err := e.done("esds"); err != nil {
		return err
	}
	es.take(2)
	if flags := es.u8(); flags != 0 {
		return fmt.Errorf("ES descriptor has flags %#x", flags)
	}
	config := descr(es, 4)
	sl := descr(es, 6)
	if object, stream := config.u8(), config.u8(); object != 0x40 || stream != 0x15 {
		return fmt.Errorf("decoder config of object %#x, stream %#x", object, stream)
	}
	config.take(11)
	asc := descr(config, 5)
	if len(asc.b) < 2 || sl.u8() != 2 {
		return fmt.Errorf("AudioSpecificConfig of %d bytes, or no SL config", len(asc.b))
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
