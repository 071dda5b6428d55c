package layout

import (
	"fmt"
	"strings"
	"time"
)

// part is a component of a time.
type part uint8

const (
	plain part = iota // text
	year
	month
	day
	hour
	minute
	second
	nanosecond // with the separator before it
	offset     // from UTC
	parts
)

// partNames are the components in the reference time of package time.
var partNames = [parts]string{
	year: "2006", month: "01", day: "02", hour: "15", minute: "04", second: "05",
	nanosecond: "a fraction", offset: "an offset",
}

// allowedTime is what an error offers.
const allowedTime = "allowed are 2006 01 02 15 04 05, right after 05 a fraction such as .000 (so many digits) or .999 (any number of digits, or none), an offset such as -0700, -07:00 or Z07:00, and text without digits"

// clock is the format of a time in a key.
type clock []atom

// atom is a component, or text.
type atom struct {
	part part
	text string // as in the format; a fraction has its separator in front
}

// offsets are the forms of an offset; Z stands for UTC.
var offsets = []string{"-07:00", "-0700", "Z07:00", "Z0700"}

// parseClock reads a format. at is its place in the pattern.
func parseClock(format string, at int) (clock, error) {
	var c clock
	for i := 0; i < len(format); {
		a, err := nextAtom(c, format[i:])
		if err != nil {
			return nil, fmt.Errorf("at byte %d: %w; %s", at+i, err, allowedTime)
		}
		i += len(a.text)
		if n := len(c); a.part == plain && n > 0 && c[n-1].part == plain {
			c[n-1].text += a.text
			continue
		}
		c = append(c, a)
	}
	return c, nil
}

// nextAtom reads the next component of a format after those in c.
func nextAtom(c clock, format string) (atom, error) {
	if n := len(c); n > 0 && c[n-1].part == second {
		if k := fractionLength(format); k > 0 {
			return atom{nanosecond, format[:k]}, nil
		}
	}
	for _, o := range offsets {
		if strings.HasPrefix(format, o) {
			return atom{offset, o}, nil
		}
	}
	for p := year; p <= second; p++ {
		if strings.HasPrefix(format, partNames[p]) {
			return atom{p, partNames[p]}, nil
		}
	}
	for _, w := range []string{"Jan", "Mon", "MST", "PM", "pm"} {
		if strings.HasPrefix(format, w) {
			return atom{}, fmt.Errorf("%s is not supported in a time", w)
		}
	}
	if digits(format) > 0 || format[0] == '%' {
		return atom{}, fmt.Errorf("%q is no part of a time", format[:max(digits(format), 1)])
	}
	return atom{plain, format[:1]}, nil
}

// fractionLength is the length of a fraction at the beginning of a format: a
// separator and zeros only or nines only. 0: there is none.
func fractionLength(format string) int {
	if !strings.ContainsAny(format[:1], ".,-_:") || digits(format[1:]) == 0 {
		return 0
	}
	run := format[1 : 1+digits(format[1:])]
	if len(run) > 9 || strings.Trim(run, "0") != "" && strings.Trim(run, "9") != "" {
		return 0
	}
	return 1 + len(run)
}

// scan reads the time that a text begins with; it can be read in one way only.
// The result is its length; -1: none.
func (c clock) scan(s string, m *moment) int {
	at := 0
	for i := range c {
		a, rest := &c[i], s[at:]
		switch a.part {
		case plain:
			if !strings.HasPrefix(rest, a.text) {
				return -1
			}
			at += len(a.text)
		case nanosecond:
			n := a.scanFraction(rest, m)
			if n < 0 {
				return -1
			}
			at += n
		case offset:
			n := a.scanOffset(rest, m)
			if n < 0 {
				return -1
			}
			at += n
		default:
			width := len(a.text)
			if len(rest) < width || digits(rest[:width]) < width {
				return -1
			}
			m.value[a.part] = int(decimal(rest[:width]))
			at += width
		}
	}
	return at
}

// scanFraction reads a fraction with its separator.
func (a *atom) scanFraction(s string, m *moment) int {
	exact := a.text[1] == '0'
	k := 0
	if s != "" && s[0] == a.text[0] {
		k = digits(s[1:])
	}
	switch {
	case exact && k < len(a.text)-1:
		return -1
	case exact:
		k = len(a.text) - 1
	case k == 0:
		return 0
	}
	m.value[nanosecond] = int(fraction(s[1 : 1+k]))
	return 1 + k
}

// scanOffset reads an offset from UTC into seconds.
func (a *atom) scanOffset(s string, m *moment) int {
	m.fixed = true
	if a.text[0] == 'Z' && strings.HasPrefix(s, "Z") {
		m.value[offset] = 0
		return 1
	}
	n := len(a.text)
	if len(s) < n || s[0] != '+' && s[0] != '-' || n == 6 && s[3] != ':' {
		return -1
	}
	h, mm := s[1:3], s[n-2:n]
	if digits(h) < 2 || digits(mm) < 2 || h > "23" || mm > "59" {
		return -1
	}
	m.value[offset] = int(decimal(h)*3600 + decimal(mm)*60)
	if s[0] == '-' {
		m.value[offset] = -m.value[offset]
	}
	return n
}

// append writes a time in its own zone.
func (c clock) append(b []byte, t time.Time) []byte {
	for _, a := range c {
		switch a.part {
		case plain:
			b = append(b, a.text...)
		case nanosecond:
			b = a.appendFraction(b, t.Nanosecond())
		default:
			b = t.AppendFormat(b, a.text)
		}
	}
	return b
}

// appendFraction writes so many digits as asked for, or more where the time
// needs them and the format allows any number.
func (a *atom) appendFraction(b []byte, ns int) []byte {
	digits := string(appendDigits(nil, int64(ns), 9))
	if a.text[1] == '0' {
		return append(append(b, a.text[0]), digits[:len(a.text)-1]...)
	}
	if digits = strings.TrimRight(digits, "0"); digits == "" {
		return b
	}
	return append(append(b, a.text[0]), digits...)
}
