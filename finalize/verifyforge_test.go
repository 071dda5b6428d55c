package finalize_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"strings"
	"testing"
)

// forgery changes what stands in a finalized recording so that everything which
// vouches for it agrees: a mistake of the writer, not of the store.
type forgery struct {
	text   func(key, text string) string // of every playlist; "" leaves it
	record func(r map[string]any)        // of segments.json.gz, as JSON
	marker func(m map[string]any)
}

// forge does that to the first session of foo.
func (w *world) forge(t testing.TB, f forgery) {
	t.Helper()
	all := w.Snapshot()
	m := parse(t, all[markerKey("foo")].Body)
	session := list(m["sessions"])[0].(map[string]any)
	dir := outPath + "foo/" + session["id"].(string) + "/"
	door := dir + "index.m3u8"
	dir += session["version"].(string) + "/"
	rec := parse(t, unzip(t, all[dir+"segments.json.gz"].Body))
	put := func(key string, body []byte) {
		w.Set(key, body, all[key].Modified, nil)
	}
	for key, e := range all {
		if f.text != nil && strings.HasSuffix(key, ".m3u8") && (strings.HasPrefix(key, dir) || key == door) {
			if text := f.text(key, string(e.Body)); text != "" {
				put(key, []byte(text))
			}
		}
	}
	if f.record != nil {
		f.record(rec)
	}
	now := w.Snapshot()
	for _, x := range list(rec["outputs"]) {
		o := x.(map[string]any)
		if e, ok := now[o["key"].(string)]; ok && strings.HasSuffix(o["key"].(string), ".m3u8") {
			o["etag"], o["size"], o["checksum"] = e.ETag, len(e.Body), "sha256:"+hexSum(e.Body)
		}
	}
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	encodeTo(t, json.NewEncoder(z), rec)
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	put(dir+"segments.json.gz", b.Bytes())
	session["segments"] = hexSum(b.Bytes())
	if f.marker != nil {
		f.marker(m)
	}
	b.Reset()
	encodeTo(t, json.NewEncoder(&b), m)
	put(markerKey("foo"), b.Bytes())
}

// parse reads JSON and keeps its numbers as they are.
func parse(t testing.TB, raw []byte) map[string]any {
	t.Helper()
	var v map[string]any
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		t.Fatal(err)
	}
	return v
}

func encodeTo(t testing.TB, e *json.Encoder, v any) {
	t.Helper()
	if err := e.Encode(v); err != nil {
		t.Fatal(err)
	}
}

func list(v any) []any {
	all, _ := v.([]any)
	return all
}

// replaced is a forgery of one playlist: some text in it becomes another, as often as
// n says; below 0 always.
func replaced(suffix, old, text string, n int) forgery {
	return forgery{text: func(key, had string) string {
		if !strings.HasSuffix(key, suffix) || !strings.Contains(had, old) {
			return ""
		}
		return strings.Replace(had, old, text, n)
	}}
}

// rendition gives a rendition of a record by its name.
func rendition(r map[string]any, name string) map[string]any {
	for _, q := range list(r["renditions"]) {
		if q := q.(map[string]any); q["name"] == name {
			return q
		}
	}
	return nil
}
