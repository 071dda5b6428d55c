package layout

import (
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// shapes are the variable fields as regular expressions, of which the left one
// takes as much as it can, too.
var shapes = map[field]string{
	recording: `([^/]+)`, nonce: `([^/]+)`, rendition: `([^/]+)`, hash: `([^/]+)`, quality: `([^/-]+)`,
	ext: `((?i:ts|m2ts|mts|tsv|tsa|mp4|m4s|m4v|m4a|cmfv|cmfa|fmp4|aac|mp3|ac3|ec3))`,
	seq: `([0-9]{1,18})`, anyPart: `([^/]+)`, anyDigits: `([0-9]+)`,
}

// oracle is a pattern as a regular expression, with the fields of its groups.
func oracle(p *pattern) (*regexp.Regexp, []field) {
	var b strings.Builder
	groups := []field{literal}
	b.WriteString(`\A`)
	for i, e := range p.elements {
		switch last := i == len(p.elements)-1; {
		case e.deep() && (last || p.least == 1):
			b.WriteString(`((?:[^/]+/)*[^/]+)`)
			groups = append(groups, e.tokens[0].field)
			if !last {
				b.WriteByte('/')
			}
			continue
		case e.deep():
			b.WriteString(`(?:((?:[^/]+/)*[^/]+)/)?`)
			groups = append(groups, e.tokens[0].field)
			continue
		}
		for _, t := range e.tokens {
			if !t.variable() {
				b.WriteString(regexp.QuoteMeta(t.text))
				continue
			}
			b.WriteString(shapes[t.field])
			groups = append(groups, t.field)
		}
		if i < len(p.elements)-1 {
			b.WriteByte('/')
		}
	}
	return regexp.MustCompile(b.String() + `\z`), groups
}

// TestMatchAsRegexp holds the matcher against regular expressions on keys that
// can be divided in many ways. Literals begin with no digit, since a number
// takes all digits.
func TestMatchAsRegexp(t *testing.T) {
	parts := rapid.Permutation([]string{"{recording}", "{nonce}", "{rendition}", "{hash}", "{quality}", "{seq}", "{*}", "{*}", "{#}", "{#}", "{ext}"})
	between := rapid.SampledFrom([]string{"-", "--", "_", ".", "a", "a-"})
	deep := rapid.SampledFrom([]string{"{**}", "{recording**}", "{nonce**}"})
	matched := 0
	rapid.Check(t, func(t *rapid.T) {
		var elements []string
		rest := parts.Draw(t, "parts")
		next := func() string {
			p := rest[0]
			rest = rest[1:]
			return p
		}
		for range rapid.IntRange(1, 3).Draw(t, "elements") {
			if rapid.IntRange(0, 4).Draw(t, "deep") == 0 {
				elements = append(elements, deep.Draw(t, "any depth"))
				continue
			}
			e := next()
			for range rapid.IntRange(0, 2).Draw(t, "more") {
				e += between.Draw(t, "between") + next()
			}
			elements = append(elements, e)
		}
		text := strings.Join(elements, "/")
		if !strings.Contains(text, "{recording") {
			text = "{recording:=r}" + text
		}
		if !strings.Contains(text, "{ext}") {
			text = "{ext:=ts}" + text
		}
		l, err := Parse(text, Options{})
		if err != nil {
			t.Skip() // a field for the second time, or two of any depth
		}
		p := l.patterns[len(l.patterns)-1]
		re, groups := oracle(p)
		for range 20 {
			key := rapid.StringMatching(`([-_a]|1|\.|ts|/){1,14}`).Draw(t, "key")
			slashes, ok := usable(key)
			m := re.FindStringSubmatch(key)
			if !ok {
				m = nil
			}
			var r reading
			got := ok && p.match(key, slashes, &r)
			if got != (m != nil) {
				t.Fatalf("%s: %q: %v; the expression %s says %q", l.name, key, got, re, m)
			}
			if !got {
				continue
			}
			matched++
			want := reading{Fields: p.fixed}
			for i, f := range groups {
				want.set(&token{field: f}, m[i])
			}
			if r.Fields != want.Fields {
				t.Fatalf("%s: %q: %+v; want %+v", l.name, key, r.Fields, want.Fields)
			}
		}
	})
	if matched == 0 {
		t.Error("no key fitted any pattern")
	}
	t.Logf("%d keys fitted", matched)
}
