package finalize

import (
	"slices"
	"time"
)

// byLikeness touches the sessions that have the same bytes and, for writers of
// whom there is too little for their upload times to show anything, those that
// have a segment of that number and size, or lack just that number; or, where
// nothing else was on air at the time, that have that number at all.
func (t *touched) byLikeness() {
	type bytes struct {
		etag string
		size int64
	}
	same := map[bytes]bool{}
	of := map[string]map[int64]bool{} // numbers by writer
	for _, i := range t.fresh {
		s := &t.l.Segments[i]
		if s.Object().Strong() {
			same[bytes{s.ETag, s.Size}] = true
		}
		if of[s.Nonce] == nil {
			of[s.Nonce] = map[int64]bool{}
		}
		of[s.Nonce][s.Seq] = true
	}
	onAir := t.onAir(func(s *Segment) bool { return len(of[s.Nonce]) >= few })
	alone := strays{}
	for _, i := range t.fresh {
		if s := &t.l.Segments[i]; !s.Unnumbered && !t.atHome[i] && len(of[s.Nonce]) < few {
			alone.add(s, !onAir(s.Modified()))
		}
	}
	t.each(func(e *MarkerSession, r *Record) {
		hit := false
		for i := range r.Renditions {
			q := &r.Renditions[i]
			for j := range q.Key {
				hit = hit || same[bytes{q.ETag[j], q.Size[j]}] || slices.Contains(alone[q.Name][q.Seq[j]].sizes, q.rowBytes(j))
			}
		}
		if hit || alone.fit(r) {
			t.on[e.ID] = true
		}
	})
}

// onAir gives a function that tells whether a session, or one of the new writers
// that count, was on air at about a time.
func (t *touched) onAir(counts func(*Segment) bool) func(time.Time) bool {
	var uploads []time.Time
	for _, i := range t.fresh {
		if s := &t.l.Segments[i]; counts(s) {
			uploads = append(uploads, s.Modified())
		}
	}
	slices.SortFunc(uploads, time.Time.Compare)
	return func(at time.Time) bool {
		k, _ := slices.BinarySearchFunc(uploads, at.Add(-t.near), time.Time.Compare)
		found := k < len(uploads) && !uploads[k].After(at.Add(t.near))
		t.each(func(e *MarkerSession, _ *Record) {
			found = found || !at.Before(e.Start.Add(-t.near)) && !at.After(e.End.Add(t.near))
		})
		return found
	}
}

// strays are segments of which nothing tells when they were on air, by rendition
// and number.
type strays map[string]map[int64]stray

type stray struct {
	sizes []int64
	lost  bool // nothing was on air when it was uploaded
}

func (a strays) add(s *Segment, lost bool) {
	if a[s.Rendition] == nil {
		a[s.Rendition] = map[int64]stray{}
	}
	x := a[s.Rendition][s.Seq]
	a[s.Rendition][s.Seq] = stray{append(x.sizes, s.Bytes()), x.lost || lost}
}

// fit reports whether one of the numbers is within or next to those of a session
// and the session has nothing there, or it is a number without a time.
func (a strays) fit(r *Record) bool {
	if len(r.Slots.Seq) == 0 || len(a) == 0 {
		return false
	}
	for name, numbers := range a {
		has := map[int64]bool{}
		slots := &r.Slots
		for i := range r.Renditions {
			if q := &r.Renditions[i]; q.Name == name {
				slots = r.SlotsOf(q)
				for _, n := range q.Seq {
					has[n] = true
				}
			}
		}
		first, last := slices.Min(slots.Seq), slices.Max(slots.Seq)
		for n, x := range numbers {
			if n >= first-1 && n <= last+1 && (x.lost || !has[n]) {
				return true
			}
		}
	}
	return false
}
