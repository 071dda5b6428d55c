package doctest

import (
	"fmt"
	"strings"
	"testing"
)

const anything = "…"

// differs says where an output is not what a page shows; empty: it is that.
func differs(want []string, got string) string {
	lines := strings.Split(strings.TrimRight(got, "\n"), "\n")
	if got == "" {
		lines = nil
	}
	for len(want) > 0 && strings.TrimSpace(want[len(want)-1]) == "" {
		want = want[:len(want)-1]
	}
	w, g := match(want, lines)
	if w == len(want) && g == len(lines) {
		return ""
	}
	at := func(all []string, i int) string {
		if i < len(all) {
			return all[i]
		}
		return "(the end)"
	}
	return fmt.Sprintf("line %d of it:\n  the page %q\n  printed  %q", w+1, at(want, w), at(lines, g))
}

// match gives how far both sides agree: their lengths, if they do wholly.
func match(want, got []string) (w, g int) {
	for w = range want {
		if strings.TrimSpace(want[w]) == anything {
			for skip := g; skip <= len(got); skip++ {
				if ww, gg := match(want[w+1:], got[skip:]); ww == len(want)-w-1 && gg == len(got)-skip {
					return len(want), len(got)
				}
			}
			return w, g
		}
		if g == len(got) || !matchLine(want[w], got[g]) {
			return w, g
		}
		g++
	}
	return len(want), g
}

// matchLine holds one line against another in which "…" is anything.
func matchLine(want, got string) bool {
	want, got = strings.TrimRight(want, " "), strings.TrimRight(got, " ")
	head, rest, wild := strings.Cut(want, anything)
	if !wild {
		return want == got
	}
	got, ok := strings.CutPrefix(got, head)
	for ok {
		if strings.Contains(rest, anything) {
			head, rest, _ = strings.Cut(rest, anything)
			_, got, ok = strings.Cut(got, head)
			continue
		}
		return strings.HasSuffix(got, rest)
	}
	return false
}

func TestDiffers(t *testing.T) {
	t.Parallel()
	cases := []struct {
		want []string
		got  string
		same bool
	}{
		{[]string{"a", "b"}, "a\nb\n", true},
		{[]string{"a", "b", ""}, "a\nb\n", true},
		{[]string{"a"}, "a\nb\n", false},
		{[]string{"a", "b"}, "a\n", false},
		{[]string{"a", "…"}, "a\nb\nc\n", true},
		{[]string{"a", "…"}, "a\n", true},
		{[]string{"…", "c"}, "a\nb\nc\n", true},
		{[]string{"…", "c"}, "a\nb\n", false},
		{[]string{"took … ms"}, "took 12 ms\n", true},
		{[]string{"took … ms"}, "took 12 s\n", false},
		{[]string{"…/a/…/b"}, "x/a/y/b\n", true},
		{[]string{"…/a/…/b"}, "x/a/y/c\n", false},
		{[]string{"a…a"}, "a\n", false},
		{nil, "", true},
		{nil, "a\n", false},
	}
	for _, c := range cases {
		if got := differs(c.want, c.got); (got == "") != c.same {
			t.Errorf("%q against %q: %q", c.want, c.got, got)
		}
	}
}
