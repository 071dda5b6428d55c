package fmp4

import "slices"

// Stats counts what a Demuxer met since New.
type Stats struct {
	Fragments    int64 // moof boxes
	Truncated    int64 // access units whose payload is not, or not wholly, there: dropped
	Damaged      int64 // pictures that were kept although their NAL units do not fit their size
	Empty        int64 // samples without a byte of payload, dropped
	NoParameters int64 // pictures dropped because no parameter sets ever came
	Untimed      int64 // fragments without a tfdt box, whose time had to be derived
	Rebased      int64 // fragments whose explicit data offset leads elsewhere: counted from the moof instead
	CutBoxes     int64 // boxes cut by the end of a segment
	BadBoxes     int64 // boxes that cannot be read, or contradict others, passed over
	JunkBytes    int64 // bytes that are no box
	Events       int64 // emsg boxes, passed over
	Edits        int64 // edit lists that say more than where a track starts
	Hidden       int64 // pictures that the edit list hides: handed out, before zero
	Matrices     int64 // tracks whose pictures are mirrored, stretched or tilted: shown as they are
	Strays       int64 // fragments of tracks that the moov does not have

	Data []uint32 // tracks that are neither audio nor video, ascending
}

// Header is the size in bytes of what stands before the fragments of a first
// segment that brings its own moov, the moov included; 0: it brings none, or has
// no fragments.
func (d *Demuxer) Header() int64 {
	if d.stats.Fragments == 0 {
		return 0
	}
	return d.header0
}

// Stats counts what was met since New.
func (d *Demuxer) Stats() Stats {
	s := d.stats
	s.Data = slices.Clone(s.Data)
	return s
}
