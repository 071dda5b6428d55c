package playlist

import (
	"cmp"
	"fmt"
	"slices"
)

// Multi is a multivariant playlist (RFC 8216 §4.3.4, "Master Playlist"). The order
// of its lists does not matter.
type Multi struct {
	Variants []Variant
	Audio    []Audio        // sound of its own, that variants name by its group
	IFrames  []IFrameStream // I-frame playlists, for seeking
	// Independent: every segment of every playlist that is listed here begins with
	// an IDR picture (EXT-X-INDEPENDENT-SEGMENTS). Where the media playlists say so
	// themselves, it should not be said here too (RFC 8216 §4.3.5).
	Independent bool
}

// IFrameStream is an I-frame playlist of a multivariant playlist (RFC 8216
// §4.3.4.3).
type IFrameStream struct {
	URI              string // percent-encoded reference, see [IFrames]
	Bandwidth        int    // peak of the I pictures alone, bits per second; above 0
	AverageBandwidth int    // bits per second; 0: unknown
	Codecs           string // RFC 6381, of the pictures alone; empty: unknown
	Width, Height    int    // pixels; 0: unknown
}

// Encode gives the text: the sound, the variants, the I-frame playlists. First of
// the variants stands the best with video of at most 2 Mbit/s (or the one that
// needs least), then the others, best first, then audio alone: clients begin with
// the first.
//
// EXT-X-VERSION is 3, as of the media playlists that it leads to, for none of them
// has whole seconds only; with audio groups 4, because an older client would play
// without sound (RFC 8216 §7).
//
// Errors are [ErrEmpty], [ErrURI] and [ErrAttribute], with the URI.
func (m *Multi) Encode() ([]byte, error) {
	if len(m.Variants) == 0 {
		return nil, fmt.Errorf("encode multivariant playlist: %w", ErrEmpty)
	}
	groups, err := checkGroups(m.Audio)
	if err != nil {
		return nil, fmt.Errorf("encode multivariant playlist: %w", err)
	}
	for i := range m.Variants {
		v := &m.Variants[i]
		err := v.check()
		if err == nil && v.Audio != "" && !groups[v.Audio] {
			err = fmt.Errorf("%w: no audio group is called %q", ErrAttribute, v.Audio)
		}
		if err != nil {
			return nil, fmt.Errorf("encode multivariant playlist: variant %q: %w", v.URI, err)
		}
	}
	for i := range m.IFrames {
		if err := m.IFrames[i].check(); err != nil {
			return nil, fmt.Errorf("encode multivariant playlist: I-frames %q: %w", m.IFrames[i].URI, err)
		}
	}
	sorted := Multi{Variants: ordered(m.Variants), Audio: orderedAudio(m.Audio), IFrames: orderedIFrames(m.IFrames), Independent: m.Independent}
	return encodeMulti(&sorted), nil
}

// version is EXT-X-VERSION.
func (m *Multi) version() uint8 {
	if len(m.Audio) > 0 {
		return versionMedia
	}
	return versionFloat
}

// check says why an I-frame playlist cannot be announced, or nil.
func (s *IFrameStream) check() error {
	if err := checkRates(s.Bandwidth, s.AverageBandwidth); err != nil {
		return err
	}
	if err := checkPicture(s.Codecs, s.Width, s.Height); err != nil {
		return err
	}
	return checkURI(s.URI)
}

// orderedIFrames gives a sorted copy, best first.
func orderedIFrames(all []IFrameStream) []IFrameStream {
	all = slices.Clone(all)
	slices.SortFunc(all, func(a, b IFrameStream) int {
		return cmp.Or(
			cmp.Compare(b.Width*b.Height, a.Width*a.Height),
			cmp.Compare(b.Bandwidth, a.Bandwidth),
			cmp.Compare(a.URI, b.URI))
	})
	return all
}
