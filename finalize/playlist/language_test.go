package playlist

import "testing"

func TestLanguage(t *testing.T) {
	cases := []struct{ in, want string }{
		{"", ""}, {"und", ""}, {"UND", ""}, {"zxx", ""}, {"mul", ""}, {"mis", ""},
		{"eng", "en"}, {"ENG", "en"}, {"en", "en"}, {"deu", "de"}, {"ger", "de"}, {"fra", "fr"}, {"fre", "fr"}, {"zho", "zh"}, {"chi", "zh"}, {"aar", "aa"}, {"zul", "zu"},
		{"gsw", "gsw"}, {"yue", "yue"}, {"qaa", "qaa"}, {"haw", "haw"},
		{"en-GB", "en-GB"}, {"eng-GB", "en-GB"}, {"zh-Hant-TW", "zh-Hant-TW"}, {"und-Latn", ""},
		{"```", ""}, {"e", ""}, {"x-abc", ""}, {"engl", ""}, {"e1", ""}, {"en-", ""}, {"en--GB", ""}, {"en-\"", ""}, {"en-toolonghere", ""}, {"é", ""}, {"en\n", ""},
		// What lies across two entries of the table is no language of it.
		{"raa", "raa"},
	}
	for _, c := range cases {
		if got := language(c.in); got != c.want {
			t.Errorf("%q: got %q, want %q", c.in, got, c.want)
		}
	}
	for i := 0; i < len(shorter); i += 6 {
		if entry := shorter[i : i+6]; language(entry[:3]) != entry[3:5] || entry[5] != ' ' || i > 0 && entry <= shorter[i-6:i] {
			t.Errorf("entry %q", entry)
		}
	}
}
