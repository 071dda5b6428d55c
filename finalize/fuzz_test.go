package finalize

import (
	"bytes"
	"compress/gzip"
	"errors"
	"path"
	"strings"
	"testing"
	"time"
)

// wellFormed are documents of this program, to begin from.
var (
	someMarkers = []string{
		`{"format":"recfin/recording","version":1,"recording":"foo","generation":1,"sessions":[]}`,
		`{"format":"recfin/recording","version":1,"recording":"foo","generation":2,"predecessor":"ab","sessions":[{"id":"20260301T200000Z","start":"2026-03-01T20:00:00Z","end":"2026-03-01T21:00:00Z","version":"1-0123456789abcdef","highest":1,"segments":"00","formats":"hls","absorbed":["20260301T210000Z"],"variants":[{"name":"720p","bandwidth":1,"average_bandwidth":1,"codecs":"avc1.42c01f"}]}],"condemned":[{"session":"20260301T200000Z","version":"1-0123456789abcdef","kind":"leftovers","file":"leftovers-1.json.gz","sha256":"00","objects":1,"bytes":1,"since":"2026-03-01T20:00:00Z"}],"seen":{"session":"20260301T200000Z","version":"1-0123456789abcdef","file":"seen-1.json.gz","sha256":"00","segments":1},"ids":["bar","foo"]}`,
		`{"format":"recfin/recording","version":1,"recording":"foo","generation":1,"sessions":null,"as":"bar"}`,
	}
	brokenDocuments = []string{
		"", "null", "{}", "[]", "{}{}", "\x00\xff", strings.Repeat("[", 20_000), strings.Repeat(`{"sessions":[`, 6_000),
		`{"format":"recfin/recording","version":1,"recording":"../foo","sessions":[{"id":"../..","version":"1-0123456789abcdef","highest":1}]}`,
		`{"format":"recfin/recording","version":1,"sessions":[],"condemned":[{"session":"20260301T200000Z","version":"1-0123456789abcdef","file":"../../foo/A/0.ts"}]}`,
		`{"format":"recfin/recording","version":1,"sessions":[],"seen":{"session":"..","version":"..","file":"x"}}`,
		`{"format":"recfin/recording","version":1,"sessions":[],"as":"..","ids":[""]}`,
		`{"format":"recfin/segments","version":1,"slots":{"seq":[0]},"renditions":[{"slot":[-1],"key":["a"]}]}`,
		`{"format":"recfin/segments","version":1,"dropped":{"key":["a"],"store":[]}}`,
		`{"format":"recfin/segments","version":1,"generation":1e400,"slots":{"start_ns":[99999999999999999999]}}`,
	}
)

// FuzzMarker: a marker is refused, or understood in full: what it names lies inside
// of its own folder, and written again it is the same.
func FuzzMarker(f *testing.F) {
	for _, text := range append(append([]string{}, someMarkers...), brokenDocuments...) {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		m, err := decodeMarker(raw)
		if err != nil {
			if m != nil || !errors.Is(err, ErrRefused) {
				t.Fatalf("%v with %v", m, err)
			}
			return
		}
		dir := folder("out/foo/")
		inside := func(session, v, file string) {
			key := dir.version(session, v) + file
			if path.Clean(key) != key || !strings.HasPrefix(key, string(dir)) || strings.Count(key, "/") != 4 {
				t.Fatalf("it names %q", key)
			}
		}
		for _, s := range m.Sessions {
			inside(s.ID, s.Version, segmentsName)
		}
		for _, c := range m.Condemned {
			inside(c.Session, c.Version, c.File)
		}
		if m.Seen != nil {
			inside(m.Seen.Session, m.Seen.Version, m.Seen.File)
		}
		first, err := m.encode()
		if err != nil {
			return // a year that JSON cannot write
		}
		again, err := decodeMarker(first)
		if err != nil {
			t.Fatalf("%v of %s", err, first)
		}
		if second, err := again.encode(); err != nil || !bytes.Equal(first, second) {
			t.Fatalf("%v: written again\n%s\n%s", err, first, second)
		}
	})
}

// FuzzDocuments: what stands behind a marker (record, condemned set, list of what was
// seen) is refused or can be walked through row by row.
func FuzzDocuments(f *testing.F) {
	for _, text := range append(append([]string{}, someMarkers...), brokenDocuments...) {
		f.Add([]byte(text))
	}
	f.Add([]byte(`{"format":"recfin/segments","version":1,"recording":"foo","session":"20260301T200000Z","slots":{"seq":[0],"start_ns":[0],"duration_ns":[2]},"renditions":[{"name":"720p","output":"720p","slot":[0],"store":["s"],"key":["k"],"etag":["e"],"size":[1],"uploaded_ns":[1],"nonce":["A"],"seq":[0],"start_ns":[0],"duration_ns":[2],"duration_source":["key"],"init":[1]}],"inits":{"store":["s"],"key":["i"],"etag":["e"],"size":[1],"uploaded_ns":[1]},"dropped":{}}`))
	f.Add([]byte(`{"format":"recfin/condemned","version":1,"store":["s"],"key":["k"],"etag":["e"],"size":[1],"uploaded_ns":[1],"reason":["identical"],"kept":["x"],"kept_store":["s"],"kept_etag":["e"],"kept_size":[1]}`))
	f.Add([]byte(`{"format":"recfin/seen","version":1,"store":["s"],"key":["k"],"etag":["e"],"size":[1],"uploaded_ns":[1],"reason":["late"],"kept":[""],"leftover":[false],"session":[""],"same":{}}`))
	f.Fuzz(func(t *testing.T, plain []byte) {
		raw := zipped(t, plain)
		if r, err := decodeRecord(raw); err == nil {
			walk(r)
			if _, err := r.encode(); err != nil && !r.Start.IsZero() && r.Start.Year() < 9999 && r.End.Year() < 9999 && r.Until == nil {
				t.Fatal(err)
			}
		} else if !errors.Is(err, ErrRefused) {
			t.Fatalf("a record: %v", err)
		}
		var set condemnedList
		if err := decodeGzip(raw, &set); err == nil && set.check() == nil {
			for i := range set.Len() {
				_ = set.dropped(i)
			}
		}
		var seen seenFile
		if err := decodeGzip(raw, &seen); err == nil && seen.check() == nil {
			for i := range seen.Len() {
				_ = seen.DroppedColumns.dropped(i, nil)
			}
		}
		if err := decodeGzip(plain, &set); err != nil && !errors.Is(err, ErrRefused) {
			t.Fatalf("no gzip: %v", err)
		}
	})
}

// walk touches every row of a record.
func walk(r *Record) {
	chosen, rows := map[objectID]bool{}, map[rowID]bool{}
	r.chosen(chosen)
	r.rows(rows)
	winners := r.winners()
	for i := range r.Dropped.Len() {
		_ = r.Dropped.dropped(i, winners)
	}
	for i := range r.Renditions {
		q := &r.Renditions[i]
		for k := range q.Len() {
			_, _ = r.needsInit(q, k)
		}
	}
	_ = r.latestUpload()
}

// FuzzSettings: what people type is refused as wrong usage, or means the same when it
// is written down and read again.
func FuzzSettings(f *testing.F) {
	for _, text := range []string{
		"", "hls", "mp4,hls", "hls,hls", "none", "leftovers", "sources", "auto", "trust", "probe", "never", "midnight", "close", "keep", "!*", "!", "[", "a=b", "=b", "a=", "a=..", "a=b/c", "*=a\x1b",
		"nonce", "{recording}/{seq}.ts", "{recording", "{time:}", "{time:2006}", "{recording**}/{**}{**}", strings.Repeat("{*}", 500), "\xff", "s3://a:b@c/d",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		wrong := func(what string, err error) {
			if err != nil && !errors.Is(err, ErrUsage) {
				t.Fatalf("%s %q: %v", what, text, err)
			}
		}
		formats, err := ParseFormats(text)
		if wrong("formats", err); err == nil {
			if again, err := ParseFormats(formats.String()); err != nil || again != formats {
				t.Fatalf("formats %q: %v, then %v (%v)", text, formats, again, err)
			}
		}
		renames, err := ParseRenames([]string{text})
		if wrong("renames", err); err == nil {
			if again, err := ParseRenames([]string{renames[0].String()}); err != nil || again[0] != renames[0] {
				t.Fatalf("rename %q: %v, then %v (%v)", text, renames, again, err)
			}
			if strings.ContainsAny(renames[0].Name, "/\n\x1b") {
				t.Fatalf("rename %q: %q", text, renames[0].Name)
			}
		}
		_, err = ParseSelection([]string{text})
		wrong("selection", err)
		_, err = ParseDelete(text)
		wrong("delete", err)
		_, err = ParseDurations(text)
		wrong("durations", err)
		_, err = ParseSplit(text)
		wrong("split", err)
		_, err = ParseGaps(text)
		wrong("gaps", err)
		layouts, err := ParseLayouts([]string{text}, time.UTC)
		if wrong("layouts", err); err == nil {
			if again, err := ParseLayouts([]string{layouts[0].Name()}, time.UTC); err != nil || again[0].Name() != layouts[0].Name() {
				t.Fatalf("layout %q: %q (%v)", text, layouts[0].Name(), err)
			}
		}
		if err := checkRecording(text); err == nil {
			key := string(Config{OutPath: "out/"}.folder(text))
			if path.Clean(key)+"/" != key || strings.Contains("/"+key, "/.recfin") || !strings.HasPrefix(key, "out/") {
				t.Fatalf("the recording %q has the folder %q", text, key)
			}
		}
	})
}

func zipped(t *testing.T, plain []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.NoCompression)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := z.Write(plain); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
