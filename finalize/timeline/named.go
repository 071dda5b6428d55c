package timeline

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// numberNamed counts segments that have nothing but a name in its natural order,
// and says where uploads that look live contradict it. The rendition is no part
// of the name, so that all renditions share the count.
func (b *builder) numberNamed(segs []int32) {
	if len(segs) == 0 {
		return
	}
	type entry struct {
		name string
		seg  int32
	}
	all := make([]entry, len(segs))
	for k, i := range segs {
		s := b.segs[i]
		all[k] = entry{s.Nonce + "/" + strings.Replace("/"+s.Key, "/"+s.Rendition+"/", "/", 1), i}
	}
	slices.SortFunc(all, func(x, y entry) int {
		return cmp.Or(naturally(x.name, y.name), strings.Compare(x.name, y.name), canonical(b.segs[x.seg], b.segs[y.seg]))
	})
	seq := int64(-1)
	for k := range all {
		if k == 0 || all[k].name != all[k-1].name {
			seq++
		}
		s := b.segs[all[k].seg]
		b.call(s, byName)
		s.Seq, s.Unnumbered = seq, false
	}
	order := make([]int32, 0, len(all))
	for k := range all {
		if b.rendition[all[k].seg] == b.rendition[all[0].seg] {
			order = append(order, all[k].seg)
		}
	}
	b.confirm(order)
}

// confirm holds an order of names against the uploads: where they lie as far
// apart as the segments are long, they would show it.
func (b *builder) confirm(order []int32) {
	if len(order) < fewest {
		return
	}
	var length time.Duration
	back := 0
	first, last, before := int64(0), int64(0), int64(0)
	for k, i := range order {
		up, ok := stamp(b.segs[i].uploaded())
		if !ok {
			return
		}
		if k == 0 {
			first, last = up, up
		} else if up < before {
			back++
		}
		first, last, before = min(first, up), max(last, up), up
		length = min(length+cmp.Or(b.segs[i].known(), fallback), farthest)
	}
	spread := time.Duration(last - first)
	if live := spread*2 >= length && spread <= length*2; live && back > len(order)/4 {
		segs := make([]int, len(order))
		for k, i := range order {
			segs[k] = int(i)
		}
		b.addDoubt("order", "the names say another order than the uploads", segs)
	}
}

// naturally compares names as people read them: digits in a row are one number.
func naturally(x, y string) int {
	for x != "" && y != "" {
		if digit(x[0]) && digit(y[0]) {
			m, n := digits(x), digits(y)
			a, z := strings.TrimLeft(x[:m], "0"), strings.TrimLeft(y[:n], "0")
			if c := cmp.Or(cmp.Compare(len(a), len(z)), strings.Compare(a, z)); c != 0 {
				return c
			}
			x, y = x[m:], y[n:]
			continue
		}
		if c := cmp.Compare(x[0], y[0]); c != 0 {
			return c
		}
		x, y = x[1:], y[1:]
	}
	return cmp.Compare(len(x), len(y))
}

func digit(c byte) bool { return c >= '0' && c <= '9' }

// digits is how many digits a name begins with.
func digits(s string) int {
	n := 0
	for n < len(s) && digit(s[n]) {
		n++
	}
	return n
}
