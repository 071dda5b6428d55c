package playlist

import "testing"

func TestQuotable(t *testing.T) {
	cases := []struct{ in, want string }{
		{"720p", "720p"}, {"a b", "a b"}, {"", ""},
		{`a"b`, "a_b"}, {"a\nb\rc\x00", "a_b_c_"}, {"a\u2028b\u0085", "a_b_"}, {"a\xffb", "a_b"},
		{"é", "é"}, {"世界", "世界"}, {"한글", "한글"}, {"Ω", "Ω"},
		// The same in other forms than C: e and an accent, jamo, the sign ohm, a
		// compatibility ideograph.
		{"e\u0301", "e_"}, {"\u1112\u1161\u11ab", "\u1112__"}, {"\u2126", "_"}, {"\uf900", "_"}, {"\U0002f800", "_"},
	}
	for _, c := range cases {
		if got := quotable(c.in); got != c.want {
			t.Errorf("%q: got %q, want %q", c.in, got, c.want)
		}
	}
}
