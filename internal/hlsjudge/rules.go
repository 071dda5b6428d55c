package hlsjudge

import (
	"path"
	"strconv"
	"strings"
	"time"
)

// mediaRules holds the tags of a media playlist against each other.
func (j *judge) mediaRules(m *media) {
	if m.once["EXT-X-PLAYLIST-TYPE"] != "VOD" {
		j.say(m.path, "promise: VOD", "EXT-X-PLAYLIST-TYPE is %q (§4.3.3.5)", m.once["EXT-X-PLAYLIST-TYPE"])
	}
	if _, ended := m.once["EXT-X-ENDLIST"]; !ended {
		j.say(m.path, "promise: VOD", "no EXT-X-ENDLIST (§4.3.3.4)")
	}
	if n, ok := m.once["EXT-X-MEDIA-SEQUENCE"]; ok && !decimalInteger.MatchString(n) {
		j.say(m.path, "§4.3.3.2", "EXT-X-MEDIA-SEQUENCE is %q", n)
	}
	if len(m.segments) == 0 {
		j.say(m.path, "promise: there is media", "no segment")
	}
	seconds, ok := integer(m.once["EXT-X-TARGETDURATION"])
	if !ok || seconds > 1<<31 {
		j.say(m.path, "§4.3.3.1", "EXT-X-TARGETDURATION is %q", m.once["EXT-X-TARGETDURATION"])
		seconds = 0
	}
	m.target = time.Duration(seconds) * time.Second
	for i, s := range m.segments {
		switch {
		case !s.hasInf:
			j.say(m.path, "§4.3.2.1", "segment %d has no EXTINF", i)
		case s.lasts.Round(time.Second) > m.target:
			j.say(m.path, "§4.3.3.1", "segment %d lasts %v, the target is %v", i, s.lasts, m.target)
		case s.lasts == 0:
			j.say(m.path, "§4.3.2.1", "segment %d lasts no time", i)
		}
		if i == 0 && s.disc {
			j.say(m.path, "promise: no discontinuity too many", "nothing is before the first segment (§4.3.2.3)")
		}
		j.gapRules(m, i)
		j.mapRules(m, i)
	}
	j.version(m)
	j.dates(m)
}

// version holds EXT-X-VERSION against §7 and the promise that it is the lowest.
func (j *judge) version(m *media) {
	need := 1
	for _, s := range m.segments {
		need = max(need, 3) // EXTINF with decimals
		if s.part != nil {
			need = max(need, 4)
		}
		switch {
		case s.mapped != nil && m.stills:
			need = max(need, 5)
		case s.mapped != nil:
			need = max(need, 6)
		}
		if s.gap {
			need = max(need, 8)
		}
	}
	if m.stills {
		need = max(need, 4)
	}
	if has := m.once["EXT-X-VERSION"]; has != strconv.Itoa(need) {
		j.say(m.path, "§7", "EXT-X-VERSION is %q, the lowest that will do is %d", has, need)
	}
}

// gapRules: EXT-X-GAP says that there is no object (RFC 8216bis §4.4.4.7).
func (j *judge) gapRules(m *media, i int) {
	s := m.segments[i]
	if !s.gap {
		return
	}
	if s.part != nil {
		j.say(m.path, "promise: a gap is gap.EXT", "segment %d has a BYTERANGE", i)
	}
	if s.uri != "gap"+path.Ext(s.uri) || path.Ext(s.uri) == "" {
		j.say(m.path, "promise: a gap is gap.EXT", "segment %d is %q", i, s.uri)
	}
	if _, there := j.Objects[s.object]; there {
		j.say(m.path, "§4.4.4.7 of RFC 8216bis", "segment %d is a gap, and %q is there", i, s.object)
	}
}

// mapRules: fragments of MP4 need their initialization section (§3.3), and it is
// said anew after a discontinuity.
func (j *judge) mapRules(m *media, i int) {
	s := m.segments[i]
	fragment := true
	switch strings.ToLower(path.Ext(s.uri)) {
	case ".ts", ".aac":
		fragment = false
	}
	switch {
	case s.gap:
	case fragment && s.mapped == nil:
		j.say(m.path, "§3.3", "segment %d has no EXT-X-MAP", i)
	case !fragment && s.mapped != nil:
		j.say(m.path, "promise: EXT-X-MAP where it is needed", "segment %d is no fragment and has an EXT-X-MAP", i)
	case fragment && !s.newMap && i > 0 && m.segments[i-1].number != s.number:
		j.say(m.path, "promise: EXT-X-MAP after a discontinuity", "segment %d has none of its own", i)
	}
	if s.newMap && i > 0 && m.segments[i-1].number == s.number && m.segments[i-1].mapped != nil && !m.segments[i-1].gap {
		if s.mapped.same(m.segments[i-1].mapped) {
			j.say(m.path, "promise: EXT-X-MAP where it changes", "segment %d", i)
		} else {
			j.say(m.path, "§4.3.2.3", "segment %d has another EXT-X-MAP, without EXT-X-DISCONTINUITY", i)
		}
	}
}

// dates: EXT-X-PROGRAM-DATE-TIME is at the start and after each discontinuity
// and gap, and each is no earlier than the one before and what lies between.
func (j *judge) dates(m *media) {
	var last time.Time
	for i, s := range m.segments {
		after := i == 0 || s.disc || m.segments[i-1].gap && !s.gap
		if s.date.IsZero() {
			if after {
				j.say(m.path, "promise: dates", "segment %d has no EXT-X-PROGRAM-DATE-TIME (§4.3.2.6)", i)
			}
		} else {
			if !last.IsZero() && s.date.Before(last.Add(-tick)) {
				j.say(m.path, "promise: dates", "EXT-X-PROGRAM-DATE-TIME runs backwards by %v at segment %d (§4.3.2.6)", last.Sub(s.date), i)
			}
			last = s.date
		}
		if !last.IsZero() {
			last = last.Add(s.lasts)
		}
	}
}

// tick is how far off a date may be that is written with three decimals.
const tick = 1500 * time.Microsecond
