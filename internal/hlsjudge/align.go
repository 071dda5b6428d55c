package hlsjudge

import "time"

// together compares the renditions of a session (§6.2.4).
func (j *judge) together(m *multi) {
	var first *link
	for _, l := range m.links {
		if l.media == nil || l.kind == stillsLink {
			continue
		}
		if first == nil || first.kind == soundLink && l.kind == variantLink {
			first = l
		}
	}
	for _, l := range m.links {
		if l.media == nil || l.kind == stillsLink || l.media == first.media {
			continue
		}
		if l.media.target != first.media.target {
			j.say(l.path, "§6.2.4", "EXT-X-TARGETDURATION is %v here and %v in %s", l.media.target, first.media.target, first.path)
		}
		if l.kind == variantLink && first.kind == variantLink {
			j.slots(l.media, first.media)
		}
		j.stretches(l.media, first.media)
	}
}

// late is how far apart the same slot may begin in two renditions: sound is cut
// at frames of its own, of up to 2,048 samples at 22,050 Hz.
const late = 100 * time.Millisecond

// slots: segments of variants are the same parts of the programme, one by one.
func (j *judge) slots(m, other *media) {
	if len(m.segments) != len(other.segments) {
		j.say(m.path, "promise: slots match", "%d segments here and %d in %s", len(m.segments), len(other.segments), other.path)
		return
	}
	var at, otherAt time.Duration
	for i, s := range m.segments {
		o := other.segments[i]
		if s.disc != o.disc {
			j.say(m.path, "§6.2.4", "EXT-X-DISCONTINUITY before segment %d is not as in %s", i, other.path)
		}
		if !s.date.Equal(o.date) {
			j.say(m.path, "promise: dates match", "EXT-X-PROGRAM-DATE-TIME of segment %d is not as in %s", i, other.path)
		}
		if (s.gap || o.gap) && s.lasts != o.lasts {
			j.say(m.path, "promise: a gap lasts as long", "segment %d lasts %v here and %v in %s", i, s.lasts, o.lasts, other.path)
		}
		at, otherAt = at+s.lasts, otherAt+o.lasts
		if apart := (at - otherAt).Abs(); apart > late {
			j.say(m.path, "§6.2.4", "segment %d ends %v apart from that in %s", i, apart, other.path)
			return
		}
	}
}

// stretch is what lies between two discontinuities.
type stretch struct {
	begins time.Time
	lasts  time.Duration
}

func (m *media) stretches() []stretch {
	var all []stretch
	for i, s := range m.segments {
		if i == 0 || s.disc {
			all = append(all, stretch{begins: s.date})
		}
		all[len(all)-1].lasts += s.lasts
	}
	return all
}

// stretches: discontinuity sequence numbers match, and what one rendition has
// more than the other at a start or an end is no longer than the target duration.
func (j *judge) stretches(m, other *media) {
	here, there := m.stretches(), other.stretches()
	if len(here) != len(there) {
		j.say(m.path, "§6.2.4", "%d discontinuities here and %d in %s", len(here)-1, len(there)-1, other.path)
		return
	}
	for i, s := range here {
		if apart := (s.lasts - there[i].lasts).Abs(); apart > m.target {
			j.say(m.path, "§6.2.4", "what begins with discontinuity %d lasts %v here and %v in %s", i, s.lasts, there[i].lasts, other.path)
		}
		if apart := s.begins.Sub(there[i].begins).Abs(); apart > m.target {
			j.say(m.path, "§6.2.4", "what begins with discontinuity %d begins %v apart from that in %s", i, apart, other.path)
		}
	}
}

// stills holds I-frame playlists against the media from which they take their
// pictures (§4.3.3.6).
func (j *judge) stills(m *multi) {
	type place struct {
		m *media
		s segment
	}
	places := map[string][]place{}
	for _, l := range m.links {
		if l.media == nil || l.kind == stillsLink {
			continue
		}
		for _, s := range l.media.segments {
			places[s.object] = append(places[s.object], place{l.media, s})
		}
	}
	for _, l := range m.links {
		if l.media == nil || l.kind != stillsLink {
			continue
		}
		var of *media
		for i, s := range l.media.segments {
			if s.gap || s.part == nil {
				continue
			}
			found := false
			for _, p := range places[s.object] {
				if p.s.part == nil || s.part.offset >= p.s.part.offset && s.part.end() <= p.s.part.end() {
					found, of = true, p.m
					if p.s.number != s.number {
						j.say(l.path, "§6.2.4", "picture %d is after %d discontinuities, in %s after %d", i, s.number, p.m.path, p.s.number)
					}
					if !p.s.mapped.same(s.mapped) {
						j.say(l.path, "§4.3.2.5", "picture %d has another EXT-X-MAP than in %s", i, p.m.path)
					}
				}
			}
			if !found {
				j.say(l.path, "§4.3.3.6", "picture %d is in no segment of any rendition", i)
			}
		}
		if of != nil {
			j.stillsLast(l.media, of)
		}
	}
}

// stillsLast: pictures last until the next one, so together no longer than the
// media (§4.3.3.6).
func (j *judge) stillsLast(m, of *media) {
	here, there := m.stretches(), of.stretches()
	for i := range min(len(here), len(there)) {
		if here[i].lasts > there[i].lasts+tick {
			j.say(m.path, "§4.3.3.6", "the pictures after discontinuity %d last %v, in %s %v", i, here[i].lasts, of.path, there[i].lasts)
		}
		if here[i].begins.Before(there[i].begins.Add(-tick)) {
			j.say(m.path, "promise: dates match", "the pictures after discontinuity %d begin before %s", i, of.path)
		}
	}
}
