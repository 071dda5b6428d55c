package report

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"recfin/finalize"
	"recfin/finalize/timeline"
)

// The data of a page read back as its script reads it.

func readColumn(t rapid.TB, v any, n int) []int64 {
	t.Helper()
	var out []int64
	switch c := v.(type) {
	case nil:
		out = make([]int64, n)
	case []any:
		for _, x := range c {
			out = append(out, int64(x.(float64)))
		}
	case map[string]any:
		r := c["r"].([]any)
		for i := 0; i < len(r); i += 2 {
			for range int(r[i+1].(float64)) {
				out = append(out, int64(r[i].(float64)))
			}
		}
	}
	if len(out) != n {
		t.Fatalf("a column of %d, want %d", len(out), n)
	}
	return out
}

func sumUp(c []int64) []int64 {
	for i := 1; i < len(c); i++ {
		c[i] += c[i-1]
	}
	return c
}

func readPatterns(v any) []string {
	var out []string
	list, _ := v.([]any)
	last := ""
	for i := 0; i < len(list); i += 2 {
		last = last[:int(list[i].(float64))] + list[i+1].(string)
		out = append(out, last)
	}
	return out
}

func readKeys(t rapid.TB, v any, patterns []string, n int) []string {
	t.Helper()
	k := v.(map[string]any)
	p, numbers := readColumn(t, k["p"], n), sumUp(readColumn(t, k["n"], n))
	out := make([]string, n)
	for i := range out {
		if p[i] >= 0 {
			out[i] = strings.Replace(patterns[p[i]], numberHere, fmt.Sprint(numbers[i]), 1)
		}
	}
	return out
}

func encoded(t rapid.TB, d data) map[string]any {
	t.Helper()
	raw, err := d.encode()
	if err != nil {
		t.Fatal(err)
	}
	if strings.ContainsAny(string(raw), "<>\u2028\u2029") {
		t.Fatalf("it could end its script: %s", raw)
	}
	var out map[string]any
	if err := json.Unmarshal(raw, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

var anyKey = rapid.OneOf(
	rapid.StringMatching(`(foo|b a/r|x<y)/(A|B|ä)/(720p|1)/(0{0,3}[0-9]{1,5}|[0-9]{14,18}|[a-f0-9]{8}-[0-9]+)\.(ts|mp4|m4s)`),
	rapid.StringMatching(`[a-z0-9/]{1,12}[0-9]{0,4}`), rapid.String(), rapid.SampledFrom(hostileNames))

// Whatever was decided reaches the script whole.
func TestDataProperty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 30).Draw(t, "slots")
		rec := &finalize.Record{Session: "s", Start: onAir}
		end := int64(0)
		for k := range n {
			end += rapid.SampledFrom([]int64{0, 0, 0, 1_500_000, 6_000_000_000}).Draw(t, "pause")
			d := rapid.SampledFrom([]int64{2_000_000_000, 2_002_000_000, 1_933_333_333, 0}).Draw(t, "length")
			rec.Slots.Seq, rec.Slots.StartNS, rec.Slots.DurationNS = append(rec.Slots.Seq, int64(k)), append(rec.Slots.StartNS, end), append(rec.Slots.DurationNS, d)
			end += d
			if rapid.Bool().Draw(t, "cut") {
				rec.Slots.Discontinuity = append(rec.Slots.Discontinuity, k)
			}
		}
		rec.End = onAir.Add(time.Duration(end))
		q := finalize.RenditionRecord{Name: "720p"}
		for k := range n {
			if rapid.IntRange(0, 4).Draw(t, "gap") == 0 {
				continue
			}
			q.Slot, q.Key = append(q.Slot, k), append(q.Key, anyKey.Draw(t, "key"))
			q.Store, q.ETag = append(q.Store, rapid.SampledFrom([]string{"mem://a/", "mem://b/"}).Draw(t, "store")), append(q.ETag, "x")
			q.Size = append(q.Size, rapid.Int64Range(0, 1<<40).Draw(t, "size"))
			q.Seen = append(q.Seen, onAir.UnixNano()+rapid.Int64Range(-1e12, 1e12).Draw(t, "seen"))
			q.Nonce, q.Seq = append(q.Nonce, rapid.SampledFrom([]string{"A", "B", ""}).Draw(t, "nonce")), append(q.Seq, rapid.Int64Range(0, 1<<50).Draw(t, "seq"))
			q.StartNS, q.DurationNS, q.Source = append(q.StartNS, 0), append(q.DurationNS, rec.Slots.DurationNS[k]+rapid.SampledFrom([]int64{0, 0, 40_000_000}).Draw(t, "longer")), append(q.Source, timeline.FromProbe)
		}
		rec.Renditions = append(rec.Renditions, q)
		var dropped []finalize.DroppedAt
		for range rapid.IntRange(0, 10).Draw(t, "drops") {
			d := finalize.DroppedAt{Rendition: rapid.SampledFrom([]string{"720p", "gone"}).Draw(t, "rendition"), Session: rapid.SampledFrom([]string{"s", "", "other"}).Draw(t, "session"), Placed: rapid.Bool().Draw(t, "placed"), Start: time.Duration(rapid.Int64Range(-1e10, 1e12).Draw(t, "start")), Nonce: "C"}
			d.Key, d.Kept, d.Reason, d.Why = anyKey.Draw(t, "dropped"), rapid.OneOf(rapid.Just(""), anyKey).Draw(t, "kept"), "late", rapid.String().Draw(t, "why")
			d.Modified = onAir
			dropped = append(dropped, d)
		}
		checkData(t, encoded(t, dataOf([]*finalize.Record{rec}, dropped)), rec, dropped)
	})
}

func checkData(t *rapid.T, d map[string]any, rec *finalize.Record, dropped []finalize.DroppedAt) {
	patterns := readPatterns(d["patterns"])
	s := d["sessions"].([]any)[0].(map[string]any)
	slots := s["slots"].(map[string]any)
	n := len(rec.Slots.Seq)
	start, length := readColumn(t, slots["s"], n), readColumn(t, slots["d"], n)
	end := int64(0)
	for k := range n {
		start[k] += end
		if start[k] != ms(rec.Slots.StartNS[k]) || length[k] != ms(rec.Slots.DurationNS[k]) {
			t.Fatalf("slot %d is at %d for %d", k, start[k], length[k])
		}
		end = start[k] + length[k]
	}
	q, x := &rec.Renditions[0], s["renditions"].([]any)[0].(map[string]any)
	rows := q.Len()
	slot, seq, size, keys := sumUp(readColumn(t, x["slot"], rows)), sumUp(readColumn(t, x["seq"], rows)), readColumn(t, x["size"], rows), readKeys(t, x["k"], patterns, rows)
	lasts, up, writer, store := readColumn(t, x["d"], rows), readColumn(t, x["up"], rows), readColumn(t, x["w"], rows), readColumn(t, x["st"], rows)
	writers, stores := d["writers"], d["stores"]
	for i := range rows {
		k := slot[i]
		if int(k) != q.Slot[i] || seq[i] != q.Seq[i] || size[i] != q.Size[i] || keys[i] != shown(q.Key[i]) {
			t.Fatalf("row %d: slot %d, number %d, %d bytes, %q for %q", i, k, seq[i], size[i], keys[i], q.Key[i])
		}
		if lasts[i]+length[k] != ms(q.DurationNS[i]) || up[i]+start[k]+length[k]+onAir.UnixMilli() != ms(q.Seen[i]) {
			t.Fatalf("row %d lasts %d, uploaded %d", i, lasts[i], up[i])
		}
		if writers.([]any)[writer[i]] != writerName(q.Nonce[i]) || stores.([]any)[store[i]] != q.Store[i] {
			t.Fatalf("row %d is of writer %d in store %d", i, writer[i], store[i])
		}
	}
	var got, want []string
	take := func(v any) {
		x := v.(map[string]any)
		rows := len(readAny(t, x["r"]))
		keys, kept, why := readKeys(t, x["k"], patterns, rows), readKeys(t, x["kept"], patterns, rows), readColumn(t, x["why"], rows)
		for i := range rows {
			got = append(got, fmt.Sprintf("%q %q %q", keys[i], kept[i], d["whys"].([]any)[why[i]]))
		}
	}
	for _, q := range s["renditions"].([]any) {
		take(q.(map[string]any)["x"])
	}
	take(d["loose"])
	for _, d := range dropped {
		want = append(want, fmt.Sprintf("%q %q %q", shown(d.Key), shown(d.Kept), shown(d.Why)))
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Fatalf("dropped:\n%q\n%q", got, want)
	}
}

// readAny reads a column of a length that is not known.
func readAny(t rapid.TB, v any) []int64 {
	t.Helper()
	n := 0
	switch c := v.(type) {
	case []any:
		n = len(c)
	case map[string]any:
		for i, x := range c["r"].([]any) {
			if i%2 == 1 {
				n += int(x.(float64))
			}
		}
	}
	return readColumn(t, v, n)
}

func TestSplit(t *testing.T) {
	for _, c := range []struct {
		key, pattern string
		number       int64
	}{
		{"foo/A/720p/12.ts", "foo/A/720p/#.ts", 12}, {"foo/007.mp4", "foo/00#.mp4", 7}, {"foo/000.m4s", "foo/00#.m4s", 0}, {"foo/0.ts", "foo/#.ts", 0},
		{"foo/seg.mp4", "foo/seg.mp4", 0}, {"720p/seg.ts", "#p/seg.ts", 720}, {"x.1/2", "x.1/#", 2}, {"a1234567890123456.ts", "a1234567890123456.ts", 0}, {"", "", 0},
	} {
		pattern, n := split(c.key)
		if got := strings.ReplaceAll(pattern, numberHere, "#"); got != c.pattern || n != c.number {
			t.Errorf("%q: %q, %d", c.key, got, n)
		}
	}
}

func TestColumn(t *testing.T) {
	for _, c := range []struct {
		in   column
		want string
	}{{nil, "[]"}, {column{1}, "[1]"}, {column{1, 2, 3}, "[1,2,3]"}, {column{5, 5, 5}, `{"r":[5,3]}`}, {column{0, 0, 0, -1, -1, -1}, `{"r":[0,3,-1,3]}`}} {
		raw, err := json.Marshal(c.in)
		if err != nil || string(raw) != c.want {
			t.Errorf("%v: %s, %v", c.in, raw, err)
		}
	}
}
