package finalize

import (
	"time"

	"recfin/finalize/playlist"
	"recfin/store"
)

// rows holds the media playlists of the version that the marker names against the
// slots of their renditions.
func (r *reading) rows() {
	for _, key := range sortedKeys(r.texts) {
		m := r.texts[key]
		if m.text == nil || m.output == nil || m.output.Kind != "hls" {
			continue
		}
		slots := r.rec.SlotsOf(m.q)
		if n := len(m.text.Segments); n != len(slots.Seq) {
			r.find(ruleRows, at{session: r.e.ID, object: key}, "it lists %d segments, and its rendition has %d slots", n, len(slots.Seq))
			continue
		}
		m.aligned = true
		var sum, should time.Duration
		for k := range m.text.Segments {
			s := &m.text.Segments[k]
			d := r.slot(m, slots, k)
			if (s.Duration - d).Abs() > time.Millisecond {
				r.find(ruleExtinf, m.at(r, k), "EXTINF is %s, and the record has %s", s.Duration, d)
			}
			sum, should = sum+s.Duration, should+d
		}
		if (sum - should).Abs() > max(decimals, should/time.Duration(time.Hour/time.Millisecond)) {
			r.find(ruleSum, at{session: r.e.ID, object: key}, "its EXTINF make %s, and the record has %s", sum, should)
		}
		if first := m.text.Segments; len(first) > 0 {
			if begins := r.rec.Start.Add(time.Duration(slots.StartNS[0])); first[0].ProgramDateTime.IsZero() {
				r.find(ruleRows, m.at(r, 0), "it has no EXT-X-PROGRAM-DATE-TIME, and the record begins at %s", begins.UTC().Format(time.RFC3339Nano))
			} else if first[0].ProgramDateTime.Sub(begins).Abs() >= time.Millisecond {
				r.find(ruleRows, m.at(r, 0), "EXT-X-PROGRAM-DATE-TIME is %s, and the record begins at %s", first[0].ProgramDateTime.UTC().Format(time.RFC3339Nano), begins.UTC().Format(time.RFC3339Nano))
			}
		}
	}
}

// decimals is how far a sum of numbers that are written with a limited number of
// decimals may be off.
const decimals = 10 * time.Microsecond

// slot holds segment k of a playlist against slot k of its rendition, and gives the
// duration that it should have.
func (r *reading) slot(m *mediaFile, slots *SlotColumns, k int) time.Duration {
	s, where := &m.text.Segments[k], m.at(r, k)
	if mark := k > 0 && has(slots.Discontinuity, k); s.Discontinuity != mark {
		r.find(ruleRows, where, "the record has %s", either(mark, "a discontinuity before it", "no discontinuity before it"))
	}
	q, row := m.row(k)
	if s.Gap == (q != nil) {
		r.find(ruleRows, where, "the record has %s", either(q != nil, "a segment in its slot", "a gap in its slot"))
	}
	if q == nil {
		return time.Duration(slots.DurationNS[k])
	}
	if !s.Gap && m.keys[k] != "" {
		if should := r.expected(q, row, k, m); should != "" {
			r.find(ruleRows, where, "%s", should)
		}
	}
	if d := q.DurationNS[row]; d > 0 {
		return time.Duration(d)
	}
	return time.Duration(slots.DurationNS[k])
}

// expected says what segment k should name where that is not what it names.
func (r *reading) expected(q *RenditionRecord, row, k int, m *mediaFile) string {
	s := &m.text.Segments[k]
	if q.Single != nil {
		return r.inSingle(q, row, k, m)
	}
	if !r.stands(q, q.Object(row), m.keys[k]) {
		return "it names " + store.Printable(m.keys[k]) + ", and the record has " + store.Printable(q.Key[row])
	}
	part := q.Part(row)
	want := playlist.ByteRange{Offset: part.Offset, Length: part.Length}
	if row < len(q.Header) && q.Header[row] > 0 {
		n := q.Header[row]
		want = playlist.ByteRange{Offset: part.Offset + n, Length: q.rowBytes(row) - n}
		if s.Map == nil || m.maps[k] != m.keys[k] || s.Map.Range != (playlist.ByteRange{Offset: part.Offset, Length: n}) {
			return "its init segment should be the first bytes of itself"
		}
	} else if init, needs := r.rec.needsInit(q, row); needs {
		if s.Map == nil || !r.stands(q, init.Object, m.maps[k]) || s.Map.Range != (playlist.ByteRange{Offset: init.part.Offset, Length: init.part.Length}) {
			return "its init segment should be " + store.Printable(init.Key)
		}
	} else if s.Map != nil {
		return "an init segment is in force, and it needs none"
	}
	if s.Range != want {
		return "its byte range is not that of the record"
	}
	return ""
}

// stands reports whether a key holds what the record has: it is that object, or a
// copy of it.
func (r *reading) stands(q *RenditionRecord, o store.Object, key string) bool {
	if o.Key == key && o.Store == r.j.f.cfg.Out.Label() {
		return true
	}
	c := r.outputOf(key)
	return c != nil && c.Kind == "copy" && c.Rendition == q.Name && c.Size == o.Size
}

// inSingle is expected where all segments of a rendition are in one object.
func (r *reading) inSingle(q *RenditionRecord, row, k int, m *mediaFile) string {
	s, c := &m.text.Segments[k], q.Single
	o := r.outputOf(m.keys[k])
	if o == nil || o.Kind != "single" || o.Rendition != q.Name || row >= len(c.Offset) || row >= len(c.Length) {
		return "it should be a part of the media object of its rendition"
	}
	if s.Range != (playlist.ByteRange{Offset: c.Offset[row], Length: c.Length[row]}) {
		return "its byte range is not that of the record"
	}
	n := 0
	if row < len(c.InitOf) {
		n = c.InitOf[row]
	}
	switch {
	case n == 0 && s.Map != nil:
		return "an init segment is in force, and it needs none"
	case n > 0 && (n > len(c.InitOffset) || n > len(c.InitLength) || s.Map == nil || m.maps[k] != m.keys[k] || s.Map.Range != (playlist.ByteRange{Offset: c.InitOffset[n-1], Length: c.InitLength[n-1]})):
		return "its init segment is not that of the record"
	}
	return ""
}

// either is one of two phrases.
func either(is bool, yes, no string) string {
	if is {
		return yes
	}
	return no
}
