package finalize

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// dayNames are recordings and what they are called in the index.
var dayNames = map[string]string{
	"foo":                     "foo",
	"video+rec":               "video%2Brec",
	"cam/front":               "cam%2Ffront",
	"a@b":                     "a%40b",
	"50%":                     "50%25",
	"~":                       "%7E",
	"日本":                      "%E6%97%A5%E6%9C%AC",
	" a\n":                    "%20a%0A",
	"A-b_c.d":                 "A-b_c.d",
	strings.Repeat("x", 199):  strings.Repeat("x", 199),
	strings.Repeat("x", 200):  "~" + hashHex([]byte(strings.Repeat("x", 200))),
	strings.Repeat("/a", 300): "~" + hashHex([]byte(strings.Repeat("/a", 300))),
}

func TestDayName(t *testing.T) {
	const session = "20260301T200000Z"
	for recording, want := range dayNames {
		name := dayName(recording, session)
		if name != want+"@"+session {
			t.Errorf("%q is %q", recording, name)
		}
		back, id, ok := parseDayName("2026-03-01", name)
		if long := strings.HasPrefix(name, "~"); checkRecording(recording) == nil && (!ok || id != session || long != (back == "") || !long && back != recording) {
			t.Errorf("%q comes back as %q, %q, %v", recording, back, id, ok)
		}
	}
	for _, name := range []string{"", "foo", "@" + session, "foo@", "foo@20260302T200000Z", "foo@x", "fo%6F@" + session, "f%2fo@" + session, "f%zz@" + session, "~@" + session, "a/b@" + session, "..@" + session, "foo@" + session + "@" + session} {
		if recording, _, ok := parseDayName("2026-03-01", name); ok {
			t.Errorf("%q is taken for %q", name, recording)
		}
	}
}

// Any name that a recording can have comes back, fits a file name, and no two are the
// same.
func TestDayNameAny(t *testing.T) {
	recording := rapid.Custom(func(t *rapid.T) string {
		s := rapid.OneOf(rapid.String(), rapid.StringMatching(`[a-z@%/~+. -]{1,12}`), rapid.StringN(150, 400, 900)).Draw(t, "name")
		return strings.ToValidUTF8(s, "_")
	}).Filter(func(s string) bool { return checkRecording(s) == nil })
	rapid.Check(t, func(t *rapid.T) {
		a, b := recording.Draw(t, "a"), recording.Draw(t, "b")
		const session = "19991231T235959Z"
		name := dayName(a, session)
		if len(name) > 255 || strings.Contains(name, "/") {
			t.Fatalf("%q is no file name", name)
		}
		back, id, ok := parseDayName("1999-12-31", name)
		if !ok || id != session || back != a && (back != "" || name[0] != '~') {
			t.Fatalf("%q comes back as %q, %q, %v", a, back, id, ok)
		}
		if a != b && name == dayName(b, session) {
			t.Fatalf("%q and %q have one name", a, b)
		}
	})
}

func FuzzParseDayName(f *testing.F) {
	for recording := range dayNames {
		f.Add(dayName(recording, "20260301T200000Z"))
	}
	f.Fuzz(func(t *testing.T, name string) {
		recording, session, ok := parseDayName("2026-03-01", name)
		if ok && recording != "" && dayName(recording, session) != name {
			t.Errorf("%q is %q of %q", name, session, recording)
		}
	})
}
