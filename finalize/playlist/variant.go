package playlist

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// Rate is a frame rate as a fraction of frames per second.
type Rate struct {
	Num, Den int
}

// Variant is one variant stream of a multivariant playlist (RFC 8216 §4.3.4.2).
type Variant struct {
	URI              string // percent-encoded reference of its media playlist
	Bandwidth        int    // peak, bits per second, see [Bandwidth]; above 0; with the largest of its audio group
	AverageBandwidth int    // bits per second, likewise; 0: unknown
	Codecs           string // RFC 6381, by commas, every one in use, those of its audio group too; empty: unknown
	Width, Height    int    // pixels, the largest; 0: unknown or no video
	FrameRate        Rate   // the highest; zero: unknown or no video
	Audio            string // the [Audio] group that it takes its sound from; empty: it has its own, or none
	AudioOnly        bool   // no video: listed last, without RESOLUTION and FRAME-RATE
}

// firstChoice is the most that the first variant may need, in bits per second:
// clients begin with it before they know their network. (The HLS authoring
// specification names 2,000 kbit/s for Wi-Fi.)
const firstChoice = 2_000_000

// ordered gives a sorted copy: first the best video variant of at most 2 Mbit/s
// (or the one that needs least), then the others, best first, then audio alone.
func ordered(vs []Variant) []Variant {
	vs = slices.Clone(vs)
	slices.SortFunc(vs, func(a, b Variant) int {
		if a.AudioOnly != b.AudioOnly {
			if a.AudioOnly {
				return 1
			}
			return -1
		}
		return cmp.Or(
			cmp.Compare(b.Bandwidth, a.Bandwidth),
			cmp.Compare(b.Width*b.Height, a.Width*a.Height),
			cmp.Compare(a.URI, b.URI),
			cmp.Compare(a.Codecs, b.Codecs),
			cmp.Compare(a.Audio, b.Audio))
	})
	first := -1
	for i := range vs {
		if vs[i].AudioOnly {
			break
		}
		first = i
		if vs[i].Bandwidth <= firstChoice {
			break
		}
	}
	if first > 0 {
		v := vs[first]
		copy(vs[1:first+1], vs[:first])
		vs[0] = v
	}
	return vs
}

// check says why a variant cannot be written, or nil.
func (v *Variant) check() error {
	if err := checkRates(v.Bandwidth, v.AverageBandwidth); err != nil {
		return err
	}
	if v.FrameRate.Num < 0 || v.FrameRate.Num > math.MaxInt32 || v.FrameRate.Den < 0 || v.FrameRate.Den > math.MaxInt32 {
		return fmt.Errorf("%w: frame rate %d/%d", ErrAttribute, v.FrameRate.Num, v.FrameRate.Den)
	}
	if err := checkPicture(v.Codecs, v.Width, v.Height); err != nil {
		return err
	}
	return checkURI(v.URI)
}

func checkRates(peak, average int) error {
	if peak <= 0 || average < 0 {
		return fmt.Errorf("%w: bandwidth %d, average %d", ErrAttribute, peak, average)
	}
	return nil
}

func checkPicture(codecs string, width, height int) error {
	if width < 0 || width > math.MaxInt32 || height < 0 || height > math.MaxInt32 {
		return fmt.Errorf("%w: resolution %dx%d", ErrAttribute, width, height)
	}
	if quotable(codecs) != codecs {
		return fmt.Errorf("%w: codecs %q", ErrAttribute, codecs)
	}
	return nil
}

// thousandths is the rate in frames per 1000 seconds, rounded to nearest; 0 if
// it is not known.
func (r Rate) thousandths() int64 {
	if r.Num <= 0 || r.Den <= 0 {
		return 0
	}
	num, den := int64(r.Num), int64(r.Den)
	return (num*1000 + den/2) / den
}
