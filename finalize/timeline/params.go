package timeline

// look is what is known of the parameters along one rendition. A head shows the
// container and the video, and often not the audio behind a large picture: what
// was not seen is not different.
type look struct {
	container string
	init      int32 // of the last segment that told one
	tracks    map[int]TrackTime
	whole     bool // the last segment was read whole: it has no other tracks
	some      bool
}

// takeInit compares the init segment of a segment with the last, and learns it.
func (l *look) takeInit(s *Segment) bool {
	changed := l.init != 0 && s.Init != 0 && l.init != s.Init
	if s.Init != 0 {
		l.init = s.Init
	}
	return changed
}

// take compares a segment with what is known, and learns from it. It reports
// whether something changed that needs a discontinuity. What was not read tells
// nothing.
func (l *look) take(m *Media) bool {
	if m.Level == Unread {
		return false
	}
	changed := l.some && l.differs(m)
	if !l.some || changed {
		*l = look{container: m.Params, init: l.init, tracks: map[int]TrackTime{}, some: true}
	}
	for _, t := range m.Tracks {
		if had, ok := l.tracks[t.ID]; ok && t.Params == "" {
			t.Params = had.Params
		}
		l.tracks[t.ID] = t
	}
	l.whole = m.Level >= ReadWhole
	return changed
}

func (l *look) differs(m *Media) bool {
	if l.container != m.Params {
		return true
	}
	here := map[int]bool{}
	for _, t := range m.Tracks {
		here[t.ID] = true
		had, ok := l.tracks[t.ID]
		switch {
		case !ok && (t.Video || l.whole):
			return true // a head always shows the video; a whole segment shows all
		case ok && (had.Video != t.Video || had.Params != t.Params && had.Params != "" && t.Params != ""):
			return true
		}
	}
	for id, t := range l.tracks {
		if !here[id] && (t.Video || m.Level >= ReadWhole) {
			return true
		}
	}
	return false
}

// sameParams reports whether nothing that is known of both differs.
func sameParams(m, n *Media) bool {
	var l look
	l.take(m)
	return !l.take(n)
}
