package timeline

import "time"

// byStore gives the strands of one writer, or where two stores hold another stream
// of it each, the strands of each store: a node that starts over uses its keys
// again in one store, and another still has the old ones. Uploads under the same
// numbers that are further apart than retries explain say that it may be so; what
// they hold then decides as it does of two writers.
func (b *builder) byStore(strands []strand) [][]strand {
	if !b.storesApart(strands) {
		return [][]strand{strands}
	}
	var stores []string
	var out [][]strand
	for _, s := range strands {
		split := make([][]entry, len(stores))
		for _, e := range s.items {
			k := 0
			for k < len(stores) && stores[k] != b.segs[e.seg].Store {
				k++
			}
			if k == len(stores) {
				stores, out = append(stores, b.segs[e.seg].Store), append(out, nil)
			}
			if k >= len(split) {
				split = append(split, make([][]entry, k+1-len(split))...)
			}
			split[k] = append(split[k], e)
		}
		for k, items := range split {
			if len(items) > 0 {
				out[k] = append(out[k], strand{s.rendition, items})
			}
		}
	}
	return out
}

// storesApart tells whether several numbers of some rendition were uploaded to two
// stores at times that are far apart, and not as the same object.
func (b *builder) storesApart(strands []strand) bool {
	for k := range strands {
		s := &strands[k]
		apart := 0
		for i := 0; i < len(s.items); {
			j := s.next(i)
			for _, e := range s.items[i+1 : j] {
				if b.uploadedApart(s.items[i].seg, e.seg) {
					apart++
					break
				}
			}
			if i = j; apart >= lasting {
				return true
			}
		}
	}
	return false
}

// uploadedApart tells it of two segments under one number. Where nothing is read
// equal sizes must do for what a mirror has.
func (b *builder) uploadedApart(i, j int32) bool {
	s, t := b.segs[i], b.segs[j]
	if s.Store == t.Store || sameObject(s, t) || b.opt.Durations == Trust && s.Bytes() == t.Bytes() {
		return false
	}
	x, known := stamp(s.uploaded())
	y, too := stamp(t.uploaded())
	return known && too && time.Duration(x-y).Abs() > shifted
}
