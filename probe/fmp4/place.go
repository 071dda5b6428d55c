package fmp4

import "recfin/mp4"

// brought notes where a segment describes itself.
type brought struct {
	given   bool  // Init was called for it
	fragged bool  // a fragment came
	end     int64 // of the last moov before the first fragment; 0: none
	changed bool  // another moov came behind a fragment
	ended   bool  // what comes next is another segment
}

// begin says that something of a segment comes.
func (d *Demuxer) begin() {
	if d.brought.ended {
		d.brought = brought{}
	}
}

// Described says where, in the segment that was written last, the moov ends that
// stands in front of its fragments: 0 where Init gave one and it brings none. false:
// it has no moov, or it changes behind a fragment.
func (d *Demuxer) Described() (end int64, ok bool) {
	b := d.brought
	return b.end, (b.given || b.end > 0) && !b.changed
}

// alone is where a sample of pictures stands that decodes by itself: only the first
// of its track in a fragment, for those behind it are found by the sizes of those
// before.
func (r *ref) alone() mp4.Place {
	if !r.leads || r.lo < r.moof {
		return mp4.Place{}
	}
	return mp4.Place{Offset: r.moof, Length: r.lo + r.size - r.moof}
}

// intra reports whether a picture of NAL units decodes by itself with what describes
// the track: it is an IDR, CRA or BLA picture, or all of its slices are I slices,
// whatever flags it bears, and no parameter sets but its own and those of the sample
// entry matter.
func (v *pictures) intra(p *picture, e *desc, inBand bool) bool {
	if p.slice == nil || p.damaged || p.access < mp4.OpenSync && !p.intra {
		return false
	}
	return inBand || !v.sent && len(e.nal.sets) > 0
}
