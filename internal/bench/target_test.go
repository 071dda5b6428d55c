package main

import (
	"strings"
	"testing"
	"time"
)

// runs makes a result of runs with these wall times, half as much processor time
// and as many MiB as the number of the run.
func runs(name string, walls ...time.Duration) result {
	r := result{Name: name, Command: []string{name}}
	for i, w := range walls {
		r.Runs = append(r.Runs, cost{Wall: w, User: w / 4, System: w / 4, Peak: int64(i) << 20})
	}
	return r
}

func TestJudgeStore(t *testing.T) {
	const seconds = time.Second
	us := runs(nameStore, 6*seconds, 5*seconds, 7*seconds)
	for i := range us.Runs {
		us.Runs[i].Asked = requests{"segments GetObject": 1800, "outputs GetObject": 5, "outputs PutObject": 99, "private GetObject": 4}
		us.Runs[i].Read, us.Runs[i].Back = 1011, 10
	}
	f := &figures{Media: media{Segments: 1800, Bytes: 1000}, Sections: map[string][]result{"store": {
		us, runs(nameTuned, 10*seconds), runs(nameUntuned, 20*seconds), runs(nameDownload, 3*seconds), runs(nameUpload, 4*seconds),
	}}}
	want := map[string]string{
		"wall time, to " + nameTuned:        "reached 0.60",
		"processor time, to " + nameTuned:   "missed 0.60",
		"wall time, to " + nameUntuned:      " 0.30",
		"processor time, to " + nameUntuned: " 0.30",
		"peak memory":                       "reached 1 MiB",
		"temporary disk":                    "reached 0 MiB",
		"GETs: segments + 2 for the MP4 + 2 for its table + the marker":      "reached 1805",
		"GETs to see what the store honours, and of the lease":               " 4",
		"bytes read of the output, to prove it, to the same":                 " 0.010",
		"bytes read of segments, to their bytes":                             "reached 1.001",
		"wall time, to the slower of " + nameDownload + " and " + nameUpload: "missed 1.50",
	}
	all := f.verdicts()
	for _, v := range all {
		if got := v.word() + " " + v.show(v.got); got != want[v.what] {
			t.Errorf("%s: %s, want %s", v.what, got, want[v.what])
		}
	}
	if len(all) != len(want) {
		t.Errorf("%d verdicts, want %d", len(all), len(want))
	}
	var text strings.Builder
	f.print(&text)
	for _, part := range []string{"Store to store\n", "6.00    5.00–7.00   3.00", "missed", "(target 0.65)"} {
		if !strings.Contains(text.String(), part) {
			t.Errorf("no %q in:\n%s", part, text.String())
		}
	}
}

func TestVerdict(t *testing.T) {
	for _, c := range []struct {
		v    verdict
		want string
	}{
		{verdict{got: 1, most: 1}, "reached"},
		{verdict{got: 1.01, most: 1}, "missed"},
		{verdict{got: 50, most: 50, least: true}, "reached"},
		{verdict{got: 49, most: 50, least: true}, "missed"},
		{verdict{got: 49}, ""},
	} {
		if got := c.v.word(); got != c.want {
			t.Errorf("%+v: %q, want %q", c.v, got, c.want)
		}
	}
}
