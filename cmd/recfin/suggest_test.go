package main

import (
	"testing"

	"pgregory.net/rapid"
)

func TestNearest(t *testing.T) {
	t.Parallel()
	known := []string{"store", "out", "layout", "settle", "session-gap", "delete", "delete-delay", "json"}
	for typed, want := range map[string]string{
		"layuot": "layout", "stor": "store", "sotre": "store", "Store": "store", "delete-dealy": "delete-delay", "deleet": "delete", "session_gap": "session-gap",
		"jsn": "json", "ot": "out", "colour": "", "x": "", "": "", "completely-other": "", "store-of-everything": "", "--store": "store",
	} {
		if got := nearest(typed, known); got != want {
			t.Errorf("%q: %q, want %q", typed, got, want)
		}
	}
}

// The distance is one: symmetric, nothing only between equals, and each edit is one.
func TestEditDistance(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"", "abc", 3}, {"abc", "acb", 1}, {"kitten", "sitting", 3}, {"ca", "abc", 3}, {"größe", "grosse", 3}} {
		if got := editDistance(c.a, c.b); got != c.want {
			t.Fatalf("%q, %q: %d, want %d", c.a, c.b, got, c.want)
		}
	}
	word := rapid.StringOfN(rapid.SampledFrom([]rune("abü-")), 0, 8, -1)
	rapid.Check(t, func(t *rapid.T) {
		a, b := word.Draw(t, "a"), word.Draw(t, "b")
		d := editDistance(a, b)
		if back := editDistance(b, a); back != d || (d == 0) != (a == b) || d > max(len([]rune(a)), len([]rune(b))) {
			t.Fatalf("%q, %q: %d and %d", a, b, d, back)
		}
		r := []rune(a)
		i := rapid.IntRange(0, len(r)).Draw(t, "at")
		if longer := string(r[:i]) + "x" + string(r[i:]); editDistance(a, longer) != 1 {
			t.Fatalf("%q, %q", a, longer)
		}
	})
}
