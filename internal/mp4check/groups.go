package mp4check

import "fmt"

// rolls checks the sample group "roll" (ISO/IEC 14496-12 §8.9.2, §8.9.3, §10.1)
// and that Opus has one which is long enough: 80 ms ("Encapsulation of Opus in
// ISO Base Media File Format" §4.3.6.2).
func (t *Track) rolls(stbl []box) error {
	sbgp, err := one(stbl, "sbgp", false)
	if err != nil {
		return err
	}
	sgpd, err := one(stbl, "sgpd", false)
	if err != nil {
		return err
	}
	opus := string(t.Entries[0][4:8]) == "Opus"
	if sbgp == nil && sgpd == nil && !opus {
		return nil
	}
	d := &in{b: sgpd}
	v, _ := d.full()
	kind, length, count, distance := string(d.take(4)), d.u32(), d.u32(), int16(d.u16())
	if err := d.done("sgpd"); err != nil {
		return err
	}
	g := &in{b: sbgp}
	of, _ := g.full()
	group, runs, samples, index := string(g.take(4)), g.u32(), g.u32(), g.u32()
	if err := g.done("sbgp"); err != nil {
		return err
	}
	if v != 1 || kind != "roll" || length != 2 || count != 1 || of != 0 || group != kind || runs != 1 || int(samples) != len(t.samples) || index != 1 {
		return fmt.Errorf("sgpd %d %q %d %d, sbgp %d %q %d %d %d", v, kind, length, count, of, group, runs, samples, index)
	}
	if distance >= 0 || distance < -32 {
		return fmt.Errorf("roll distance %d", distance)
	}
	n := int(-distance)
	for i := n; i < len(t.samples) && n < 32; i++ {
		if (t.samples[i].DTS-t.samples[i-n].DTS)*1000 < 80*int64(t.Timescale) {
			return fmt.Errorf("the %d samples before number %d last less than 80 ms", n, i)
		}
	}
	t.Roll = n
	return nil
}
