package remux

import (
	"cmp"
	"slices"

	"recfin/mp4"
)

// Which track of a part goes on with which track of the output is told by what
// the tracks are, not by their ids or their order: another broadcaster gives the
// same sound another PID, and the first sample of either of two languages may
// come first.

// Shares of a likeness, each more than all below it. Languages come before the
// codec: another codec makes another file at worst, another language a wrong join.
const (
	likeLanguage = 32 // both are told, or neither is
	maybeLike    = 16 // one of them is
	likeCodec    = 8  // one track can hold both
	likeChannels = 4
	likeID       = 1

	likeMostly = likeLanguage | maybeLike | likeCodec
)

// likeness says how much two descriptions of a kind have in common.
func likeness(was, is *mp4.Track) (n int) {
	switch {
	case language(was) == language(is):
		n = likeLanguage
	case language(was) == "" || language(is) == "":
		n = maybeLike
	}
	if continuesCodec(was.Entry, is.Entry) {
		n += likeCodec
	}
	a, ok := was.Entry.(mp4.Sound)
	b, too := is.Entry.(mp4.Sound)
	if ok && too {
		_, m := a.Layout()
		if _, n2 := b.Layout(); n2 == m {
			n += likeChannels
		}
	}
	return n
}

// language is that of a track; empty: undetermined.
func language(t *mp4.Track) string {
	if t.Language == "und" {
		return ""
	}
	return t.Language
}

// continuesCodec says whether samples of one entry may follow those of another in
// one track.
func continuesCodec(was, is mp4.SampleEntry) bool {
	switch {
	case was == is:
		return true
	case was.Kind() != mp4.Audio || is.Kind() != mp4.Audio:
		return was.Codec() == is.Codec()
	}
	a, err := soundOf(was)
	b, err2 := soundOf(is)
	return err == nil && err2 == nil && a.continues(b)
}

// isLike says whether a description is of the same codec and language.
func (t *track) isLike(is *mp4.Track) bool {
	return likeness(&mp4.Track{Entry: t.entry, Language: t.language}, is)&likeMostly == likeLanguage|likeCodec
}

// likeness says how well a unit fits behind what the track has.
func (t *track) likeness(u *unit) int {
	is := u.src.track
	is.Entry = u.entry
	n := likeness(&mp4.Track{Entry: t.entry, Language: t.language}, &is)
	if t.id == u.src.id {
		n += likeID
	}
	return n
}

// match gives the lanes that begin the tracks that they go on with: the likest
// first, and of equal ones in order. A lane that none is left for gets a new one.
func (p *part) match() {
	type pair struct {
		*lane
		*track
		likeness int
	}
	var pairs []pair
	for _, t := range p.j.tracks {
		for _, l := range p.inOrder() {
			if t.kind == l.kind && t.input == l.input {
				pairs = append(pairs, pair{l, t, t.likeness(l.first)})
			}
		}
	}
	slices.SortStableFunc(pairs, func(a, b pair) int { return cmp.Compare(b.likeness, a.likeness) })
	for _, x := range pairs {
		if x.lane.track == nil && !p.claims(x.track) {
			x.lane.track = x.track
		}
	}
}

// inOrder are the lanes that begin, in the order of their tracks in a file.
func (p *part) inOrder() []*lane {
	list := slices.DeleteFunc(slices.Clone(p.lanes), func(l *lane) bool { return !l.shown })
	slices.SortStableFunc(list, func(a, b *lane) int {
		return cmp.Or(cmp.Compare(a.kind, b.kind), cmp.Compare(a.input, b.input), cmp.Compare(a.first.src.id, b.first.src.id))
	})
	return list
}

// claims says whether a lane of the part goes on with a track.
func (p *part) claims(t *track) bool {
	return slices.ContainsFunc(p.lanes, func(l *lane) bool { return l.track == t })
}

// continued finds the track that the lane of a unit goes on with: its own, or for
// a lane that shows itself late the likest that is left; nil: a new one.
func (p *part) continued(u *unit) *track {
	l := u.lane
	if l.track != nil {
		return l.track
	}
	var best *track
	for _, t := range p.j.tracks {
		if t.kind == l.kind && t.input == l.input && !p.claims(t) && (best == nil || t.likeness(u) > best.likeness(u)) {
			best = t
		}
	}
	return best
}

// moved says whether a new description under the id of a source is that of
// another one, whose id has changed.
func (in *intake) moved(s *source, t *mp4.Track) bool {
	here := likeness(&s.track, t) & likeMostly
	return slices.ContainsFunc(in.sources, func(o *source) bool {
		return o != s && o.lane != nil && o.kind() == s.kind() && likeness(&o.track, t)&likeMostly > here
	})
}
