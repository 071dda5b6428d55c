package finalize

// shared is what the facts of many segments have in common, held once: two days in
// segments of 2 s have 86,400 facts and one encoder.
type shared struct {
	looks map[look]*look
	words map[string]string
}

func newShared() shared { return shared{map[look]*look{}, map[string]string{}} }

// share replaces what a fact says by what others have said already.
func (s *shared) share(x *fact) {
	if x.look != nil {
		if s.looks[*x.look] == nil {
			s.looks[*x.look] = x.look
		}
		x.look = s.looks[*x.look]
	}
	s.word(&x.init)
	s.word(&x.media.Params)
	for i := range x.media.Tracks {
		s.word(&x.media.Tracks[i].Params)
	}
}

func (s *shared) word(w *string) {
	if _, known := s.words[*w]; !known {
		s.words[*w] = *w
	}
	*w = s.words[*w]
}
