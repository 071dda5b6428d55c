package playlist

import "time"

// rates are what a playlist needs, in bits per second.
type rates struct {
	peak, average uint64
	known         bool // the sizes of all segments are
}

func (a rates) plus(b rates) rates {
	return rates{a.peak + b.peak, a.average + b.average, a.known && b.known}
}

// bandwidths compares BANDWIDTH and AVERAGE-BANDWIDTH with what the segments need by
// their sizes and durations, together with the largest rendition of the audio group
// (RFC 8216 §4.3.4.2).
func (l *setReader) bandwidths() {
	if l.set.Multi == nil {
		return
	}
	measured := make([]rates, len(l.set.Members))
	for i := range l.set.Members {
		measured[i] = l.set.Members[i].rates()
	}
	of := func(uri string) rates {
		if i, ok := l.byURI[uri]; ok && uri != "" {
			return measured[i]
		}
		return rates{}
	}
	sound := map[string]rates{}
	for _, q := range l.set.Multi.Media {
		if q.Type != "AUDIO" || q.URI == "" {
			continue
		}
		most, some := sound[q.Group]
		one := of(q.URI)
		sound[q.Group] = rates{max(most.peak, one.peak), max(most.average, one.average), one.known && (most.known || !some)}
	}
	for i := range l.set.Multi.Variants {
		v := &l.set.Multi.Variants[i]
		need := of(v.URI)
		if s, ok := sound[v.Audio]; ok && v.Audio != "" {
			need = need.plus(s)
		}
		l.compareRates(v, need)
	}
	for i := range l.set.Multi.IFrames {
		v := &l.set.Multi.IFrames[i]
		if m := l.member(v.URI); m != nil && m.Media.IFramesOnly {
			l.compareRates(v, of(v.URI))
		}
	}
}

// rates measures a playlist.
func (m *Member) rates() rates {
	n := len(m.Media.Segments)
	sizes, durations := make([]int64, n), make([]time.Duration, n)
	for i := range m.Media.Segments {
		s := &m.Media.Segments[i]
		durations[i] = s.Duration
		switch {
		case s.Gap:
			sizes[i] = -1
		case s.Range.Length > 0:
			sizes[i] = s.Range.Length
		case i < len(m.Sizes) && m.Sizes[i] >= 0:
			sizes[i] = m.Sizes[i]
		default:
			return rates{}
		}
	}
	peak, average := Bandwidth(sizes, durations, m.Media.Target)
	return rates{uint64(peak), uint64(average), true}
}

// bandwidthSlack is what a rate may be too high by, beside a tenth: EXTINF is rounded
// to the microsecond, which shows where little lasts shortly.
const bandwidthSlack = 1000

// compareRates notes rates that are too low, which makes clients choose what they
// cannot load in time, or too high, which keeps them from what they could: of what is
// finished, BANDWIDTH is the measured peak (RFC 8216 §4.3.4.2).
func (l *setReader) compareRates(v *VariantText, need rates) {
	if !need.known {
		return
	}
	for _, c := range []struct {
		name         string
		stated, need uint64
	}{
		{"BANDWIDTH", v.Bandwidth, need.peak},
		{"AVERAGE-BANDWIDTH", v.AverageBandwidth, need.average},
	} {
		switch {
		case c.stated == 0:
		case c.stated < c.need-c.need/1000:
			l.multi.add(RuleBandwidthLow, v.Line, "%s of %.120q is %d, its segments need %d", c.name, v.URI, c.stated, c.need)
		case c.stated > c.need+c.need/10+bandwidthSlack:
			l.multi.add(RuleBandwidthHigh, v.Line, "%s of %.120q is %d, its segments need %d", c.name, v.URI, c.stated, c.need)
		}
	}
}
