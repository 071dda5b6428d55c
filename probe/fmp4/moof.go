package fmp4

import "slices"

// Flags of tfhd and trun (§8.8.7, §8.8.8).
const (
	tfhdBase        = 0x000001
	tfhdDesc        = 0x000002
	tfhdDuration    = 0x000008
	tfhdSize        = 0x000010
	tfhdFlags       = 0x000020
	tfhdBaseIsMoof  = 0x020000
	trunOffset      = 0x000001
	trunFirstFlags  = 0x000004
	trunDuration    = 0x000100
	trunSize        = 0x000200
	trunFlags       = 0x000400
	trunComposition = 0x000800

	sampleNonSync   = 0x00010000 // sample_is_non_sync_sample (§8.8.3.1)
	sampleDependsOn = 0x01000000 // sample_depends_on: others
)

// run lists the samples of a trun box.
type run struct {
	rows     []byte
	width    int // of a row; 0: all samples are as the defaults say
	flags    uint32
	left     uint32
	def      defaults
	first    uint32 // flags of the first sample
	hasFirst bool
	at       int64 // where the next sample is
	dts      int64
	leads    bool  // the next sample is the first of its track in the fragment
	moof     int64 // where the fragment begins
	fixed    bool  // it counts from an explicit base: the fragment cannot be cut out
	moved    int64 // added to at, it counts from the moof instead of an explicit base
}

func (r *run) count() int64 { return int64(r.left) }

func (r *run) uniform() bool { return r.width == 0 }

func (r *run) next(s *ref) bool {
	if r.left == 0 {
		return false
	}
	r.left--
	f := fields{p: r.rows}
	dur, size, flags, offset := r.def.duration, r.def.size, r.def.flags, uint32(0)
	if r.flags&trunDuration != 0 {
		dur = f.u32()
	}
	if r.flags&trunSize != 0 {
		size = f.u32()
	}
	if r.flags&trunFlags != 0 {
		flags = f.u32()
	}
	if r.hasFirst {
		flags, r.hasFirst = r.first, false
	}
	if r.flags&trunComposition != 0 {
		offset = f.u32()
	}
	r.rows = f.p
	*s = ref{
		lo: r.at, size: int64(size), dts: r.dts, duration: int64(dur), desc: r.def.desc,
		offset: int64(int32(offset)), // version 0 has no sign, but muxers write one
		sync:   flags&(sampleNonSync|sampleDependsOn) == 0,
		leads:  r.leads, moof: r.moof,
	}
	r.leads = false
	r.at += s.size
	r.dts += s.duration
	return true
}

// fragment is a moof box while it is read.
type fragment struct {
	start int64 // of the moof in the segment
	end   int64 // where the data of the traf before ends
	first bool  // no traf was read yet
	moved []*run
}

// readMoof takes the samples that a moof box describes. It begins at start.
func (d *Demuxer) readMoof(b box, start int64) error {
	d.stats.Fragments++
	if b.list().ragged() {
		d.stats.BadBoxes++
	}
	fr := &fragment{start: start, end: start, first: true}
	for t := range b.list().all {
		if t.is("traf") {
			if err := d.readTraf(fr, t); err != nil {
				return err
			}
		}
	}
	if len(fr.moved) > 0 {
		d.moved = append(d.moved, fr.moved)
	}
	return nil
}

// settle is told where media lies, and looks up the samples that are described.
// Fragments whose explicit base offset does not lead there were written into
// another file than the one that their muxer numbered: they count from the
// moof, as all others do.
func (d *Demuxer) settle(body, size int64) error {
	end := int64(endless)
	if size != endless {
		end = body + size
	}
	for _, runs := range d.moved {
		lost := func(r *run) bool { return r.at < body || r.at >= end }
		if !slices.ContainsFunc(runs, lost) {
			continue
		}
		d.stats.Rebased++
		for _, r := range runs {
			r.at += r.moved
		}
	}
	d.moved = nil
	return d.refill()
}

// readTraf takes a track fragment (§8.8.6).
func (d *Demuxer) readTraf(fr *fragment, b box) error {
	list := b.list()
	if list.ragged() {
		d.stats.BadBoxes++
	}
	f := fields{p: list.find("tfhd").body}
	_, flags := f.full()
	t := d.movie.track(f.u32())
	switch {
	case f.short:
		d.stats.BadBoxes++
		return nil
	case t == nil:
		d.stats.Strays++
		return nil
	}
	def, base, moved := t.defaults, fr.start, int64(0)
	if !fr.first && flags&(tfhdBase|tfhdBaseIsMoof) == 0 {
		base = fr.end
	}
	fr.first = false
	if flags&tfhdBase != 0 {
		base = int64(min(f.u64(), maxTicks))
		moved = fr.start - base
	}
	for _, o := range []struct {
		flag uint32
		to   *uint32
	}{{tfhdDesc, &def.desc}, {tfhdDuration, &def.duration}, {tfhdSize, &def.size}, {tfhdFlags, &def.flags}} {
		if flags&o.flag != 0 {
			*o.to = f.u32()
		}
	}
	if f.short {
		d.stats.BadBoxes++
	}
	dts, err := d.baseTime(t, list.find("tfdt"))
	if err != nil {
		return err
	}
	fr.end = base
	for r := range list.all {
		if r.is("trun") {
			dts = d.readRun(fr, t, &run{def: def, dts: dts, moved: moved, fixed: flags&tfhdBase != 0}, r, base)
		}
	}
	t.next, t.running = dts, true
	return nil
}

// baseTime reads tfdt (§8.8.12). Without it time runs on from the fragment
// before.
func (d *Demuxer) baseTime(t *track, b box) (int64, error) {
	if b.body == nil {
		d.stats.Untimed++
		if t.running {
			return t.next, nil
		}
		return 0, nil
	}
	f := fields{p: b.body}
	v, _ := f.full()
	dts := f.long(v)
	if dts > maxTicks || !ranged(int64(dts), max(t.timescale, 1)) {
		return 0, t.outOfRange(int64(min(dts, maxTicks)))
	}
	return int64(dts), nil
}

// readRun takes a trun box and gives the decode time behind it.
func (d *Demuxer) readRun(fr *fragment, t *track, r *run, b box, base int64) int64 {
	f := fields{p: b.body}
	_, r.flags = f.full()
	r.left = f.u32()
	r.at = fr.end
	if r.flags&trunOffset != 0 {
		r.at = base + int64(int32(f.u32()))
	}
	if r.flags&trunFirstFlags != 0 {
		r.first, r.hasFirst = f.u32(), true
	}
	for _, flag := range []uint32{trunDuration, trunSize, trunFlags, trunComposition} {
		if r.flags&flag != 0 {
			r.width += 4
		}
	}
	if f.short {
		d.stats.BadBoxes++
		return r.dts
	}
	r.rows = f.p
	if r.width > 0 {
		if n := uint32(len(f.p) / r.width); r.left > n {
			d.stats.BadBoxes++
			r.left = n
		}
		r.rows = r.rows[:int(r.left)*r.width]
	}
	span, bytes := r.sums()
	fr.end = r.at + bytes
	if t.kind != 0 && r.left > 0 {
		r.leads, r.moof, t.led = t.led != d.stats.Fragments && !r.fixed, fr.start, d.stats.Fragments
		t.lists = append(t.lists, r)
		if r.moved != 0 {
			fr.moved = append(fr.moved, r)
		}
	}
	return r.dts + span
}

// sums gives the duration and the payload of a run.
func (r *run) sums() (duration, size int64) {
	if r.width == 0 {
		return product(r.left, r.def.duration), product(r.left, r.def.size)
	}
	c := *r
	for s := (ref{}); c.next(&s); {
	}
	return c.dts - r.dts, c.at - r.at
}

// product stays where sums with it do not overflow.
func product(a, b uint32) int64 { return int64(min(uint64(a)*uint64(b), maxTicks)) }
