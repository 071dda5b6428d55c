package timeline_test

import (
	"fmt"
	"time"
)

// simSharedSource: where two writers have numbers in common, the source's own
// content can be compared at one of them at least; where they have none, one
// goes on where the other ends.
func simSharedSource(h *simHistory, objs []*simObject) bool {
	numbers := map[string]map[int64]bool{}
	source := map[string]map[int64]bool{}
	for _, o := range objs {
		if numbers[o.Nonce] == nil {
			numbers[o.Nonce], source[o.Nonce] = map[int64]bool{}, map[int64]bool{}
		}
		numbers[o.Nonce][o.Seq] = numbers[o.Nonce][o.Seq] || !o.bad
		source[o.Nonce][o.Seq] = source[o.Nonce][o.Seq] || !o.bad && o.Rendition == h.Source
	}
	for a, of := range numbers {
		for b := range numbers {
			common, proved := false, false
			for n, ok := range of {
				common = common || a != b && ok && numbers[b][n]
				proved = proved || a != b && source[a][n] && source[b][n]
			}
			if common && !proved {
				return false
			}
		}
	}
	return true
}

func simEachAtLeast(n int) func(*simHistory, []*simObject) bool {
	return func(h *simHistory, objs []*simObject) bool {
		count := map[int]int{}
		for _, o := range objs {
			if !o.bad && o.Rendition == o.push.Rends[0] {
				count[o.push.ID]++
			}
		}
		for _, p := range h.Pushes {
			if count[p.ID] < n {
				return false
			}
		}
		return true
	}
}

// simBoth: all of these hold.
func simBoth(rules ...func(*simHistory, []*simObject) bool) func(*simHistory, []*simObject) bool {
	return func(h *simHistory, objs []*simObject) bool {
		for _, rule := range rules {
			if !rule(h, objs) {
				return false
			}
		}
		return true
	}
}

// simLive: the uploads of each writer of each stream span half to twice of what
// its media spans, so that they can be believed.
func simLive(h *simHistory, objs []*simObject) bool {
	type span struct {
		first, last time.Time
		from, to    int
		frame       time.Duration
	}
	of := map[string]*span{}
	for _, o := range objs {
		k := fmt.Sprintf("%s/%d", o.Nonce, o.number)
		if of[k] == nil {
			of[k] = &span{o.Uploaded, o.Uploaded, o.from, o.to, o.stream.Frame}
		}
		s := of[k]
		if o.Uploaded.Before(s.first) {
			s.first = o.Uploaded
		}
		if o.Uploaded.After(s.last) {
			s.last = o.Uploaded
		}
		s.from, s.to = min(s.from, o.from), max(s.to, o.to)
	}
	for _, s := range of {
		media, uploads := time.Duration(s.to-s.from)*s.frame, s.last.Sub(s.first)
		if uploads < media*6/10 || uploads > media*18/10 {
			return false
		}
	}
	return true
}

// simCommon: the two writers have a number in common, so that they cannot be one
// numbering that goes on.
func simCommon(h *simHistory, objs []*simObject) bool {
	by := map[int64]int{}
	for _, o := range objs {
		if !o.bad {
			by[o.Seq] |= 1 << (o.push.ID % 2)
		}
	}
	for _, both := range by {
		if both == 3 {
			return true
		}
	}
	return false
}

// simTogether: the streams run at the same time for more than five segments.
func simTogether(h *simHistory, objs []*simObject) bool {
	first, last := map[int]time.Duration{}, map[int]time.Duration{}
	for _, o := range objs {
		if begin, ok := first[o.number]; !ok || o.stream.begin(o.from) < begin {
			first[o.number] = o.stream.begin(o.from)
		}
		last[o.number] = max(last[o.number], o.stream.end(o.to))
	}
	return len(first) == 2 && min(last[0], last[1])-max(first[0], first[1]) > 12*time.Second
}

// simOverlap: two writers of one stream have more than three segments of the
// same time.
func simOverlap(h *simHistory, objs []*simObject) bool {
	var from, to [2]int
	for i := range from {
		from[i] = 1 << 30
	}
	for _, o := range objs {
		k := o.push.ID % 2
		from[k], to[k] = min(from[k], o.from), max(to[k], o.to)
	}
	return min(to[0], to[1])-max(from[0], from[1]) > 3*62*h.Pushes[0].Each
}

// simLag: the second stream begins after so many percent of the first.
func simLag(least, most int) func(*simHistory, []*simObject) bool {
	return func(h *simHistory, objs []*simObject) bool {
		first := map[int]time.Duration{}
		var end time.Duration
		for _, o := range objs {
			if begin, ok := first[o.number]; !ok || o.stream.begin(o.from) < begin {
				first[o.number] = o.stream.begin(o.from)
			}
			if o.number == 0 {
				end = max(end, o.stream.end(o.to))
			}
		}
		lag := 100 * (first[1] - first[0]) / max(end-first[0], 1)
		return len(first) == 2 && lag >= time.Duration(least) && lag <= time.Duration(most)
	}
}

// simBurst: so many percent of the segments waited for the end of an outage.
func simBurst(least, most int) func(*simHistory, []*simObject) bool {
	return func(h *simHistory, objs []*simObject) bool {
		p := h.Pushes[0]
		share := 100 * (p.Dead[1] - p.Dead[0]) / (p.To - p.From)
		return len(h.Pushes) == 1 && share >= least && share < most
	}
}

// simFallsBack: there are at least eight segments after each outage of an
// uplink, and two before it.
func simFallsBack(h *simHistory, objs []*simObject) bool {
	for _, p := range h.Pushes {
		if p.Dead[1] > 0 && (p.To-p.Dead[1] < 8 || p.Dead[0]-p.From < 2 || p.Dead[1]-p.Dead[0] < 2) {
			return false
		}
	}
	return true
}

// simApart: every stream has the source's own pictures under a number that
// each other stream has with other pictures (no slate): that proves a restart.
func simApart(h *simHistory, objs []*simObject) bool {
	own := make([]map[int64]bool, len(h.Streams))
	for i := range own {
		own[i] = map[int64]bool{}
	}
	for _, o := range objs {
		if !o.bad && o.Rendition == h.Source && o.from >= o.stream.gop(o.stream.Slate) {
			own[o.number][o.Seq] = true
		}
	}
	for i, a := range own {
		for _, b := range own[i+1:] {
			proved := false
			for n := range a {
				proved = proved || b[n]
			}
			if !proved {
				return false
			}
		}
	}
	return true
}

// simOneAfterAnother: no stream begins before the one before it has ended.
func simOneAfterAnother(h *simHistory, objs []*simObject) bool {
	for _, a := range objs {
		for _, b := range objs {
			if a.number < b.number && a.stream.end(a.to) > b.stream.begin(b.from) {
				return false
			}
		}
	}
	return true
}

// simChanges: in the order of the numbers the streams change five times.
func simChanges(h *simHistory, objs []*simObject) bool {
	of := map[int64]int{}
	var most int64
	for _, o := range objs {
		of[o.Seq] = o.number
		most = max(most, o.Seq)
	}
	changes, last := 0, -1
	for n := int64(0); n <= most; n++ {
		if stream, ok := of[n]; ok {
			if last >= 0 && stream != last {
				changes++
			}
			last = stream
		}
	}
	return changes >= 5
}
