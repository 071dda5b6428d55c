package sound

// PCE is a program config element (ISO/IEC 14496-3 §4.4.1.1): the channels of a
// stream of AAC whose channel configuration is 0.
type PCE struct {
	Channels int

	fields  []byte // up to byte_alignment(), from the first bit on
	n       int    // bits of them
	comment []byte // with its length
}

// elementPCE is the id_syn_ele of a program config element (table 4.85).
const elementPCE = 5

// ReadPCE reads the program config element that a raw data block of AAC begins
// with; false: it begins with another element, or the element is cut.
func ReadPCE(block []byte) (PCE, bool) {
	r := reader{p: block}
	if r.get(3) != elementPCE {
		return PCE{}, false
	}
	return readPCE(&r, 0)
}

// readPCE reads program_config_element(). Alignment counts from a bit of r.
func readPCE(r *reader, origin int) (p PCE, ok bool) {
	start := r.pos
	r.skip(4 + 2 + 4)
	front, side, back := int(r.get(4)), int(r.get(4)), int(r.get(4))
	low, data, coupled := int(r.get(2)), int(r.get(3)), int(r.get(4))
	r.skipIf(4) // mono_mixdown
	r.skipIf(4) // stereo_mixdown
	r.skipIf(3) // matrix_mixdown
	for range front + side + back {
		p.Channels++
		if r.flag() { // a pair
			p.Channels++
		}
		r.skip(4)
	}
	p.Channels += low
	r.skip(4*low + 4*data + 5*coupled)
	if r.over {
		return p, false
	}
	p.n = r.pos - start
	p.fields = copyBits(nil, r.p, start, p.n)
	if k := (r.pos - origin) % 8; k > 0 {
		r.skip(8 - k)
	}
	at := r.pos
	comment := int(r.get(8))
	r.skip(8 * comment)
	if r.over {
		return p, false
	}
	p.comment = copyBits(nil, r.p, at, r.pos-at)
	return p, p.Channels > 0
}

// ASC makes the AudioSpecificConfig of an AAC stream with these channels: object
// is the audio object type, index the samplingFrequencyIndex.
func (p PCE) ASC(object, index int) []byte {
	w := writer{}
	w.put(uint32(object), 5)
	w.put(uint32(index), 4)
	w.put(0, 4+3) // channelConfiguration; three flags
	for i := range p.n {
		w.put(uint32(p.fields[i/8]>>(7-i%8)&1), 1)
	}
	return append(w.p, p.comment...)
}
