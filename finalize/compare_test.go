package finalize_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"recfin/store"
	"recfin/store/mem"
)

// difference says in which objects two stores differ, private ones apart. With
// opaque ETags the outputs of two runs have different ones: they stand in
// segments.json.gz, and its hash in the marker, and that of a marker in the next
// one, and are blanked in all.
func difference(t tester, got, want map[string]mem.Entry, opaque bool) []string {
	t.Helper()
	a, b := comparable(t, got, opaque), comparable(t, want, opaque)
	var diff []string
	for key := range a {
		if _, ok := b[key]; !ok {
			diff = append(diff, "+"+key)
		} else if a[key] != b[key] {
			diff = append(diff, "≠"+key)
		}
	}
	for key := range b {
		if _, ok := a[key]; !ok {
			diff = append(diff, "-"+key)
		}
	}
	slices.Sort(diff)
	return diff
}

// isPrivate reports whether a key lies below .recfin/, of the outputs or of a store.
func isPrivate(key string) bool {
	return strings.HasPrefix(key, private) || strings.HasPrefix(key, store.Private)
}

func comparable(t tester, all map[string]mem.Entry, opaque bool) map[string]string {
	t.Helper()
	out := map[string]string{}
	for key, e := range all {
		body := string(e.Body)
		switch {
		case isPrivate(key):
			continue
		case opaque && strings.HasSuffix(key, "/segments.json.gz"):
			body = blank(t, unzip(t, e.Body), "outputs", "etag")
		case opaque && strings.HasSuffix(key, "/recording.json"):
			body = blank(t, e.Body, "sessions", "segments", "predecessor")
		}
		out[key] = fmt.Sprintf("%s\n%s\n%v\n%s", e.ContentType, e.CacheControl, e.Metadata, body)
	}
	return out
}

// blank takes one field out of all rows of a list, and others out of the whole.
func blank(t tester, raw []byte, list, field string, others ...string) string {
	t.Helper()
	var m map[string]any
	decode(t, list, raw, &m)
	rows, _ := m[list].([]any)
	for _, row := range rows {
		delete(row.(map[string]any), field)
	}
	for _, name := range others {
		delete(m, name)
	}
	out, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

func noDifference(t tester, got, want map[string]mem.Entry, opaque bool) {
	t.Helper()
	if diff := difference(t, got, want, opaque); len(diff) > 0 {
		t.Errorf("the store differs from that of an undisturbed run: %s", strings.Join(diff, " "))
	}
}
