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
		if known, ok := configs[b.name]; ok {
			if err := known.read(e); err != nil {
				return fmt.Errorf("entry %d, %s: %w", i, b.name, err)
			}
		}
	}
	return nil
}

// config is how the entry of a codec is made up: its common part, and the box
// with its configuration.
type config struct {
	sound bool
	box   string
	check func(r *in, rate uint32, channels int) error
}

// configs are the entries that are known. Rate and channels are those of the
// common part of an audio entry, the rate as 16.16.
var configs = map[string]config{
	"avc1": {false, "avcC", avcC},
	"hvc1": {false, "hvcC", hvcC},
	"av01": {false, "av1C", av1C},
	"vp09": {false, "vpcC", vpcC},
	"mp4a": {true, "esds", esds},
	"ac-3": {true, "dac3", dac3},
	"ec-3": {true, "dec3", dec3},
	"Opus": {true, "dOps", dOps},
}

// read checks an entry behind its data reference.
func (c config) read(r *in) error {
	var rate uint32
	var channels int
	if c.sound {
		if version := r.u16(); version != 0 { // §12.2.3
			return fmt.Errorf("audio entry of version %d", version)
		}
		r.take(6)
		channels = r.u16()
		bits := r.u16()
		r.take(4)
		if rate = r.u32(); r.short || bits != 16 || rate&0xffff != 0 {
			return fmt.Errorf("audio entry of %d bits, rate %#x", bits, rate)
		}
	} else if err := visual(r); err != nil {
		return err
	}
	boxes, err := split(r.b)
	if err != nil {
		return err
	}
	body, err := one(boxes, c.box, true)
	if err != nil {
		return err
	}
	inner := &in{b: body}
	if err := c.check(inner, rate, channels); err != nil {
		return fmt.Errorf("%s: %w", c.box, err)
	}
	return inner.done(c.box)
}

// visual reads the common part of a visual sample entry (§12.1.3).
func visual(r *in) error {
	r.take(16)
	width, height := r.u16(), r.u16()
	r.take(14)
	r.take(32)
	depth, pre := r.u16(), r.u16()
	if r.short || width == 0 || height == 0 || depth != 0x18 || pre != 0xffff {
		return fmt.Errorf("visual entry %d by %d, depth %d, %#x", width, height, depth, pre)
	}
	return nil
}
