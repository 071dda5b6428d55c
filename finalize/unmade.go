package finalize

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"recfin/finalize/playlist"
	"recfin/finalize/remux"
	"recfin/store"
)

// UnmadeRow is an output that was wanted and cannot be made of what a rendition is.
// Everything else of its session is made. Its segments stay whatever --delete says:
// no output holds them.
type UnmadeRow struct {
	Rendition string `json:"rendition"`
	Format    string `json:"format"` // "hls" or "mp4"
	Why       string `json:"why"`
}

func (u UnmadeRow) String() string {
	return fmt.Sprintf("%s: %s not made: %s", store.Printable(u.Rendition), u.Format, u.Why)
}

// errUnnamed: a playlist cannot name a segment.
var errUnnamed = fmt.Errorf("%w: a playlist cannot name it", ErrRefused)

// errSingle: a segment cannot stand among others in one media object.
var errSingle = fmt.Errorf("%w: one media object cannot hold it", ErrRefused)

// cannot reports whether an error says of the media alone that an output cannot be
// made of it, today or later. What the store says is never that.
func cannot(err error) bool {
	var config *remux.ConfigError
	var codec *remux.CodecError
	return errors.As(err, &config) || errors.As(err, &codec) || errors.Is(err, playlist.ErrMap) || errors.Is(err, errUnnamed) || errors.Is(err, errSingle)
}

// leaveOut notes an output that cannot be made.
func (r *Record) leaveOut(q *RenditionRecord, format string, why error) {
	if r.because == nil {
		r.because = why
	}
	if !r.lacks(q.Name, format) {
		r.Unmade = append(r.Unmade, UnmadeRow{Rendition: q.Name, Format: format, Why: store.Printable(why.Error())})
	}
}

// lacks reports whether an output of a rendition could not be made.
func (r *Record) lacks(rendition, format string) bool {
	return slices.ContainsFunc(r.Unmade, func(u UnmadeRow) bool { return u.Rendition == rendition && u.Format == format })
}

// made is how long the outputs of a kind are that hold a rendition.
func (r *Record) made(rendition, kind string) (ns int64) {
	for i := range r.Outputs {
		if o := &r.Outputs[i]; o.Kind == kind && (o.Rendition == rendition || slices.Contains(o.Sound, rendition)) {
			ns += o.DurationNS
		}
	}
	return ns
}

// enough says why a session is not to be written although some of it could be:
// nothing of it can be made, or less than stands already in the versions before
// (I9).
func (r *Record) enough(before []*Record) error {
	if len(r.Unmade) == 0 {
		return nil
	}
	if len(r.Outputs) == 0 {
		return r.because
	}
	for _, u := range r.Unmade {
		had, lacked := int64(0), true
		for _, b := range before {
			if ns := b.made(u.Rendition, u.Format); ns > 0 {
				had += ns
				lacked = lacked && b.lacks(u.Rendition, u.Format)
			}
		}
		if had > 0 && (!lacked || r.made(u.Rendition, u.Format) < had) {
			return r.because
		}
	}
	return nil
}

// unmadeText says that an output could not be made, and what that means for segments
// that nothing else holds: no --delete takes them.
func (r *Record) unmadeText(u UnmadeRow) string {
	for i := range r.Outputs {
		if o := &r.Outputs[i]; o.Rendition == u.Rendition || slices.Contains(o.Sound, u.Rendition) {
			return u.String()
		}
	}
	return u.String() + "; its segments stay where they are"
}

// unmadeWords says in a phrase what of a session could not be made; empty: nothing.
func (r *Record) unmadeWords() string {
	var words []string
	for _, u := range r.Unmade {
		words = append(words, u.String())
	}
	return strings.Join(words, "; ")
}
