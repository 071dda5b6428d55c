package layout

import (
	"errors"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestFormatMatchRoundTrip: what Format makes, Match reads back, and it lies
// under the prefixes of its recording and of no other.
func TestFormatMatchRoundTrip(t *testing.T) {
	l := mustParse(t, "nonce")
	name := rapid.StringMatching(`[-a-z0-9+ %#.]{0,3}[a-z]`)
	rapid.Check(t, func(t *rapid.T) {
		f := seg(name.Draw(t, "recording"), name.Draw(t, "nonce"), name.Draw(t, "rendition"),
			rapid.Int64Range(0, 999999999999999999).Draw(t, "seq"), rapid.SampledFrom([]string{"ts", "m4s", "TS", "mp4"}).Draw(t, "ext"))
		if rapid.Bool().Draw(t, "of the source") {
			f.Nonce, f.Rendition = "", "source"
		}
		key, err := l.Format(f)
		if err != nil {
			t.Fatal(err)
		}
		if got, ok := l.Match(key); !ok || got != f {
			t.Fatalf("%q reads as %+v", key, got)
		}
		other := name.Draw(t, "other")
		if under := under(l, other, key); under != (other == f.Recording) {
			t.Fatalf("%q under the prefixes of %q: %v", key, other, under)
		}
	})
}

// TestFormatMatchRoundTripOfPresets: the same for presets with other fields.
func TestFormatMatchRoundTripOfPresets(t *testing.T) {
	name := rapid.StringMatching(`[a-zA-Z0-9+_-]{0,6}[a-z]`)
	rapid.Check(t, func(t *rapid.T) {
		f := Fields{Recording: name.Draw(t, "recording"), Rendition: name.Draw(t, "rendition"), Ext: "ts"}
		preset := rapid.SampledFrom([]string{"wubloader", "mediamtx", "catalyst", "livepeer", "manifests"}).Draw(t, "preset")
		at := time.Unix(rapid.Int64Range(0, 9e9).Draw(t, "s"), rapid.Int64Range(0, 999999).Draw(t, "µs")*1000).UTC()
		switch preset {
		case "wubloader":
			f.Time, f.Duration = at, time.Duration(rapid.Int64Range(0, 1e12).Draw(t, "duration"))
			f.Quality, f.Hash = rapid.SampledFrom([]string{"full", "suspect", "partial", "temp"}).Draw(t, "quality"), name.Draw(t, "hash")
		case "mediamtx":
			f.Recording, f.Rendition, f.Time = f.Recording+"/"+name.Draw(t, "folder"), "source", at
		default:
			f.Seq, f.Numbered, f.Nonce = rapid.Int64Range(0, 999999999999999999).Draw(t, "seq"), true, name.Draw(t, "nonce")
			if preset == "catalyst" {
				f.Rendition = "source"
			}
		}
		l, err := Parse(preset, Options{})
		if err != nil {
			t.Fatal(err)
		}
		key, err := l.Format(f)
		if err != nil {
			t.Fatal(err)
		}
		if got, ok := l.Match(key); !ok || got != f {
			t.Fatalf("%q reads as %+v; want %+v", key, got, f)
		}
		if !under(l, f.Recording, key) {
			t.Fatalf("%q is under none of %q", key, l.Prefixes(f.Recording))
		}
	})
}

// hostile are parts of keys that have broken programs.
var hostile = []string{
	"", ".", "..", "...", "/", "//", "\x00", "\n", "\r\n", "\x1b[2J", "\xff\xfe", "\u202e", "%2e%2e", "+", "-", "--", "{recording}", "{seq}",
	"init", "init.mp4", ".ts", "ts", "1.ts", "source", "hls", "playlist_1.json", "output.m3u8", "٣", "999999999999999999", "1000000000000000000", "9999999999999999999999",
	"2026-11-21T14", "03:04.1-2.0-full-x", "2026-11-21_14-03-04-000123.mp4", strings.Repeat("-", 255), strings.Repeat("9", 300), strings.Repeat("a/", 512), strings.Repeat("x", 1024),
}

// TestHostileKeys: no key breaks a layout, and what is read of it is usable.
func TestHostileKeys(t *testing.T) {
	var layouts []*Layout
	for _, name := range append(Presets(), "{recording}-{nonce}-{rendition}-{hash}-{seq}.ts", "{**}/{recording}/{*}-{*}-{*}.{ext}") {
		layouts = append(layouts, mustParse(t, name))
	}
	for _, c := range presetCases {
		for _, h := range hostile {
			for at := range len(c.key) + 1 {
				if at > 0 && at < len(c.key) && !strings.ContainsAny(c.key[at-1:at+1], "/.-") {
					continue
				}
				for _, l := range layouts {
					checkKey(t, l, c.key[:at]+h+c.key[at:])
				}
			}
		}
	}
}

// TestManyDivisions: a text that can be divided in very many ways costs no more
// than others.
func TestManyDivisions(t *testing.T) {
	l := mustParse(t, "{recording}/{nonce}-{rendition}-{hash}-{*}-{*}-{*}-{*}-x.ts")
	if f, ok := l.Match("foo/" + strings.Repeat("-", 1020)); ok {
		t.Errorf("read as %+v", f)
	}
	if _, ok := l.Match("foo/" + strings.Repeat("-", 1000) + "x.ts"); !ok {
		t.Error("unknown")
	}
}

func FuzzParse(f *testing.F) {
	for _, c := range badPatterns {
		f.Add(c[0], "foo/A/720p/1.ts")
	}
	for _, c := range matchCases {
		f.Add(c.layout, c.key)
	}
	for _, c := range presetCases {
		for _, s := range presets[c.layout].patterns {
			f.Add(s.text, c.key)
		}
	}
	f.Fuzz(func(t *testing.T, pattern, key string) {
		l, err := Parse(pattern, Options{})
		if err != nil {
			if !errors.Is(err, ErrPattern) {
				t.Fatal(err)
			}
			return
		}
		checkKey(t, l, key)
	})
}

func FuzzMatch(f *testing.F) {
	for _, c := range matchCases {
		f.Add(c.key)
	}
	for _, c := range presetCases {
		f.Add(c.key)
	}
	var layouts []*Layout
	for _, name := range Presets() {
		layouts = append(layouts, mustParse(f, name), inZone(f, name, "Europe/Berlin"))
	}
	f.Fuzz(func(t *testing.T, key string) {
		for _, l := range layouts {
			checkKey(t, l, key)
		}
	})
}

// checkReader states that keys one after the other are read as each of them by itself.
func checkReader(t *testing.T, l *Layout, keys ...string) {
	t.Helper()
	d := l.Reader()
	for _, key := range keys {
		want, known := l.Match(key)
		if got, ok := d.Match(key); ok != known || ok && *got != want {
			t.Fatalf("%s: %q is read as %+v, %v; by itself as %+v, %v", l.name, key, got, ok, want, known)
		}
	}
}

// TestReader: a reader says what Match says, for folders and names in any order.
func TestReader(t *testing.T) {
	var layouts []*Layout
	for _, name := range append(Presets(), "{recording}/{seq}/{name}.ts", "{recording}/{**}/{rendition}/{seq}.{ext}", "{**}/{recording}-{nonce}/{seq}.ts", "{recording}/{time:2006-01-02}/{time:15-04-05}.ts") {
		layouts = append(layouts, mustParse(t, name))
	}
	var folders, names []string
	for _, c := range presetCases {
		cut := strings.LastIndexByte(c.key, '/') + 1
		folders, names = append(folders, c.key[:cut]), append(names, c.key[cut:])
	}
	folders, names = append(folders, "", "/", "a//", "./", "foo/7/", "foo/2026-03-01/"), append(names, "", ".", "1.ts", "seg9.ts", "10-00-00.ts", "1.", "1.tsx", "1234567890123456789.ts")
	rapid.Check(t, func(t *rapid.T) {
		l := rapid.SampledFrom(layouts).Draw(t, "layout")
		d := l.Reader()
		for range rapid.IntRange(2, 8).Draw(t, "keys") {
			key := rapid.SampledFrom(folders).Draw(t, "folder") + rapid.SampledFrom(names).Draw(t, "name")
			want, known := l.Match(key)
			if got, ok := d.Match(key); ok != known || ok && *got != want {
				t.Fatalf("%s: %q is read as %+v, %v; by itself as %+v, %v", l.name, key, got, ok, want, known)
			}
		}
	})
}

// checkKey states what holds for any key under any layout: fields are usable,
// the key is under its recording's prefixes, and a canonical key survives.
func checkKey(t *testing.T, l *Layout, key string) {
	t.Helper()
	folder := key[:strings.LastIndexByte(key, '/')+1]
	checkReader(t, l, key, key, folder+"init.mp4", folder+"7.ts", key, "foo/A/720p/7.ts", key, folder, folder+"..", key)
	f, ok := l.Match(key)
	if !ok {
		if f != (Fields{}) {
			t.Fatalf("%s: %q is unknown and %+v", l.name, key, f)
		}
		return
	}
	if f.Recording == "" || f.Seq < 0 || f.Duration < 0 || f.Fold < 0 || strings.Contains(f.Rendition, "/") || (f.Kind == Sidecar) != (f.Form != NoForm) {
		t.Fatalf("%s: %q: %+v", l.name, key, f)
	}
	for _, v := range strings.Split(f.Recording+"/x"+f.Nonce+"/x"+f.Rendition, "/") {
		if v == "" || v == "." || v == ".." {
			t.Fatalf("%s: %q: %+v", l.name, key, f)
		}
	}
	if !f.Time.IsZero() && (f.Time.Location() != time.UTC || !time.Unix(0, f.Time.UnixNano()).Equal(f.Time)) {
		t.Fatalf("%s: %q: %s", l.name, key, f.Time)
	}
	if !under(l, f.Recording, key) {
		t.Fatalf("%s: %q is under none of %q", l.name, key, l.Prefixes(f.Recording))
	}
	made, err := l.Format(f)
	if err != nil {
		return
	}
	if got, ok := l.Match(made); !ok || got != f {
		t.Fatalf("%s: %q became %q, which is %+v", l.name, key, made, got)
	}
	if again, err := l.Format(f); err != nil || again != made || len(made) > len(key) && l.name == "nonce" {
		t.Fatalf("%s: %q became %q, then %q (%v)", l.name, key, made, again, err)
	}
}
