package playlist

import (
	"strings"
	"time"
)

// seconds reads a decimal-floating-point or decimal-integer (RFC 8216 §4.2) as
// a time, rounded to the nearest nanosecond. ok is false for what is no such
// number or is above 292 years.
func seconds(s string) (d time.Duration, ok bool) {
	whole, frac, point := strings.Cut(s, ".")
	if whole == "" && frac == "" || point && !digits(frac) {
		return 0, false
	}
	if whole == "" {
		whole = "0"
	}
	const nano = len("000000000")
	up := len(frac) > nano && frac[nano] >= '5'
	if len(frac) > nano {
		frac = frac[:nano]
	}
	n, ok := number(whole + frac + "000000000"[len(frac):])
	if !ok || up && n+1 < 0 {
		return 0, false
	}
	if up {
		n++
	}
	return time.Duration(n), true
}

// byteRange reads n[@o] (RFC 8216 §4.3.2.2). placed tells whether there is an
// offset.
func byteRange(s string) (r ByteRange, placed, ok bool) {
	length, offset, placed := strings.Cut(s, "@")
	r.Length, ok = number(length)
	if ok && placed {
		r.Offset, ok = number(offset)
	}
	return r, placed, ok && r.Length > 0 && r.Offset+r.Length > 0
}

// number reads a decimal integer below 2⁶³ that has nothing but digits.
func number(s string) (n int64, ok bool) {
	if s == "" {
		return 0, false
	}
	for i := range len(s) {
		c := int64(s[i]) - '0'
		if c < 0 || c > 9 || n > (1<<63-1-c)/10 {
			return 0, false
		}
		n = 10*n + c
	}
	return n, true
}

func digits(s string) bool { return strings.Trim(s, "0123456789") == "" }
