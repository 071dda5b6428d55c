package layout

import (
	"strings"
	"time"
)

// maxDigits is the length of the longest number; it fits in an int64.
const maxDigits = 18

// media are the extensions of {ext}. Thumbnails, playlists and metadata lie
// beside segments and must stay unknown.
var media = set("ts m2ts mts tsv tsa mp4 m4s m4v m4a cmfv cmfa fmp4 aac mp3 ac3 ec3")

// fragments are those that need an initialization segment or can be one.
var fragments = set("mp4 m4s m4v m4a cmfv cmfa fmp4")

// maxExt is the length of the longest of them.
const maxExt = 4

func set(words string) map[extension]bool {
	m := map[extension]bool{}
	for _, w := range strings.Fields(words) {
		m[lower(w)] = true
	}
	return m
}

// extension is one in lower case; longer ones are no extension of media.
type extension [maxExt]byte

func lower(s string) (e extension) {
	if len(s) > maxExt {
		return e
	}
	for i := range len(s) {
		e[i] = s[i]
		if 'A' <= s[i] && s[i] <= 'Z' {
			e[i] += 'a' - 'A'
		}
	}
	return e
}

// free tells a token that takes any text.
func (t *token) free() bool {
	switch t.field {
	case recording, nonce, rendition, hash, named, anyPart:
		return true
	}
	return false
}

// lengths are the longest and the shortest text of a variable token at the
// beginning of rest; numbers, times and durations take all that belongs to them.
// The shortest is at least 1; longest < shortest: none.
func (t *token) lengths(rest string) (longest, shortest int) {
	switch t.field {
	case seq, anyDigits:
		n := digits(rest)
		if t.field == seq && n > maxDigits {
			n = 0
		}
		return n, max(n, 1)
	case ext, fragmentExt:
		return min(len(rest), maxExt), 2
	case quality:
		if i := strings.IndexByte(rest, '-'); i >= 0 {
			return i, 1
		}
	case duration:
		_, n := seconds(rest)
		return n, max(n, 1)
	case start:
		n := t.clock.scan(rest, new(moment))
		return n, max(n, 1)
	}
	return len(rest), 1
}

// accepts says what the length of a text does not.
func (t *token) accepts(text string) bool {
	switch t.field {
	case ext:
		return media[lower(text)]
	case fragmentExt:
		return fragments[lower(text)]
	}
	return true
}

// digits counts those that a text begins with.
func digits(s string) int {
	n := 0
	for n < len(s) && '0' <= s[n] && s[n] <= '9' {
		n++
	}
	return n
}

func digitsAtEnd(s string) string {
	n := len(s)
	for n > 0 && '0' <= s[n-1] && s[n-1] <= '9' {
		n--
	}
	return s[n:]
}

// decimal is the value of at most maxDigits digits.
func decimal(s string) int64 {
	var n int64
	for i := range len(s) {
		n = n*10 + int64(s[i]-'0')
	}
	return n
}

// fraction is what digits after a decimal point are worth in ns: cut off after
// the ninth.
func fraction(digits string) int64 {
	digits = digits[:min(len(digits), 9)]
	n := decimal(digits)
	for range 9 - len(digits) {
		n *= 10
	}
	return n
}

// seconds reads the decimal number that a text begins with, to the nearest ns:
// up to nine digits, and a fraction of any length. n is its length; 0: none.
func seconds(s string) (d time.Duration, n int) {
	n = digits(s)
	if n == 0 || n > 9 {
		return 0, 0
	}
	d = time.Duration(decimal(s[:n])) * time.Second
	if n == len(s) || s[n] != '.' {
		return d, n
	}
	k := digits(s[n+1:])
	if k == 0 {
		return d, n
	}
	f := s[n+1 : n+1+k]
	d += time.Duration(fraction(f))
	if k > 9 && f[9] >= '5' { // writers print binary fractions: 2.0019999999999998
		d++
	}
	return d, n + 1 + k
}

// secondsText is the shortest decimal number of seconds.
func secondsText(d time.Duration) string {
	text := appendDigits(nil, int64(d/time.Second), 1)
	if ns := int64(d % time.Second); ns > 0 {
		text = append(text, '.')
		text = appendDigits(text, ns, 9)
		text = []byte(strings.TrimRight(string(text), "0"))
	}
	return string(text)
}

// appendDigits writes n with at least so many digits.
func appendDigits(b []byte, n int64, width int) []byte {
	var digits [20]byte
	i := len(digits)
	for n > 0 || width > 0 {
		i, width = i-1, width-1
		digits[i] = byte('0' + n%10)
		n /= 10
	}
	return append(b, digits[i:]...)
}
