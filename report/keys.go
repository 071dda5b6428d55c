package report

import (
	"strconv"
	"strings"
)

// keyColumns are keys as patterns and numbers: most keys of a writer differ in
// their number alone, so that both columns are a few runs.
type keyColumns struct {
	Pattern column `json:"p"`           // in the table of patterns
	Number  column `json:"n,omitempty"` // difference from the row before
}

// patterns numbers the patterns of keys. In a pattern, the place of the number is
// the rune 0, which no key that is printable holds.
type patterns struct {
	names
}

const numberHere = "\x00"

// split takes the last number of a key's name, its extension apart, out of it.
// Leading zeros stay in the pattern.
func split(key string) (pattern string, number int64) {
	end := len(key)
	if dot := strings.LastIndexByte(key, '.'); dot > strings.LastIndexByte(key, '/') {
		end = dot
	}
	for end > 0 && (key[end-1] < '0' || key[end-1] > '9') {
		end--
	}
	from := end
	for from > 0 && key[from-1] >= '0' && key[from-1] <= '9' {
		from--
	}
	for from < end-1 && key[from] == '0' {
		from++
	}
	if from == end || end-from > 15 { // beyond what a script counts exactly
		return key, 0
	}
	n, err := strconv.ParseInt(key[from:end], 10, 64)
	if err != nil {
		return key, 0
	}
	return key[:from] + numberHere + key[end:], n
}

// columns writes keys down; an empty one is pattern -1.
func (p *patterns) columns(keys []string) keyColumns {
	c := keyColumns{Pattern: make(column, len(keys)), Number: make(column, len(keys))}
	for i, key := range keys {
		if key == "" {
			c.Pattern[i] = -1
			if i > 0 {
				c.Number[i] = c.Number[i-1] + 1
			}
			continue
		}
		pattern, n := split(shown(key))
		c.Pattern[i], c.Number[i] = p.of(pattern), n
	}
	c.Number = deltas(c.Number)
	return c
}

// front writes patterns down, each as how many bytes it shares with the one before,
// and the rest. A rune is never cut.
func (p *patterns) front() []any {
	var out []any
	last := ""
	for _, s := range p.list {
		n := 0
		for n < len(s) && n < len(last) && s[n] == last[n] && s[n] < 0x80 {
			n++
		}
		out, last = append(out, n, s[n:]), s
	}
	return out
}
