package mpegts

// clock unwraps 33-bit timestamps. One clock serves all streams of a program,
// because they share one system time clock.
type clock struct {
	last int64 // DTS of the PES packet before
	set  bool
}

// near is the value congruent to raw modulo 2^33 that is nearest to ref.
func near(raw, ref int64) int64 {
	d := ref - raw + Wrap/2
	k := d / Wrap
	if d%Wrap < 0 {
		k--
	}
	return raw + k*Wrap
}

// unwrap gives the times of a PES packet. The very first PTS is taken as it is.
func (c *clock) unwrap(pts, dts int64) (int64, int64) {
	if c.set {
		dts = near(dts, c.last)
		pts = near(pts, dts)
	} else {
		dts = near(dts, pts)
	}
	c.last, c.set = dts, true
	return pts, dts
}
