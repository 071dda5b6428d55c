package report

import (
	"bytes"
	"slices"
	"strconv"
)

// column is a column of whole numbers as the script reads it: [1,2,3], or where
// that is shorter {"r":[value,times,value,times,…]}.
type column []int64

// MarshalJSON implements json.Marshaler.
func (c column) MarshalJSON() ([]byte, error) {
	runs := 0
	for i := range c {
		if i == 0 || c[i] != c[i-1] {
			runs++
		}
	}
	var b bytes.Buffer
	if 2*runs >= len(c) {
		b.WriteByte('[')
		for i, v := range c {
			comma(&b, i > 0)
			b.WriteString(strconv.FormatInt(v, 10))
		}
		b.WriteByte(']')
		return b.Bytes(), nil
	}
	b.WriteString(`{"r":[`)
	for i := 0; i < len(c); {
		n := 1
		for i+n < len(c) && c[i+n] == c[i] {
			n++
		}
		comma(&b, i > 0)
		b.WriteString(strconv.FormatInt(c[i], 10))
		b.WriteByte(',')
		b.WriteString(strconv.Itoa(n))
		i += n
	}
	b.WriteString(`]}`)
	return b.Bytes(), nil
}

func comma(b *bytes.Buffer, want bool) {
	if want {
		b.WriteByte(',')
	}
}

// deltas are the differences from one value to the next; the first is from 0.
func deltas(c column) column {
	out := make(column, len(c))
	last := int64(0)
	for i, v := range c {
		out[i], last = v-last, v
	}
	return out
}

// without is nil where all values of a column are 0.
func (c column) without() column {
	if !slices.ContainsFunc(c, func(v int64) bool { return v != 0 }) {
		return nil
	}
	return c
}

// names numbers texts, each once, in the order in which they come.
type names struct {
	list []string
	at   map[string]int64
}

func (n *names) of(s string) int64 {
	if n.at == nil {
		n.at = map[string]int64{}
	}
	i, ok := n.at[s]
	if !ok {
		i = int64(len(n.list))
		n.at[s], n.list = i, append(n.list, s)
	}
	return i
}

// ms rounds ns, of whatever size, to the nearest millisecond.
func ms(ns int64) int64 {
	whole, rest := ns/1_000_000, ns%1_000_000
	switch {
	case rest >= 500_000:
		whole++
	case rest <= -500_000:
		whole--
	}
	return whole
}
