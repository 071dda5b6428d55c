package hevc

import "recfin/probe/avc"

// skipTools reads from the transform block sizes to the PCM fields of an SPS.
func skipTools(r *avc.Bits) bool {
	for range 4 { // transform block sizes and hierarchy depths
		r.UE()
	}
	if lists := r.Flag(); lists && r.Flag() { // scaling_list_enabled_flag, sps_scaling_list_data_present_flag
		skipScaling(r)
	}
	r.Bits(2)     // amp_enabled_flag, sample_adaptive_offset_enabled_flag
	if r.Flag() { // pcm_enabled_flag
		r.Bits(8)
		r.UE()
		r.UE()
		r.Bit()
	}
	return !r.Short()
}

// skipScaling reads scaling_list_data() (§7.3.4).
func skipScaling(r *avc.Bits) {
	for size := range 4 {
		step := 1
		if size == 3 {
			step = 3
		}
		for matrix := 0; matrix < 6; matrix += step {
			if !r.Flag() { // scaling_list_pred_mode_flag
				r.UE()
				continue
			}
			n := min(64, 1<<(4+size<<1))
			if size > 1 {
				n++ // scaling_list_dc_coef_minus8
			}
			for range n {
				r.UE() // signed, of the same length
			}
		}
	}
}

const (
	maxSetsInSPS = 64
	maxLongTerm  = 32
	// maxDeltas is how many pictures a reference picture set can name: those of
	// the decoded picture buffer.
	maxDeltas = 16
)

// deltas are the picture order count differences of a short-term reference
// picture set: those before the picture from near to far, then those behind it.
type deltas struct {
	n      int
	before int
	at     [maxDeltas]int64
}

// skipReferences reads the reference picture sets of an SPS up to and with the
// long-term ones.
func skipReferences(r *avc.Bits, pocBits int) bool {
	n := r.UE()
	if n > maxSetsInSPS {
		return false
	}
	var last deltas
	for i := range n {
		if i > 0 && r.Flag() { // inter_ref_pic_set_prediction_flag
			if !last.predict(r) {
				return false
			}
		} else if !last.explicit(r) {
			return false
		}
	}
	if r.Flag() { // long_term_ref_pics_present_flag
		n := r.UE()
		if n > maxLongTerm {
			return false
		}
		for range n {
			r.Bits(pocBits + 1)
		}
	}
	return !r.Short()
}

// explicit reads a st_ref_pic_set() that names its pictures (§7.3.7).
func (d *deltas) explicit(r *avc.Bits) bool {
	before, behind := r.UE(), r.UE()
	if before > maxDeltas || behind > maxDeltas || before+behind > maxDeltas {
		return false
	}
	*d = deltas{before: int(before)}
	for _, side := range [...]struct {
		n    uint32
		sign int64
	}{{before, -1}, {behind, 1}} {
		var poc int64
		for range side.n {
			poc += side.sign * (int64(r.UE()) + 1)
			r.Bit() // used_by_curr_pic
			d.at[d.n] = poc
			d.n++
		}
	}
	return !r.Short()
}

// predict reads a st_ref_pic_set() that is told as a change of the one before, d,
// and makes d that set (§7.4.8, equations 7-61 and 7-62).
func (d *deltas) predict(r *avc.Bits) bool {
	negative := r.Flag()
	shift := int64(r.UE()) + 1
	if negative {
		shift = -shift
	}
	var use [maxDeltas + 1]bool
	for i := range d.n + 1 {
		used := r.Flag()          // used_by_curr_pic_flag
		use[i] = used || r.Flag() // use_delta_flag
	}
	old := *d
	*d = deltas{}
	add := func(i int, sign int64) bool {
		v := shift
		if i < old.n {
			v += old.at[i]
		}
		if !use[i] || v*sign <= 0 {
			return true
		}
		if d.n == maxDeltas {
			return false
		}
		d.at[d.n] = v
		d.n++
		return true
	}
	ok := true
	for i := old.n - 1; i >= old.before; i-- {
		ok = ok && add(i, -1)
	}
	ok = ok && add(old.n, -1)
	for i := range old.before {
		ok = ok && add(i, -1)
	}
	d.before = d.n
	for i := old.before - 1; i >= 0; i-- {
		ok = ok && add(i, 1)
	}
	ok = ok && add(old.n, 1)
	for i := old.before; i < old.n; i++ {
		ok = ok && add(i, 1)
	}
	return ok && !r.Short()
}
