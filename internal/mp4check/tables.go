package mp4check

import (
	"fmt"
	"math"
)

// tables reads stbl (§8.5) and makes the samples of it.
func (t *Track) tables(mdia []box) error {
	stbl, err := path(mdia, "minf", "stbl")
	if err != nil {
		return err
	}
	for _, step := range []func([]box) error{t.sampleSizes, t.decodeTimes, t.compositionTimes, t.syncSamples, t.descriptions, t.placement, t.rolls} {
		if err := step(stbl); err != nil {
			return err
		}
	}
	return nil
}

// sampleSizes reads stsz (§8.7.3.2).
func (t *Track) sampleSizes(stbl []box) error {
	stsz, err := one(stbl, "stsz", true)
	if err != nil {
		return err
	}
	r := &in{b: stsz}
	r.full()
	same, count := r.u32(), r.u32()
	if same == 0 && int64(len(r.b)) != 4*int64(count) || count == 0 || same > 0 && int64(count) > math.MaxInt32 {
		return fmt.Errorf("stsz of %d samples with %d bytes", count, len(r.b))
	}
	t.samples = make([]Sample, count)
	for i := range t.samples {
		t.samples[i].Size = int64(same)
		if same == 0 {
			t.samples[i].Size = int64(r.u32())
		}
	}
	return r.done("stsz")
}

// runs spreads (count, value) over the samples.
func (t *Track) runs(name string, body []byte, set func(s *Sample, value uint32)) error {
	r := &in{b: body}
	r.full()
	at := 0
	over := false
	err := r.list(name, 8, func(r *in) {
		count, value := int64(r.u32()), r.u32()
		if count == 0 || count > int64(len(t.samples)-at) {
			over = true
			return
		}
		for range count {
			set(&t.samples[at], value)
			at++
		}
	})
	if err == nil && (over || at != len(t.samples)) {
		err = fmt.Errorf("%s does not cover the %d samples", name, len(t.samples))
	}
	return err
}

// decodeTimes reads stts (§8.6.1.2): deltas are positive but for the last.
func (t *Track) decodeTimes(stbl []box) error {
	stts, err := one(stbl, "stts", true)
	if err != nil {
		return err
	}
	var now int64
	err = t.runs("stts", stts, func(s *Sample, delta uint32) {
		s.DTS, s.PTS, s.Duration = now, now, int64(delta)
		now += int64(delta)
	})
	if err != nil {
		return err
	}
	for i, s := range t.samples {
		if s.Duration == 0 && i < len(t.samples)-1 {
			return fmt.Errorf("sample %d lasts no time", i)
		}
	}
	if now != t.Duration {
		return fmt.Errorf("stts adds up to %d, mdhd says %d", now, t.Duration)
	}
	return nil
}

// compositionTimes reads ctts (§8.6.1.3), where version 1 is signed.
func (t *Track) compositionTimes(stbl []box) error {
	ctts, err := one(stbl, "ctts", false)
	if ctts == nil || err != nil {
		return err
	}
	if len(ctts) < 1 || ctts[0] != 1 {
		return fmt.Errorf("ctts is not of version 1")
	}
	return t.runs("ctts", ctts, func(s *Sample, offset uint32) { s.PTS = s.DTS + int64(int32(offset)) })
}

// syncSamples reads stss (§8.6.2): without it all samples are.
func (t *Track) syncSamples(stbl []box) error {
	stss, err := one(stbl, "stss", false)
	if err != nil {
		return err
	}
	if stss == nil {
		for i := range t.samples {
			t.samples[i].Sync = true
		}
		return nil
	}
	r := &in{b: stss}
	r.full()
	last, bad := uint32(0), false
	err = r.list("stss", 4, func(r *in) {
		n := r.u32()
		if n <= last || int64(n) > int64(len(t.samples)) {
			bad = true
			return
		}
		t.samples[n-1].Sync, last = true, n
	})
	if err == nil && bad {
		err = fmt.Errorf("stss is not in order or names samples that are not there")
	}
	return err
}

// placement reads stsc (§8.7.4) and stco or co64 (§8.7.5).
func (t *Track) placement(stbl []box) error {
	stco, err := one(stbl, "stco", false)
	if err != nil {
		return err
	}
	co64, err := one(stbl, "co64", false)
	if err != nil {
		return err
	}
	if (stco == nil) == (co64 == nil) {
		return fmt.Errorf("not one of stco and co64")
	}
	r, width := &in{b: stco}, 4
	if co64 != nil {
		r, width = &in{b: co64}, 8
	}
	r.full()
	err = r.list("chunk offsets", width, func(r *in) {
		if width == 8 {
			t.Chunks = append(t.Chunks, Chunk{Offset: r.i64()})
		} else {
			t.Chunks = append(t.Chunks, Chunk{Offset: int64(r.u32())})
		}
	})
	if err != nil {
		return err
	}
	stsc, err := one(stbl, "stsc", true)
	if err != nil {
		return err
	}
	r = &in{b: stsc}
	r.full()
	type run struct{ first, samples, entry int }
	var runs []run
	err = r.list("stsc", 12, func(r *in) { runs = append(runs, run{int(r.u32()), int(r.u32()), int(r.u32())}) })
	if err != nil {
		return err
	}
	at := 0
	for i, u := range runs {
		end := len(t.Chunks) + 1
		if i+1 < len(runs) {
			end = runs[i+1].first
		}
		if i == 0 && u.first != 1 || u.first >= end || end > len(t.Chunks)+1 || u.samples < 1 || u.entry < 1 || u.entry > len(t.Entries) {
			return fmt.Errorf("stsc row %d is %+v, %d chunks, %d entries", i, u, len(t.Chunks), len(t.Entries))
		}
		for c := u.first; c < end; c++ {
			if u.samples > len(t.samples)-at {
				return fmt.Errorf("stsc has more samples than stsz")
			}
			t.fill(&t.Chunks[c-1], at, u.samples, u.entry-1)
			at += u.samples
		}
	}
	if at != len(t.samples) {
		return fmt.Errorf("stsc has %d samples, stsz %d", at, len(t.samples))
	}
	return nil
}

// fill says where the samples of one chunk are.
func (t *Track) fill(c *Chunk, first, n, entry int) {
	c.Samples, c.Entry = n, entry
	for i := first; i < first+n; i++ {
		t.samples[i].Offset, t.samples[i].Entry = c.Offset+c.Size, entry
		c.Size += t.samples[i].Size
	}
}
