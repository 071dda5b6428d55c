package playlist

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// quotable gives a text that a quoted-string can hold (RFC 8216 §4.2: no line
// break, no double quote) and that is in Unicode normalization form C (§4.1). What
// does not fit becomes '_'.
func quotable(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '"' || r == utf8.RuneError || !unicode.IsPrint(r) || unicode.Is(unicode.M, r) || unicode.Is(composed, r) {
			return '_'
		}
		return r
	}, s)
}

// composed has every character but marks that form C writes in another way, or joins
// with the one before (and some others beside them: no more than a name for people is
// at stake). Without marks and these a text is in form C as it stands.
var composed = &unicode.RangeTable{
	R16: []unicode.Range16{
		{Lo: 0x0374, Hi: 0x0374, Stride: 1}, {Lo: 0x037e, Hi: 0x037e, Stride: 1}, {Lo: 0x0387, Hi: 0x0387, Stride: 1},
		{Lo: 0x0958, Hi: 0x095f, Stride: 1}, {Lo: 0x09dc, Hi: 0x09df, Stride: 1}, {Lo: 0x0a33, Hi: 0x0a36, Stride: 3},
		{Lo: 0x0a59, Hi: 0x0a5e, Stride: 1}, {Lo: 0x0b5c, Hi: 0x0b5d, Stride: 1}, {Lo: 0x0f43, Hi: 0x0f69, Stride: 1},
		{Lo: 0x1161, Hi: 0x11c2, Stride: 1}, {Lo: 0x1f71, Hi: 0x1ffd, Stride: 1}, {Lo: 0x2126, Hi: 0x212b, Stride: 1},
		{Lo: 0x2329, Hi: 0x232a, Stride: 1}, {Lo: 0x2adc, Hi: 0x2adc, Stride: 1}, {Lo: 0xf900, Hi: 0xfb4e, Stride: 1},
	},
	R32: []unicode.Range32{
		{Lo: 0x1d15e, Hi: 0x1d1c0, Stride: 1}, {Lo: 0x2f800, Hi: 0x2fa1d, Stride: 1},
	},
}
